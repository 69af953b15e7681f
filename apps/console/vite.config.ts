import { fileURLToPath } from 'node:url'
import { callingCodesModule } from '@countersign/web-build/calling-codes'
import { compress } from '@countersign/web-build/compress'
import { messages } from '@countersign/web-build/messages'
import vue from '@vitejs/plugin-vue'
import postcssRTLCSS from 'postcss-rtlcss'
import { Mode } from 'postcss-rtlcss/options'
import { defineConfig } from 'vite'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/console/',
  plugins: [messages({ withSharedWords: true }), callingCodesModule(), vue(), compress()],
  resolve: {
    // The build without a message compiler: messages are compiled at build time, and CSP forbids new Function anyway.
    alias: [{ find: /^vue-i18n$/, replacement: 'vue-i18n/dist/vue-i18n.runtime.mjs' }],
  },
  css: {
    // The component library writes left and right; its mirrored twin is made here, and used by dir="rtl" alone.
    postcss: { plugins: [postcssRTLCSS({ mode: Mode.override })] },
  },
  define: {
    __VUE_OPTIONS_API__: true,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    __INTLIFY_DROP_MESSAGE_COMPILER__: true,
  },
  build: {
    target: ['chrome109', 'safari16'],
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1_200,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: 'library', test: /node_modules[\\/](element-plus|@element-plus|vue|@vue)/ }],
        },
      },
    },
  },
  server: { host: '127.0.0.1', proxy: { '/api': 'http://127.0.0.1:8080' } },
})
