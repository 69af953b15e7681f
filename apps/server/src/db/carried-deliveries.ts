import { NoticeEvent, type TenantId, type Uid } from '@countersign/contracts'
import { type Kysely, sql } from 'kysely'
import { outcomeLost } from '#server/delivery/backoff.ts'
import { noChannel, sharedRecipient } from '#server/delivery/lane.ts'
import type { Database } from './schema.ts'
import { holds } from './shared-deliveries.ts'
import type { CarriedDelivery, ClaimedDelivery, DeliveryResult } from './stores.ts'

/*
 * Deliveries that are told in the message of another: to people of the same group, and to one person of whom many were
 * held back. The other one alone comes due and is leased, so that one worker at a time speaks for all of them. What it
 * carries may itself carry others. Before the message leaves, all that it tells of is noted; what is noted shares its
 * fate, what is not goes on by itself.
 */

const live = ['queued', 'sending']

interface CarriedRow {
  id: string
  ticket_id: string
  notice_key: string
  event: string
  recipient: string
  created_at: number
  first_tried_at: number | null
}

async function liveRows(db: Kysely<Database>, tenantId: TenantId, carrierId: string): Promise<CarriedRow[]> {
  const { rows } = await sql<CarriedRow>`
    with recursive carried (id) as (
      select id from deliveries where tenant_id = ${tenantId} and carried_by = ${carrierId}
      union
      select deliveries.id from deliveries join carried on deliveries.carried_by = carried.id
      where deliveries.tenant_id = ${tenantId}
    )
    select id, ticket_id, notice_key, event, recipient, created_at, first_tried_at from deliveries
    where tenant_id = ${tenantId} and id in (select id from carried) and state in (${sql.join(live)})
    order by created_at, id`.execute(db)
  return rows
}

/** What a delivery carries, oldest first, apart from what has been settled meanwhile. */
export async function carriedDeliveries(
  db: Kysely<Database>,
  { tenantId, id }: ClaimedDelivery,
): Promise<CarriedDelivery[]> {
  const rows = await liveRows(db, tenantId, id)
  return rows.map((row) => ({
    id: row.id,
    ticketId: row.ticket_id,
    noticeKey: row.notice_key,
    event: NoticeEvent.parse(row.event),
    recipient: row.recipient,
    createdAt: Number(row.created_at),
    firstTriedAt: row.first_tried_at === null ? null : Number(row.first_tried_at),
  }))
}

/** Ends carried deliveries that are not to be told any more. False, and nothing is changed, when the lease was lost. */
export async function dropCarried(
  db: Kysely<Database>,
  owner: string,
  delivery: ClaimedDelivery,
  { ids, why, now }: { ids: readonly string[]; why: { code: string; text: string }; now: number },
): Promise<boolean> {
  if (!(await holds(db, owner, delivery))) return false
  if (ids.length === 0) return true
  const { tenantId } = delivery
  await settle(db, tenantId, ids, { state: 'suppressed', first_tried_at: null }, now)
  await note(db, tenantId, ids, why, now)
  for (const id of ids) await promoteFor(db, { tenantId, id, carried_by: delivery.id }, now)
  return true
}

/** Notes what is about to be told in one message. False, and nothing is changed, when the lease was lost. */
export async function noteSending(
  db: Kysely<Database>,
  owner: string,
  delivery: ClaimedDelivery,
  carried: readonly string[],
  { now, leaseMs }: { now: number; leaseMs: number },
): Promise<boolean> {
  if (!(await holds(db, owner, delivery))) return false
  const leaseUntil = now + leaseMs
  await db
    .updateTable('deliveries')
    .set((eb) => ({
      first_tried_at: eb.fn.coalesce('first_tried_at', eb.val(now)),
      lease_until: leaseUntil,
      due_at: leaseUntil,
    }))
    .where('tenant_id', '=', delivery.tenantId)
    .where('id', '=', delivery.id)
    .execute()
  if (carried.length === 0) return true
  await db
    .updateTable('deliveries')
    .set((eb) => ({
      first_tried_at: eb.fn.coalesce('first_tried_at', eb.val(now)),
      state: 'sending',
      updated_at: now,
    }))
    .where('tenant_id', '=', delivery.tenantId)
    .where('id', 'in', [...carried])
    .where('state', 'in', live)
    .execute()
  return true
}

/** What comes of a message comes of all that was noted to be told in it; what was not noted goes on by itself. */
export async function settleMessage(
  db: Kysely<Database>,
  { tenantId, id }: ClaimedDelivery,
  result: Exclude<DeliveryResult, { kind: 'released' | 'held' | 'joined' }>,
  now: number,
): Promise<void> {
  const all = await liveRows(db, tenantId, id)
  if (all.length === 0) return
  const noted = all.filter((row) => row.first_tried_at !== null).map((row) => row.id)
  if (result.kind === 'retry') {
    await settle(db, tenantId, noted, { state: 'queued', first_tried_at: result.firstTriedAt }, now)
    await note(db, tenantId, noted, result, now)
    return
  }
  if (result.kind === 'delivered') {
    await settle(db, tenantId, noted, { state: 'sent', first_tried_at: null }, now)
    await note(db, tenantId, noted, result, now)
  } else if (result.alone === true) {
    // With its carrier the key is gone by which the receiver would know a second message from the first.
    await settle(db, tenantId, noted, { state: 'failed', first_tried_at: null }, now)
    await note(db, tenantId, noted, outcomeLost, now)
  } else {
    const concerned = noted.length > 0 ? noted : all.map((row) => row.id)
    await settle(db, tenantId, concerned, { state: result.kind, first_tried_at: null }, now)
    await note(db, tenantId, concerned, result, now)
  }
  await promoteFor(db, { tenantId, id, carried_by: null }, now)
}

