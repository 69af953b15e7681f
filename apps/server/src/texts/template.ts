import type { Locale } from '@countersign/contracts'
import { Liquid, LiquidError, type Template as Nodes } from 'liquidjs'
import { LRUCache } from 'lru-cache'
import { linkMark, marks, withoutMarks } from './marks.ts'

/*
 * The language of texts: Liquid, of which only what a text needs is left. There is no evaluation of code, no file, no
 * other template, no look at prototypes; what a template may cost is bounded. Nothing that comes out is markup: marks
 * (marks.ts) say what is bold or a link, and a target (targets/) writes it.
 */

/** A template cannot be used, and where that shows, counted from 1. */
export class TemplateError extends Error {
  override name = 'TemplateError'
  readonly line: number
  readonly column: number

  constructor(message: string, line: number, column: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.line = line
    this.column = column
  }
}

/** A variable that a template reads, as `ticket` or `field.label`, and where. */
export interface Reference {
  /** The first part, when it is not one that the template itself has set. */
  root: string | null
  /** The named parts after it. */
  properties: string[]
  line: number
  column: number
}

export interface Template {
  readonly references: readonly Reference[]
  /** The text with marks. Throws TemplateError on a variable that is not there, or one that is no text. */
  render(scope: object): string
}

const allowedTags = ['if', 'unless', 'case', 'for', 'break', 'continue', 'assign', 'capture', 'comment', '#'] as const
const allowedFilters = [
  'append',
  'capitalize',
  'default',
  'downcase',
  'first',
  'join',
  'last',
  'minus',
  'plus',
  'prepend',
  'remove',
  'replace',
  'size',
  'strip',
  'truncate',
  'upcase',
] as const

/** Tags and filters of our own and of Liquid, as an author may use them. */
export const templateWords = {
  tags: ['if', 'unless', 'case', 'for', 'assign', 'capture', 'comment'],
  filters: [...allowedFilters, 'bold', 'label', 'plural'].sort(),
} as const

const longestSource = 8_000
/** Objects and characters that a rendering may make. */
const memory = 200_000
/** A second line of defence, far above what any text takes: a busy machine must not fail a good one. */
const renderMs = 1_000
const deepestLoop = 2

const engines = new Map<Locale, Liquid>()
const compiled = new LRUCache<string, Template>({ max: 2_000 })

/** Reads a template; the same source is read once. Throws TemplateError. */
export function compileTemplate(source: string, locale: Locale): Template {
  const key = `${locale} ${source}`
  const known = compiled.get(key)
  if (known !== undefined) return known
  const template = compile(source, locale)
  compiled.set(key, template)
  return template
}

function compile(source: string, locale: Locale): Template {
  refuseMarks(source)
  refuseDeepLoops(source)
  const engine = engineOf(locale)
  const nodes = attempt(() => engine.parse(source))
  return {
    references: referencesIn(engine, nodes),
    render: (scope) => attempt(() => String(engine.renderSync(nodes, scope))),
  }
}

function engineOf(locale: Locale): Liquid {
  const known = engines.get(locale)
  if (known !== undefined) return known
  const engine = new Liquid({
    // An empty shelf in place of the file system.
    templates: {},
    cache: false,
    strictFilters: true,
    strictVariables: true,
    ownPropertyOnly: true,
    parseLimit: longestSource,
    memoryLimit: memory,
    renderLimit: renderMs,
    outputEscape: putIn,
  })
  keepOnly(engine.tags, allowedTags)
  keepOnly(engine.filters, allowedFilters)
  engine.registerFilter('bold', (value: unknown) => `${marks.boldOn}${asText(value)}${marks.boldOff}`)
  engine.registerFilter('label', labelled)
  engine.registerFilter('plural', (count: unknown, ...forms: unknown[]) => inPlural(locale, count, forms))
  engines.set(locale, engine)
  return engine
}

function keepOnly(all: Record<string, unknown>, allowed: readonly string[]): void {
  for (const name of Object.keys(all)) if (!allowed.includes(name)) delete all[name]
}

function putIn(value: unknown): string {
  return `${marks.valueOn}${asText(value)}${marks.valueOff}`
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  // Liquid's own nothing is an object that says so.
  if (value === null || value === undefined || String(value) === '') return ''
  if (Array.isArray(value)) throw new Error('this is a list: go through it with {% for … %}')
  throw new Error('this has parts: name one of them')
}

function labelled(value: unknown, label: unknown): string {
  const index = /^\uFDD5(\d+)\uFDD6\uFDD7$/.exec(asText(value))?.[1]
  if (index === undefined) throw new Error('only a link can be given a label')
  return linkMark(Number(index), withoutMarks(asText(label)))
}

function inPlural(locale: Locale, count: unknown, forms: readonly unknown[]): string {
  if (typeof count !== 'number') throw new Error('only a number has a plural')
  const named = new Map(forms.filter((form): form is [string, unknown] => Array.isArray(form)))
  const form = named.get(new Intl.PluralRules(locale).select(count)) ?? named.get('other')
  if (form === undefined) throw new Error('plural needs at least the form "other"')
  return asText(form).replaceAll('#', String(count))
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\uFDD0-\uFDEF]/

function refuseMarks(source: string): void {
  const at = source.search(CONTROL)
  if (at < 0) return
  throw errorAt(source, at, 'a control or direction character cannot stand here')
}

function refuseDeepLoops(source: string): void {
  let depth = 0
  for (const found of source.matchAll(/\{%-?\s*(end)?for\b/g)) {
    depth += found[1] === undefined ? 1 : -1
    if (depth > deepestLoop) throw errorAt(source, found.index, `loops can be at most ${deepestLoop} deep`)
  }
}

function errorAt(source: string, index: number, message: string): TemplateError {
  const before = source.slice(0, index).split('\n')
  return new TemplateError(message, before.length, (before.at(-1)?.length ?? 0) + 1)
}

function referencesIn(engine: Liquid, nodes: Nodes[]): Reference[] {
  const { variables, globals } = engine.analyzeSync(nodes, { partials: false })
  const outer = new Set(
    Object.values(globals)
      .flat()
      .map(({ location }) => `${location.row}:${location.col}`),
  )
  return Object.values(variables)
    .flat()
    .map(({ segments: [root, ...rest], location: { row, col } }) => ({
      root: typeof root === 'string' && outer.has(`${row}:${col}`) ? root : null,
      properties: rest.filter((part) => typeof part === 'string'),
      line: row,
      column: col,
    }))
}

/** What the library throws, as an error of ours with the place. */
function attempt<Result>(work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (!LiquidError.is(error)) throw new TemplateError(messageOf(error), 1, 1, error)
    const [line = 1, column = 1] = error.token.getPosition()
    throw new TemplateError(messageOf(error).replace(/, line:\d+, col:\d+$/, ''), line, column, error)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
