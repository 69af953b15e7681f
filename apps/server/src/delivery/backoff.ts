import type { ChannelError } from '#server/channels/channel-error.ts'
import type { ClaimedDelivery, DeliveryResult } from '#server/db/stores.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** An attempt was made, and this came of it. */
export type Settled = Exclude<DeliveryResult, { kind: 'released' | 'held' | 'joined' }>

/** How a kind of delivery is retried. */
export interface RetryPolicy {
  /** Wait before the second, third … try; after the last, the delivery has failed. */
  delaysMs: readonly number[]
  /** The same where our credentials are refused: an administrator has to act first. */
  authDelaysMs: readonly number[]
  /** As a share of the wait, up and down. */
  jitter: number
  /** How long the receiver knows a repeated send by its idempotency key; null: for good. */
  rememberedMs: number | null
}

/** Approvals age fast: about nine hours in all. Lark and Feishu forget a `uuid` after one hour. */
export const chatRetry: RetryPolicy = {
  delaysMs: [5 * second, 30 * second, 2 * minute, 10 * minute, 30 * minute, 2 * hour, 6 * hour],
  authDelaysMs: [10 * minute, 30 * minute, 2 * hour, 6 * hour, 6 * hour, 6 * hour, 6 * hour],
  jitter: 0.2,
  rememberedMs: 55 * minute,
}

/** A card that many share is made under our own name for it, which its platform knows for good. */
export const sharedRetry: RetryPolicy = { ...chatRetry, rememberedMs: null }

/** Somebody is looking at the chat: soon, and not for long. */
export const replyRetry: RetryPolicy = {
  delaysMs: [second, 5 * second, 30 * second, 2 * minute, 10 * minute, 30 * minute],
  authDelaysMs: [minute, 10 * minute, 30 * minute],
  jitter: 0.2,
  rememberedMs: chatRetry.rememberedMs,
}

/**
 * A group robot that knows a repeated message by its `msgUuid`. For how long is not documented, so only tries that follow
 * soon are taken to be safe.
 */
export const robotRetry: RetryPolicy = { ...chatRetry, rememberedMs: 10 * minute }

/**
 * A mail is known by its `Message-ID` wherever it comes twice, and the text message channel looks for an earlier try by
 * itself: both may always try again.
 */
export const knownByItselfRetry: RetryPolicy = { ...chatRetry, rememberedMs: null }

/** Where the receiver knows no key: a message that may have arrived is never sent again. */
export const atMostOnceRetry: RetryPolicy = { ...chatRetry, rememberedMs: 0 }

const webhookDelaysMs = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
]

/** The schedule that the Standard Webhooks specification proposes, a little over three days. */
export const webhookRetry: RetryPolicy = {
  delaysMs: webhookDelaysMs,
  authDelaysMs: webhookDelaysMs,
  jitter: 0.1,
  rememberedMs: null,
}

/** A last try while the platform still knows the key, where the next one by the schedule would come too late. */
const lastTryBeforeForgottenMs = minute
/** So that all that waited for one reset does not start in one millisecond; never earlier than the reset. */
const rateLimitJitterMs = 500
/** No platform means it when it asks for more. */
const longestWaitMs = 24 * hour
const rateLimitedDefaultMs = second

/** True when an earlier send may have arrived and the platform would no longer recognise a second one as the same. */
export function isOutcomeLost(delivery: ClaimedDelivery, policy: RetryPolicy, now: number): boolean {
  if (delivery.message !== null || delivery.firstTriedAt === null || policy.rememberedMs === null) return false
  return now >= delivery.firstTriedAt + policy.rememberedMs
}

export const outcomeLost: Settled = {
  kind: 'failed',
  code: 'outcome_unknown',
  text: 'it is not known whether the platform took the message, and sending it again now could show it twice',
}

/** What becomes of a delivery whose attempt failed. Pure. `startedAt`: when the attempt was made. */
export function afterFailure(
  error: ChannelError,
  delivery: ClaimedDelivery,
  policy: RetryPolicy,
  clock: { startedAt: number; now: number; random: () => number },
): Settled {
  const { code, message: text } = error
  const { now, random } = clock
  if (error.kind === 'gone' && delivery.message !== null) {
    return { kind: 'suppressed', code, text: `the card is no more, so there is nothing to bring up to date: ${text}` }
  }
  if (error.kind === 'gone' || error.kind === 'rejected') return { kind: 'failed', code, text }
  if (error.kind === 'rate_limited') {
    const waitMs = Math.min(error.retryAfterMs ?? rateLimitedDefaultMs, longestWaitMs)
    const dueAt = Math.ceil(now + waitMs + random() * rateLimitJitterMs)
    // A refusal for want of quota says nothing about an earlier send whose outcome is unknown.
    return {
      kind: 'retry',
      dueAt,
      code,
      text,
      counted: false,
      firstTriedAt: delivery.firstTriedAt,
      waitsFor: 'rate_limit',
    }
  }
  const delays = error.kind === 'auth' ? policy.authDelaysMs : policy.delaysMs
  const delayMs = delays[delivery.tries]
  if (delayMs === undefined) return { kind: 'failed', code, text }
  const spread = 1 + policy.jitter * (2 * random() - 1)
  const dueAt = now + Math.ceil(Math.max(delayMs * spread, Math.min(error.retryAfterMs ?? 0, longestWaitMs)))
  const firstTriedAt =
    error.outcomeUnknown && delivery.message === null ? (delivery.firstTriedAt ?? clock.startedAt) : null
  const retry = { kind: 'retry', dueAt, code, text, counted: true, firstTriedAt } as const
  if (firstTriedAt === null || policy.rememberedMs === null) return retry
  const lastSafe = firstTriedAt + policy.rememberedMs - lastTryBeforeForgottenMs
  if (dueAt <= lastSafe) return retry
  if (now >= lastSafe) return { ...outcomeLost, text: `${outcomeLost.text} (last answer: ${code}, ${text})` }
  return { ...retry, dueAt: lastSafe }
}
