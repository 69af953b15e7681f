import type { ChannelName, Locale } from '@countersign/contracts'
import { listLink } from '#server/cards/ticket-link.ts'
import type { SamplePlace } from '#server/texts/check-template.ts'
import { sampleLines } from '#server/texts/sample.ts'
import type { User } from '#server/tickets/ports.ts'
import type { TextTemplatesDeps } from './router.ts'

/** Where a text is tried: read by the person who edits it, in the given language. */
export async function samplePlace(
  { store, publicUrl, timeZone }: TextTemplatesDeps,
  user: User,
  { channel, locale }: { channel: ChannelName; locale: Locale },
): Promise<SamplePlace> {
  const { tenantId } = user
  const tenant = await store.stores.tenants.tenant(tenantId)
  return {
    reader: {
      name: user.name,
      tenantName: tenant?.name ?? tenantId,
      locale,
      timeZone: user.timeZone ?? tenant?.timeZone ?? timeZone,
    },
    link: listLink(publicUrl, { tenant: tenantId, channel }),
    lines: sampleLines(locale),
  }
}
