import type { Role, TenantId, Uid } from '@countersign/contracts'
import { type accountStates, ChannelName, trialModule } from '@countersign/contracts'
import { type Kysely, sql } from 'kysely'
import type { Ticket } from '#server/tickets/ticket.ts'
import type { Database } from './schema.ts'
import type { UserRow } from './settings-store.ts'
import { ticketOf } from './ticket-rows.ts'
import { searchPattern } from './ticket-search.ts'
import { addressDigest, plainAddress } from './user-address.ts'

/** What a person is bound to, as administrators see it: never a secret part of the address. */
export interface BoundChannel {
  channel: ChannelName
  enabled: boolean
  provisioned: boolean
  address: Record<string, unknown>
  /** Whose account it is on the platform. */
  account: (typeof accountStates)[number]
}

/** People as administrators keep them. What is changed goes through the settings store, under its lock. */
export interface PeopleStore {
  row(tenantId: TenantId, uid: Uid): Promise<UserRow | null>
  rows(tenantId: TenantId, uids: readonly Uid[]): Promise<Map<Uid, UserRow>>
  /** Everybody, by uid. */
  everyone(tenantId: TenantId): Promise<UserRow[]>
  /** Who has the role and is not disabled. */
  activeWith(tenantId: TenantId, role: Role): Promise<Uid[]>
  bindings(tenantId: TenantId, uid: Uid): Promise<BoundChannel[]>
  /** Pending tickets but trials with a step, whether reached or not, that names this person; newest first. */
  pendingNaming(tenantId: TenantId, uid: Uid, limit: number): Promise<Ticket[]>
}

/** Uids in one statement: far below the engines' limits on parameters. */
const uidsAtOnce = 500

export function createPeopleStore(db: Kysely<Database>): PeopleStore {
  const users = (tenantId: TenantId) => db.selectFrom('users').selectAll().where('tenant_id', '=', tenantId)
  return {
    async row(tenantId, uid) {
      return (await users(tenantId).where('uid', '=', uid).executeTakeFirst()) ?? null
    },
    async rows(tenantId, uids) {
      const found = new Map<Uid, UserRow>()
      for (let start = 0; start < uids.length; start += uidsAtOnce) {
        const part = uids.slice(start, start + uidsAtOnce)
        for (const row of await users(tenantId).where('uid', 'in', part).execute()) found.set(row.uid, row)
      }
      return found
    },
    everyone: (tenantId) => users(tenantId).orderBy('uid').execute(),
    async activeWith(tenantId, role) {
      // Roles are a JSON list of plain words.
      const rows = await users(tenantId).where('roles', 'like', `%"${role}"%`).where('disabled', '=', 0).execute()
      return rows.map(({ uid }) => uid)
    },
    async bindings(tenantId, uid) {
      const rows = await db
        .selectFrom('user_channels')
        .select(['channel', 'enabled', 'provisioned', 'address'])
        .where('tenant_id', '=', tenantId)
        .where('uid', '=', uid)
        .orderBy('channel')
        .execute()
      const claims = await claimsOf(db, tenantId, uid)
      return rows.map((row) => {
        const channel = ChannelName.parse(row.channel)
        const stored: unknown = JSON.parse(row.address)
        return {
          channel,
          enabled: row.enabled === 1,
          provisioned: row.provisioned === 1,
          address: plainAddress(stored),
          account: accountOf(claims.get(channel), addressDigest(channel, stored)),
        }
      })
    },
    async pendingNaming(tenantId, uid, limit) {
      const rows = await db
        .selectFrom('tickets')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        // Written out, so that the index of pending tickets is used.
        .where(sql<boolean>`status = 'pending'`)
        .where('module', '!=', trialModule)
        .where(sql<boolean>`lower(nodes) like ${searchPattern(JSON.stringify(uid))} escape '\\'`)
        .orderBy('number', 'desc')
        .limit(limit)
        .execute()
      return rows.map(ticketOf).filter((ticket) => ticket.nodes.some((node) => node.approvers.includes(uid)))
    },
  }
}

/** The digests of the addresses by which a person is known, or that of a contest they are part of, by channel. */
async function claimsOf(db: Kysely<Database>, tenantId: TenantId, uid: Uid): Promise<Map<string, string>> {
  const named = JSON.stringify({ uid }).slice(1, -1)
  const rows = await db
    .selectFrom('identities')
    .select(['channel', 'address_digest'])
    .where('tenant_id', '=', tenantId)
    .where((eb) =>
      eb.or([
        eb('uid', '=', uid),
        // A row that two people claim names both of them in place of a digest, see the directory store.
        sql<boolean>`address_digest like '{%' and lower(address_digest) like ${searchPattern(named)} escape '\\'`,
      ]),
    )
    .execute()
  return new Map(rows.map((row) => [row.channel, row.address_digest]))
}

function accountOf(known: string | undefined, present: string): BoundChannel['account'] {
  if (known === undefined) return 'unknown'
  if (known === present) return 'known'
  return known.startsWith('{') ? 'contested' : 'unknown'
}
