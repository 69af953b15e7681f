import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { refusalReasons, risks, ticketStatuses } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { parse, type SFCTemplateBlock } from 'vue/compiler-sfc'
import { ticketTabs } from '../tickets/ticket-lists-store.ts'
import { appLocales } from './choose-locale.ts'

interface Tree {
  [key: string]: string | Tree
}
const source = join(import.meta.dirname, '..')

function flatten(tree: Tree, prefix = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[prefix + key, value]] : flatten(value, `${prefix}${key}.`),
  )
}
const { resolve } = createRequire(import.meta.url)
const read = (path: string): Tree => JSON.parse(readFileSync(path, 'utf8'))
/** Those of the first screen, and those of the settings, which load later. */
const catalogues = (locale: string): Tree[] => [
  read(join(source, 'i18n/messages', `${locale}.json`)),
  read(resolve(`@countersign/notification-settings/messages/${locale}.json`)),
]
const catalogue = (locale: string): Map<string, string> =>
  new Map([read(resolve(`@countersign/words/${locale}.json`)), ...catalogues(locale)].flatMap((tree) => flatten(tree)))
const placeholders = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort()

const english = catalogue('en')
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
const components = files.filter((name) => name.endsWith('.vue'))

describe.each(appLocales.filter((locale) => locale !== 'en'))('the catalogue %s', (locale) => {
  const messages = catalogue(locale)

  it('has the keys of the English one, in the same order', () => {
    expect([...messages.keys()]).toEqual([...english.keys()])
  })

  it('keeps every placeholder', () => {
    const changed = [...english].filter(
      ([key, text]) => `${placeholders(text)}` !== `${placeholders(messages.get(key) ?? '')}`,
    )
    expect(changed).toEqual([])
  })

  it('leaves no text empty and nearly none in English', () => {
    const texts = [...messages.values()]
    expect(texts.filter((text) => text.trim() === '')).toEqual([])
    // Names of products and places stay; whole sentences do not.
    const sentences = [...english].filter(([key, text]) => text.includes(' ') && messages.get(key) === text)
    expect(sentences.map(([key]) => key)).toEqual([
      ...['channel.dingtalkExclusive'].filter(() => locale !== 'zh-CN' && locale !== 'ja'),
      ...['zone.Asia_Kuala_Lumpur'].filter(() => locale === 'ms' || locale === 'id'),
    ])
  })
})

it('no two catalogues have a family of texts in common', () => {
  const families = catalogues('en').map((tree) => Object.keys(tree))
  expect(new Set(families.flat()).size).toBe(families.flat().length)
})

describe('the English catalogue', () => {
  it('words every status, risk, tab and reason for a refusal', () => {
    const wanted = [
      ...ticketStatuses.map((status) => `status.${status}`),
      ...risks.map((risk) => `risk.${risk}`),
      ...ticketTabs.flatMap((tab) => [`tabs.${tab}`, `empty.${tab}`, `empty.${tab}Text`]),
      ...refusalReasons.map((reason) => `refusal.${reason}`),
    ]
    expect(wanted.filter((key) => !english.has(key))).toEqual([])
  })

  it('has no text that nothing shows', () => {
    const code = files
      .filter((name) => /\.(vue|ts)$/.test(name) && !name.endsWith('.test.ts'))
      .map((name) => readFileSync(join(source, name), 'utf8'))
      .join('\n')
    const families = [...code.matchAll(/`(\w+)\.\$\{/g)].map(([, family]) => family)
    const unused = [...english.keys()].filter(
      (key) => !code.includes(`'${key}'`) && !families.includes(key.split('.')[0]),
    )
    expect(unused).toEqual([])
  })
})

interface TemplateNode {
  type: number
  content?: unknown
  children?: unknown[]
  props?: { type: number; name: string; value?: { content: string } }[]
}
const spokenAttributes = ['aria-label', 'title', 'placeholder', 'alt', 'label', 'text']

function literalsOf(node: TemplateNode): string[] {
  // Kinds of nodes as the compiler numbers them: 2 is text, 6 a plain attribute.
  const own =
    node.type === 2 && typeof node.content === 'string' && /\p{L}/u.test(node.content) ? [node.content.trim()] : []
  const spoken = (node.props ?? []).filter(
    (prop) => prop.type === 6 && spokenAttributes.includes(prop.name) && /\p{L}/u.test(prop.value?.content ?? ''),
  )
  const children = (node.children ?? []) as TemplateNode[]
  return [...own, ...spoken.map((prop) => `${prop.name}="${prop.value?.content}"`), ...children.flatMap(literalsOf)]
}

const templateOf = (code: string): SFCTemplateBlock | null => parse(code).descriptor.template

describe('the components', () => {
  it('hold no text of their own: all of it comes from the catalogues', () => {
    const literals = components.flatMap((name) => {
      const ast = templateOf(readFileSync(join(source, name), 'utf8'))?.ast
      return ast === undefined ? [] : literalsOf(ast as TemplateNode).map((text) => `${name}: ${text}`)
    })
    expect(literals).toEqual([])
    expect(components.length).toBeGreaterThan(15)
  })

  it('would be caught with a text or a label of their own', () => {
    const ast = templateOf('<template><p aria-label="Close">同意 {{ x }}</p></template>')?.ast
    expect(ast === undefined ? [] : literalsOf(ast as TemplateNode)).toEqual(['aria-label="Close"', '同意'])
  })
})
