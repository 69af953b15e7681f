import type { Uid } from '@countersign/contracts'
import type { Kysely } from 'kysely'
import type { Timing } from '#server/delivery/hold.ts'
import type { User } from '#server/tickets/ports.ts'
import type { Reach } from './notice-fan-out.ts'
import type { OutboxDeps } from './outbox.ts'
import { type BindingRow, enabledBindings } from './outbox-statements.ts'
import type { Database } from './schema.ts'
import { numbered } from './statement.ts'
import { groupOf } from './user-address.ts'

/** People of a tenant, and how each of them can be reached: nothing for who is bound to no enabled channel. */
export interface KnownPeople {
  users: ReadonlyMap<Uid, User>
  reach: ReadonlyMap<Uid, Reach>
  /** In which group an address is, by `uid/channel`; nothing for an address that is one person's own. */
  groups: ReadonlyMap<string, string>
}

export type KnownPeopleDeps = Pick<OutboxDeps, 'directory' | 'channelNames' | 'messengers' | 'timeZone'>

/** Two statements, however many they are. */
export async function knownPeople(
  db: Kysely<Database>,
  deps: KnownPeopleDeps,
  tenantId: string,
  people: readonly Uid[],
): Promise<KnownPeople> {
  if (people.length === 0) return { users: new Map(), reach: new Map(), groups: new Map() }
  const users = await deps.directory.users(tenantId, people)
  const { rows } = await enabledBindings(people.length)(db, { tenantId, ...numbered('uid', people) })
  // A card is where a ticket is decided, and comes when the ticket does, whatever the person once chose.
  const canBundle = (name: string): boolean => deps.messengers.some((each) => each.name === name && each.canBundle)
  const reach = new Map<Uid, Reach>()
  const groups = new Map<string, string>()
  for (const row of rows) {
    if (!deps.channelNames.some((name) => name === row.channel)) continue
    const isDigest = row.mode === 'digest' && canBundle(row.channel)
    const channel = { channel: row.channel, isWanted: row.enabled === 1, isDigest }
    const group = groupOf(JSON.parse(row.address))
    if (group !== null) groups.set(`${row.uid}/${row.channel}`, group)
    const own = reach.get(row.uid)
    if (own === undefined) {
      const timing = timingOf(row, users.get(row.uid)?.timeZone ?? row.tenant_time_zone ?? deps.timeZone)
      reach.set(row.uid, { channels: [channel], timing })
    } else own.channels.push(channel)
  }
  return { users, reach, groups }
}

/** `timeZone`: the person's. */
function timingOf(row: Pick<BindingRow, 'quiet_from' | 'quiet_to' | 'digest_at'>, timeZone: string): Timing {
  const { quiet_from: from, quiet_to: to, digest_at: digestAt } = row
  return { timeZone, quiet: from === null || to === null ? null : { from, to }, digestAt }
}
