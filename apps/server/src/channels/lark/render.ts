import type { CardModel } from '#server/channels/channel.ts'
import { ellipsis } from '#server/channels/text.ts'
import { createTranslator, type Translator } from '#server/i18n/translator.ts'
import { type Budget, roomy, savings } from './card-budget.ts'
import { decisionSection, resultSection } from './card-decision.ts'
import { type Element, plain } from './card-elements.ts'
import { codeSection, descriptionSection, factSection } from './card-facts.ts'
import { progressSection } from './card-progress.ts'
import { type CleanCard, cleanCard } from './clean-card.ts'

/**
 * The platform takes cards up to 30 KB and counts styling on top. We count the card as it travels, a JSON string inside
 * JSON, and leave room for the rest of the request.
 */
export const MAX_CARD_BYTES = 28_000

const templateByRisk = { low: 'blue', medium: 'orange', high: 'red' } as const
const templateByStatus = { approved: 'green', rejected: 'carmine', withdrawn: 'grey', expired: 'grey' } as const
const tagByRisk = { low: 'turquoise', medium: 'orange', high: 'red' } as const
const tagByStatus = {
  pending: 'blue',
  approved: 'green',
  rejected: 'carmine',
  withdrawn: 'neutral',
  expired: 'neutral',
} as const

/** The card as the platform's card JSON 2.0, never larger than it takes. */
export function renderCard(card: CardModel): Element {
  const clean = cleanCard(card)
  let budget = roomy
  for (const saving of savings) {
    budget = { ...budget, ...saving }
    const drawn = drawSafely(clean, budget)
    if (fits(drawn)) return drawn
  }
  throw new Error(`the card of ticket ${card.ticketId} does not fit into ${MAX_CARD_BYTES} bytes`)
}

/** Bytes of the card inside a request body. */
export function cardBytes(card: Element): number {
  return Buffer.byteLength(JSON.stringify(JSON.stringify(card)))
}

/** A UTF-16 unit takes three bytes at most, escaped or not: for nearly every card its length alone is answer enough. */
function fits(card: Element): boolean {
  return JSON.stringify(card).length * 3 + 2 <= MAX_CARD_BYTES || cardBytes(card) <= MAX_CARD_BYTES
}

/** What is of high risk is never decided on a card that does not show all of it. */
function drawSafely(card: CleanCard, budget: Budget): Element {
  const { drawn, isShortened } = draw(card, budget)
  const isDecidedHere = card.decision === 'tap' || card.decision === 'confirm'
  return card.risk === 'high' && isShortened && isDecidedHere
    ? draw({ ...card, decision: 'review' }, budget).drawn
    : drawn
}

function draw(card: CleanCard, budget: Budget): { drawn: Element; isShortened: boolean } {
  const t = createTranslator(card.locale)
  const sections = [resultSection, factSection, descriptionSection, codeSection, progressSection].map((section) =>
    section(card, t, budget),
  )
  const elements = [...sections.flatMap((section) => section.elements), ...decisionSection(card, t, budget)]
  const drawn = {
    schema: '2.0',
    config: {
      update_multi: true,
      // Who may see the ticket is decided here, not by whoever forwards its card.
      enable_forward: false,
      width_mode: 'fill',
      summary: { content: wordSummary(card, t) },
    },
    header: header(card, t),
    body: { direction: 'vertical', vertical_spacing: '8px', elements },
  }
  return { drawn, isShortened: sections.some((section) => section.isShortened) }
}

function header(card: CleanCard, t: Translator): Element {
  return {
    title: plain(`#${card.number} ${card.title}`),
    subtitle: plain(t.module(card.module)),
    template: template(card),
    text_tag_list: [
      { tag: 'text_tag', text: plain(t.text(`risk.${card.risk}`)), color: tagByRisk[card.risk] },
      { tag: 'text_tag', text: plain(t.text(`status.${card.status}`)), color: tagByStatus[card.status] },
    ],
  }
}

function template(card: CleanCard): string {
  if (card.status !== 'pending') return templateByStatus[card.status]
  // Nothing to do here: the colour no longer calls for attention.
  return card.decision === 'none' ? 'wathet' : templateByRisk[card.risk]
}

/** The line in the list of chats. */
function wordSummary(card: CleanCard, t: Translator): string {
  const ticket = `#${card.number} ${ellipsis(card.title, 60)}`
  if (card.status !== 'pending') return t.text(`notice.${card.status}`, { ticket })
  if (card.decision === 'none') return t.text('notice.information', { ticket })
  return t.text(card.event === 'reminded' || card.event === 'changed' ? `notice.${card.event}` : 'notice.pending', {
    ticket,
  })
}
