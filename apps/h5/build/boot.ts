import { fileURLToPath } from 'node:url'
import { build, type Plugin, type Rolldown } from 'vite'

const bootEntry = fileURLToPath(new URL('../src/boot/boot.ts', import.meta.url))
const marker = '<!--boot-->'

/** The inline script as text: one self-contained function call, the same bytes for the same sources. */
async function bundleBoot(chunks: { locales: Record<string, string>; ticketPage: string[] }): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    define: { __CHUNKS__: JSON.stringify(chunks) },
    build: {
      write: false,
      target: ['chrome69', 'safari12.1'],
      minify: true,
      lib: { entry: bootEntry, formats: ['iife'], name: 'boot', fileName: 'boot' },
    },
  })
  const outputs = Array.isArray(result) ? result : [result]
  for (const output of outputs) {
    if ('output' in output) return output.output[0].code.trim()
  }
  throw new Error('The boot script was not built.')
}

/** A chunk and what it imports, without the first chunk, which the HTML names itself. */
function withImports(fileName: string, bundle: Rolldown.OutputBundle): string[] {
  const chunk = bundle[fileName]
  if (chunk?.type !== 'chunk' || chunk.name === 'app') return []
  return [fileName, ...chunk.imports.flatMap((imported) => withImports(imported, bundle))]
}

/**
 * Puts the boot script into the HTML, with the names of the chunks that it starts to load: the catalogue of the
 * person's language and, for a link from a card, the ticket page. So neither waits for the app's own bundle.
 */
export function boot(): Plugin {
  let base = '/'
  let serving = false
  return {
    name: 'countersign:boot',
    configResolved(config) {
      base = config.base
      serving = config.command === 'serve'
    },
    transformIndexHtml: {
      order: 'post',
      async handler(html, { bundle }) {
        const locales: Record<string, string> = {}
        const ticketPage: string[] = []
        for (const chunk of Object.values(bundle ?? {})) {
          if (chunk.type !== 'chunk') continue
          const locale = /\/i18n\/messages\/([\w-]+)\.json$/.exec(chunk.facadeModuleId ?? '')?.[1]
          if (locale !== undefined) locales[locale] = base + chunk.fileName
          if (chunk.name === 'ticket')
            ticketPage.push(...withImports(chunk.fileName, bundle ?? {}).map((file) => base + file))
        }
        if (!serving && (Object.keys(locales).length === 0 || ticketPage.length === 0)) {
          throw new Error('The boot script found no chunk of a language or of the ticket page.')
        }
        const script = await bundleBoot({ locales, ticketPage })
        return html.replace(marker, () => `<script>${script}</script>`)
      },
    },
  }
}
