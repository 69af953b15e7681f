import type { NodeStatus } from '@countersign/contracts'
import type { CardModel } from '#server/channels/channel.ts'
import type { Shortened } from '#server/channels/text.ts'
import { wordClosing, wordOwnPart, wordPeople, wordRule } from '#server/channels/wording.ts'
import type { Translator } from '#server/i18n/translator.ts'
import { beginning, fitLine, fitLines, MAX_VALUE_BYTES } from './fit.ts'

/* The parts of a ticket as values of card variables: chosen and shortened, and saying so. */

/** Text for a card, and the note about what is missing from it: empty when nothing is. */
export interface Section {
  text: string
  note: string
}

const MAX_NAME_BYTES = 96
const MAX_FACT_BYTES = 240
const MAX_CODE_LINES = 40
const MAX_NAME_UNITS = 32

/** "Label: value" lines, as many as fit, whole or shortened. The note counts what was left out. */
export function factSection(card: CardModel, t: Translator): Section {
  const lines: string[] = []
  let bytes = 0
  let whole = 0
  for (const { label, value } of card.fields) {
    const shown = beginning(value.replace(/\s+/g, ' '), MAX_FACT_BYTES)
    const line = `${fitLine(label, MAX_NAME_BYTES)}: ${shown.text === '' ? '–' : marked(shown)}`
    bytes += Buffer.byteLength(line) + 1
    if (bytes > MAX_VALUE_BYTES) break
    lines.push(line)
    if (shown.shown === shown.total) whole += 1
  }
  const total = card.fields.length
  return { text: lines.join('\n'), note: whole === total ? '' : t.text('shortened.facts', { shown: whole, total }) }
}

const marked = ({ text, shown, total }: Shortened): string => (shown < total ? `${text.trimEnd()}…` : text)

export function descriptionSection(card: CardModel, t: Translator): Section {
  return noted(beginning(card.description, MAX_VALUE_BYTES), t)
}

/** The first piece of code; the note tells of the rest of it, or of other pieces. */
export function codeSection(card: CardModel, t: Translator): Section & { title: string } {
  const pieces = card.code.filter(({ text }) => text !== '')
  const [first] = pieces
  if (first === undefined) return { title: '', text: '', note: '' }
  const { text, note } = noted(beginning(first.text, MAX_VALUE_BYTES, MAX_CODE_LINES), t)
  const others = pieces.length > 1 ? [t.text('shortened.code', { shown: 1, total: pieces.length })] : []
  return { title: fitLine(first.title, MAX_NAME_BYTES), text, note: [note, ...others].filter(Boolean).join('\n') }
}

function noted(text: Shortened, t: Translator): Section {
  const { shown, total } = text
  return { text: text.text, note: shown === total ? '' : t.text('shortened.text', { shown, total }) }
}

/** Who asked and when, by when an answer is wanted: times themselves, since "3 hours ago" would soon be a lie. */
export function summaryText(card: CardModel, t: Translator): string {
  const lines = [
    [t.text('card.submitter'), fitLine(card.submitter, MAX_NAME_BYTES)],
    [t.text('card.submitted'), t.dateTime(card.createdAt, card.timeZone)],
    ...(card.dueAt === null ? [] : [[t.text('card.due'), t.dateTime(card.dueAt, card.timeZone)]]),
    ...(card.attachments === 0
      ? []
      : [[t.text('card.attachments'), t.text('card.attachmentCount', { count: card.attachments })]]),
  ]
  return fitLines(
    lines.map(([label, value]) => `${label}: ${value}`),
    MAX_VALUE_BYTES,
  )
}

const markByStatus: Readonly<Record<NodeStatus, string>> = {
  approved: '✓',
  pending: '●',
  waiting: '○',
  rejected: '✗',
  withdrawn: '–',
  expired: '–',
}

/** From roomy to tight: the first that fits is taken. */
const progressBudgets = [
  { steps: 8, people: 8, name: MAX_NAME_UNITS },
  { steps: 5, people: 4, name: 24 },
  { steps: 3, people: 2, name: 12 },
] as const

/** The way through the nodes around the current one: a line each, and who decided or is waited for. */
export function progressSection(card: CardModel, t: Translator): Section {
  const current = Math.max(
    0,
    card.nodes.findLastIndex((node) => node.status !== 'waiting'),
  )
  const total = card.nodes.length
  for (const budget of progressBudgets) {
    const from = Math.max(0, Math.min(current - 2, total - budget.steps))
    const shown = card.nodes.slice(from, from + budget.steps)
    const text = shown.map((node) => stepText(node, t, budget)).join('\n')
    const note = shown.length < total ? t.text('shortened.steps', { shown: shown.length, total }) : ''
    const isLast = budget === progressBudgets.at(-1)
    if (isLast || Buffer.byteLength(text) <= MAX_VALUE_BYTES) return { text: fitLines([text], MAX_VALUE_BYTES), note }
  }
  throw new Error('there is always a last budget')
}

function stepText(node: CardModel['nodes'][number], t: Translator, budget: (typeof progressBudgets)[number]): string {
  const isOpen = node.status === 'pending' || node.status === 'waiting'
  const rule = isOpen && node.approvers.length > 1 ? ` · ${wordRule(node, t)}` : ''
  const people = wordPeople(node, t, budget)
  const name = fitLine(node.name, MAX_NAME_BYTES)
  return `${markByStatus[node.status]} ${name}${rule}${people === '' ? '' : `\n${people}`}`
}

/** Who decided what and when, or why there is nothing to do; empty while this person is to decide. */
export function resultText(card: CardModel, t: Translator): string {
  if (card.decision !== 'none') return ''
  if (card.status === 'pending') return wordOwnPart(card.mine, t)
  const words = wordClosing(card.status, fitLine(card.outcome?.by ?? '', MAX_NAME_BYTES), t)
  return card.outcome === null ? words : `${words}\n${t.dateTime(card.outcome.at, card.timeZone)}`
}

/** What the one who closed the ticket wrote, with its heading. */
export function commentText(card: CardModel, t: Translator): string {
  const comment = card.status === 'pending' ? '' : (card.outcome?.comment ?? '')
  if (card.decision !== 'none' || comment.trim() === '') return ''
  const heading = t.text(card.status === 'rejected' ? 'result.reason' : 'result.comment')
  const { text, shown, total } = beginning(comment, 600)
  const note = shown < total ? [t.text('shortened.text', { shown, total })] : []
  return fitLines([`${heading}: ${text}`, ...note], MAX_VALUE_BYTES)
}
