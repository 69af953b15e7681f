import { type ChannelName, DeliveryState, NoticeEvent, type Uid, WaitReason } from '@countersign/contracts'
import { type Kysely, sql } from 'kysely'
import type { MessengerTraits } from '#server/channels/messenger.ts'
import { callbackChannel, sharedRecipient } from '#server/delivery/lane.ts'
import type { Notice } from '#server/tickets/ports.ts'
import { pendingApprovers, type Ticket } from '#server/tickets/ticket.ts'
import { audienceOf, carriedDeliveries, dropCarried, noteSending, promoteFor, rootOf } from './carried-deliveries.ts'
import { claimDeliveries, reportDelivery } from './delivery-lease.ts'
import { listDeliveries } from './delivery-list.ts'
import type { Engine } from './engine.ts'
import { audience, type PlannedDelivery, planDeliveries } from './notice-fan-out.ts'
import { enabledBindings, insertDeliveryRows, refreshDeliveryRows } from './outbox-statements.ts'
import { recentDeliveries } from './recent-deliveries.ts'
import { reportEvent } from './report-store.ts'
import type { Database } from './schema.ts'
import { callCarriers, noteTried, onlookersOn, reportShared, sharedDeliveries } from './shared-deliveries.ts'
import { numbered } from './statement.ts'
import type { DeliveryRecord, Directory, Outbox, ReportNotice, TenantStore } from './stores.ts'
import { type Together, toldTogether } from './told-together.ts'
import { groupOf } from './user-address.ts'

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
}

/** The outbox over a connection or a transaction of it: what is announced commits with the change it tells of. */
export function createOutbox(db: Kysely<Database>, deps: OutboxDeps): Outbox {
  return {
    announce: (notice) => announce(db, deps, notice),
    plan: async (notice) => (await plan(db, deps, notice)).planned,
    announceReport: (report) => announceReport(db, deps, report),
    refreshCards: (ticket, tapped) => refreshCards(db, deps, ticket, tapped),
    callBack: (ticket, event, at) => callBack(db, deps, ticket, event, at),
    lastReminders: (tenantId, ticketId) => lastReminders(db, tenantId, ticketId),
    claim: (owner, options) => claimDeliveries(db, deps, owner, options),
    report: (owner, delivery, result, now) => reportDelivery(db, owner, delivery, result, now),
    shared: (carrier) => sharedDeliveries(db, carrier),
    noteTried: (owner, carrier, ids, lease) => noteTried(db, owner, carrier, ids, lease),
    reportShared: (owner, carrier, outcomes, now) => reportShared(db, owner, carrier, outcomes, now),
    carried: (delivery) => carriedDeliveries(db, delivery),
    dropCarried: (owner, delivery, ids, why, now) => dropCarried(db, owner, delivery, { ids, why, now }),
    noteSending: (owner, delivery, carried, lease) => noteSending(db, owner, delivery, carried, lease),
    audience: (tenantId, ticketId, noticeKey) => audienceOf(db, tenantId, ticketId, noticeKey),
    nextDueAt: () => nextDueAt(db),
    deliveries: (tenantId, ticketId) => deliveries(db, tenantId, ticketId),
    list: (tenantId, filter, page) => listDeliveries(db, tenantId, filter, page),
    recent: (tenantId, channel, tickets) => recentDeliveries(db, tenantId, channel, tickets),
    countByState: () => countByState(db),
  }
}

async function announce(db: Kysely<Database>, deps: OutboxDeps, notice: Notice): Promise<void> {
  const { planned, groups } = await plan(db, deps, notice)
  if (planned.length === 0) return
  const { sharedChannels } = deps
  const isShared = planned.some(
    ({ channel, state }) => state === 'queued' && sharedChannels.some((name) => name === channel),
  )
  const onlookers = isShared ? await onlookersOf(db, deps, notice, planned) : []
  await insertDeliveries(db, deps, notice, toldTogether([...planned, ...onlookers], groups))
}

