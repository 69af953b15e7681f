import { isObject, type JsonObject, parseJson, stringAt } from '#sandbox/json.ts'
import type { PostResult } from '#sandbox/post.ts'
import { checkCard } from './card/card.ts'
import { languages } from './card/v2-components.ts'

const toastTypes = ['info', 'success', 'error', 'warning']

/**
 * Numbers that the client shows. 200340 is confirmed by users' reports (section 6.4 of the protocol notes); the full
 * list was not readable, so the other three keep its neighbourhood and only tell our own cases apart.
 */
export const clientErrors = { unreachable: 200340, badStatus: 200671, badBody: 200672, badCard: 200673 }

export interface Toast {
  type: string
  content: string
  i18n: Record<string, string>
}

/** A callback's answer as the client understands it, or the error it shows instead. */
export type Answer =
  | { ok: true; toast?: Toast; card?: JsonObject }
  | { ok: false; error: { number: number; reason: string } }

/**
 * Reads the answer to `card.action.trigger` strictly: HTTP 200, a JSON object, a known toast type, a valid card
 * (card-callback-communication-callback-structure.md). Whatever is wrong is an error for the person.
 */
export function readAnswer(result: PostResult): Answer {
  if (result.failure !== undefined) return error(clientErrors.unreachable, result.failure.message)
  if (result.status !== 200) return error(clientErrors.badStatus, `HTTP ${result.status} where 200 is needed`)
  const body = parseJson(result.body)
  if (!isObject(body)) return error(clientErrors.badBody, 'the answer is not a JSON object')
  const stranger = Object.keys(body).find((key) => key !== 'toast' && key !== 'card')
  if (stranger !== undefined) return error(clientErrors.badBody, `the answer has an unknown property ${stranger}`)
  const toast = readToast(body.toast)
  if (typeof toast === 'string') return error(clientErrors.badBody, toast)
  const card = readCard(body.card)
  if (typeof card === 'string') return error(clientErrors.badCard, card)
  return { ok: true, ...(toast === undefined ? {} : { toast }), ...(card === undefined ? {} : { card }) }
}

function readToast(value: unknown): Toast | string | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) return 'toast is not an object'
  const type = stringAt(value, 'type') ?? 'info'
  if (!toastTypes.includes(type)) return `toast.type ${type} is none of ${toastTypes.join(', ')}`
  const i18n: Record<string, string> = {}
  for (const [language, text] of Object.entries(isObject(value.i18n) ? value.i18n : {})) {
    if (!languages.includes(language)) return `toast.i18n has the unknown language ${language}`
    if (typeof text !== 'string') return `toast.i18n.${language} is not a string`
    i18n[language] = text
  }
  const content = stringAt(value, 'content')
  if (content === undefined && Object.keys(i18n).length === 0) return 'toast has no content'
  return { type, content: content ?? '', i18n }
}

function readCard(value: unknown): JsonObject | string | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) return 'card is not an object'
  if (value.type === 'template') return 'the card template does not exist'
  if (value.type !== 'raw') return `card.type ${String(value.type)} is neither raw nor template`
  if (!isObject(value.data)) return 'card.data is not an object'
  const checked = checkCard(value.data)
  return checked.ok ? checked.card : checked.problem.message
}

function error(number: number, reason: string): Answer {
  return { ok: false, error: { number, reason } }
}
