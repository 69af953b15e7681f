import { isObject, type JsonObject, parseJson } from '#sandbox/json.ts'
import { type CardProblem, cardProblemCodes, InvalidCard } from './card-error.ts'
import { validateCardV1 } from './validate-v1.ts'
import { validateCardV2 } from './validate-v2.ts'

/** Cards and rich text may have this many bytes as sent (send-message.md). */
export const MAX_CARD_BYTES = 30 * 1024

export type CardResult = { ok: true; card: JsonObject } | { ok: false; problem: CardProblem }

/** Reads the `content` of an interactive message: the raw card, or a template or card entity, which we do not have. */
export function parseCardContent(content: string): CardResult {
  const value = parseJson(content)
  if (!isObject(value)) return invalid('parse card json err, content is not a JSON object')
  if (value.type === 'template') return invalid('template does not exist', cardProblemCodes.templateMissing)
  if (value.type === 'card') return invalid('card entities (CardKit) do not exist in this sandbox')
  return checkCard(value)
}

/** Validates a card by its own schema. */
export function checkCard(card: JsonObject): CardResult {
  try {
    if (card.schema === undefined || card.schema === '1.0') validateCardV1(card)
    else if (card.schema === '2.0') validateCardV2(card)
    else return invalid(`unknown card schema ${String(card.schema)}`)
    return { ok: true, card }
  } catch (error) {
    if (error instanceof InvalidCard) return { ok: false, problem: error.problem }
    throw error
  }
}

/** Whether everybody sees one card: the condition for updating it. 2.0 cards always are, 1.0 cards when they say so. */
export function isShared(card: JsonObject): boolean {
  if (card.schema === '2.0') return true
  const config = card.config
  return isObject(config) && config.update_multi === true
}

function invalid(message: string, code = cardProblemCodes.parse): CardResult {
  return { ok: false, problem: { code, message } }
}
