import { brotli } from '@countersign/web-build/compress'
import type { Plugin } from 'vite'

/** Bytes of a file as built and as sent (brotli 11). */
export interface FileSize {
  file: string
  raw: number
  brotli: number
}
/** `dist/size-report.json`: what the budget test judges. */
export interface SizeReport {
  html: FileSize
  /** JavaScript that the HTML itself asks for. The catalogue of one language comes beside it. */
  initialJs: FileSize[]
  /** Files other than JavaScript that stand between the HTML and the first content. Must stay empty. */
  blocking: string[]
  /** Per language: the catalogue that loads beside the bundle. */
  locales: Record<string, FileSize>
  /** Everything that loads later, by the module it begins with. */
  lazy: Record<string, FileSize>
}

const sizeOf = (file: string, content: string | Uint8Array): FileSize => {
  const bytes = Buffer.from(content)
  return { file, raw: bytes.length, brotli: brotli(bytes).length }
}

/** Writes the size report beside the build. */
export function sizeReport(): Plugin {
  return {
    name: 'countersign:size-report',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const html = bundle['index.html']
        if (html?.type !== 'asset') throw new Error('The build has no index.html.')
        // The icon of the tab is fetched when there is time for it.
        const source = html.source.toString().replace(/<link rel="icon"[^>]*>/, '')
        const asked = new Set([...source.matchAll(/(?:src|href)="[^"]*?(assets\/[^"]+)"/g)].map((match) => match[1]))
        const report: SizeReport = {
          html: sizeOf('index.html', html.source),
          initialJs: [],
          blocking: [...asked].filter((file) => file !== undefined && !file.endsWith('.js')).map(String),
          locales: {},
          lazy: {},
        }
        for (const output of Object.values(bundle)) {
          if (output === html) continue
          const size = sizeOf(output.fileName, output.type === 'chunk' ? output.code : output.source)
          const locale =
            output.type === 'chunk' && /i18n\/messages\/([\w-]+)\.json$/.exec(output.facadeModuleId ?? '')?.[1]
          if (asked.has(output.fileName)) report.initialJs.push(size)
          else if (locale) report.locales[locale] = size
          else report.lazy[output.fileName] = size
        }
        this.emitFile({ type: 'asset', fileName: 'size-report.json', source: `${JSON.stringify(report, null, 2)}\n` })
      },
    },
  }
}
