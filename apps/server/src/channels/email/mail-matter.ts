import type { CardModel } from '#server/channels/channel.ts'
import type { Letter } from '#server/channels/messenger.ts'
import { inert, inertLine, longText, shorten } from '#server/channels/text.ts'
import type { Translator } from '#server/i18n/translator.ts'
import { wordsOf } from './plain-text.ts'

/* What a mail about a ticket says beside its words, shortened so that a mailbox is no archive; the ticket has all of it. */

/** UTF-16 units, and lines. */
const descriptionLength = 600
const codeLength = 1_200
const codeLines = 15
const factLength = 300
const mostFacts = 12
const mostCode = 2

export interface Excerpt {
  text: string
  /** What was left out, in words; null: nothing. */
  note: string | null
}

export interface MailMatter {
  facts: { label: string; value: string }[]
  /** Of facts left out. */
  factsNote: string | null
  description: Excerpt | null
  code: (Excerpt & { title: string })[]
  codeNote: string | null
}

export function matterOf(card: CardModel, words: Letter['words'], t: Translator): MailMatter {
  const said = wordsOf(words.body)
  const facts = factsOf(card, t).filter(({ label, value }) => !(said.includes(label) && said.includes(value)))
  const shownFacts = facts.slice(0, mostFacts)
  const code = card.code.slice(0, mostCode)
  const cut = (from: 'facts' | 'code', shown: number, total: number): string | null =>
    shown === total ? null : t.text(`shortened.${from}`, { shown, total })
  return {
    facts: shownFacts,
    factsNote: cut('facts', shownFacts.length, facts.length),
    description: card.description.trim() === '' ? null : excerpt(inert(card.description), descriptionLength, t),
    code: code.map(({ title, language, text }) => ({
      title: inertLine(title) || inertLine(language),
      ...excerpt(inert(text), codeLength, t, codeLines),
    })),
    codeNote: cut('code', code.length, card.code.length),
  }
}

/** What the words have said already is not said again. */
function factsOf(card: CardModel, t: Translator): { label: string; value: string }[] {
  const fact = (label: string, value: string) => ({ label: inertLine(label), value: shortLine(value) })
  return [
    fact(t.text('card.submitter'), card.submitter),
    ...(card.dueAt === null ? [] : [fact(t.text('card.due'), t.dateTime(card.dueAt, card.timeZone))]),
    ...card.fields.map(({ label, value }) => fact(label, value)),
    ...(card.attachments === 0
      ? []
      : [fact(t.text('card.attachments'), t.text('card.attachmentCount', { count: card.attachments }))]),
  ]
}

function shortLine(value: string): string {
  const { text, shown, total } = shorten(longText(inertLine(value), factLength), factLength)
  return shown < total ? `${text}…` : text
}

function excerpt(text: string, limit: number, t: Translator, maxLines?: number): Excerpt {
  const short = shorten(longText(text, limit), limit, maxLines)
  const isCut = short.shown < short.total
  const note = isCut ? t.text('shortened.text', { shown: short.shown, total: short.total }) : null
  return { text: isCut ? `${short.text.trimEnd()}…` : short.text, note }
}
