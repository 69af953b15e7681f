import { fileURLToPath } from 'node:url'
import { compress } from '@countersign/web-build/compress'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/console/mobile/index/',
  plugins: [vue(), compress()],
  build: { outDir: '../test-output/baseline', emptyOutDir: true },
})
