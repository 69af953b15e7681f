import type { Channel } from '#server/channels/channel.ts'
import type { Store } from '#server/db/stores.ts'
import { replyRetry } from './backoff.ts'
import { idempotencyKey } from './card-courier.ts'
import { type Courier, withinTime } from './courier.ts'
import { asked, type PlatformCallDeps, waitForPlace } from './platform-call.ts'
import { savedTexts, suppressed } from './saved-calls.ts'

/** Shorter than a lease. */
const callLimitMs = 15_000

export interface ReplyCourierDeps extends PlatformCallDeps {
  store: Store
  channels: (tenantId: string, name: string) => Promise<Channel | null>
}

/** Brings an answer of the bot to the person who wrote to it, in their own chat with it. */
export function createReplyCourier(deps: ReplyCourierDeps): Courier {
  return {
    retry: replyRetry,
    async carry(delivery, signal) {
      const { tenantId, channel: name } = delivery
      const channel = await deps.channels(tenantId, name)
      if (channel === null) {
        return { kind: 'failed', code: 'channel_not_enabled', text: `${name} is not enabled for this tenant` }
      }
      const reply = await deps.store.stores.chat.reply(tenantId, delivery.id)
      if (reply === null) return { kind: 'suppressed', code: 'forgotten', text: 'the answer is too old to be given' }
      if ((await deps.savings(channel)).has('everything')) return suppressed(savedTexts.reply)
      const { platformUserId, text } = reply
      const heldBack = await waitForPlace(deps, channel, { receiver: platformUserId }, signal)
      if (heldBack !== null) return heldBack
      const key = idempotencyKey(delivery)
      const said = await asked(deps, channel, () =>
        withinTime(callLimitMs, () => channel.say({ platformUserId, text, idempotencyKey: key })),
      )
      const { message, code } = said
      return { kind: 'delivered', state: 'sent', shownVersion: delivery.wantedVersion, message, code, text: said.text }
    },
  }
}