/** What everybody is to be told whom the notice is for. */
async function plan(
  db: Kysely<Database>,
  deps: OutboxDeps,
  notice: Notice,
): Promise<{ planned: PlannedDelivery[]; groups: ReadonlyMap<string, string> }> {
  const { tenantId } = notice
  const rule = await deps.tenants.rule(tenantId, notice.module, notice.event)
  const people = audience(notice.recipients, rule)
  if (people.length === 0) return { planned: [], groups: new Map() }
  const users = await deps.directory.users(tenantId, people)
  const { reach, groups } = await reachOf(db, tenantId, people, deps.channelNames)
  return { planned: planDeliveries(people, users, reach, rule), groups }
}

/** A report belongs to no ticket, and is nobody's card: each delivery of it goes out by itself. */
async function announceReport(
  db: Kysely<Database>,
  deps: OutboxDeps,
  { tenantId, key, recipients, at }: ReportNotice,
): Promise<void> {
  if (recipients.length === 0) return
  const users = await deps.directory.users(tenantId, recipients)
  const { reach, groups } = await reachOf(db, tenantId, recipients, deps.channelNames)
  const planned = toldTogether(planDeliveries(recipients, users, reach, null), groups)
  await insertDeliveries(
    db,
    { ...deps, sharedChannels: [] },
    { tenantId, ticketId: '', event: reportEvent, key, at },
    planned.map(saidOnce),
  )
}

const inOneGroup = { code: 'same_group', message: 'another administrator is told of it in the same group' }

function saidOnce({ carriedBy, ...planned }: Together): PlannedDelivery {
  return carriedBy === undefined ? planned : { ...planned, state: 'suppressed', reason: inOneGroup }
}

/** The submitter sees the card of the approvers where it is one and the same; nothing is sent to them alone. */
async function onlookersOf(
  db: Kysely<Database>,
  deps: OutboxDeps,
  { tenantId, onlookers }: Notice,
  planned: readonly PlannedDelivery[],
): Promise<PlannedDelivery[]> {
  const users = await deps.directory.users(tenantId, onlookers)
  const present = onlookers.filter((uid) => users.get(uid)?.disabled === false)
  if (present.length === 0) return []
  const { reach } = await reachOf(db, tenantId, present, deps.sharedChannels)
  const seen = onlookersOn(deps.sharedChannels, planned, reach)
  return seen.map((onlooker) => ({ ...onlooker, state: 'queued', reason: null }))
}

/** The registered and enabled channels to which each person is bound, and in which group an address is (`uid/channel`). */
async function reachOf(
  db: Kysely<Database>,
  tenantId: string,
  people: readonly Uid[],
  channelNames: readonly ChannelName[],
): Promise<{ reach: Map<Uid, string[]>; groups: Map<string, string> }> {
  const { rows } = await enabledBindings(people.length)(db, { tenantId, ...numbered('uid', people) })
  const reach = new Map<Uid, string[]>()
  const groups = new Map<string, string>()
  for (const { uid, channel, address } of rows) {
    if (!channelNames.some((name) => name === channel)) continue
    const channels = reach.get(uid)
    if (channels === undefined) reach.set(uid, [channel])
    else channels.push(channel)
    const group = groupOf(JSON.parse(address))
    if (group !== null) groups.set(`${uid}/${channel}`, group)
  }
  return { reach, groups }
}

type Origin = Pick<Notice, 'tenantId' | 'ticketId' | 'key' | 'at'> & { event: NoticeEvent | typeof reportEvent }

