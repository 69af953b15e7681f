import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type ButtonValue, CallbackRefused, type Inbound, type RawCallback } from '#server/channels/channel.ts'
import { isShallow, maxJsonDepth } from '#server/http/json-depth.ts'
import type { PersonProofs } from './button-proof.ts'
import { type CallbackSecrets, verifySignature } from './verify.ts'
import { CardCallback, CardContent, RichText, RobotMessage } from './wire.ts'

/** As the reason field on the card and the API have it. */
const MAX_COMMENT_LENGTH = 1_000

export interface CallbackIdentity extends CallbackSecrets {
  corpId: string
  proofs: PersonProofs
}

/** How a request is told from every other: the platform's own id where it has one. */
interface Origin {
  eventId: string | null
  signatureHash: string
}

/** Verifies and reads a callback over HTTP. Throws CallbackRefused. */
export function parseCallback(callback: RawCallback, identity: CallbackIdentity): Inbound {
  const kind = verifySignature(callback, identity)
  const body = parseJson(callback.body)
  const origin = { eventId: null, signatureHash: requestId(callback) }
  return kind === 'card' ? readCard(body, origin, identity) : readMessage(body, origin, identity)
}

/** The platform checks no address by a request of its own. */
export type PushedInbound = Exclude<Inbound, { kind: 'handshake' }>

/** What came over our own connection, where the connection is the proof. `messageId` is the platform's. */
export function parsePushed(
  pushed: { kind: 'card' | 'message'; messageId: string; data: string },
  identity: Pick<CallbackIdentity, 'corpId' | 'proofs'>,
): PushedInbound {
  const body = parseJson(Buffer.from(pushed.data))
  // Nobody replays a connection: a message that comes again is the platform's own repetition.
  const origin = { eventId: pushed.messageId, signatureHash: randomUUID() }
  return pushed.kind === 'card' ? readCard(body, origin, identity) : readMessage(body, origin, identity)
}

/*
 * The signature is the same for all requests of one millisecond, and a tap has no id: each request that comes in is
 * itself. A decision taken twice is told apart by the engine, which answers that it is taken already.
 */
const requestIds = new WeakMap<RawCallback, string>()

function requestId(callback: RawCallback): string {
  const known = requestIds.get(callback)
  if (known !== undefined) return known
  const made = randomUUID()
  requestIds.set(callback, made)
  return made
}

function parseJson(body: Buffer): unknown {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    throw new CallbackRefused('malformed', 'bad_json', 'the body is not JSON')
  }
  if (!isShallow(value)) {
    throw new CallbackRefused('malformed', 'too_deep', `the body is nested deeper than ${maxJsonDepth}`)
  }
  return value
}

function readCard(body: unknown, origin: Origin, identity: Pick<CallbackIdentity, 'corpId' | 'proofs'>): PushedInbound {
  const parsed = CardCallback.safeParse(body)
  if (!parsed.success) throw new CallbackRefused('malformed', 'unknown_shape', 'the body is no card callback we know')
  const { type = 'actionCallback', corpId, userId, content, value } = parsed.data
  const { signatureHash } = origin
  const eventId = origin.eventId ?? signatureHash
  if (type !== 'actionCallback') return { kind: 'other', eventId, signatureHash, type }
  // Another organisation's member of the same id is somebody else.
  const isOurs = corpId === undefined || corpId === identity.corpId
  const platformUserId = isOurs ? (userId ?? null) : null
  const params = readParams(content ?? value ?? '')
  return {
    kind: 'action',
    eventId,
    signatureHash,
    platformUserId,
    button: platformUserId === null ? null : readButton(params, platformUserId, identity.proofs),
    comment: readComment(params),
  }
}

type Params = Record<string, unknown>

function readParams(content: string): Params {
  const parsed = CardContent.safeParse(tryJson(content))
  return parsed.success ? (parsed.data.cardPrivateData?.params ?? parsed.data.params ?? {}) : {}
}

function tryJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return isShallow(value) ? value : null
  } catch {
    return null
  }
}

/** Values of card variables are text. */
const Button = z.object({
  ticketId: z.string().min(1).max(128),
  node: z.union([z.int(), z.string().regex(/^\d{1,4}$/)]).transform(Number),
  action: z.enum(['approve', 'reject']),
  contentHash: z.string().min(1).max(128),
  proof: z.string().min(1).max(1_024),
})

function readButton(params: Params, platformUserId: string, proofs: PersonProofs): ButtonValue | null {
  const parsed = Button.safeParse(params)
  if (!parsed.success) return null
  const { proof: given, ...button } = parsed.data
  const proof = proofs.open(given, platformUserId, button.action)
  return proof === null ? null : { ...button, proof }
}

/** A form's fields come as `form`; guides and clients differ about its name, so any fields are looked into. */
function readComment(params: Params): string | null {
  const fields = [params, ...Object.values(params).filter(isFields)]
  const found = fields.flatMap(({ reason, input }) => [reason, input]).find((value) => typeof value === 'string')
  if (typeof found !== 'string') return null
  const comment = found.replaceAll('\0', '').trim().slice(0, MAX_COMMENT_LENGTH).toWellFormed()
  return comment === '' ? null : comment
}

function isFields(value: unknown): value is Params {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readMessage(body: unknown, origin: Origin, identity: Pick<CallbackIdentity, 'corpId'>): PushedInbound {
  const parsed = RobotMessage.safeParse(body)
  if (!parsed.success) throw new CallbackRefused('malformed', 'unknown_shape', 'the body is no message we know')
  const { msgId, conversationType, senderStaffId, senderCorpId, chatbotCorpId } = parsed.data
  // In a group of several organisations another one's member may have the same staff id.
  const isOurs = [senderCorpId, chatbotCorpId].every((corpId) => corpId === undefined || corpId === identity.corpId)
  const message = {
    kind: 'message' as const,
    // The platform repeats a message under another frame, but not under another id.
    eventId: msgId,
    signatureHash: origin.signatureHash,
    platformUserId: isOurs && senderStaffId !== undefined && senderStaffId !== '' ? senderStaffId : null,
    text: readText(parsed.data),
    // Without a type it may be a group: a private chat is only what says that it is one.
    isGroup: conversationType !== '1',
    isForBot: isForBot(parsed.data),
    // Nobody has to be asked about: the message names the robot itself.
    mentioned: null,
  }
  return message
}

/** A robot hears of a group only what mentions it; who else is mentioned stands in `atUsers`. */
function isForBot({ conversationType, chatbotUserId, atUsers }: z.infer<typeof RobotMessage>): boolean | null {
  if (conversationType === '1') return true
  if (atUsers === undefined || chatbotUserId === undefined) return null
  return atUsers.every(({ dingtalkId }) => dingtalkId === chatbotUserId)
}

function readText({ msgtype, text, content }: z.infer<typeof RobotMessage>): string {
  if (msgtype === 'text') return text?.content.trim() ?? ''
  const rich = RichText.safeParse(content)
  if (msgtype !== 'richText' || !rich.success) return ''
  return rich.data.richText
    .map((piece) => piece.text ?? '')
    .join('')
    .trim()
}
