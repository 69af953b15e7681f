import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type ButtonValue, CallbackRefused, type Inbound, type RawCallback } from '#server/channels/channel.ts'
import { isShallow, maxJsonDepth } from '#server/http/json-depth.ts'
import { type CallbackSecrets, decrypt, isSameSecret, verifySignature } from './verify.ts'
import { CardAction, Encrypted, Envelope, MessageReceived, TextContent, UrlVerification } from './wire.ts'

/** As the reason field on the card and the API have it. */
const MAX_COMMENT_LENGTH = 1_000

type Dispatched = Exclude<Inbound, { kind: 'handshake' }>

export interface CallbackIdentity extends CallbackSecrets {
  appId: string
}

/**
 * Verifies and reads a callback. The shapes and their proofs: events and card taps must be signed, encrypted, carry our
 * token and name our app; a URL verification must be encrypted and carry our token, and is only ever echoed; any other
 * shape is refused. Throws CallbackRefused.
 */
export function parseCallback(callback: RawCallback, identity: CallbackIdentity): Inbound {
  const proof = verifySignature(callback, identity.encryptKey)
  // Without a signature nothing is believed but a URL verification, so whatever else is wrong counts as forged.
  const badShape = proof === null ? 'forged' : 'malformed'
  const outer = Encrypted.safeParse(parseJson(callback.body, badShape))
  if (!outer.success) throw new CallbackRefused('forged', 'not_encrypted', 'the body is not encrypted')
  const plain = decrypt(outer.data.encrypt, identity.encryptKey)
  if (plain === null) throw new CallbackRefused(badShape, 'undecryptable', 'the body was not encrypted under our key')
  const content = parseJson(Buffer.from(plain), badShape)

  const verification = UrlVerification.safeParse(content)
  if (verification.success) {
    checkToken(verification.data.token, identity)
    return { kind: 'handshake', answer: { challenge: verification.data.challenge } }
  }
  if (proof === null) throw new CallbackRefused('forged', 'missing_signature', 'the request is not signed')
  checkToken(tokenOf(content), identity)
  const envelope = Envelope.safeParse(content)
  if (!envelope.success) throw new CallbackRefused('malformed', 'unknown_shape', 'the body is no event we know')
  if (envelope.data.header.app_id !== identity.appId) {
    throw new CallbackRefused('forged', 'wrong_app', 'the event belongs to another app')
  }
  return readEvent(envelope.data, proof.signatureHash)
}

/** As over HTTP: a tap that was not delivered by then was shown to the person as failed, and must not count later. */
const freshnessMs = 5 * 60 * 1_000

/**
 * Reads what came over the long connection: the same JSON as over HTTP, in plain text, because the connection itself has
 * proved who is there. Throws CallbackRefused.
 */
export function parsePushed(body: Buffer, { appId, receivedAt }: { appId: string; receivedAt: number }): Dispatched {
  const envelope = Envelope.safeParse(parseJson(body, 'malformed'))
  if (!envelope.success) throw new CallbackRefused('malformed', 'unknown_shape', 'the body is no event we know')
  const { header } = envelope.data
  if (header.app_id !== appId) throw new CallbackRefused('forged', 'wrong_app', 'the event belongs to another app')
  // Nothing tells a replay here, nor needs to; each delivery is one of its own.
  const inbound = readEvent(envelope.data, `long-connection:${randomUUID()}`)
  const madeAt = epochMs(header.create_time)
  if (inbound.kind === 'action' && madeAt !== null && Math.abs(receivedAt - madeAt) > freshnessMs) {
    throw new CallbackRefused('malformed', 'stale', 'the tap is older or newer than five minutes')
  }
  return inbound
}

/** Milliseconds for messages and microseconds for taps, by the samples; seconds are understood too. */
function epochMs(time: string | undefined): number | null {
  if (time === undefined || !/^\d{10,16}$/.test(time)) return null
  return Math.floor(Number(time) * 10 ** (13 - time.length))
}

function parseJson(body: Buffer, refusedAs: CallbackRefused['kind']): unknown {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    throw new CallbackRefused(refusedAs, 'bad_json', 'the body is not JSON')
  }
  if (!isShallow(value)) {
    throw new CallbackRefused(refusedAs, 'too_deep', `the body is nested deeper than ${maxJsonDepth}`)
  }
  return value
}

