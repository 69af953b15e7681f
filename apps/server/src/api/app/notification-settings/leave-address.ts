import { personLocale } from '#server/cards/compose.ts'
import type { Stores } from '#server/db/stores.ts'
import { createTranslator } from '#server/i18n/translator.ts'
import type { ChannelSubject, NotificationSettingsDeps } from './deps.ts'

type LeavingDeps = Pick<NotificationSettingsDeps, 'locale' | 'now' | 'newId'>

/** Whose address it is. `session`: the one in which it is changed; null where no person's own browser does it. */
type Leaving = Pick<ChannelSubject, 'tenantId' | 'uid' | 'channel' | 'isSelf'> & {
  session: Pick<ChannelSubject['session'], 'id'> | null
}

/**
 * Ends what hung on an address that the person has no longer. Whoever is logged in with its account may not go on as this
 * person; the session in which the person changes it themself goes on: it has proved the new address, or gives one up. The
 * account is told: whoever has taken over a session could otherwise have everything come to themself unseen. To be called
 * while the address is still there. `next`: the account that comes after it, null where there is none.
 */
export async function leaveAddress(
  deps: LeavingDeps,
  tx: Stores,
  { tenantId, uid, channel, isSelf, session }: Leaving,
  next: string | null,
): Promise<void> {
  const at = deps.now()
  const account = await tx.directory.platformId(tenantId, channel, uid)
  await tx.notificationSettings.forgetAccount(tenantId, uid, channel)
  await tx.sessions.revokeBy({ tenantId, uid, channel }, { except: isSelf ? (session?.id ?? null) : null, now: at })
  if (account === null || account === next) return
  const user = await tx.directory.user(tenantId, uid)
  const tenant = await tx.tenants.tenant(tenantId)
  const say = createTranslator(personLocale(user, tenant?.locale ?? null, deps.locale))
  const text = say.text('address.left', { name: user?.name ?? uid })
  await tx.chat.queueReply({ tenantId, channel, platformUserId: account, text, messageId: `left:${deps.newId()}`, at })
}
