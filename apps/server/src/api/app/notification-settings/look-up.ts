import { setTimeout as sleep } from 'node:timers/promises'
import type { Channel } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { withinTime } from '#server/delivery/courier.ts'
import { asked, waitForPlace } from '#server/delivery/platform-call.ts'
import { AppError } from '#server/errors.ts'
import type { AddressParts } from '#server/verification/codes.ts'
import type { NotificationSettingsDeps, Subject } from './deps.ts'

/** A page waits for this. */
const answerWithinMs = 8_000

/**
 * The platform account that an address leads to; null where it leads to none. Throws `platform_unavailable`, and
 * `too_many_requests` when one person has too much looked up.
 */
export async function lookUpAccount(
  deps: Pick<NotificationSettingsDeps, 'store' | 'throttles' | 'calls'>,
  { tenantId, actor }: Pick<Subject, 'tenantId' | 'actor'>,
  channel: Channel,
  address: AddressParts,
): Promise<string | null> {
  const { calls } = deps
  await deps.store.run((tx) => deps.throttles.lookUp(tx, { tenantId, uid: actor }))
  const deadline = AbortSignal.timeout(answerWithinMs)
  try {
    for (;;) {
      const heldBack = await waitForPlace(calls, channel, {}, deadline)
      if (heldBack === null) break
      if (deadline.aborted || heldBack.kind !== 'released') throw unavailable('rate_limited')
      const waitMs = Math.max(1, heldBack.dueAt - calls.now())
      await sleep(waitMs, undefined, { signal: deadline }).catch(() => undefined)
    }
    const ask = () => withinTime(answerWithinMs, () => channel.resolve([address]))
    const [found] = await asked(calls, channel, ask, { isHarmless: true })
    return found ?? null
  } catch (error) {
    throw error instanceof ChannelError ? unavailable(error.code, error) : error
  }
}

function unavailable(code: string, cause?: ChannelError): AppError {
  return new AppError('platform_unavailable', `the platform does not answer (${code}); try again`, { cause })
}
