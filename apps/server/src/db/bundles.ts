import { type Kysely, sql } from 'kysely'
import type { ClaimedRow } from './delivery-lease.ts'
import type { Engine } from './engine.ts'
import { reportEvent } from './report-store.ts'
import type { Database } from './schema.ts'

/** More than these are told in further messages. */
const mostInOne = 500

interface HeldRow {
  id: string
  due_at: number
}

/**
 * What was held back for one person on one channel, for quiet hours, a summary or a limit, is told in one message: the
 * first of it carries the rest. What comes while others still wait for a free place joins them, so that the longer a
 * limit lasts the fewer messages there are. To be called in the transaction of the claim; gives what is left of it.
 */
export async function gatherHeld(
  db: Kysely<Database>,
  engine: Engine,
  claimed: readonly ClaimedRow[],
  bundling: readonly string[],
  now: number,
): Promise<ClaimedRow[]> {
  // A message that may have arrived goes out again as it was, or not at all.
  const open = claimed.filter(
    (row) => bundling.includes(row.channel) && row.first_tried_at === null && row.event !== reportEvent,
  )
  const groups = Map.groupBy(open, (row) => JSON.stringify([row.tenant_id, row.channel, row.recipient]))
  const joined = new Set<string>()
  for (const group of groups.values()) {
    for (const id of await gatherOne(db, engine, group, now)) joined.add(id)
  }
  return claimed.filter((row) => !joined.has(row.id))
}

/** The ids of those that were claimed and are now told by another. */
async function gatherOne(
  db: Kysely<Database>,
  engine: Engine,
  group: readonly ClaimedRow[],
  now: number,
): Promise<string[]> {
  const [first] = group
  if (first === undefined) return []
  const held = await heldFor(db, engine, first, now)
  if (held.length === 0 && group.every((row) => row.waits_for === null)) return []
  const waiting = held.find((row) => row.due_at > now)
  const carrier = waiting?.id ?? (group.find((row) => row.waits_for !== null) ?? first).id
  const own = group.map((row) => row.id).filter((id) => id !== carrier)
  const due = waiting === undefined ? [] : await dueFor(db, engine, first, now)
  await join(db, first.tenant_id, carrier, [...own, ...held.map((row) => row.id), ...due], now)
  return own
}

/** News of no ticket are told by themselves. */
const untold = sql`state = 'queued' and message is null and first_tried_at is null and carried_by is null
  and event <> ${sql.lit(reportEvent)}`

async function heldFor(
  db: Kysely<Database>,
  engine: Engine,
  { tenant_id, channel, recipient }: ClaimedRow,
  now: number,
): Promise<HeldRow[]> {
  const { rows } = await sql<HeldRow>`
    select id, due_at from deliveries
    where tenant_id = ${tenant_id} and channel = ${channel} and recipient = ${recipient} and waits_for is not null
      and due_at is not null and (due_at <= ${now} or waits_for = 'rate_limit') and ${untold}
    order by due_at, id limit ${mostInOne} ${unlocked(engine)}`.execute(db)
  return rows.map((row) => ({ id: row.id, due_at: Number(row.due_at) }))
}

/** What would be claimed next, and would find the others waiting. */
async function dueFor(
  db: Kysely<Database>,
  engine: Engine,
  { tenant_id, channel, recipient }: ClaimedRow,
  now: number,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from deliveries
    where due_at <= ${now} and tenant_id = ${tenant_id} and channel = ${channel} and recipient = ${recipient}
      and ${untold} order by due_at, id limit ${mostInOne} ${unlocked(engine)}`.execute(db)
  return rows.map(({ id }) => id)
}

/** Another instance may be claiming these: they are left to it. */
function unlocked(engine: Engine) {
  return engine === 'postgres' ? sql`for update skip locked` : sql``
}

async function join(
  db: Kysely<Database>,
  tenantId: string,
  carrier: string,
  ids: readonly string[],
  now: number,
): Promise<void> {
  const others = [...new Set(ids)].filter((id) => id !== carrier)
  if (others.length === 0) return
  await db
    .updateTable('deliveries')
    .set({ carried_by: carrier, state: 'queued', due_at: null, lease_owner: null, lease_until: null, updated_at: now })
    .where('tenant_id', '=', tenantId)
    .where('id', 'in', others)
    .execute()
}
