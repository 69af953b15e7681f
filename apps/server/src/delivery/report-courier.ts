import type { Channel } from '#server/channels/channel.ts'
import type { Store } from '#server/db/stores.ts'
import type { TextRenderer } from '#server/texts/text-renderer.ts'
import { chatRetry } from './backoff.ts'
import { idempotencyKey } from './card-courier.ts'
import { type Courier, withinTime } from './courier.ts'
import { findRecipient } from './find-recipient.ts'
import { findReport, type ReportDeps } from './find-report.ts'
import { asked, type PlatformCallDeps, waitForPlace } from './platform-call.ts'
import { savedTexts, suppressed } from './saved-calls.ts'

/** With the look-up of the person shorter than a lease. */
const callLimitMs = 15_000

export interface ReportCourierDeps extends PlatformCallDeps, ReportDeps {
  store: Store
  channels: (tenantId: string, name: string) => Promise<Channel | null>
  texts: TextRenderer
}

/** Brings a report to an administrator where cards are carried: as words in their own chat with the bot. */
export function createReportCourier(deps: ReportCourierDeps): Courier {
  return {
    retry: chatRetry,
    async carry(delivery, signal) {
      const { tenantId, recipient: uid, channel: name } = delivery
      const channel = await deps.channels(tenantId, name)
      if (channel === null) {
        return { kind: 'failed', code: 'channel_not_enabled', text: `${name} is not enabled for this tenant` }
      }
      const report = await findReport(deps, delivery)
      if ('kind' in report) return report
      if ((await deps.savings(channel)).has('everything')) return suppressed(savedTexts.report)
      const platformUserId = await findRecipient(deps, channel, uid, signal)
      if (typeof platformUserId !== 'string') return platformUserId
      const heldBack = await waitForPlace(deps, channel, { receiver: platformUserId }, signal)
      if (heldBack !== null) return heldBack
      const { content, locale, timeZone } = report
      const { title, body } = await deps.texts.render(tenantId, {
        ...{ channel: channel.name, recipient: { uid, name: report.name } },
        ...{ locale, timeZone, format: 'plain', content },
      })
      const { link } = content
      const text = [title, body, ...(body.includes(link) ? [] : [link])].join('\n')
      const saying = { platformUserId, text, idempotencyKey: idempotencyKey(delivery) }
      const said = await asked(deps, channel, () => withinTime(callLimitMs, () => channel.say(saying)))
      return { kind: 'delivered', state: 'sent', shownVersion: delivery.wantedVersion, ...said }
    },
  }
}
