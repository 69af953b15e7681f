import { channelAddresses, WebhookSettings } from '@countersign/contracts'
import { Webhook } from 'standardwebhooks'
import { judgeStatus } from '#server/channels/guarded-call.ts'
import type { Letter, Messenger } from '#server/channels/messenger.ts'
import type { CallingDeps } from '#server/channels/messenger-deps.ts'
import { notedCall } from '#server/channels/noted-call.ts'
import type { ChannelRecord } from '#server/db/stores.ts'
import { EgressRefused } from '#server/net/egress.ts'
import { hookBody } from './body.ts'
import { examineWebhooks } from './examine.ts'

const Address = channelAddresses.webhook

const hostOf = (address: unknown): string => new URL(Address.parse(address).url).host

/** Receivers state no limit; this is what a small one may be expected to take. */
const perReceiver = { points: 50, seconds: 1 }

/** A person's own web hook, with the body of DMS's, so that what receives those can receive ours. */
export function createWebhook(
  { tenantId, settings }: Pick<ChannelRecord, 'tenantId' | 'settings'>,
  { now, egress, noteCall }: CallingDeps,
): Messenger {
  const { allowPrivateNetworks, signatureRecipe } = WebhookSettings.parse(settings)
  // Here the operator's own addresses too: they may come from whoever writes the users into the file.
  const guard = allowPrivateNetworks ? egress.open : egress.publicOnly
  return {
    tenantId,
    name: 'webhook',
    appId: 'webhook',
    format: 'plain',
    speaksFor: 'tenant',
    limits: { app: [], receiver: [perReceiver], message: [] },
    canBundle: false,
    receiverOf: (address) => Address.parse(address).url,
    refuseAddress(address) {
      const given = Address.safeParse(address)
      if (!given.success) return 'must be an http or https address'
      try {
        guard.check(new URL(given.data.url))
        return null
      } catch (error) {
        if (error instanceof EgressRefused) return error.message
        throw error
      }
    },
    placeOf: hostOf,
    examine: (examination) => examineWebhooks({ allowPrivateNetworks, hostOf }, examination),
    async send(letter) {
      const hook = Address.parse(letter.address)
      const body = hookBody(letter, hook, signatureRecipe)
      const headers = headersOf(letter, { key: hook.signatureKey, body, at: now() })
      const isNotice = letter.content.kind === 'notice' || letter.content.kind === 'report'
      const notes = { tenantId, webhookId: letter.idempotencyKey, at: now(), noteCall: isNotice ? noteCall : undefined }
      const answer = await notedCall(guard, { url: hook.url, headers, body }, notes)
      judgeStatus(answer, now())
      return { message: null, code: String(answer.status), text: 'the receiver took it' }
    },
  }
}

/** DMS's header, and those of Standard Webhooks. The id is the same for every try, the time is new. */
function headersOf(
  { idempotencyKey }: Letter,
  { key, body, at }: { key: string | undefined; body: string; at: number },
): Record<string, string> {
  const time = new Date(at)
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Countersign',
    'DMS-Event': 'Message Hook',
    'webhook-id': idempotencyKey,
    'webhook-timestamp': String(Math.floor(at / 1_000)),
  }
  if (key === undefined) return headers
  return { ...headers, 'webhook-signature': signer(key).sign(idempotencyKey, time, body) }
}

/** A key in the form of Standard Webhooks is the base64 after its prefix; any other is taken as the bytes it is written in. */
function signer(key: string): Webhook {
  const bytes = /^whsec_[A-Za-z0-9+/=_-]+$/.test(key)
    ? Buffer.from(key.slice('whsec_'.length), 'base64')
    : Buffer.from(key)
  return new Webhook(bytes, { format: 'raw' })
}
