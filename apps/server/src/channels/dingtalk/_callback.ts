import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ButtonValue, RawCallback } from '#server/channels/channel.ts'
import { createPersonProofs } from './button-proof.ts'

/* Makes callbacks as the platform does, for tests. */

export const appKey = 'dingexampleappkey01'
export const appSecret = 'example-app-secret'
export const corpId = 'ding0123456789abcdef'
export const callbackSecret = 'example-callback-secret'
/** When the callbacks of these tests arrive. */
export const receivedAt = 1_790_000_001_500

export function settingsFor(url: string): Record<string, unknown> {
  return {
    ...{ corpId, appKey, appSecret, callbackSecret },
    ...{ robotCode: appKey, cardTemplateId: 'template-1.schema' },
    ...{ apiUrl: url, oapiUrl: url, loginUrl: url },
  }
}

export function fixture(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'))
}

/** What the button of a person's card sends. */
export function paramsOf(button: ButtonValue, platformUserId: string): Record<string, string> {
  const { ticketId, node, action, contentHash } = button
  const proof = createPersonProofs(appSecret).prove(platformUserId, { approve: button, reject: button })
  return { action, proof, ticketId, node: String(node), contentHash }
}

export function cardBody(userId: string, params: object, more: object = {}): Record<string, unknown> {
  const content = JSON.stringify({ cardPrivateData: { actionIds: ['approve'], params } })
  return { ...fixture('card-callback'), userId, content, ...more }
}

export interface Signing {
  timestamp?: string
  secret?: string
  receivedAt?: number
  part?: string
}

const bodyOf = (body: unknown): Buffer => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))

export function signedCard(body: unknown, signing: Signing = {}): RawCallback {
  const timestamp = signing.timestamp ?? String(receivedAt - 500)
  const signature = createHmac('sha256', signing.secret ?? callbackSecret)
    .update(timestamp)
    .digest('base64')
  return {
    headers: { 'x-ddpaas-signature-timestamp': timestamp, 'x-ddpaas-signature': signature },
    body: bodyOf(body),
    receivedAt: signing.receivedAt ?? receivedAt,
    ...(signing.part === undefined ? {} : { part: signing.part }),
  }
}

export function signedMessage(body: unknown, signing: Signing = {}): RawCallback {
  const timestamp = signing.timestamp ?? String(receivedAt - 500)
  const secret = signing.secret ?? appSecret
  const sign = createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64')
  return {
    headers: { timestamp, sign },
    body: bodyOf(body),
    receivedAt: signing.receivedAt ?? receivedAt,
    ...(signing.part === undefined ? {} : { part: signing.part }),
  }
}
