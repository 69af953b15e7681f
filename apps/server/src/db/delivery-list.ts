import { createHash } from 'node:crypto'
import { DeliveryState, NoticeEvent, WaitReason } from '@countersign/contracts'
import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import { sharedRecipient } from '#server/delivery/lane.ts'
import { rootOf } from './carried-deliveries.ts'
import { replyEvent } from './chat-store.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { reportEvent } from './report-store.ts'
import type { Database } from './schema.ts'
import type { DeliveryFilter, ListedDelivery, Page } from './stores.ts'

/** Delivery ids are made in the order of time, so that they are also the order of the list. */
const DeliveryCursor = z.tuple([z.string().max(64)])

/** What a filter finds, newest first; the carriers of shared cards and the bot's answers are left out. */
function found(db: Kysely<Database>, tenantId: string, filter: DeliveryFilter) {
  const { state, channel, recipient, event, ticket, from, to, ids, isPosted } = filter
  let query = db
    .selectFrom('deliveries')
    .leftJoin('tickets', (join) =>
      join.onRef('tickets.tenant_id', '=', 'deliveries.tenant_id').onRef('tickets.id', '=', 'deliveries.ticket_id'),
    )
    .where('deliveries.tenant_id', '=', tenantId)
    .where('deliveries.recipient', '<>', sharedRecipient)
    .where('deliveries.event', '<>', replyEvent)
  // Written out, so that an index of nothing but the failed ones can be seen to fit.
  if (state !== undefined) query = query.where(sql<boolean>`deliveries.state = ${sql.lit(state)}`)
  if (isPosted === true) query = query.where(sql<boolean>`deliveries.channel in ('callback', 'webhook')`)
  if (channel !== undefined) query = query.where('deliveries.channel', '=', channel)
  if (recipient !== undefined) query = query.where('deliveries.recipient', '=', recipient)
  if (event !== undefined) query = query.where('deliveries.event', '=', event)
  if (from !== undefined) query = query.where('deliveries.created_at', '>=', from)
  if (to !== undefined) query = query.where('deliveries.created_at', '<', to)
  if (ids !== undefined) query = query.where('deliveries.id', 'in', [...ids])
  if (ticket !== undefined) query = query.where('deliveries.ticket_id', 'in', ticketOf(db, tenantId, ticket))
  return query
}

/** By the number that people call it by, or by its id. */
function ticketOf(db: Kysely<Database>, tenantId: string, reference: string) {
  const [, number] = /^#?(\d{1,9})$/.exec(reference) ?? []
  const tickets = db.selectFrom('tickets').select('id').where('tenant_id', '=', tenantId)
  return number === undefined ? tickets.where('id', '=', reference) : tickets.where('number', '=', Number(number))
}

/** Deliveries of every ticket of a tenant, and reports, newest first. */
export async function listDeliveries(
  db: Kysely<Database>,
  tenantId: string,
  filter: DeliveryFilter,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<ListedDelivery>> {
  let query = found(db, tenantId, filter).select([
    'deliveries.id',
    'deliveries.ticket_id',
    'deliveries.recipient',
    'deliveries.channel',
    'deliveries.event',
    'deliveries.state',
    'deliveries.due_at',
    'deliveries.tenant_id',
    'deliveries.waits_for',
    'deliveries.carried_by',
    'deliveries.created_at',
    'deliveries.sending',
    'deliveries.replaced_by',
    'tickets.number',
    'tickets.title',
  ])
  if (cursor !== undefined) query = query.where('deliveries.id', '<', decodeCursor(cursor, DeliveryCursor)[0])
  const rows = await query
    .orderBy('deliveries.id', 'desc')
    .limit(limit + 1)
    .execute()
  const shown = rows.slice(0, limit)
  const attempts = await attemptsOf(
    db,
    tenantId,
    shown.map(({ id }) => id),
  )
  const roots = await Promise.all(shown.map((row) => rootOf(db, row)))
  const last = shown.at(-1)
  return {
    items: shown.map((row, index) => ({
      id: row.id,
      ticket: row.number === null ? null : { id: row.ticket_id, number: row.number, title: row.title ?? '' },
      recipient: row.recipient,
      channel: row.channel,
      event: row.event === reportEvent ? row.event : NoticeEvent.parse(row.event),
      state: DeliveryState.parse(row.state),
      ...whenOf(row, roots[index] ?? row),
      createdAt: row.created_at,
      sending: row.sending,
      replacedBy: row.replaced_by,
      carriedBy: row.carried_by,
      attempts: attempts.get(row.id) ?? [],
    })),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor([last.id]) : null,
  }
}

/** Changes whenever the first so many of the list do, or what is said of them. */
export async function fingerprintOf(
  db: Kysely<Database>,
  tenantId: string,
  filter: DeliveryFilter,
  limit: number,
): Promise<string> {
  const tries = sql<number>`(select max(seq) from delivery_attempts as attempt
    where attempt.tenant_id = deliveries.tenant_id and attempt.delivery_id = deliveries.id)`
  const rows = await found(db, tenantId, filter)
    .select(['deliveries.id', 'deliveries.state', 'deliveries.updated_at', 'deliveries.due_at', tries.as('tries')])
    .orderBy('deliveries.id', 'desc')
    .limit(limit + 1)
    .execute()
  const said = rows.map(({ id, state, updated_at, due_at, tries: count }) => [id, state, updated_at, due_at, count])
  return createHash('sha256').update(JSON.stringify(said)).digest('base64url').slice(0, 22)
}

/** How many the filter finds, counted up to `most`. */
export async function countDeliveries(
  db: Kysely<Database>,
  tenantId: string,
  filter: DeliveryFilter,
  most: number,
): Promise<number> {
  const { count } = await db
    .selectFrom(found(db, tenantId, filter).select('deliveries.id').limit(most).as('some'))
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

function whenOf(row: { state: string }, root: { state: string; due_at: number | null; waits_for: string | null }) {
  const isQueued = row.state === 'queued'
  return {
    dueAt: row.state === 'sending' || root.state === 'sending' ? null : root.due_at,
    waitsFor: WaitReason.nullable().parse(isQueued ? root.waits_for : null),
  }
}

async function attemptsOf(
  db: Kysely<Database>,
  tenantId: string,
  ids: readonly string[],
): Promise<Map<string, { at: number; code: string; message: string }[]>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('delivery_attempts')
    .select(['delivery_id', 'at', 'code', 'message'])
    .where('tenant_id', '=', tenantId)
    .where('delivery_id', 'in', [...ids])
    .orderBy('seq')
    .execute()
  const grouped = Map.groupBy(rows, (row) => row.delivery_id)
  return new Map([...grouped].map(([id, own]) => [id, own.map(({ at, code, message }) => ({ at, code, message }))]))
}