/** What was carried by a delivery that tells nobody any more goes on: by the one that carried it, or by the first of them. */
export async function promoteFor(
  db: Kysely<Database>,
  gone: { tenantId: TenantId; id: string; carried_by: string | null },
  now: number,
): Promise<void> {
  const { tenantId, id } = gone
  const rows = await db
    .selectFrom('deliveries')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('carried_by', '=', id)
    .where('state', 'in', live)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  const [first, ...others] = rows.map((row) => row.id)
  if (first === undefined) return
  const carrier = gone.carried_by ?? first
  const followers = gone.carried_by === null ? others : [first, ...others]
  if (gone.carried_by === null) {
    await db
      .updateTable('deliveries')
      .set({ carried_by: null, state: 'queued', due_at: now, updated_at: now })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', first)
      .execute()
  }
  if (followers.length === 0) return
  await db
    .updateTable('deliveries')
    .set({ carried_by: carrier, state: 'queued', updated_at: now })
    .where('tenant_id', '=', tenantId)
    .where('id', 'in', followers)
    .execute()
}

/** The same for many at once: few of them, if any, carry others. */
export async function promoteForAll(
  db: Kysely<Database>,
  tenantId: TenantId,
  gone: readonly { id: string; carried_by: string | null }[],
  now: number,
): Promise<void> {
  const ids = gone.map(({ id }) => id)
  const rows = await db
    .selectFrom('deliveries')
    .select('carried_by')
    .distinct()
    .where('tenant_id', '=', tenantId)
    .where('carried_by', 'in', ids)
    .execute()
  const carrying = new Set(rows.map((row) => row.carried_by))
  for (const each of gone) if (carrying.has(each.id)) await promoteFor(db, { tenantId, ...each }, now)
}

async function settle(
  db: Kysely<Database>,
  tenantId: TenantId,
  ids: readonly string[],
  changes: { state: string; first_tried_at: number | null },
  now: number,
): Promise<void> {
  if (ids.length === 0) return
  await db
    .updateTable('deliveries')
    .set({ ...changes, updated_at: now, ...(changes.state === 'queued' ? {} : { waits_for: null }) })
    .where('tenant_id', '=', tenantId)
    .where('id', 'in', [...ids])
    .execute()
}

async function note(
  db: Kysely<Database>,
  tenantId: TenantId,
  ids: readonly string[],
  { code, text }: { code: string; text: string },
  now: number,
): Promise<void> {
  if (ids.length === 0) return
  await sql`
    insert into delivery_attempts (tenant_id, delivery_id, seq, at, code, message)
    select tenant_id, id, (select count(*) + 1 from delivery_attempts as earlier
        where earlier.tenant_id = deliveries.tenant_id and earlier.delivery_id = deliveries.id),
      cast(${now} as bigint), cast(${code} as text), cast(${text} as text)
    from deliveries where tenant_id = ${tenantId} and id in (${sql.join([...ids])})`.execute(db)
}

interface Due {
  state: string
  due_at: number | null
  waits_for: string | null
}

/** The row that says when a delivery comes due: its own, or that of the one it is told by. */
export async function rootOf(
  db: Kysely<Database>,
  row: Due & { tenant_id: string; carried_by: string | null },
): Promise<Due> {
  if (row.carried_by === null || !live.includes(row.state)) return row
  const { rows } = await sql<Due>`
    with recursive above (id, carried_by, state, due_at, waits_for) as (
      select id, carried_by, state, due_at, waits_for from deliveries
      where tenant_id = ${row.tenant_id} and id = ${row.carried_by}
      union all
      select next.id, next.carried_by, next.state, next.due_at, next.waits_for from deliveries as next
      join above on next.id = above.carried_by where next.tenant_id = ${row.tenant_id}
    )
    select state, due_at, waits_for from above where carried_by is null`.execute(db)
  return rows[0] ?? row
}

/** For whom a notice was meant, and whom it has reached or is on its way to. */
export async function audienceOf(
  db: Kysely<Database>,
  tenantId: TenantId,
  ticketId: string,
  noticeKey: string,
): Promise<{ intended: Uid[]; reached: Uid[] }> {
  const rows = await db
    .selectFrom('deliveries')
    .select(['recipient', 'channel', 'state'])
    .where('tenant_id', '=', tenantId)
    .where('ticket_id', '=', ticketId)
    .where('notice_key', '=', noticeKey)
    .where('recipient', '<>', sharedRecipient)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  const isReached = ({ channel, state }: (typeof rows)[number]): boolean =>
    channel !== noChannel && state !== 'failed' && state !== 'suppressed'
  return {
    intended: [...new Set(rows.map(({ recipient }) => recipient))],
    reached: [...new Set(rows.filter(isReached).map(({ recipient }) => recipient))],
  }
}
