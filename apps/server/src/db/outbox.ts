import { type ChannelName, DeliveryState, NoticeEvent, type Uid, WaitReason } from '@countersign/contracts'
import { type Kysely, sql } from 'kysely'
import type { MessengerTraits } from '#server/channels/messenger.ts'
import { callbackChannel, sharedRecipient } from '#server/delivery/lane.ts'
import { ladderPrefix } from '#server/tickets/ladder.ts'
import { everyApprover, pendingApprovers, type Ticket } from '#server/tickets/ticket.ts'
import { announce, announceReport, insertDeliveries, plan } from './announce.ts'
import { ledgerRows } from './card-ledger.ts'
import { audienceOf, carriedDeliveries, dropCarried, noteSending, promoteForAll, rootOf } from './carried-deliveries.ts'
import { claimDeliveries, reportDelivery } from './delivery-lease.ts'
import { countDeliveries, fingerprintOf, listDeliveries } from './delivery-list.ts'
import type { Engine } from './engine.ts'
import { knownPeople } from './known-people.ts'
import type { Reach } from './notice-fan-out.ts'
import { refreshDeliveryRows } from './outbox-statements.ts'
import { heldByLimit, recentDeliveries } from './recent-deliveries.ts'
import { reconsider } from './reconsider.ts'
import type { Database } from './schema.ts'
import { noteTried, reportShared, sharedDeliveries } from './shared-deliveries.ts'
import { numbered } from './statement.ts'
import type { ClaimedDelivery, DeliveryRecord, Directory, Outbox, SharedDelivery, TenantStore } from './stores.ts'

/** The tapped person has the new card in the answer to the tap; this only repairs an answer that was lost. */
const tappedCardDelayMs = 4_000

export interface OutboxDeps {
  tenants: Pick<TenantStore, 'rule'>
  directory: Pick<Directory, 'users'>
  engine: Engine
  newId: () => string
  /** The channels that this build has an adapter for. */
  channelNames: readonly ChannelName[]
  /** Those of them that show one card to many. */
  sharedChannels: readonly ChannelName[]
  /** Those that only tell. */
  messengers: readonly MessengerTraits[]
  /** Of the region, for tenants and people that have set none. */
  timeZone: string
}

/** The outbox over a connection or a transaction of it: what is announced commits with the change it tells of. */
export function createOutbox(db: Kysely<Database>, deps: OutboxDeps): Outbox {
  return {
    announce: (notice) => announce(db, deps, notice),
    plan: async (notice) => (await plan(db, deps, notice)).planned,
    announceReport: (report) => announceReport(db, deps, report),
    refreshCards: (ticket, tapped, options) => refreshCards(db, deps, ticket, tapped, options?.isAskedAnew ?? false),
    callBack: (ticket, event, at) => callBack(db, deps, ticket, event, at),
    lastReminders: (tenantId, ticketId, exceptKey) => lastReminders(db, tenantId, ticketId, exceptKey),
    cardOf: (request) => cardOf(db, request),
    claim: (owner, options) => claimDeliveries(db, deps, owner, options),
    report: (owner, delivery, result, now) => reportDelivery(db, deps.newId, owner, delivery, result, now),
    shared: (carrier) => shared(db, deps, carrier),
    reachOf: (tenantId, uid) => reachOf(db, deps, tenantId, uid),
    reconsider: (tenantId, uid, at) => reconsider(db, deps, tenantId, uid, at),
    noteTried: (owner, carrier, ids, lease) => noteTried(db, owner, carrier, ids, lease),
    reportShared: (owner, carrier, outcomes, now) => reportShared(db, owner, carrier, outcomes, now),
    carried: (delivery) => carriedDeliveries(db, delivery),
    dropCarried: (owner, delivery, ids, why, now) => dropCarried(db, owner, delivery, { ids, why, now }),
    noteSending: (owner, delivery, carried, lease) => noteSending(db, owner, delivery, carried, lease),
    audience: (tenantId, ticketId, noticeKey) => audienceOf(db, tenantId, ticketId, noticeKey),
    nextDueAt: () => nextDueAt(db),
    deliveries: (tenantId, ticketId) => deliveries(db, tenantId, ticketId),
    ledger: (tenantId, ticketId) => ledgerRows(db, tenantId, ticketId),
    list: (tenantId, filter, page) => listDeliveries(db, tenantId, filter, page),
    fingerprint: (tenantId, filter, limit) => fingerprintOf(db, tenantId, filter, limit),
    count: (tenantId, filter, most) => countDeliveries(db, tenantId, filter, most),
    recent: (tenantId, channel, tickets) => recentDeliveries(db, tenantId, channel, tickets),
    heldByLimit: (tenantId, channel) => heldByLimit(db, tenantId, channel),
    countByState: () => countByState(db),
  }
}

