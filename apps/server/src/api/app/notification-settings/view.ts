import {
  type ChannelSetting,
  channelNames,
  defaultDigestAt,
  Locale,
  type NotificationSettings,
} from '@countersign/contracts'
import { maskAddress } from '#server/addresses/mask-address.ts'
import { personLocale } from '#server/cards/compose.ts'
import type { PersonChannel } from '#server/db/notification-settings-store.ts'
import { AppError } from '#server/errors.ts'
import type { NotificationSettingsDeps, Subject } from './deps.ts'
import { type Way, wayOf } from './way.ts'

/** A person's settings as they, or an administrator, see them. Throws `not_found`. */
export async function viewSettings(deps: NotificationSettingsDeps, subject: Subject): Promise<NotificationSettings> {
  const { tenantId, uid } = subject
  const { stores } = deps.store
  const [person, bound, enabled, tenant] = await Promise.all([
    stores.notificationSettings.person(tenantId, uid),
    stores.notificationSettings.channels(tenantId, uid),
    stores.notificationSettings.enabledChannels(tenantId),
    stores.tenants.tenant(tenantId),
  ])
  if (person === null) throw new AppError('not_found', 'there is no such person')
  const { own, given } = person
  const channels = await Promise.all(
    channelNames.map(async (name) => {
      const way = await wayOf(deps, tenantId, name, enabled)
      return settingOf(deps, subject, way, bound.find(({ channel }) => channel === name) ?? null)
    }),
  )
  const isReachable = channels.some((channel) => channel.enabled && channel.unavailable === null)
  const unreachable = isReachable
    ? {}
    : { unreachable: { waiting: (await stores.tickets.counts(tenantId, uid)).pending } }
  return {
    uid,
    name: person.name,
    locale: Locale.nullable().catch(null).parse(own.locale),
    timeZone: own.timeZone,
    defaults: {
      locale: personLocale(given, tenant?.locale ?? null, deps.locale),
      timeZone: given.timeZone ?? tenant?.timeZone ?? deps.timeZone,
    },
    quietHours: own.quietHours,
    digestAt: own.digestAt ?? defaultDigestAt,
    channels,
    ...unreachable,
  }
}

function settingOf(
  { sealer }: NotificationSettingsDeps,
  { tenantId, uid, isSelf }: Subject,
  way: Way,
  bound: PersonChannel | null,
): ChannelSetting {
  const owner = { tenantId, uid, channel: way.name }
  return {
    channel: way.name,
    unavailable: way.unavailable,
    enabled: bound?.enabled ?? false,
    mode: bound?.mode ?? 'instant',
    modes: way.modes,
    address: bound === null ? null : maskAddress(sealer, owner, bound.address),
    // An administrator answers for the address in place of a code.
    verification: isSelf ? way.verification : 'none',
    provisioned: bound?.provisioned ?? false,
    ...(way.name === 'email' && bound !== null ? { proved: bound.isProved } : {}),
  }
}
