import { DeliveryState, NoticeEvent, WaitReason } from '@countersign/contracts'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { sharedRecipient } from '#server/delivery/lane.ts'
import { rootOf } from './carried-deliveries.ts'
import { replyEvent } from './chat-store.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { Database } from './schema.ts'
import type { DeliveryFilter, ListedDelivery, Page } from './stores.ts'

/** Delivery ids are made in the order of time, so that they are also the order of the list. */
const DeliveryCursor = z.tuple([z.string().max(64)])

/** Deliveries of every ticket of a tenant, newest first; the carriers of shared cards and the bot's answers are left out. */
export async function listDeliveries(
  db: Kysely<Database>,
  tenantId: string,
  filter: DeliveryFilter,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<ListedDelivery>> {
  let query = db
    .selectFrom('deliveries')
    .innerJoin('tickets', (join) =>
      join.onRef('tickets.tenant_id', '=', 'deliveries.tenant_id').onRef('tickets.id', '=', 'deliveries.ticket_id'),
    )
    .select([
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
      'tickets.number',
      'tickets.title',
    ])
    .where('deliveries.tenant_id', '=', tenantId)
    .where('deliveries.recipient', '<>', sharedRecipient)
    .where('deliveries.event', '<>', replyEvent)
  if (filter.state !== undefined) query = query.where('deliveries.state', '=', filter.state)
  if (filter.channel !== undefined) query = query.where('deliveries.channel', '=', filter.channel)
  if (filter.recipient !== undefined) query = query.where('deliveries.recipient', '=', filter.recipient)
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
      ticket: { id: row.ticket_id, number: row.number, title: row.title },
      recipient: row.recipient,
      channel: row.channel,
      event: NoticeEvent.parse(row.event),
      state: DeliveryState.parse(row.state),
      ...whenOf(row, roots[index] ?? row),
      createdAt: row.created_at,
      attempts: attempts.get(row.id) ?? [],
    })),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor([last.id]) : null,
  }
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
