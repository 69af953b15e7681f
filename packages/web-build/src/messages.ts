import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { baseCompile } from '@intlify/message-compiler'
import { type Plugin, transformWithOxc } from 'vite'

interface Tree {
  [key: string]: string | Tree
}

/** Only these characters mean anything in vue-i18n's message syntax. */
const hasSyntax = (text: string): boolean => /[{}@|]/.test(text)

/** A message as code: a plain string where nothing is to be filled in, else a function of vue-i18n's context. */
function compileMessage(key: string, text: string, isServing: boolean): string {
  // While developing, vue-i18n would warn about every plain string.
  if (!hasSyntax(text)) return isServing ? `(() => ${JSON.stringify(text)})` : JSON.stringify(text)
  const problems: string[] = []
  const { code } = baseCompile(text, {
    mode: 'arrow',
    jit: false,
    onError: (error) => problems.push(error.message),
  })
  if (problems.length > 0) throw new Error(`Message ${key}: ${problems.join('; ')}`)
  return `(${code})`
}

function compileTree(tree: Tree, isServing: boolean, path: string[] = []): string {
  const entries = Object.entries(tree).map(([key, value]) => {
    const here = [...path, key]
    const code =
      typeof value === 'string' ? compileMessage(here.join('.'), value, isServing) : compileTree(value, isServing, here)
    return `${JSON.stringify(key)}:${code}`
  })
  return `{${entries.join(',')}}`
}

export interface MessagesOptions {
  /** Adds the words of the domain (states, risks, modules, refusals …) that all apps share to every catalogue. */
  withSharedWords?: boolean
}

/**
 * Compiles the catalogues (`src/<folder>/messages/<language>.json`, or `src/messages/…` of a package) at build time. The app then needs no message compiler (5 kB) and evaluates nothing, which
 * the content security policy would refuse.
 */
export function messages({ withSharedWords = false }: MessagesOptions = {}): Plugin {
  let isServing = false
  return {
    name: 'countersign:messages',
    enforce: 'pre',
    configResolved(config) {
      isServing = config.command === 'serve'
    },
    async transform(source, id) {
      const folder = /\/src\/(?:(\w+)\/)?messages\/[\w-]+\.json$/.exec(id)
      if (folder === null) return null
      const own: Tree = JSON.parse(source)
      // Once for an app: texts that a part of it brings along are its own alone.
      const isShared = withSharedWords && folder[1] === 'i18n'
      const words = isShared ? fileURLToPath(import.meta.resolve(`@countersign/words/${basename(id)}`)) : null
      if (words !== null) this.addWatchFile(words)
      const shared: Tree = words === null ? {} : JSON.parse(readFileSync(words, 'utf8'))
      const { code } = await transformWithOxc(
        `export default ${compileTree({ ...shared, ...own }, isServing)}`,
        `${id}.js`,
      )
      return { code, map: null, moduleType: 'js' }
    },
  }
}
