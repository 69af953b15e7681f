import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

const isText = (name: string): boolean => /\.(js|css|html|svg|json|webmanifest)$/.test(name)

/** Brotli 11, as the server sends it. */
export const brotli = (bytes: Uint8Array): Buffer =>
  brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  })

/** Writes `.br` and `.gz` beside every text file, so that no request is compressed while somebody waits. */
export function compress(): Plugin {
  let outDir = ''
  return {
    name: 'countersign:compress',
    apply: 'build',
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir)
    },
    async closeBundle() {
      const files = await readdir(outDir, { recursive: true })
      await Promise.all(
        files.filter(isText).map(async (name) => {
          const path = join(outDir, name)
          const bytes = await readFile(path)
          await Promise.all([
            writeFile(`${path}.br`, brotli(bytes)),
            writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 })),
          ])
        }),
      )
    },
  }
}
