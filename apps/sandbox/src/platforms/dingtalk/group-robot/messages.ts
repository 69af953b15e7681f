import { isObject, type JsonObject, objectsAt, stringAt } from '#sandbox/json.ts'

/** What a robot may post with its address, and what must stand in it (section 8 of the protocol notes). */
const required: Record<string, string[]> = {
  text: ['content'],
  link: ['title', 'text', 'messageUrl'],
  markdown: ['title', 'text'],
  actionCard: ['title', 'text'],
  feedCard: [],
}

export interface WebhookMessage {
  msgType: string
  payload: JsonObject
}

export interface MessageRefusal {
  errcode: 40035 | 400105
  errmsg: string
}

/** Reads a message in webhook form: for custom robots, and for answers in a conversation. */
export function readWebhookMessage(body: JsonObject): WebhookMessage | MessageRefusal {
  const msgType = stringAt(body, 'msgtype')
  if (msgType === undefined || msgType === '') return missing('msgtype')
  const names = required[msgType]
  if (names === undefined) return { errcode: 400105, errmsg: `unsupported msgtype ${msgType}` }
  const payload = body[msgType]
  if (!isObject(payload)) return missing(msgType)
  const absent = names.find((name) => !stringAt(payload, name)?.trim()) ?? absentPart(msgType, payload)
  return absent === undefined ? { msgType, payload } : missing(`${msgType}.${absent}`)
}

/** Every text of a message that a reader can see or follow: in it the keyword must stand. */
export function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(textsOf)
  return isObject(value) ? Object.values(value).flatMap(textsOf) : []
}

function absentPart(msgType: string, payload: JsonObject): string | undefined {
  if (msgType === 'actionCard') return absentButton(payload)
  if (msgType !== 'feedCard') return undefined
  const links = objectsAt(payload, 'links')
  const isWhole = (link: JsonObject) => ['title', 'messageURL', 'picURL'].every((name) => stringAt(link, name))
  return links.length > 0 && links.every(isWhole) ? undefined : 'links'
}

/** One button for the whole card, or a list; the one wins over the list. */
function absentButton(payload: JsonObject): string | undefined {
  if (stringAt(payload, 'singleTitle') && stringAt(payload, 'singleURL')) return undefined
  const buttons = objectsAt(payload, 'btns')
  const isWhole = (button: JsonObject) => ['title', 'actionURL'].every((name) => stringAt(button, name))
  return buttons.length > 0 && buttons.every(isWhole) ? undefined : 'btns'
}

function missing(name: string): MessageRefusal {
  return { errcode: 40035, errmsg: `缺少参数 ${name}` }
}
