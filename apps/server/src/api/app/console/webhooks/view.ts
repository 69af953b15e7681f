import type { TenantDelivery, WebhookAttempt, WebhookView } from '@countersign/contracts'
import type { ListedDelivery } from '#server/db/stores.ts'
import type { WebhookCall } from '#server/db/webhook-call-store.ts'
import { idempotencyKey } from '#server/delivery/card-courier.ts'
import { callbackChannel } from '#server/delivery/lane.ts'

/** The id that the receiver is given: people of one hook are told by one call, under the id of one of them. */
export function webhookIdOf(tenantId: string, { id, carriedBy, channel }: ListedDelivery): string {
  return channel === callbackChannel ? id : idempotencyKey({ tenantId, id: carriedBy ?? id })
}

/** A delivery with the calls that were made for it. */
export function viewWebhook(
  { attempts, ...delivery }: TenantDelivery,
  webhookId: string,
  calls: readonly WebhookCall[],
): WebhookView {
  const known = calls.at(-1)?.host ?? null
  const host = delivery.channel === callbackChannel ? delivery.recipient : known
  return { ...delivery, host, webhookId, attempts: withCalls(attempts, calls) }
}

/** Each try with its call. Not every try is one, and not every call is still known; both stand in the order of time. */
function withCalls(attempts: TenantDelivery['attempts'], calls: readonly WebhookCall[]): WebhookAttempt[] {
  let next = 0
  return attempts.map((attempt) => {
    const at = Date.parse(attempt.at)
    const index = calls.findIndex((call, place) => place >= next && call.at <= at && call.code === attempt.code)
    const call = calls[index]
    if (call === undefined) return { ...attempt, tookMs: null, bodyDigest: null }
    next = index + 1
    return { ...attempt, tookMs: call.tookMs, bodyDigest: call.bodyDigest }
  })
}
