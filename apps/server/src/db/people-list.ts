import { ChannelName, Locale, type Role, Role as RoleSchema } from '@countersign/contracts'
import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { Database } from './schema.ts'
import type { ListedPerson, Page } from './stores.ts'
import { searchPattern } from './ticket-search.ts'

const PeopleCursor = z.tuple([z.string().max(64)])
const Roles = z.array(RoleSchema)

export interface PeopleFilter {
  /** In the name or the uid. */
  q?: string | undefined
  role?: Role | undefined
}

/** People of a tenant by their uid, with the channels they are bound to. */
export async function listPeople(
  db: Kysely<Database>,
  tenantId: string,
  filter: PeopleFilter,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<ListedPerson>> {
  let query = db
    .selectFrom('users')
    .leftJoin('notification_preferences as own', (join) =>
      join.onRef('own.tenant_id', '=', 'users.tenant_id').onRef('own.uid', '=', 'users.uid'),
    )
    .selectAll('users')
    .select(['own.locale as own_locale', 'own.time_zone as own_time_zone'])
    .where('users.tenant_id', '=', tenantId)
  if (filter.q !== undefined) {
    const pattern = searchPattern(filter.q)
    query = query.where(
      sql<boolean>`(lower(users.name) like ${pattern} escape '\\' or lower(users.uid) like ${pattern} escape '\\')`,
    )
  }
  // Roles are a JSON list of plain words.
  if (filter.role !== undefined) query = query.where('users.roles', 'like', `%"${filter.role}"%`)
  if (cursor !== undefined) query = query.where('users.uid', '>', decodeCursor(cursor, PeopleCursor)[0])
  const rows = await query
    .orderBy('users.uid')
    .limit(limit + 1)
    .execute()
  const shown = rows.slice(0, limit)
  const bound = await boundChannels(
    db,
    tenantId,
    shown.map(({ uid }) => uid),
  )
  const last = shown.at(-1)
  return {
    items: shown.map((row) => ({
      uid: row.uid,
      name: row.name,
      roles: Roles.parse(JSON.parse(row.roles)),
      // What they chose for themselves goes before what the tenant says of them.
      locale: Locale.nullable().parse(row.own_locale ?? row.locale),
      timeZone: row.own_time_zone ?? row.time_zone,
      disabled: row.disabled === 1,
      provisioned: row.provisioned === 1,
      channels: bound.get(row.uid) ?? [],
    })),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor([last.uid]) : null,
  }
}

async function boundChannels(
  db: Kysely<Database>,
  tenantId: string,
  uids: readonly string[],
): Promise<Map<string, ListedPerson['channels']>> {
  if (uids.length === 0) return new Map()
  const rows = await db
    .selectFrom('user_channels')
    .select(['uid', 'channel', 'enabled'])
    .where('tenant_id', '=', tenantId)
    .where('uid', 'in', [...uids])
    .orderBy('channel')
    .execute()
  const grouped = Map.groupBy(rows, (row) => row.uid)
  return new Map(
    [...grouped].map(([uid, own]) => [
      uid,
      own.map(({ channel, enabled }) => ({ channel: ChannelName.parse(channel), enabled: enabled === 1 })),
    ]),
  )
}
