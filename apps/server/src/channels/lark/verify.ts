import { createDecipheriv, createHash, createSecretKey, timingSafeEqual } from 'node:crypto'
import { CallbackRefused, type RawCallback } from '#server/channels/channel.ts'

/** Both are set in the console under Events & Callbacks, Encryption Strategy. */
export interface CallbackSecrets {
  encryptKey: string
  verificationToken: string
}

/** No page of the platform states a window; this is ours, towards the past and the future. */
export const FRESHNESS_MS = 5 * 60 * 1_000
const TIMESTAMP = 'x-lark-request-timestamp'
const NONCE = 'x-lark-request-nonce'
const SIGNATURE = 'x-lark-signature'

/** The proof that came with a request, or null when it came with none at all (which only a URL verification may). */
export interface Proof {
  /** SHA-256 over timestamp, nonce and signature: tells an exact replay. */
  signatureHash: string
}

/**
 * Checks a request's signature, SHA-256 in lower-case hex over timestamp ‖ nonce ‖ Encrypt Key ‖ raw body, and its age.
 * Returns null when none of the three headers is there. Throws CallbackRefused('forged').
 */
export function verifySignature(callback: RawCallback, encryptKey: string): Proof | null {
  const { headers, body, receivedAt } = callback
  const values = [TIMESTAMP, NONCE, SIGNATURE].map((name) => headers[name])
  if (values.every((value) => value === undefined)) return null
  const [timestamp, nonce, signature] = values
  if (!isFilled(timestamp) || !isFilled(nonce) || !isFilled(signature)) {
    throw new CallbackRefused('forged', 'bad_signature', 'a signature header is missing, empty or repeated')
  }
  const expected = createHash('sha256').update(timestamp).update(nonce).update(encryptKey).update(body).digest()
  if (!/^[0-9a-f]{64}$/.test(signature) || !timingSafeEqual(Buffer.from(signature, 'hex'), expected)) {
    throw new CallbackRefused('forged', 'bad_signature', 'the signature does not fit the body')
  }
  if (Math.abs(receivedAt - readTimestamp(timestamp)) > FRESHNESS_MS) {
    throw new CallbackRefused('forged', 'stale', 'the request is older or newer than five minutes')
  }
  const signatureHash = createHash('sha256')
    .update(JSON.stringify([timestamp, nonce, signature]))
    .digest('hex')
  return { signatureHash }
}

function isFilled(value: string | string[] | undefined): value is string {
  return typeof value === 'string' && value !== ''
}

/** Epoch milliseconds. The header is in seconds; milliseconds are understood too, since no page names the unit. */
function readTimestamp(timestamp: string): number {
  if (/^\d{10}$/.test(timestamp)) return Number(timestamp) * 1_000
  if (/^\d{13}$/.test(timestamp)) return Number(timestamp)
  throw new CallbackRefused('forged', 'stale', 'the timestamp is no number of seconds')
}

/**
 * Decrypts a push: AES-256-CBC under SHA-256 of the Encrypt Key, base64 of the IV (16 bytes) and the ciphertext.
 * Null when it was not encrypted under this key.
 */
export function decrypt(encrypted: string, encryptKey: string): string | null {
  const bytes = Buffer.from(encrypted, 'base64')
  if (bytes.length < 32 || bytes.length % 16 !== 0) return null
  // As a key object: Node is slow to tell what a key given as bytes is.
  const key = createSecretKey(createHash('sha256').update(encryptKey).digest())
  const decipher = createDecipheriv('aes-256-cbc', key, bytes.subarray(0, 16))
  try {
    const plain = Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()])
    return new TextDecoder('utf-8', { fatal: true }).decode(plain)
  } catch {
    return null
  }
}

/** Compares secrets without telling by time how much of them is right. */
export function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return expected !== '' && timingSafeEqual(digest(given), digest(expected))
}
