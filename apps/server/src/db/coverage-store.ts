import { ChannelName, type TenantId, type Uid } from '@countersign/contracts'
import type { Kysely } from 'kysely'
import type { Database } from './schema.ts'
import { addressDigest } from './user-address.ts'

/** A channel to which a person is bound, and what is known of it. */
export interface KnownChannel {
  channel: ChannelName
  /** This host can speak to it. */
  hasAdapter: boolean
  /** The tenant has switched it on. */
  isEnabled: boolean
  /** The person wants to be told through it. */
  isWanted: boolean
  /** Whose account it is there is known, or nothing has to be known: the address itself is where it goes. */
  isProven: boolean
  /** The last message did not get through for good, and the binding is the same since. */
  failure: { code: string; at: number } | null
}

export interface CoverageStore {
  /** By person; nobody who is bound to nothing. */
  channelsOf(tenantId: TenantId, uids: readonly Uid[]): Promise<Map<Uid, KnownChannel[]>>
}

/** Channels on which a person is looked up by their address. */
const channelsOfAccounts: readonly ChannelName[] = ['lark', 'feishu', 'dingtalk', 'dingtalkExclusive']

export interface CoverageStoreDeps {
  channelNames: readonly ChannelName[]
}

export function createCoverageStore(db: Kysely<Database>, { channelNames }: CoverageStoreDeps): CoverageStore {
  return {
    async channelsOf(tenantId, uids) {
      if (uids.length === 0) return new Map()
      const wanted = [...new Set(uids)]
      const rows = await db
        .selectFrom('user_channels as bound')
        .leftJoin('channels', (join) =>
          join.onRef('channels.tenant_id', '=', 'bound.tenant_id').onRef('channels.name', '=', 'bound.channel'),
        )
        .leftJoin('identities as known', (join) =>
          join
            .onRef('known.tenant_id', '=', 'bound.tenant_id')
            .onRef('known.channel', '=', 'bound.channel')
            .onRef('known.uid', '=', 'bound.uid'),
        )
        .leftJoin('reach_failures as failure', (join) =>
          join
            .onRef('failure.tenant_id', '=', 'bound.tenant_id')
            .onRef('failure.channel', '=', 'bound.channel')
            .onRef('failure.uid', '=', 'bound.uid'),
        )
        .select(['bound.uid', 'bound.channel', 'bound.address', 'bound.enabled as wanted', 'bound.updated_at'])
        .select(['channels.enabled', 'known.address_digest', 'failure.code', 'failure.at'])
        .where('bound.tenant_id', '=', tenantId)
        .where('bound.uid', 'in', wanted)
        .orderBy('bound.uid')
        .orderBy('bound.channel')
        .execute()
      const known = rows.flatMap((row) => {
        const channel = ChannelName.safeParse(row.channel)
        if (!channel.success) return []
        const isCurrent = row.at !== null && row.at >= row.updated_at
        const entry: KnownChannel = {
          channel: channel.data,
          hasAdapter: channelNames.includes(channel.data),
          isEnabled: row.enabled === 1,
          isWanted: row.wanted === 1,
          isProven:
            !channelsOfAccounts.includes(channel.data) ||
            row.address_digest === addressDigest(channel.data, JSON.parse(row.address)),
          failure: isCurrent && row.code !== null && row.at !== null ? { code: row.code, at: row.at } : null,
        }
        return [[row.uid, entry] as const]
      })
      return new Map(
        [...Map.groupBy(known, ([uid]) => uid)].map(([uid, entries]) => [uid, entries.map(([, entry]) => entry)]),
      )
    },
  }
}
