import type { Locale } from '@countersign/contracts'
import { personLocale } from '#server/cards/compose.ts'
import type { Stores } from '#server/db/stores.ts'
import { createTranslator } from '#server/i18n/translator.ts'
import { loginChannels } from '#server/people/login-link.ts'
import type { User } from '#server/tickets/ports.ts'

/**
 * Says to the person, on every chat account that is known to be theirs, that a company account logs in as them from now on:
 * whoever could make a provider say so would otherwise do it unseen. To be called inside a unit of work.
 */
export async function tellBound(
  tx: Pick<Stores, 'directory' | 'notificationSettings' | 'tenants' | 'chat'>,
  user: User,
  { locale, newId, at }: { locale: Locale; newId: () => string; at: number },
): Promise<void> {
  const { tenantId, uid } = user
  const [enabled, tenant] = [await tx.notificationSettings.enabledChannels(tenantId), await tx.tenants.tenant(tenantId)]
  const say = createTranslator(personLocale(user, tenant?.locale ?? null, locale))
  for (const channel of loginChannels) {
    const platformUserId = enabled.has(channel) ? await tx.directory.platformId(tenantId, channel, uid) : null
    if (platformUserId === null) continue
    const text = say.text('companyAccount.bound', { name: user.name })
    await tx.chat.queueReply({ tenantId, channel, platformUserId, text, messageId: `bound:${newId()}`, at })
  }
}
