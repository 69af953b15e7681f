import type { WaitReason } from '@countersign/contracts'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { ClaimedDelivery, DeliveryResult } from '#server/db/stores.ts'
import type { RetryPolicy, Settled } from './backoff.ts'

/** `waits`: whether the whole app has to wait, or this delivery alone. */
export type Carried =
  | Settled
  | (Extract<Settled, { kind: 'retry' }> & { waits: 'delivery' })
  | { kind: 'released'; dueAt: number; waits: 'delivery' | 'lane'; waitsFor?: WaitReason }

/** Or it was not begun at all: its time has not come, or others carry it from now on. */
export type Outcome = Carried | Extract<DeliveryResult, { kind: 'held' | 'joined' }>

/** A fault of our own before anything was sent: the next try cannot be a second message. */
export class NothingSent extends Error {
  override name = 'NothingSent'

  constructor(cause: unknown) {
    super('something went wrong before the message was sent', { cause })
  }
}

/** Carries one kind of delivery to where it is going. */
export interface Courier {
  readonly retry: RetryPolicy
  /** Every recipient is at a host of their own: one that hangs does not hold up the others. */
  readonly hasOwnHosts?: boolean
  /** Notes in the outbox what it is about to send: without such a note nothing of it can have arrived. */
  readonly notesSending?: boolean
  /** It knows how to make a reminder urgent, and says itself when it could not. */
  readonly buzzes?: boolean
  /**
   * One attempt, outside any transaction. Throws ChannelError when the other side refuses or does not answer. When the
   * signal is aborted, what has not been begun is given back; what has been begun may end.
   */
  carry(delivery: ClaimedDelivery, signal: AbortSignal): Promise<Outcome>
}

/** A second line of defence: a channel's own client gives up sooner. */
export async function withinTime<Result>(ms: number, call: () => Promise<Result>): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    reject(new ChannelError('retry', 'timeout', `no answer within ${ms / 1_000} s`, { outcomeUnknown: true }))
  }, ms)
  try {
    return await Promise.race([call(), late])
  } finally {
    clearTimeout(timer)
  }
}
