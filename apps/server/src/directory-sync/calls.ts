import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel } from '#server/channels/channel.ts'
import type { DirectoryCall } from '#server/channels/channel-directory.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { asked, type PlatformCallDeps, waitForPlace } from '#server/delivery/platform-call.ts'
import { CallsKept } from './failure.ts'

export interface CallDeps extends PlatformCallDeps {
  /** Between two calls, so that deliveries have the most of what an app may call. */
  betweenCallsMs: number
  /** How often a call that may yet succeed is made; five times unless given. */
  mostTries?: number
}

/** 600 a minute, where Lark lets an app make 1,000 and DingTalk 20 a second. */
export const betweenDirectoryCallsMs = 100
const usualTries = 5
const firstBackoffMs = 1_000
/** Who asks for more patience than this is not waited for: an administrator begins again later. */
const longestWaitMs = 60_000

/**
 * Calls a platform one by one: within the limits that all instances share, not at all once calls of the month are kept for
 * approvals, and again where a failure may pass. Throws ChannelError, CallsKept, and the reason of an abort.
 */
export function createCalls(deps: CallDeps, channel: Channel, signal: AbortSignal, count: () => void): DirectoryCall {
  let nextAt = 0
  const pause = async (ms: number): Promise<void> => {
    if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => undefined)
    signal.throwIfAborted()
  }
  const myTurn = async (): Promise<void> => {
    const at = performance.now()
    const waitMs = nextAt - at
    nextAt = Math.max(at, nextAt) + deps.betweenCallsMs
    await pause(waitMs)
    for (;;) {
      const heldBack = await waitForPlace(deps, channel, {}, signal)
      signal.throwIfAborted()
      if (heldBack === null) return
      await pause(heldBack.kind === 'released' ? Math.max(1, heldBack.dueAt - deps.now()) : firstBackoffMs)
    }
  }
  return async (ask) => {
    for (let tries = 1; ; tries += 1) {
      // The last calls of a month are for what waits for somebody's consent.
      if (channel.directory?.isCounted === true && (await deps.savings(channel)).has('onlookers')) throw new CallsKept()
      await myTurn()
      count()
      try {
        return await orAborted(asked(deps, channel, ask, { isHarmless: true }), signal)
      } catch (error) {
        if (!(error instanceof ChannelError)) throw error
        const waitMs = tries >= (deps.mostTries ?? usualTries) ? null : waitBefore(error, tries)
        if (waitMs === null) throw error
        await pause(waitMs)
      }
    }
  }
}

/** Nobody waits for an answer that is no longer wanted. */
async function orAborted<Answer>(answer: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  const over = new AbortController()
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { signal: over.signal })
  })
  try {
    return await Promise.race([answer, aborted])
  } finally {
    over.abort()
  }
}

/** How long before another try; null: none would help. */
function waitBefore({ kind, retryAfterMs }: ChannelError, tries: number): number | null {
  if (kind !== 'retry' && kind !== 'rate_limited') return null
  const waitMs = kind === 'rate_limited' ? (retryAfterMs ?? firstBackoffMs) : firstBackoffMs * 2 ** (tries - 1)
  return waitMs > longestWaitMs ? null : waitMs
}
