import { type CancelRefusal, DeliveryState, NoticeEvent, type TenantId } from '@countersign/contracts'
import { type Kysely, sql } from 'kysely'
import { callbackChannel, sharedRecipient } from '#server/delivery/lane.ts'
import { promoteFor } from './carried-deliveries.ts'
import { replyEvent } from './chat-store.ts'
import { giveBack } from './replacements.ts'
import { reportEvent } from './report-store.ts'
import type { Database } from './schema.ts'
import { callCarriers } from './shared-deliveries.ts'

/** A delivery as somebody finds it who wants to do something about it. */
export interface StandingDelivery {
  tenantId: TenantId
  id: string
  /** Empty: it belongs to no ticket. */
  ticketId: string
  noticeKey: string
  event: NoticeEvent | typeof reportEvent
  recipient: string
  channel: string
  state: DeliveryState
  /** It has reached somebody as a card, which can be brought up to date. */
  hasCard: boolean
  /** A part of a card that many share. */
  isShared: boolean
  isReplaced: boolean
  /** In whose message it is, or was, told. */
  carriedBy: string | null
}

/** What people do about single deliveries, past the worker. Nothing here finds a delivery that answers a message. */
export interface DeliveryActionStore {
  find(tenantId: TenantId, id: string): Promise<StandingDelivery | null>
  /**
   * Puts to work again what has come to an end: the same message under the same key, or the update of the card that is
   * there. False, and nothing is changed: it is not as it was found any more.
   */
  queueAgain(delivery: StandingDelivery, at: number): Promise<boolean>
  /**
   * Sends the notice once more, as another delivery that takes the place of this one. A card that is there is first told
   * so. The new id; null, and nothing is changed: it is not as it was found any more.
   */
  sendAnew(delivery: StandingDelivery, at: number): Promise<string | null>
  /** Ends what is queued and in nobody's hands; null: it has ended. `note` is for the log. */
  cancel(
    tenantId: TenantId,
    id: string,
    note: { code: string; text: string },
    at: number,
  ): Promise<CancelRefusal | null>
}

export interface DeliveryActionDeps {
  newId: () => string
  sharedChannels: readonly string[]
  /** Channels whose messages have no address and stay as they were sent. */
  messengers: readonly { name: string }[]
}

export function createDeliveryActionStore(db: Kysely<Database>, deps: DeliveryActionDeps): DeliveryActionStore {
  return {
    find: (tenantId, id) => find(db, deps, tenantId, id),
    queueAgain: (delivery, at) => queueAgain(db, deps, delivery, at),
    sendAnew: (delivery, at) => sendAnew(db, deps, delivery, at),
    cancel: (tenantId, id, note, at) => cancel(db, deps, { tenantId, id, note }, at),
  }
}

const one = (db: Kysely<Database>, tenantId: TenantId, id: string) =>
  db
    .selectFrom('deliveries')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where('recipient', '<>', sharedRecipient)
    .where('event', '<>', replyEvent)

async function find(
  db: Kysely<Database>,
  { sharedChannels }: DeliveryActionDeps,
  tenantId: TenantId,
  id: string,
): Promise<StandingDelivery | null> {
  const row = await one(db, tenantId, id).executeTakeFirst()
  if (row === undefined) return null
  return {
    tenantId,
    id,
    ticketId: row.ticket_id,
    noticeKey: row.notice_key,
    event: row.event === reportEvent ? row.event : NoticeEvent.parse(row.event),
    recipient: row.recipient,
    channel: row.channel,
    state: DeliveryState.parse(row.state),
    hasCard: row.message !== null,
    isShared: row.ticket_id !== '' && sharedChannels.includes(row.channel),
    isReplaced: row.replaced_by !== null,
    carriedBy: row.carried_by,
  }
}

const presentVersion = ({ tenantId, ticketId }: StandingDelivery) =>
  sql<number>`coalesce((select version from tickets where tenant_id = ${tenantId} and id = ${ticketId}), 1)`

async function queueAgain(
  db: Kysely<Database>,
  deps: DeliveryActionDeps,
  delivery: StandingDelivery,
  at: number,
): Promise<boolean> {
  const { tenantId, id, state, isShared, hasCard } = delivery
  const standing = hasCard || isShared ? 'none' : await replaceStanding(db, delivery, at)
  if (standing === 'busy') return false
  const { numUpdatedRows } = await db
    .updateTable('deliveries')
    .set({
      // What many share is due with its carrier; who has the card is not asked anew for want of an update.
      state: isShared && hasCard ? 'sent' : 'queued',
      due_at: isShared || standing === 'told' ? null : at,
      wanted_version: presentVersion(delivery),
      ...{ waits_for: null, carried_by: null, lease_owner: null, lease_until: null, first_tried_at: null, tries: 0 },
      updated_at: at,
    })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where('state', '=', state)
    .where('replaced_by', 'is', null)
    .where('message', hasCard ? 'is not' : 'is', null)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) return false
  if (isShared) await callCarrier(db, deps, delivery, at)
  return true
}

const sameNotice = (db: Kysely<Database>, delivery: StandingDelivery) =>
  db
    .selectFrom('deliveries')
    .where('tenant_id', '=', delivery.tenantId)
    .where('ticket_id', '=', delivery.ticketId)
    .where('notice_key', '=', delivery.noticeKey)
    .where('recipient', '=', delivery.recipient)
    .where('channel', '=', delivery.channel)

/**
 * An earlier card of the same notice that got its buttons back, because this sending had reached nobody, loses them again
 * first. `busy`: it is in a worker's hands.
 */
