import {
  type ChannelName,
  type Locale,
  noticeEvents,
  type TextKind,
  type TextTemplate,
  type TextVariable,
} from '@countersign/contracts'
import type { FieldError } from '#server/tickets/errors.ts'
import { runsOf } from './marks.ts'
import { sampleContent } from './sample.ts'
import { formatOf, targetOf } from './targets/index.ts'
import { plain } from './targets/plain.ts'
import { compileTemplate, type Reference, TemplateError } from './template.ts'
import type { TextContent } from './text-renderer.ts'
import { type Reader, sceneOf } from './variables.ts'
import { titleBytes, writeWords } from './write-words.ts'

/** What a template is tried with: things as they might be. */
export interface SamplePlace {
  reader: Reader
  /** Where links lead. */
  link: string
  /** Of a report. */
  lines: string[]
}

/** Names that belong to what Liquid itself provides. */
const liquidParts = ['size', 'first', 'last', 'index', 'index0', 'rindex', 'rindex0', 'length']

const cardChannels: readonly ChannelName[] = ['lark', 'feishu', 'dingtalk', 'dingtalkExclusive']
/**
 * A card is made of the ticket; words there are those of the bot, which asks where a card makes no sound. What it says to
 * prove an account is nobody's to change.
 */
const saidByBots: readonly TextKind[] = ['pending', 'reminded', 'report']
/** Nobody's own: no code is sent there. */
const groupChannels: readonly ChannelName[] = ['dingtalkRobot', 'wecomRobot', 'webhook']

/** The texts that a channel has. */
export function kindsOf(channel: ChannelName): TextKind[] {
  if (cardChannels.includes(channel)) return [...saidByBots]
  const kinds: TextKind[] = [...noticeEvents, 'bundle', 'code', 'test', 'report']
  return groupChannels.includes(channel) ? kinds.filter((kind) => kind !== 'code') : kinds
}

/** What templates of a kind may name, with what it is in the sample. */
export function variablesOf(kind: TextKind, place: SamplePlace): TextVariable[] {
  const { scope, links } = sceneOf(sampleOf(kind, place), place.reader)
  const shown = (value: string): string => plain.write(runsOf(value), links)
  const described = (prefix: string, record: object): TextVariable[] =>
    Object.entries(record).flatMap(([key, value]: [string, unknown]): TextVariable[] => {
      const name = `${prefix}${key}`
      if (Array.isArray(value)) {
        const list: TextVariable = { name, type: 'list', example: null }
        const first: unknown = value[0]
        return typeof first === 'object' && first !== null ? [list, ...described(`${name}[].`, first)] : [list]
      }
      if (typeof value === 'number') return [{ name, type: 'number', example: String(value) }]
      if (typeof value === 'boolean') return [{ name, type: 'flag', example: String(value) }]
      const example = typeof value === 'string' ? shown(value) : null
      return [{ name, type: /(?:^|\.)link$/.test(name) ? 'link' : 'text', example }]
    })
  return described('', scope)
}

/** Why a text cannot be kept: every reason, with its place. Empty when it can. */
export function checkTemplate(
  kind: TextKind,
  channel: ChannelName,
  text: TextTemplate,
  place: SamplePlace,
): FieldError[] {
  const variables = variablesOf(kind, place)
  const errors = (['title', 'body'] as const).flatMap((part) =>
    readErrors(part, text[part], place.reader.locale, variables),
  )
  return errors.length > 0 ? errors : triedErrors(kind, channel, text, place)
}

function readErrors(
  path: 'title' | 'body',
  source: string,
  locale: Locale,
  variables: readonly TextVariable[],
): FieldError[] {
  try {
    return compileTemplate(source, locale).references.flatMap((reference) => {
      const unknown = unknownPart(reference, variables)
      return unknown === null ? [] : [errorAt(path, reference, `there is no variable ${unknown}`)]
    })
  } catch (error) {
    if (error instanceof TemplateError) return [errorAt(path, error, error.message)]
    throw error
  }
}

/** Of a loop's own variable the parts alone are looked at: which list it goes through does not matter. */
function unknownPart({ root, properties }: Reference, variables: readonly TextVariable[]): string | null {
  const parts = new Set(variables.flatMap(({ name }) => name.split(/\[\]\.|\./)))
  if (root !== null && !variables.some(({ name }) => name === root)) return root
  return properties.find((part) => !parts.has(part) && !liquidParts.includes(part)) ?? null
}

/** Renders it with all that there might be, and with as little. */
function triedErrors(kind: TextKind, channel: ChannelName, text: TextTemplate, place: SamplePlace): FieldError[] {
  const format = formatOf(channel)
  const target = targetOf(format)
  for (const content of [sampleOf(kind, place), bare(sampleOf(kind, place))]) {
    const scene = sceneOf(content, place.reader)
    for (const part of ['title', 'body'] as const) {
      try {
        const runs = runsOf(compileTemplate(text[part], place.reader.locale).render(scene.scope))
        const written = (part === 'title' ? plain : target).write(runs, scene.links)
        const most = part === 'title' ? titleBytes : target.maxBytes
        const bytes = Buffer.byteLength(written)
        if (bytes > most)
          return [{ path: part, message: `is too long for ${channel}: ${bytes} bytes with the sample, of ${most}` }]
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error
        return [errorAt(part, error, error.message)]
      }
    }
    const { title, body } = writeWords(text, scene, format, place.reader.locale)
    if (title === '') return [{ path: 'title', message: 'says nothing with the sample' }]
    if (body === '') return [{ path: 'body', message: 'says nothing with the sample' }]
    if (content.kind !== 'code') continue
    // An SMS with a code is its title.
    const [path, said] = channel === 'sms' ? ['title', title] : ['body', body]
    if (!said.includes(content.code)) return [{ path, message: 'must name {{ code }}: it is what the message is for' }]
  }
  return []
}

function sampleOf(kind: TextKind, { reader, link, lines }: SamplePlace): TextContent {
  return sampleContent(kind, { locale: reader.locale, timeZone: reader.timeZone, link, lines })
}

/** The same with nothing that a ticket may lack. */
function bare(content: TextContent): TextContent {
  if (content.kind !== 'notice') return content
  const { item } = content
  const ticket = { ...item.ticket, dueAt: null, description: '', fields: [], attachments: 0, nodes: [], outcome: null }
  return { ...content, item: { ...item, ticket } }
}

function errorAt(path: string, { line, column }: { line: number; column: number }, message: string): FieldError {
  return { path, message: `line ${line}, column ${column}: ${message}` }
}
