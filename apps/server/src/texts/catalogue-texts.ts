import type { CardModel } from '#server/channels/channel.ts'
import type { MessageContent, NoticeItem, TextFormat } from '#server/channels/messenger.ts'
import { ellipsis, inertLine } from '#server/channels/text.ts'
import { createTranslator, type Translator } from '#server/i18n/translator.ts'
import { escapeLine } from './escape.ts'
import type { TextRenderer } from './text-renderer.ts'

/** The texts as they are by default, from the catalogue alone. */
export const catalogueTexts: TextRenderer = {
  async render(_tenantId, { locale, format, content }) {
    const t = createTranslator(locale)
    const { title, lines } = textOf(content, t)
    return { title: inertLine(title), body: lines.map((line) => escapeLine(line, format)).join(lineEnd[format]) }
  },
}

/** In markdown a single line end is a space. */
const lineEnd: Readonly<Record<TextFormat, string>> = {
  plain: '\n',
  html: '<br>\n',
  'dingtalk-markdown': '\n\n',
  'wecom-markdown': '\n',
}

interface Text {
  title: string
  lines: string[]
}

const mostFacts = 5
const factLength = 200

function textOf(content: MessageContent, t: Translator): Text {
  switch (content.kind) {
    case 'notice':
      return { title: noticeLine(content.item, t), lines: factsOf(content.item.ticket, t) }
    case 'bundle': {
      const hidden = content.count - content.items.length
      return {
        title: t.text('message.bundle', { count: content.count }),
        lines: [
          ...content.items.map((item) => noticeLine(item, t)),
          ...(hidden > 0 ? [t.text('message.more', { count: hidden })] : []),
        ],
      }
    }
    case 'code':
      return {
        title: t.text('message.code', { code: content.code }),
        lines: [t.text('message.codeLife', { minutes: content.validMinutes })],
      }
    case 'test':
      return { title: t.text('message.test'), lines: [t.text('message.testMeaning')] }
    case 'report':
      return { title: t.text('message.report'), lines: content.lines }
  }
}

/** "#1042 Export orders: your decision is needed". */
export function noticeLine({ event, ticket }: NoticeItem, t: Translator): string {
  const name = `#${ticket.number} ${ellipsis(ticket.title, 100)}`
  const asksSomebodyElse = ticket.decision === 'none' && (event === 'pending' || event === 'reminded')
  return t.text(asksSomebodyElse ? 'notice.information' : `notice.${event}`, { ticket: name })
}

function factsOf(card: CardModel, t: Translator): string[] {
  const fact = (label: string, value: string): string => `${label}: ${ellipsis(value, factLength)}`
  const hidden = card.fields.length - mostFacts
  return [
    `${t.module(card.module)} · ${t.text(`risk.${card.risk}`)} · ${t.text(`status.${card.status}`)}`,
    fact(t.text('card.submitter'), card.submitter),
    ...(card.dueAt === null ? [] : [fact(t.text('card.due'), t.dateTime(card.dueAt, card.timeZone))]),
    ...card.fields.slice(0, mostFacts).map(({ label, value }) => fact(ellipsis(label, 60), value)),
    ...(hidden > 0 ? [t.text('shortened.facts', { shown: mostFacts, total: card.fields.length })] : []),
    ...(card.outcome === null ? [] : outcomeOf(card, card.outcome, t)),
  ]
}

function outcomeOf(card: CardModel, { by, comment }: NonNullable<CardModel['outcome']>, t: Translator): string[] {
  if (card.status === 'pending') return []
  const result = t.text(`result.${card.status}`, { name: ellipsis(by, 60) })
  if (comment === null) return [result]
  const label = t.text(card.status === 'rejected' ? 'result.reason' : 'result.comment')
  return [result, `${label}: ${ellipsis(comment, factLength)}`]
}
