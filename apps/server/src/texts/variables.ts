import type { Locale, TextKind } from '@countersign/contracts'
import type { CardModel } from '#server/channels/channel.ts'
import type { NoticeItem } from '#server/channels/messenger.ts'
import { ellipsis, longText, shorten } from '#server/channels/text.ts'
import { createTranslator, type Translator } from '#server/i18n/translator.ts'
import { linkMark, personLine, personText } from './marks.ts'
import { noticeLine, ticketName } from './notice-line.ts'
import type { TextContent } from './text-renderer.ts'

/*
 * What a template may name. The names are part of what tenants have written: add to them, never rename one. What people
 * wrote is made fit and cut here, before any template sees it. Nothing (`null`) is what a ticket does not have.
 */

/** To whom something is said, and how they read. */
export interface Reader {
  name: string
  tenantName: string
  locale: Locale
  timeZone: string
}

export interface Scene {
  kind: TextKind
  scope: Record<string, unknown>
  /** Addresses by the number that a link's mark carries. */
  links: string[]
}

/** UTF-16 units of what people wrote, as far as a sentence takes it. */
const longest = { title: 200, name: 64, label: 64, value: 200, description: 500, comment: 500, line: 300 }
const mostFields = 50
const mostItems = 50
const mostLines = 200

export function kindOf(content: TextContent): TextKind {
  return content.kind === 'notice' ? content.item.event : content.kind
}

/** What the template of this content may name, for this reader. */
export function sceneOf(content: TextContent, reader: Reader): Scene {
  const links: string[] = []
  const link = (url: string): string => linkMark(links.push(url) - 1)
  const t = createTranslator(reader.locale)
  const common = { recipient: line(reader.name, longest.name), tenant: line(reader.tenantName, longest.name) }
  return { kind: kindOf(content), scope: { ...common, ...variables(content, { reader, t, link }) }, links }
}

interface Means {
  reader: Reader
  t: Translator
  link: (url: string) => string
}

function variables(content: TextContent, means: Means): Record<string, unknown> {
  switch (content.kind) {
    case 'notice':
      return ticketVariables(content.item, means)
    case 'bundle': {
      const items = content.items.slice(0, mostItems)
      return {
        count: content.count,
        more: Math.max(0, content.count - items.length),
        link: means.link(content.link),
        items: items.map((item) => ticketVariables(item, means)),
      }
    }
    case 'code':
      return { code: line(content.code, longest.label), minutes: content.validMinutes }
    case 'test':
      return {}
    case 'report':
      return {
        count: content.lines.length,
        lines: content.lines.slice(0, mostLines).map((each) => line(each, longest.line)),
        link: means.link(content.link),
      }
  }
}

function ticketVariables(item: NoticeItem, { reader, t, link }: Means): Record<string, unknown> {
  const { ticket: card } = item
  const time = (at: number | null): string | null => (at === null ? null : t.dateTime(at, reader.timeZone))
  return {
    ticket: ticketName(card),
    number: card.number,
    title: line(card.title, longest.title) ?? '',
    news: noticeLine(item, t),
    asked: card.decision !== 'none',
    module: line(t.module(card.module), longest.label),
    risk: t.text(`risk.${card.risk}`),
    status: t.text(`status.${card.status}`),
    submitter: line(card.submitter, longest.name),
    submitted: time(card.createdAt),
    due: time(card.dueAt),
    description: text(card.description, longest.description),
    fields: card.fields.slice(0, mostFields).map(({ label, value }) => ({
      label: line(label, longest.label),
      value: line(value, longest.value),
    })),
    attachments: card.attachments,
    executes: card.executesOnApproval,
    ...progress(card, t),
    ...outcome(card, time),
    link: link(card.link),
  }
}

function progress({ nodes }: CardModel, t: Translator) {
  const current = nodes.find(({ status }) => status === 'pending')
  const waiting = (current?.approvers ?? []).filter(({ decision }) => decision === null)
  const names = waiting.slice(0, 10).map(({ name }) => line(name, longest.name) ?? '')
  return {
    step: current === undefined ? null : line(current.name, longest.name),
    waitingFor: names.length === 0 ? null : t.list(names),
  }
}

/** Nobody has let a ticket expire. */
function outcome(card: CardModel, time: (at: number | null) => string | null) {
  return {
    decidedBy: card.outcome === null || card.status === 'expired' ? null : line(card.outcome.by, longest.name),
    decidedAt: time(card.outcome?.at ?? null),
    comment: card.outcome?.comment == null ? null : text(card.outcome.comment, longest.comment),
  }
}

function line(written: string, limit: number): string | null {
  return ellipsis(personLine(written), limit) || null
}

function text(written: string, limit: number): string | null {
  const fit = personText(written)
  const { text: head } = shorten(longText(fit, limit), limit)
  return (head.length < fit.length ? `${head.trimEnd()}…` : head) || null
}