/** With when each person who is still to be told wants to be. */
async function shared(db: Kysely<Database>, deps: OutboxDeps, carrier: ClaimedDelivery): Promise<SharedDelivery[]> {
  const rows = await sharedDeliveries(db, carrier)
  const waiting = [...new Set(rows.flatMap(({ isQueued, recipient }) => (isQueued ? [recipient] : [])))]
  const { reach } = await knownPeople(db, deps, carrier.tenantId, waiting)
  return rows.map((row) => ({ ...row, timing: reach.get(row.recipient)?.timing ?? null }))
}

async function reachOf(db: Kysely<Database>, deps: OutboxDeps, tenantId: string, uid: Uid): Promise<Reach | null> {
  const { reach } = await knownPeople(db, deps, tenantId, [uid])
  return reach.get(uid) ?? null
}

async function refreshCards(
  db: Kysely<Database>,
  { sharedChannels }: OutboxDeps,
  ticket: Ticket,
  tapped: { uid: Uid; channel: string } | null,
  isAskedAnew: boolean,
): Promise<void> {
  const { tenantId, id: ticketId, version, updatedAt: at } = ticket
  const passed = isAskedAnew ? null : noLongerAsked(ticket)
  const { rows } = await refreshDeliveryRows(sharedChannels)(passed?.length ?? -1)(db, {
    tenantId,
    ticketId,
    version,
    at,
    tappedUid: tapped?.uid ?? '',
    tappedChannel: tapped?.channel ?? '',
    tappedDueAt: at + tappedCardDelayMs,
    ...numbered('passed', passed ?? []),
  })
  const suppressed = rows.filter(({ state }) => state === 'suppressed')
  if (suppressed.length === 0) return
  await promoteForAll(db, tenantId, suppressed, at)
  const message = isAskedAnew
    ? 'the ticket has changed, and people are asked anew'
    : `the ticket is ${ticket.status} and this person is no longer asked`
  await sql`
    insert into delivery_attempts (tenant_id, delivery_id, seq, at, code, message)
    select tenant_id, id, (select count(*) + 1 from delivery_attempts as earlier
        where earlier.tenant_id = deliveries.tenant_id and earlier.delivery_id = deliveries.id),
      cast(${at} as bigint), 'superseded', cast(${message} as text)
    from deliveries
    where tenant_id = ${tenantId} and id in (${sql.join(suppressed.map(({ id }) => id))})`.execute(db)
}

/**
 * Approvers whose turn is over, or who have handed their place on; null once the ticket is closed: then everybody. Others whom a rule adds are told while it
 * is open.
 */
function noLongerAsked(ticket: Ticket): Uid[] | null {
  if (ticket.status !== 'pending') return null
  const awaited = new Set(pendingApprovers(ticket))
  return [...everyApprover(ticket)].filter((uid) => !awaited.has(uid))
}

async function callBack(
  db: Kysely<Database>,
  deps: OutboxDeps,
  ticket: Ticket,
  event: NoticeEvent,
  at: number,
): Promise<void> {
  if (ticket.callbackUrl === null) return
  const recipient = new URL(ticket.callbackUrl).host
  const origin = { tenantId: ticket.tenantId, ticketId: ticket.id, event, key: `${callbackChannel}:${event}`, at }
  const planned = { recipient, channel: callbackChannel, state: 'queued', reason: null, held: null } as const
  await insertDeliveries(db, deps, origin, [planned])
}

/**
 * A reminder by a person counts from when it was asked for, one of the ladder from when it went out. `exceptKey`: without
 * this notice.
 */
async function lastReminders(
  db: Kysely<Database>,
  tenantId: string,
  ticketId: string,
  exceptKey: string | undefined,
): Promise<Map<Uid, number>> {
  const isLadder = sql`notice_key like ${`${ladderPrefix}%`}`
  const { rows } = await sql<{ recipient: string; at: number }>`
    select recipient, max(case when ${isLadder} then sent_at else created_at end) as at
    from (select recipient, notice_key, created_at, (select min(at) from delivery_attempts as attempt
        where attempt.tenant_id = deliveries.tenant_id and attempt.delivery_id = deliveries.id) as sent_at
      from deliveries
      where tenant_id = ${tenantId} and ticket_id = ${ticketId} and event = 'reminded'
        and notice_key <> ${exceptKey ?? ''}
        and (not ${isLadder} or state in ('sent', 'updated'))) as reminder
    group by recipient`.execute(db)
  return new Map(rows.map(({ recipient, at }) => [recipient, Number(at)]))
}