async function insertDeliveries(
  db: Kysely<Database>,
  deps: Pick<OutboxDeps, 'newId' | 'sharedChannels'>,
  origin: Origin,
  planned: readonly (PlannedDelivery & { carriedBy?: number })[],
): Promise<void> {
  const { tenantId, ticketId, event, key, at } = origin
  const isShared = (channel: string): boolean => deps.sharedChannels.some((name) => name === channel)
  const ids = planned.map(() => deps.newId())
  const { rows } = await insertDeliveryRows(planned.length)(db, {
    tenantId,
    ticketId,
    event,
    key,
    at,
    ...numbered('id', ids),
    ...numbered(
      'recipient',
      planned.map(({ recipient }) => recipient),
    ),
    ...numbered(
      'channel',
      planned.map(({ channel }) => channel),
    ),
    ...numbered(
      'state',
      planned.map(({ state }) => state),
    ),
    ...numbered(
      'dueAt',
      planned.map(({ state, channel, carriedBy }) =>
        state === 'queued' && !isShared(channel) && carriedBy === undefined ? at : null,
      ),
    ),
    ...numbered(
      'carriedBy',
      planned.map(({ carriedBy }) => (carriedBy === undefined ? null : (ids[carriedBy] ?? null))),
    ),
  })
  const fresh = new Set(rows.map(({ id }) => id))
  const unmade = planned.flatMap(({ carriedBy }) => (carriedBy === undefined ? [] : (ids[carriedBy] ?? [])))
  // The group was told of this notice before: whoever has come since is told by a message of their own.
  for (const id of new Set(unmade)) if (!fresh.has(id)) await promoteFor(db, { tenantId, id, carried_by: null }, at)
  const attempts = planned.flatMap(({ reason }, index) => {
    const id = ids[index]
    if (reason === null || id === undefined || !fresh.has(id)) return []
    return [{ tenant_id: tenantId, delivery_id: id, seq: 1, at, ...reason }]
  })
  if (attempts.length > 0) await db.insertInto('delivery_attempts').values(attempts).execute()
  const carried = new Set(
    planned.flatMap(({ state, channel }) => (state === 'queued' && isShared(channel) ? [channel] : [])),
  )
  await callCarriers(
    db,
    origin,
    [...carried].map((channel) => ({ id: deps.newId(), channel })),
  )
}

async function refreshCards(
  db: Kysely<Database>,
  { sharedChannels }: OutboxDeps,
  ticket: Ticket,
  tapped: { uid: Uid; channel: string } | null,
): Promise<void> {
  const { tenantId, id: ticketId, version, updatedAt: at } = ticket
  const passed = noLongerAsked(ticket)
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
  for (const { id, carried_by } of suppressed) await promoteFor(db, { tenantId, id, carried_by }, at)
  const message = `the ticket is ${ticket.status} and this person is no longer asked`
  await sql`
    insert into delivery_attempts (tenant_id, delivery_id, seq, at, code, message)
    select tenant_id, id, (select count(*) + 1 from delivery_attempts as earlier
        where earlier.tenant_id = deliveries.tenant_id and earlier.delivery_id = deliveries.id),
      cast(${at} as bigint), 'superseded', cast(${message} as text)
    from deliveries
    where tenant_id = ${tenantId} and id in (${sql.join(suppressed.map(({ id }) => id))})`.execute(db)
}

/**
 * Approvers whose turn is over; null once the ticket is closed: then everybody. Others whom a rule adds are told while it
 * is open.
 */
function noLongerAsked(ticket: Ticket): Uid[] | null {
  if (ticket.status !== 'pending') return null
  const awaited = new Set(pendingApprovers(ticket))
  const approvers = new Set(ticket.nodes.flatMap((node) => node.approvers))
  return [...approvers].filter((uid) => !awaited.has(uid))
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
  await insertDeliveries(db, deps, origin, [{ recipient, channel: callbackChannel, state: 'queued', reason: null }])
}

async function lastReminders(db: Kysely<Database>, tenantId: string, ticketId: string): Promise<Map<Uid, number>> {
  const rows = await db
    .selectFrom('deliveries')
    .select((eb) => ['recipient', eb.fn.max('created_at').as('at')])
    .where('tenant_id', '=', tenantId)
    .where('ticket_id', '=', ticketId)
    .where('event', '=', 'reminded')
    .groupBy('recipient')
    .execute()
  return new Map(rows.map(({ recipient, at }) => [recipient, at]))
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
    .select(['id', 'tenant_id', 'recipient', 'channel', 'event', 'state', 'due_at', 'waits_for', 'carried_by'])
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
    recipient: row.recipient,
    channel: row.channel,
    event: NoticeEvent.parse(row.event),
    state: DeliveryState.parse(row.state),
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
}

/** While a delivery is being sent its due time is the end of the lease, which tells the reader nothing. */
function dueAtOf(row: Due, carrier: Due | undefined): number | null {
  const due = carrier !== undefined && row.state === 'queued' ? carrier : row
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