async function replaceStanding(
  db: Kysely<Database>,
  delivery: StandingDelivery,
  at: number,
): Promise<'none' | 'told' | 'busy'> {
  const { tenantId, id } = delivery
  const standing = await sameNotice(db, delivery)
    .select(['id', 'state'])
    .where('id', '<>', id)
    .where('message', 'is not', null)
    .where('replaced_by', 'is', null)
    .where('state', '<>', 'suppressed')
    .executeTakeFirst()
  if (standing === undefined) return 'none'
  const { numUpdatedRows } = await db
    .updateTable('deliveries')
    .set({ replaced_by: id, due_at: at, tries: 0, updated_at: at })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', standing.id)
    .where('state', 'in', ['sent', 'updated', 'failed'])
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 0n ? 'busy' : 'told'
}

async function sendAnew(
  db: Kysely<Database>,
  deps: DeliveryActionDeps,
  delivery: StandingDelivery,
  at: number,
): Promise<string | null> {
  const { tenantId, id, ticketId, state, isShared, hasCard } = delivery
  const newId = deps.newId()
  // A card that is gone cannot be told anything.
  const isToldFirst = hasCard && !isShared && (state === 'sent' || state === 'updated')
  const { numUpdatedRows } = await db
    .updateTable('deliveries')
    .set({ replaced_by: newId, updated_at: at, ...(isToldFirst ? { due_at: at, tries: 0 } : {}) })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where('state', '=', state)
    .where('replaced_by', 'is', null)
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) return null
  const { noticeKey: notice_key, event, recipient, channel } = delivery
  // Those that reached nobody count, too.
  const { last } = await sameNotice(db, delivery)
    .select((eb) => eb.fn.max('sending').as('last'))
    .executeTakeFirstOrThrow()
  await db
    .insertInto('deliveries')
    .values({
      ...{ tenant_id: tenantId, id: newId, ticket_id: ticketId, notice_key, event, recipient, channel },
      ...{ state: 'queued', wanted_version: presentVersion(delivery), shown_version: 0, message: null },
      due_at: isToldFirst || isShared ? null : at,
      ...{ waits_for: null, carried_by: null, lease_owner: null, lease_until: null, first_tried_at: null, tries: 0 },
      ...{ created_at: at, updated_at: at, sending: last + 1, replaced_by: null },
    })
    .execute()
  if (isShared) await callCarrier(db, deps, delivery, at)
  return newId
}

function callCarrier(
  db: Kysely<Database>,
  { newId }: DeliveryActionDeps,
  { tenantId, ticketId, channel }: StandingDelivery,
  at: number,
): Promise<void> {
  return callCarriers(db, { tenantId, ticketId, at }, [{ id: newId(), channel }])
}

async function cancel(
  db: Kysely<Database>,
  { sharedChannels, messengers }: DeliveryActionDeps,
  { tenantId, id, note }: { tenantId: TenantId; id: string; note: { code: string; text: string } },
  at: number,
): Promise<CancelRefusal | null> {
  const row = await one(db, tenantId, id).executeTakeFirst()
  if (row === undefined) return 'not_found'
  if (row.state !== 'queued') return row.state === 'sending' ? 'under_way' : 'not_queued'
  if (row.message !== null) return 'is_update'
  const leavesNothing = row.channel === callbackChannel || messengers.some(({ name }) => name === row.channel)
  // Only by going on do we learn the address of a card that may be there, and can keep it true.
  if (!leavesNothing && row.first_tried_at !== null) return 'may_have_arrived'
  const isShared = row.ticket_id !== '' && sharedChannels.includes(row.channel)
  if (!(await areCarriersIdle(db, row, isShared))) return 'under_way'
  const { numUpdatedRows } = await db
    .updateTable('deliveries')
    .set({ state: 'suppressed', due_at: null, waits_for: null, first_tried_at: null, updated_at: at })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where('state', '=', 'queued')
    .where('lease_owner', 'is', null)
    .where('message', 'is', null)
    .where((eb) => (leavesNothing ? eb.lit(true) : eb('first_tried_at', 'is', null)))
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) return 'under_way'
  await promoteFor(db, { tenantId, id, carried_by: row.carried_by }, at)
  await giveBack(db, { tenantId, id, isShared }, at)
  await sql`
    insert into delivery_attempts (tenant_id, delivery_id, seq, at, code, message)
    select cast(${tenantId} as text), cast(${id} as text), count(*) + 1, cast(${at} as bigint),
      cast(${note.code} as text), cast(${note.text} as text)
    from delivery_attempts where tenant_id = ${tenantId} and delivery_id = ${id}`.execute(db)
  return null
}

interface Carried {
  tenant_id: string
  ticket_id: string
  channel: string
  carried_by: string | null
}

/**
 * Whether nobody is telling this in another message right now. What carries it is held until this transaction ends, so
 * that no worker takes it up meanwhile with what is cancelled here.
 */
async function areCarriersIdle(db: Kysely<Database>, row: Carried, isShared: boolean): Promise<boolean> {
  const touched = db
    .updateTable('deliveries')
    .set((eb) => ({ updated_at: eb.ref('updated_at') }))
    .where('tenant_id', '=', row.tenant_id)
    .returning('state')
  if (isShared) {
    const shared = await touched
      .where('ticket_id', '=', row.ticket_id)
      .where('channel', '=', row.channel)
      .where('recipient', '=', sharedRecipient)
      .execute()
    if (shared.some(({ state }) => state === 'sending')) return false
  }
  for (let next = row.carried_by; next !== null; ) {
    const [above] = await touched.where('id', '=', next).returning('carried_by').execute()
    if (above === undefined) return true
    if (above.state === 'sending') return false
    next = above.carried_by
  }
  return true
}