/** The message of the card by which the person was asked last, through this channel; null when they have none. */
async function cardOf(
  db: Kysely<Database>,
  {
    tenantId,
    ticketId,
    recipient,
    channel,
  }: { tenantId: string; ticketId: string; recipient: string; channel: string },
): Promise<unknown> {
  const row = await db
    .selectFrom('deliveries')
    .select('message')
    .where('tenant_id', '=', tenantId)
    .where('ticket_id', '=', ticketId)
    .where('recipient', '=', recipient)
    .where('channel', '=', channel)
    .where('event', '=', 'pending')
    // Also while it is being brought up to date; a suppressed one is gone.
    .where('state', '<>', 'suppressed')
    .where('message', 'is not', null)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  const message = row?.message ?? null
  return message === null ? null : JSON.parse(message)
}

async function nextDueAt(db: Kysely<Database>): Promise<number | null> {
  const row = await db
    .selectFrom('deliveries')
    .select('due_at')
    .where('due_at', 'is not', null)
    .orderBy('due_at')
    .limit(1)
    .executeTakeFirst()
  return row?.due_at ?? null
}

async function deliveries(db: Kysely<Database>, tenantId: string, ticketId: string): Promise<DeliveryRecord[]> {
  const rows = await db
    .selectFrom('deliveries')
    .select(['id', 'tenant_id', 'notice_key', 'recipient', 'channel', 'event', 'state', 'due_at', 'waits_for'])
    .select(['carried_by', 'created_at'])
    .where('tenant_id', '=', tenantId)
    .where('ticket_id', '=', ticketId)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  const carriers = new Map(rows.flatMap((row) => (row.recipient === sharedRecipient ? [[row.channel, row]] : [])))
  const attempts = await db
    .selectFrom('delivery_attempts')
    .innerJoin('deliveries', (join) =>
      join
        .onRef('deliveries.tenant_id', '=', 'delivery_attempts.tenant_id')
        .onRef('deliveries.id', '=', 'delivery_attempts.delivery_id'),
    )
    .select(['delivery_id', 'at', 'code', 'delivery_attempts.message'])
    .where('deliveries.tenant_id', '=', tenantId)
    .where('deliveries.ticket_id', '=', ticketId)
    .orderBy('seq')
    .execute()
  const byDelivery = Map.groupBy(attempts, (attempt) => attempt.delivery_id)
  const people = rows.filter(({ recipient }) => recipient !== sharedRecipient)
  const due = await Promise.all(people.map((row) => rootOf(db, row)))
  return people.map((row, index) => ({
    id: row.id,
    noticeKey: row.notice_key,
    recipient: row.recipient,
    channel: row.channel,
    event: NoticeEvent.parse(row.event),
    state: DeliveryState.parse(row.state),
    announcedAt: row.created_at,
    dueAt: dueAtOf(due[index] ?? row, carriers.get(row.channel)),
    waitsFor: WaitReason.nullable().parse(isHeld(row) ? (due[index] ?? row).waits_for : null),
    attempts: (byDelivery.get(row.id) ?? []).map(({ at, code, message }) => ({ at, code, message })),
  }))
}

/** What has come to an end waits for nothing. */
function isHeld({ state }: { state: string }): boolean {
  return state === 'queued'
}

interface Due {
  state: string
  due_at: number | null
  waits_for: string | null
}

/** While a delivery is being sent its due time is the end of the lease, which tells the reader nothing. */
function dueAtOf(row: Due, carrier: Due | undefined): number | null {
  const due = carrier !== undefined && row.state === 'queued' && row.waits_for === null ? carrier : row
  return due.state === 'sending' ? null : due.due_at
}

async function countByState(db: Kysely<Database>): Promise<Record<string, number>> {
  const rows = await db
    .selectFrom('deliveries')
    .select((eb) => ['state', eb.fn.countAll<number>().as('count')])
    .where('recipient', '<>', sharedRecipient)
    .groupBy('state')
    .execute()
  return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]))
}
