import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { RawCallback } from '#server/channels/channel.ts'

/* Makes callbacks as the platform does, for tests. */

export const appId = 'cli_0123456789abcdef'
export const encryptKey = 'test key'
export const verificationToken = 'verify-token'
export const secrets = { appId, encryptKey, verificationToken }
/** When the callbacks of these tests arrive. */
export const receivedAt = 1_790_000_001_500

export function fixture(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'))
}

/** A copy of a fixture with a part of it replaced, by dotted path; `undefined` takes the part out. */
export function changed(name: string, changes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copy = fixture(name)
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split('.')
    const last = keys.pop() ?? ''
    const owner = keys.reduce((part, key) => part[key] as Record<string, unknown>, copy)
    if (value === undefined) delete owner[last]
    else owner[last] = value
  }
  return copy
}

export function encrypt(text: string, key = encryptKey, iv = randomBytes(16)): string {
  const cipher = createCipheriv('aes-256-cbc', createHash('sha256').update(key).digest(), iv)
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final()]).toString('base64')
}

export interface Sending {
  key?: string
  signWith?: string
  timestamp?: string
  nonce?: string
  receivedAt?: number
}

/** Encrypted and signed. */
export function sealed(payload: unknown, sending: Sending = {}): RawCallback {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  return signed(JSON.stringify({ encrypt: encrypt(text, sending.key) }), sending)
}

/** Signed, whatever the body is. */
export function signed(body: string, sending: Sending = {}): RawCallback {
  const timestamp = sending.timestamp ?? String(Math.floor(receivedAt / 1_000))
  const nonce = sending.nonce ?? '486d1f0c'
  const signature = createHash('sha256')
    .update(timestamp + nonce + (sending.signWith ?? encryptKey) + body)
    .digest('hex')
  return {
    headers: {
      'content-type': 'application/json;charset=utf-8',
      'x-lark-request-timestamp': timestamp,
      'x-lark-request-nonce': nonce,
      'x-lark-signature': signature,
    },
    body: Buffer.from(body),
    receivedAt: sending.receivedAt ?? receivedAt,
  }
}

/** Encrypted, without signature headers. */
export function unsigned(payload: unknown, key?: string): RawCallback {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  return { headers: {}, body: Buffer.from(JSON.stringify({ encrypt: encrypt(text, key) })), receivedAt }
}
