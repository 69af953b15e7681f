import type { CardModel } from '#server/channels/channel.ts'
import { inert, inertLine, type LongText, longText } from '#server/channels/text.ts'
import { roomy } from './card-budget.ts'

/** A card with everything that people wrote made inert, and long texts measured, once for all attempts to fit it in. */
export interface CleanCard extends Omit<CardModel, 'description' | 'fields' | 'code' | 'outcome'> {
  description: LongText
  fields: { label: string; value: LongText }[]
  code: { language: string; title: string; text: LongText }[]
  outcome: { by: string; at: number; comment: LongText } | null
}

export function cleanCard(card: CardModel): CleanCard {
  const { outcome } = card
  return {
    ...card,
    title: inertLine(card.title),
    description: longText(inert(card.description).trim(), roomy.description),
    fields: card.fields.map(({ label, value }) => ({
      label: inertLine(label),
      value: longText(inert(value).trim(), roomy.field),
    })),
    code: card.code
      .filter(({ text }) => text !== '')
      .map(({ language, title, text }) => ({
        language,
        title: inertLine(title),
        text: longText(inert(text), roomy.code),
      })),
    outcome:
      outcome === null
        ? null
        : { ...outcome, comment: longText(inert(outcome.comment ?? '').trim(), roomy.description) },
  }
}
