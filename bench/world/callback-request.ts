import { createCipheriv, createHash, randomBytes, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { app, callbackPath } from './tenant.ts'

/** A button that one person may press: what stands behind it on the card that the server made. */
export const Tap = z.object({
  openId: z.string(),
  button: z.object({
    ticketId: z.string(),
    node: z.number(),
    action: z.enum(['approve', 'reject']),
    contentHash: z.string(),
    proof: z.string(),
  }),
})
export type Tap = z.infer<typeof Tap>

/**
 * The whole HTTP request by which Lark tells of a tap: `card.action.trigger` of the 2.0 envelope, encrypted and signed
 * (Lark, "Receive and handle callbacks": signature over timestamp, nonce, Encrypt Key and raw body). Good for five minutes.
 */
export function tapRequest({ openId, button }: Tap): Buffer {
  const eventId = randomUUID().replaceAll('-', '')
  const event = {
    schema: '2.0',
    header: {
      event_id: eventId,
      event_type: 'card.action.trigger',
      create_time: String(Date.now() * 1_000),
      token: app.verificationToken,
      app_id: app.appId,
      tenant_key: '2e12f7d1c1cf975f',
    },
    event: {
      operator: { tenant_key: '2e12f7d1c1cf975f', open_id: openId, union_id: `on_${eventId}`, user_id: 'a1b2c3d4' },
      token: `c-${eventId}1b2c3d4e`,
      action: { tag: 'button', name: button.action, timezone: 'Asia/Singapore', value: button },
      host: 'im_message',
      context: { open_message_id: `om_${eventId}`, open_chat_id: 'oc_5ad11d72b830411d72b836c20' },
    },
  }
  const body = JSON.stringify({ encrypt: encrypt(JSON.stringify(event)) })
  const timestamp = String(Math.floor(Date.now() / 1_000))
  const nonce = randomBytes(4).toString('hex')
  const signature = createHash('sha256')
    .update(timestamp + nonce + app.encryptKey + body)
    .digest('hex')
  return httpRequest('POST', callbackPath, body, {
    'Content-Type': 'application/json;charset=utf-8',
    'X-Lark-Request-Timestamp': timestamp,
    'X-Lark-Request-Nonce': nonce,
    'X-Lark-Signature': signature,
  })
}

const key = createHash('sha256').update(app.encryptKey).digest()

function encrypt(text: string): string {
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-256-cbc', key, iv)
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final()]).toString('base64')
}

/** The bytes of an HTTP/1.1 request over a connection that stays open. */
export function httpRequest(method: string, path: string, body: string, headers: Record<string, string>): Buffer {
  const all = {
    Host: 'localhost',
    ...headers,
    ...(body === '' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
}
