import { ChannelName, DeliveryMode, type QuietHours, type TenantId, type Uid } from '@countersign/contracts'
import type { Kysely } from 'kysely'
import type { Database, NotificationPreferencesTable } from './schema.ts'
import { addressDigest } from './user-address.ts'

/** How a person wants to be told. Null: they have not said. */
export interface Preferences {
  locale: string | null
  timeZone: string | null
  quietHours: QuietHours | null
  /** `09:00`, in the person's time zone. */
  digestAt: string | null
}

/** A person, what the tenant says of them, and what they chose for themself. */
export interface PersonSettings {
  uid: Uid
  name: string
  /** Of the tenant's records, before the person's own choice. */
  given: { locale: string | null; timeZone: string | null }
  own: Preferences
}

/** Through what the person can be reached. */
export interface PersonChannel {
  channel: ChannelName
  /** As stored: secret parts are sealed (db/user-address.ts). */
  address: unknown
  provisioned: boolean
  enabled: boolean
  mode: DeliveryMode
  /** The address is known to be the person's: they have shown it, or the provisioning file says so. */
  isProved: boolean
}

/** Each person's notification settings. Use what changes several rows inside a unit of work. */
export interface NotificationSettingsStore {
  /** Null when the tenant has no such person. */
  person(tenantId: TenantId, uid: Uid): Promise<PersonSettings | null>
  putPreferences(tenantId: TenantId, uid: Uid, own: Preferences): Promise<void>
  channels(tenantId: TenantId, uid: Uid): Promise<PersonChannel[]>
  channel(tenantId: TenantId, uid: Uid, channel: ChannelName): Promise<PersonChannel | null>
  putChannel(
    tenantId: TenantId,
    uid: Uid,
    channel: Omit<PersonChannel, 'address'> & { address: string },
    at: number,
  ): Promise<void>
  /** Whether and when to tell the person through it; the address stays. */
  setHow(
    tenantId: TenantId,
    uid: Uid,
    channel: Pick<PersonChannel, 'channel' | 'enabled' | 'mode'>,
    at: number,
  ): Promise<void>
  removeChannel(tenantId: TenantId, uid: Uid, channel: ChannelName): Promise<void>
  /** Forgets whose account the address led to, and what that account was asked to confirm. */
  forgetAccount(tenantId: TenantId, uid: Uid, channel: ChannelName): Promise<void>
  /** Addresses of everybody else who is not disabled, as stored. */
  othersAddresses(tenantId: TenantId, channel: ChannelName, uid: Uid): Promise<unknown[]>
  /** The channels that the tenant has switched on, whether or not this host can use them. */
  enabledChannels(tenantId: TenantId): Promise<Set<string>>
}

export function createNotificationSettingsStore(db: Kysely<Database>): NotificationSettingsStore {
  return { ...people(db), ...channels(db) }
}

function people(
  db: Kysely<Database>,
): Pick<NotificationSettingsStore, 'person' | 'putPreferences' | 'enabledChannels'> {
  return {
    async person(tenantId, uid) {
      const row = await db
        .selectFrom('users')
        .select(['name', 'locale', 'time_zone'])
        .where('tenant_id', '=', tenantId)
        .where('uid', '=', uid)
        .executeTakeFirst()
      if (row === undefined) return null
      const own = await db
        .selectFrom('notification_preferences')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where('uid', '=', uid)
        .executeTakeFirst()
      return { uid, name: row.name, given: { locale: row.locale, timeZone: row.time_zone }, own: preferencesOf(own) }
    },
    async putPreferences(tenantId, uid, own) {
      const values = {
        locale: own.locale,
        time_zone: own.timeZone,
        quiet_from: own.quietHours?.from ?? null,
        quiet_to: own.quietHours?.to ?? null,
        digest_at: own.digestAt,
      }
      await db
        .insertInto('notification_preferences')
        .values({ tenant_id: tenantId, uid, ...values })
        .onConflict((on) => on.columns(['tenant_id', 'uid']).doUpdateSet(values))
        .execute()
    },
    async enabledChannels(tenantId) {
      const rows = await db
        .selectFrom('channels')
        .select('name')
        .where('tenant_id', '=', tenantId)
        .where('enabled', '=', 1)
        .execute()
      return new Set(rows.map(({ name }) => name))
    },
  }
}