const Tokens = z.object({ token: z.unknown().optional(), header: z.object({ token: z.unknown() }).optional() })

function tokenOf(content: unknown): string {
  const tokens = Tokens.safeParse(content)
  const token = tokens.success ? (tokens.data.header?.token ?? tokens.data.token) : undefined
  return typeof token === 'string' ? token : ''
}

function checkToken(token: string, identity: CallbackIdentity): void {
  if (!isSameSecret(token, identity.verificationToken)) {
    throw new CallbackRefused('forged', 'wrong_token', 'the verification token is wrong')
  }
}

function readEvent({ header, event }: Envelope, signatureHash: string): Dispatched {
  const { event_id: eventId, event_type: type } = header
  if (type === 'card.action.trigger') return readAction(event, eventId, signatureHash)
  if (type === 'im.message.receive_v1') return readMessage(event, eventId, signatureHash)
  return { kind: 'other', eventId, signatureHash, type }
}

function readAction(event: unknown, eventId: string, signatureHash: string): Dispatched {
  const parsed = CardAction.safeParse(event)
  if (!parsed.success) throw new CallbackRefused('malformed', 'unknown_shape', 'the body is no card action we know')
  const { operator, action } = parsed.data
  return {
    kind: 'action',
    eventId,
    signatureHash,
    platformUserId: operator.open_id ?? null,
    button: readButton(action.value),
    comment: readComment(action.form_value?.reason),
  }
}

const Button = z.strictObject({
  ticketId: z.string().min(1).max(128),
  node: z.int().min(0).max(1_000),
  action: z.enum(['approve', 'reject']),
  contentHash: z.string().min(1).max(128),
  proof: z.string().min(1).max(256),
})

function readButton(value: unknown): ButtonValue | null {
  const parsed = Button.safeParse(value)
  return parsed.success ? parsed.data : null
}

function readComment(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const comment = value.replaceAll('\0', '').trim().slice(0, MAX_COMMENT_LENGTH).toWellFormed()
  return comment === '' ? null : comment
}

function readMessage(event: unknown, eventId: string, signatureHash: string): Dispatched {
  const parsed = MessageReceived.safeParse(event)
  if (!parsed.success) throw new CallbackRefused('malformed', 'unknown_shape', 'the body is no message we know')
  const { sender, message } = parsed.data
  // Bots may talk to each other for ever; nobody decides for a bot.
  if (sender.sender_type !== undefined && sender.sender_type !== 'user') {
    return { kind: 'other', eventId, signatureHash, type: 'im.message.receive_v1' }
  }
  return {
    kind: 'message',
    // For messages the platform asks to tell repeats by the message, not by the event.
    eventId: message.message_id,
    signatureHash,
    platformUserId: sender.sender_id?.open_id ?? null,
    text: readText(message),
    // Without a chat type it may be a group: a private chat is only what says that it is one.
    isGroup: message.chat_type !== 'p2p',
    isForBot: isForBot(message),
    mentioned: message.mentions?.[0]?.id?.open_id ?? null,
  }
}

/** In a group only one mention, and that of a bot, says it; an app that may read all messages sees others' mentions too. */
function isForBot({ chat_type: chatType, mentions = [] }: MessageReceived['message']): boolean | null {
  if (chatType === 'p2p') return true
  const [only] = mentions
  if (chatType !== 'group' && only === undefined) return null
  if (only === undefined || mentions.length > 1) return false
  return only.mentioned_type === undefined ? null : only.mentioned_type === 'bot'
}

function readText(message: MessageReceived['message']): string {
  if (message.message_type !== 'text' || message.content === undefined) return ''
  let content: unknown
  try {
    content = JSON.parse(message.content)
  } catch {
    return ''
  }
  const text = TextContent.safeParse(content)
  if (!text.success) return ''
  // "@_user_1 pending": the mention of the bot is no part of what the person says.
  const keys = (message.mentions ?? []).map((mention) => mention.key).sort((a, b) => b.length - a.length)
  return keys.reduce((rest, key) => (key === '' ? rest : rest.replaceAll(key, ' ')), text.data.text).trim()
}
