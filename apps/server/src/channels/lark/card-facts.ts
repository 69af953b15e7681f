import { ellipsis, type Shortened, shorten } from '#server/channels/text.ts'
import type { Translator } from '#server/i18n/translator.ts'
import type { Budget } from './card-budget.ts'
import { type Element, group, label, line, markdown, note, row } from './card-elements.ts'
import type { CleanCard } from './clean-card.ts'
import { codeBlock } from './text.ts'

/** Part of a card, and whether anything of the ticket was left out of it. */
export interface Section {
  elements: Element[]
  isShortened: boolean
}

interface Fact {
  label: string
  value: Shortened
}

/** Values wider than this get the whole width of a phone; a Chinese character counts as two. */
const HALF_WIDTH = 20

/** Who, when, by when, and the ticket's own key facts, two to a row where they are short. */
export function factSection(card: CleanCard, t: Translator, budget: Budget): Section {
  const own = card.fields.slice(0, budget.facts)
  const facts: Fact[] = [
    ...standingFacts(card, t, budget).map(([name, value]) => ({ label: name, value: whole(value) })),
    ...own.map((field) => ({
      label: ellipsis(field.label, budget.field),
      value: shorten(field.value, budget.field),
    })),
  ]
  const elements = rows(facts)
  const cut = facts.filter(({ value }) => value.shown < value.total)
  if (cut.length > 0) elements.push(note(t.text('shortened.text', sum(cut.map(({ value }) => value)))))
  const isCut = own.length < card.fields.length
  if (isCut) elements.push(note(t.text('shortened.facts', { shown: own.length, total: card.fields.length })))
  return { elements, isShortened: isCut || cut.length > 0 }
}

function whole(text: string): Shortened {
  return { text, shown: text.length, total: text.length }
}

function standingFacts(card: CleanCard, t: Translator, budget: Budget): [string, string][] {
  const facts: [string, string][] = [
    [t.text('card.submitter'), ellipsis(card.submitter, budget.name)],
    // A card stays on the screen for days: the time itself, since "3 hours ago" would soon be a lie.
    [t.text('card.submitted'), t.dateTime(card.createdAt, card.timeZone)],
  ]
  if (card.dueAt !== null) facts.push([t.text('card.due'), t.dateTime(card.dueAt, card.timeZone)])
  if (card.attachments > 0) {
    facts.push([t.text('card.attachments'), t.text('card.attachmentCount', { count: card.attachments })])
  }
  return facts
}

function rows(facts: readonly Fact[]): Element[] {
  const elements: Element[] = []
  for (let index = 0; index < facts.length; index += 1) {
    const fact = facts[index]
    const next = facts[index + 1]
    if (fact === undefined) break
    if (next !== undefined && isShort(fact) && isShort(next)) {
      elements.push(row([cell(fact), cell(next)]))
      index += 1
    } else {
      elements.push(group(cell(fact)))
    }
  }
  return elements
}

function cell({ label: name, value }: Fact): Element[] {
  const text = value.shown < value.total ? `${value.text.trimEnd()}…` : value.text
  // An empty text component is refused by some clients.
  return [label(name), line(text.trim() === '' ? '–' : text)]
}

function isShort({ value }: Fact): boolean {
  if (value.text.includes('\n') || value.text.length > 2 * HALF_WIDTH) return false
  const visible = value.text.replace(/[\p{Cf}\p{Mn}]/gu, '')
  const width = Array.from(visible).reduce((sum, char) => sum + ((char.codePointAt(0) ?? 0) >= 0x1100 ? 2 : 1), 0)
  return width <= HALF_WIDTH
}

function sum(texts: readonly Shortened[]): { shown: number; total: number } {
  return {
    shown: texts.reduce((shown, text) => shown + text.shown, 0),
    total: texts.reduce((total, text) => total + text.total, 0),
  }
}

export function descriptionSection(card: CleanCard, t: Translator, budget: Budget): Section {
  if (card.description.total === 0) return { elements: [], isShortened: false }
  const text = shorten(card.description, budget.description)
  return withMark([label(t.text('card.description')), line(text.text)], text, t)
}

/** The beginning of each piece of code, in a fence that it cannot leave. */
export function codeSection(card: CleanCard, t: Translator, budget: Budget): Section {
  const pieces = card.code
  const shown = pieces.slice(0, budget.pieces)
  const each = Math.floor(budget.code / Math.max(1, shown.length))
  const sections = shown.map((code): Section => {
    const title = ellipsis(code.title, budget.name)
    const text = shorten(code.text, each, budget.codeLines)
    const heading = label(title === '' ? t.text('card.code') : `${t.text('card.code')} · ${title}`)
    return withMark(text.shown === 0 ? [heading] : [heading, markdown(codeBlock(code.language, text.text))], text, t)
  })
  const elements = sections.flatMap((section) => section.elements)
  const isCut = shown.length < pieces.length
  if (isCut) elements.push(note(t.text('shortened.code', { shown: shown.length, total: pieces.length })))
  return { elements, isShortened: isCut || sections.some((section) => section.isShortened) }
}

function withMark(elements: Element[], text: Shortened, t: Translator): Section {
  const { shown, total } = text
  if (shown === total) return { elements: [group(elements)], isShortened: false }
  const mark = shown === 0 ? t.text('shortened.nothing', { total }) : t.text('shortened.text', { shown, total })
  return { elements: [group([...elements, note(mark)])], isShortened: true }
}