function channels(
  db: Kysely<Database>,
): Omit<NotificationSettingsStore, 'person' | 'putPreferences' | 'enabledChannels'> {
  const select = (tenantId: TenantId, uid: Uid) =>
    db
      .selectFrom('user_channels')
      .select(['channel', 'address', 'provisioned', 'enabled', 'mode', 'proved'])
      .where('tenant_id', '=', tenantId)
      .where('uid', '=', uid)
  return {
    channels: async (tenantId, uid) => (await select(tenantId, uid).orderBy('channel').execute()).map(channelOf),
    async channel(tenantId, uid, channel) {
      const row = await select(tenantId, uid).where('channel', '=', channel).executeTakeFirst()
      return row === undefined ? null : channelOf(row)
    },
    async putChannel(tenantId, uid, { channel, address, provisioned, enabled, mode, isProved }, at) {
      const values = {
        address,
        provisioned: provisioned ? (1 as const) : (0 as const),
        enabled: enabled ? (1 as const) : (0 as const),
        mode,
        proved: isProved ? addressDigest(channel, JSON.parse(address)) : null,
        updated_at: at,
      }
      await db
        .insertInto('user_channels')
        .values({ tenant_id: tenantId, uid, channel, ...values })
        .onConflict((on) => on.columns(['tenant_id', 'uid', 'channel']).doUpdateSet(values))
        .execute()
    },
    async setHow(tenantId, uid, { channel, enabled, mode }, at) {
      await db
        .updateTable('user_channels')
        .set({ enabled: enabled ? 1 : 0, mode, updated_at: at })
        .where('tenant_id', '=', tenantId)
        .where('uid', '=', uid)
        .where('channel', '=', channel)
        .execute()
    },
    async removeChannel(tenantId, uid, channel) {
      await db
        .deleteFrom('user_channels')
        .where('tenant_id', '=', tenantId)
        .where('uid', '=', uid)
        .where('channel', '=', channel)
        .execute()
    },
    async forgetAccount(tenantId, uid, channel) {
      for (const table of ['identities', 'chat_confirmations'] as const)
        await db
          .deleteFrom(table)
          .where('tenant_id', '=', tenantId)
          .where('uid', '=', uid)
          .where('channel', '=', channel)
          .execute()
    },
    async othersAddresses(tenantId, channel, uid) {
      const rows = await db
        .selectFrom('user_channels as bound')
        .innerJoin('users', (join) =>
          join.onRef('users.tenant_id', '=', 'bound.tenant_id').onRef('users.uid', '=', 'bound.uid'),
        )
        .select('bound.address')
        .where('bound.tenant_id', '=', tenantId)
        .where('bound.channel', '=', channel)
        .where('bound.uid', '!=', uid)
        .where('users.disabled', '=', 0)
        .execute()
      return rows.map(({ address }): unknown => JSON.parse(address))
    },
  }
}

function preferencesOf(row: NotificationPreferencesTable | undefined): Preferences {
  const { quiet_from: from = null, quiet_to: to = null } = row ?? {}
  return {
    locale: row?.locale ?? null,
    timeZone: row?.time_zone ?? null,
    quietHours: from === null || to === null ? null : { from, to },
    digestAt: row?.digest_at ?? null,
  }
}

function channelOf(row: {
  channel: string
  address: string
  provisioned: 0 | 1
  enabled: 0 | 1
  mode: string
  proved: string | null
}): PersonChannel {
  const channel = ChannelName.parse(row.channel)
  const address: unknown = JSON.parse(row.address)
  return {
    channel,
    address,
    provisioned: row.provisioned === 1,
    enabled: row.enabled === 1,
    mode: DeliveryMode.parse(row.mode),
    isProved: row.provisioned === 1 || row.proved === addressDigest(channel, address),
  }
}
