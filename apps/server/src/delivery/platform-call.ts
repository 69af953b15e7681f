import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { Log } from '#server/log.ts'
import type { Carried } from './courier.ts'
import type { CallTarget, LimitedApp, LimitReached, OutboundLimiter } from './rate-limit.ts'
import type { Savings } from './saved-calls.ts'

/* How every courier calls a platform: within its limits, and silent when it asks for silence. */

/** A free place in a limit is waited for so long; a delivery that must wait longer is given back to the outbox. */
const longestWaitMs = 300
const longestWaitInAllMs = 1_000
const limiterDownMs = 1_000

export interface LimitedCallDeps {
  limiter: OutboundLimiter
  log: Pick<Log, 'warn'>
  now: () => number
}

export interface PlatformCallDeps extends LimitedCallDeps {
  /** What is done without now, because calls of the month are running out. */
  savings: (channel: Channel) => Promise<Savings>
}

/** Null when the call may be made now. */
export async function waitForPlace(
  deps: LimitedCallDeps,
  channel: LimitedApp,
  target: CallTarget,
  signal: AbortSignal,
): Promise<Carried | null> {
  let waitedMs = 0
  for (;;) {
    if (signal.aborted) return { kind: 'released', dueAt: deps.now(), waits: 'delivery' }
    let reached: LimitReached | null
    try {
      reached = await deps.limiter.take(channel, target)
    } catch (error) {
      deps.log.warn({ err: error, tenantId: channel.tenantId, channel: channel.name }, 'rate limits cannot be read')
      return { kind: 'released', dueAt: deps.now() + limiterDownMs, waits: 'lane' }
    }
    if (reached === null) return null
    const { waitMs, scope } = reached
    if (waitMs > longestWaitMs || waitedMs + waitMs > longestWaitInAllMs) {
      const waits = scope === 'app' ? 'lane' : 'delivery'
      return { kind: 'released', dueAt: deps.now() + Math.ceil(waitMs), waits, waitsFor: 'rate_limit' }
    }
    waitedMs += waitMs
    // Shutdown ends the wait; the delivery is then given back above.
    await sleep(waitMs, undefined, { signal }).catch(() => undefined)
  }
}

/**
 * Calls the platform; when it wants silence, the whole app is silent, or all that goes to this receiver, on all instances.
 */
export async function asked<Answer>(
  deps: LimitedCallDeps,
  channel: LimitedApp,
  call: () => Promise<Answer>,
  { isHarmless = false, receiver }: { isHarmless?: boolean; receiver?: string } = {},
): Promise<Answer> {
  try {
    return await call()
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    if (error.kind === 'rate_limited' && (error.scope === 'app' || receiver !== undefined)) {
      await pause(deps, channel, error, receiver)
    }
    if (!isHarmless || !error.outcomeUnknown) throw error
    const { kind, code, message } = error
    // Nothing was to be sent yet: there is no outcome that could be unknown.
    throw new ChannelError(kind, code, message, { cause: error, ...retryAfter(error) })
  }
}

async function pause(
  deps: LimitedCallDeps,
  channel: LimitedApp,
  { scope, retryAfterMs = 1_000 }: ChannelError,
  receiver: string | undefined,
): Promise<void> {
  try {
    await (scope === 'app'
      ? deps.limiter.pause(channel, retryAfterMs)
      : deps.limiter.pause(channel, retryAfterMs, receiver))
  } catch (error) {
    // This instance is silent all the same; the others find out when they ask the platform.
    deps.log.warn({ err: error, tenantId: channel.tenantId, channel: channel.name }, 'an app could not be paused')
  }
}

function retryAfter({ retryAfterMs }: ChannelError): { retryAfterMs?: number } {
  return retryAfterMs === undefined ? {} : { retryAfterMs }
}
