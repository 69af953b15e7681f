import { ChannelError } from '#server/channels/channel-error.ts'
import type { ClaimedDelivery } from '#server/db/stores.ts'
import type { RetryPolicy, Settled } from './backoff.ts'

/** `lane`: the whole app has to wait, not this delivery alone. */
export type Carried = Settled | { kind: 'released'; dueAt: number; waits: 'delivery' | 'lane' }

/** Carries one kind of delivery to where it is going. */
export interface Courier {
  readonly retry: RetryPolicy
  /**
   * One attempt, outside any transaction. Throws ChannelError when the other side refuses or does not answer. When the
   * signal is aborted, what has not been begun is given back; what has been begun may end.
   */
  carry(delivery: ClaimedDelivery, signal: AbortSignal): Promise<Carried>
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
