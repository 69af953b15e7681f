import { createHmac, timingSafeEqual } from 'node:crypto'
import { CallbackRefused, type RawCallback } from '#server/channels/channel.ts'

/** What a card callback's signature covers; what the platform's documents leave open is a setting. */
export type CardSignature = 'timestamp' | 'timestamp-and-secret'

export interface CallbackSecrets {
  /** Registered with the callback address; null: card callbacks cannot be verified. */
  callbackSecret: string | null
  callbackSignature: CardSignature
  /** Signs what the robot is told. */
  appSecret: string
  toleranceMs: number
}

/** By which of the platform's two signatures a request came. Neither covers the body, so a body is never proof of anything. */
export type SignedAs = 'card' | 'robot'

const headersOf = {
  card: { timestamp: 'x-ddpaas-signature-timestamp', signature: 'x-ddpaas-signature' },
  robot: { timestamp: 'timestamp', signature: 'sign' },
} as const

/**
 * Checks signature and age. Cards: Base64(HMAC-SHA256(apiSecret, timestamp)). Robots: Base64(HMAC-SHA256(appSecret,
 * timestamp ‖ "\n" ‖ appSecret)). `part`, where the address has one, must fit. Throws CallbackRefused('forged').
 */
export function verifySignature(callback: RawCallback, secrets: CallbackSecrets): SignedAs {
  const { headers, part, receivedAt } = callback
  const kind = signedAs(headers, part)
  const key = keyOf(kind, secrets)
  const { timestamp, signature } = signatureIn(headers, kind)
  const expected = createHmac('sha256', key)
    .update(messageOf(kind, timestamp, secrets))
    .digest()
  const given = Buffer.from(signature, 'base64')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new CallbackRefused('forged', 'bad_signature', 'the signature does not fit the time')
  }
  if (Math.abs(receivedAt - readTimestamp(timestamp)) > secrets.toleranceMs) {
    throw new CallbackRefused('forged', 'stale', 'the request is too old or too new')
  }
  return kind
}

function signedAs(headers: RawCallback['headers'], part: string | undefined): SignedAs {
  if (part !== undefined) {
    if (part === 'card' || part === 'robot') return part
    throw new CallbackRefused('forged', 'unknown_address', 'the platform calls no such address')
  }
  return headers[headersOf.robot.signature] === undefined ? 'card' : 'robot'
}

function signatureIn(headers: RawCallback['headers'], kind: SignedAs): { timestamp: string; signature: string } {
  const timestamp = headers[headersOf[kind].timestamp]
  const signature = headers[headersOf[kind].signature]
  if (!isFilled(timestamp) || !isFilled(signature)) {
    throw new CallbackRefused('forged', 'missing_signature', 'a signature header is missing, empty or repeated')
  }
  return { timestamp, signature }
}

function isFilled(value: string | string[] | undefined): value is string {
  return typeof value === 'string' && value !== ''
}

function keyOf(kind: SignedAs, { callbackSecret, appSecret }: CallbackSecrets): string {
  if (kind === 'robot') return appSecret
  if (callbackSecret === null)
    throw new CallbackRefused('forged', 'not_configured', 'the channel has no callback secret')
  return callbackSecret
}

function messageOf(kind: SignedAs, timestamp: string, secrets: CallbackSecrets): string {
  if (kind === 'robot') return `${timestamp}\n${secrets.appSecret}`
  return secrets.callbackSignature === 'timestamp' ? timestamp : `${timestamp}\n${secrets.callbackSecret}`
}

/** Epoch milliseconds; seconds are understood too. */
function readTimestamp(timestamp: string): number {
  if (/^\d{13}$/.test(timestamp)) return Number(timestamp)
  if (/^\d{10}$/.test(timestamp)) return Number(timestamp) * 1_000
  throw new CallbackRefused('forged', 'stale', 'the timestamp is no time')
}
