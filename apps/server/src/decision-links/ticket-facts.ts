import type { CardModel } from '#server/channels/channel.ts'
import { inert, inertLine } from '#server/channels/text.ts'
import { wordPeople, wordRule } from '#server/channels/wording.ts'
import { type Html, html } from '#server/http/html.ts'
import type { Translator } from '#server/i18n/translator.ts'

/* A ticket in full: who decides here must be able to read all of it, so nothing is shortened. */

const marks = { approved: '✓', pending: '●', waiting: '○', rejected: '✗', withdrawn: '–', expired: '–' } as const
/** Everybody, under their whole name. */
const everybody = { people: 1_000, name: 128 }

export function ticketHead(card: CardModel, t: Translator): Html {
  return html`<section class="card"><p class="chips"><span class="chip ${card.status}">${t.text(`status.${card.status}`)}</span><span class="chip ${card.risk}">${t.text(`risk.${card.risk}`)}</span><span class="chip">${t.module(card.module)}</span></p><h1 dir="auto">${inertLine(card.title)}</h1><p class="who"><bdi>#${card.number}</bdi> · <bdi>${inertLine(card.submitter)}</bdi> · ${t.dateTime(card.createdAt, card.timeZone)}</p></section>`
}

export function ticketFacts(card: CardModel, attachments: readonly { name: string }[], t: Translator): Html {
  const facts: [string, string][] = [
    ...(card.dueAt === null ? [] : [[t.text('card.due'), t.dateTime(card.dueAt, card.timeZone)] as [string, string]]),
    ...card.fields.map(({ label, value }): [string, string] => [inertLine(label), inert(value)]),
    ...attachments.map(({ name }): [string, string] => [t.text('card.attachments'), inertLine(name)]),
  ]
  const rows = facts.map(([label, value]) => html`<dt dir="auto">${label}</dt><dd dir="auto">${value}</dd>`)
  return html`${facts.length === 0 ? null : html`<section class="card"><dl>${rows}</dl></section>`}${description(card, t)}${code(card, t)}${progress(card, t)}`
}

function description(card: CardModel, t: Translator): Html | null {
  if (card.description.trim() === '') return null
  const text = inert(card.description)
  return html`<section class="card"><h2>${t.text('card.description')}</h2><p class="text" dir="auto">${text}</p></section>`
}

function code(card: CardModel, t: Translator): Html | null {
  if (card.code.length === 0) return null
  const pieces = card.code.map(({ title, language, text }) => {
    const heading = inertLine(title) || inertLine(language)
    return html`<div class="code"><h3 dir="auto">${heading}</h3><pre tabindex="0">${inert(text)}</pre></div>`
  })
  return html`<section class="card"><h2>${t.text('card.code')}</h2>${pieces}</section>`
}

function progress(card: CardModel, t: Translator): Html {
  const steps = card.nodes.map((node) => {
    const rule = node.approvers.length > 1 ? ` · ${wordRule(node, t)}` : ''
    const people = html`<p class="people">${wordPeople(node, t, everybody)}</p>`
    return html`<li class="step"><span class="mark ${node.status}" aria-hidden="true">${marks[node.status]}</span><div><p><bdi>${inertLine(node.name)}</bdi>${rule}</p>${people}</div></li>`
  })
  return html`<section class="card"><h2>${t.text('card.progress')}</h2><ol>${steps}</ol></section>`
}
