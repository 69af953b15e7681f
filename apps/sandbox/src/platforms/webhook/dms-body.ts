import { createHmac, timingSafeEqual } from 'node:crypto'
import { isObject, type JsonObject, objectsAt, parseJson, stringAt } from '#sandbox/json.ts'
import { rawMember } from './raw-member.ts'
import type { Recipe, SeedWebhook } from './seed.ts'
import type { Verdict } from './verdict.ts'

/** The fields of `messageEvent` that are text (section 5 of the protocol notes); `taskId` is missing in DMS's own sample. */
const textFields = ['submitterUid', 'submitterName', 'category', 'module', 'event', 'taskName', 'message']
const EVENT_HEADER = 'Message Hook'

/**
 * The signature in the body of DMS's own webhook: Base64 of an HMAC-SHA1, keyed with the password. The documents say that
 * it is made from the address, the password and the message event, and not how; each recipe is one reading of that.
 */
export function signDmsBody(recipe: Recipe, url: string, rawEvent: string, key: string): string {
  const data: Record<Recipe, string> = {
    'url-newline-event': `${url}\n${rawEvent}`,
    'url-event': `${url}${rawEvent}`,
    event: rawEvent,
    'url-key-event': `${url}${key}${rawEvent}`,
  }
  return createHmac('sha1', key).update(data[recipe]).digest('base64')
}

/** What the receiver makes of the signature. `url` is the address that was called. */
export function verifyDmsBody(receiver: SeedWebhook, url: string, text: string): Verdict {
  const body = parseJson(text)
  if (!isObject(body)) return { state: 'invalid', reason: 'the body is no JSON object' }
  const method = (stringAt(body, 'signatureMethod') ?? 'NONE').toUpperCase()
  const signature = stringAt(body, 'signatureText') ?? ''
  if (receiver.signatureMethod === 'NONE' || receiver.signatureKey === undefined) {
    return method === 'NONE' ? { state: 'unsigned' } : { state: 'invalid', reason: 'signed, but no key is known here' }
  }
  if (method === 'NONE' || signature === '') return { state: 'missing', reason: 'no signatureText in the body' }
  if (method !== 'HMAC_SHA1') return { state: 'invalid', reason: `signatureMethod ${method}` }
  const event = rawMember(text, 'messageEvent')
  if (event === undefined) return { state: 'invalid', reason: 'no messageEvent in the body' }
  const expected = signDmsBody(receiver.recipe, url, event, receiver.signatureKey)
  const isSame = expected.length === signature.length && timingSafeEqual(Buffer.from(expected), Buffer.from(signature))
  return isSame ? { state: 'valid' } : { state: 'invalid', reason: `not the signature of recipe ${receiver.recipe}` }
}

/** Everything in which a call differs from DMS's documented one; empty when nothing does. */
export function faultsOfDmsCall(eventHeader: string | undefined, text: string): string[] {
  const body = parseJson(text)
  if (!isObject(body)) return ['the body is no JSON object']
  const faults = eventHeader === EVENT_HEADER ? [] : [`DMS-Event is ${eventHeader ?? 'missing'}, not ${EVENT_HEADER}`]
  const event = body.messageEvent
  if (!isObject(event)) return [...faults, 'messageEvent is missing']
  faults.push(
    ...textFields.filter((field) => stringAt(event, field) === undefined).map((field) => `${field} is no text`),
  )
  const { eventTime, taskId } = event
  if (typeof eventTime !== 'number' && typeof eventTime !== 'string') faults.push('eventTime is missing')
  if (taskId !== undefined && typeof taskId !== 'string' && typeof taskId !== 'number') faults.push('taskId is no id')
  for (const field of ['targetUsers', 'receivers']) {
    if (!isListOfUsers(event, field)) faults.push(`${field} is no list of uid and name`)
  }
  return faults
}

function isListOfUsers(event: JsonObject, field: string): boolean {
  const list = event[field]
  const isUser = (user: JsonObject) => user.uid !== undefined && stringAt(user, 'name') !== undefined
  return Array.isArray(list) && objectsAt(event, field).length === list.length && objectsAt(event, field).every(isUser)
}
