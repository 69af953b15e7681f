import { fileURLToPath } from 'node:url'
import { callingCodesModule } from '@countersign/web-build/calling-codes'
import { compress } from '@countersign/web-build/compress'
import { messages } from '@countersign/web-build/messages'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { boot } from './build/boot.ts'
import { sizeReport } from './build/size-report.ts'

/** Old web views of the chat apps: Android's Chrome 69 and iOS 12.1 read this syntax. */
const oldestBrowsers = ['chrome69', 'safari12.1']

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Exactly the OAuth redirect URL of the chat apps.
  base: '/console/mobile/index/',
  plugins: [messages({ withSharedWords: true }), callingCodesModule(), vue(), boot(), sizeReport(), compress()],
  resolve: {
    alias: [
      // Vant's icon style carries a whole icon font as base64: 27 kB that block the first paint. We draw our own icons.
      { find: /^.*\/icon\/index\.css$/, replacement: fileURLToPath(new URL('src/ui/vant-icon.css', import.meta.url)) },
      // The build without a message compiler: messages are compiled at build time, and CSP forbids new Function anyway.
      { find: /^vue-i18n$/, replacement: 'vue-i18n/dist/vue-i18n.runtime.mjs' },
    ],
  },
  // A field set is a field defined: the lowered code needs no helper.
  oxc: { assumptions: { setPublicClassFields: true } },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    __INTLIFY_DROP_MESSAGE_COMPILER__: true,
  },
  build: {
    target: oldestBrowsers,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      treeshake: { propertyReadSideEffects: false, unknownGlobalSideEffects: false },
      output: {
        codeSplitting: {
          // Left alone, the bundler splits off what several chunks share: more requests before the first content.
          groups: [
            // The first screen and all that it is made of: one file.
            { name: 'app', test: /[\\/]src[\\/]main\.ts$/, priority: 3 },
            // The ticket page opens first when a card was tapped: one file beside it.
            { name: 'ticket', test: /[\\/]tickets[\\/]TicketPage\.vue$/, priority: 2 },
            // The widgets share most of their code and arrive together after the first paint.
            { name: 'widgets', test: /node_modules[\\/](vant|@vant)[\\/]/, priority: 1 },
          ],
        },
      },
    },
    // Chunks and the first screen are judged by build/budget.test.ts, on compressed bytes.
    chunkSizeWarningLimit: 1_000,
  },
  server: { host: '127.0.0.1', proxy: { '/api': 'http://127.0.0.1:8081' } },
})
