import { NoticeEvent, WaitReason } from '@countersign/contracts'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { MessengerTraits } from '#server/channels/messenger.ts'
import { callbackChannel, sharedRecipient } from '#server/delivery/lane.ts'
import { gatherHeld } from './bundles.ts'
import { settleMessage } from './carried-deliveries.ts'
import { replyEvent } from './chat-store.ts'
import type { Engine } from './engine.ts'
import { noteReach } from './reach-failures.ts'
import { settleReplacement } from './replacements.ts'
import { reportEvent } from './report-store.ts'
import type { Database } from './schema.ts'
import { callCarriers, holds, settleCarried } from './shared-deliveries.ts'
import type { ClaimedDelivery, ClaimOptions, DeliveryResult } from './stores.ts'

/** How many due rows are looked at to find some of every lane. */
const scannedPerClaimed = 8
/** A platform's sentence, as far as it is kept. */
const maxMessageChars = 500

export interface ClaimedRow {
  tenant_id: string
  id: string
  ticket_id: string
  notice_key: string
  event: string
  recipient: string
  channel: string
  wanted_version: number
  shown_version: number
  message: string | null
  tries: number
  first_tried_at: number | null
  created_at: number
  waits_for: string | null
  replaced_by: string | null
}

/**
 * Takes due deliveries, at most so many of each lane. While a delivery is leased its due time is the end of the lease:
 * what a dead instance held comes due by itself, and then counts as a try of unknown outcome.
 */
export async function claimDeliveries(
  db: Kysely<Database>,
  { engine, messengers }: { engine: Engine; messengers: readonly MessengerTraits[] },
  owner: string,
  options: ClaimOptions,
): Promise<ClaimedDelivery[]> {
  const { limit, leaseMs, now } = options
  if (limit <= 0) return []
  const hosts = [callbackChannel, ...messengers.filter(({ hasOwnHosts }) => hasOwnHosts).map(({ name }) => name)]
  const lane = sql`(tenant_id || '/' || channel
    || case when channel in (${sql.join(hosts)}) then '/' || recipient else '' end)`
  // A messenger's courier notes what it is about to send; without that note nothing can have arrived.
  const noted = messengers.map(({ name }) => name)
  const isNoted = noted.length === 0 ? sql`1 = 0` : sql`channel in (${sql.join(noted)})`
  const full = [...options.room].filter(([, room]) => room <= 0).map(([name]) => name)
  const hasRoom = full.length === 0 ? sql`1 = 1` : sql`${lane} not in (${sql.join(full)})`
  // Another instance passes over the rows looked at here instead of waiting for them. SQLite has one writer.
  const locked = engine === 'postgres' ? sql`for update skip locked` : sql``
  const leaseUntil = now + leaseMs
  const bundling = messengers.filter(({ canBundle }) => canBundle).map(({ name }) => name)
  for (;;) {
    const { rows } = await sql<ClaimedRow>`
      with scanned as (
        select tenant_id, id, due_at, ${lane} as lane from deliveries
        where due_at <= ${now} and ${hasRoom} order by due_at limit ${limit * scannedPerClaimed} ${locked}
      ), placed as (
        select tenant_id, id, due_at, lane, row_number() over (partition by lane order by due_at, id) as place from scanned
      ), chosen as (
        select tenant_id, id from placed where place <= ${allowance(options)} order by place, due_at limit ${limit}
      )
      update deliveries set
        state = 'sending', lease_owner = ${owner}, lease_until = ${leaseUntil}, due_at = ${leaseUntil}, updated_at = ${now},
        first_tried_at = case when state = 'sending' and message is null and not ${isNoted}
          then coalesce(first_tried_at, lease_until - ${leaseMs}) else first_tried_at end,
        tries = case when state = 'sending' then tries + 1 else tries end
      where (tenant_id, id) in (select tenant_id, id from chosen)
      returning tenant_id, id, ticket_id, notice_key, event, recipient, channel, wanted_version, shown_version, message,
        tries, first_tried_at, created_at, waits_for, replaced_by`.execute(db)
    const left = await gatherHeld(db, engine, rows, bundling, now)
    // What has joined others is no longer due; there may be more behind it.
    if (rows.length === 0 || left.length > 0) return left.map(toClaimed)
  }
}

function allowance({ perLane, room }: ClaimOptions): RawBuilder<unknown> {
  const partly = [...room].filter(([, free]) => free > 0)
  if (partly.length === 0) return sql`${sql.lit(perLane)}`
  const cases = partly.map(([lane, free]) => sql`when ${lane} then ${sql.lit(free)}`)
  return sql`case lane ${sql.join(cases, sql` `)} else ${sql.lit(perLane)} end`
}

function toClaimed(row: ClaimedRow): ClaimedDelivery {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    ticketId: row.ticket_id,
    noticeKey: row.notice_key,
    event: row.event === replyEvent || row.event === reportEvent ? row.event : NoticeEvent.parse(row.event),
    recipient: row.recipient,
    channel: row.channel,
    wantedVersion: row.wanted_version,
    shownVersion: row.shown_version,
    message: row.message === null ? null : JSON.parse(row.message),
    tries: row.tries,
    firstTriedAt: row.first_tried_at,
    createdAt: Number(row.created_at),
    waitsFor: WaitReason.nullable().parse(row.waits_for),
    isReplaced: row.replaced_by !== null,
  }
}

/** Ends a lease with its outcome. False, and nothing is changed, when the lease had been lost. */
export async function reportDelivery(
  db: Kysely<Database>,
  newId: () => string,
  owner: string,
  delivery: ClaimedDelivery,
  result: DeliveryResult,
  now: number,
): Promise<boolean> {
  const { tenantId, id } = delivery
  // First the row, then the question who is waiting: an announcement that holds the row now must be seen by that.
  if (delivery.recipient === sharedRecipient && !(await holds(db, owner, delivery))) return false
  const updated = await db
    .updateTable('deliveries')
    .set({ lease_owner: null, lease_until: null, updated_at: now, ...outcome(delivery, result, now) })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where('state', '=', 'sending')
    .where('lease_owner', '=', owner)
    .executeTakeFirst()
  if (Number(updated.numUpdatedRows) === 0) return false
  if (result.kind === 'released' || result.kind === 'held') return true
  if (result.kind === 'joined') {
    await callCarriers(db, { tenantId, ticketId: delivery.ticketId, at: now }, [
      { id: newId(), channel: delivery.channel },
    ])
    if (result.note !== null) await noteAttempt(db, delivery, result.note, now)
    return true
  }
  if (delivery.recipient === sharedRecipient && result.kind !== 'delivered')
    await settleCarried(db, delivery, result, now)
  // What has an address is a card, which carries nobody.
  if (result.kind !== 'delivered' || result.message === null) await settleMessage(db, delivery, result, now)
  await settleReplacement(db, delivery, result, now)
  const { kind, code } = result
  await noteReach(db, { tenantId, id, kind, code, at: now, alone: 'alone' in result && result.alone === true })
  await noteAttempt(db, delivery, result, now)
  return true
}

async function noteAttempt(
  db: Kysely<Database>,
  { tenantId, id }: ClaimedDelivery,
  { code, text }: { code: string; text: string },
  now: number,
): Promise<void> {
  await sql`
    insert into delivery_attempts (tenant_id, delivery_id, seq, at, code, message)
    select cast(${tenantId} as text), cast(${id} as text), count(*) + 1, cast(${now} as bigint),
      cast(${code} as text), cast(${text.slice(0, maxMessageChars)} as text)
    from delivery_attempts where tenant_id = ${tenantId} and delivery_id = ${id}`.execute(db)
}

function outcome(delivery: ClaimedDelivery, result: DeliveryResult, now: number) {
  const held = { waits_for: null }
  switch (result.kind) {
    case 'delivered':
      return {
        ...held,
        state: result.state,
        shown_version: result.shownVersion,
        message: result.message === null ? null : JSON.stringify(result.message),
        due_at: dueAfter(delivery, result, now),
        tries: 0,
        first_tried_at: null,
      }
    case 'retry':
      return {
        waits_for: result.waitsFor ?? null,
        state: 'queued',
        due_at: result.dueAt,
        tries: delivery.tries + (result.counted ? 1 : 0),
        first_tried_at: result.firstTriedAt,
      }
    case 'released':
      return { state: 'queued', due_at: result.dueAt, waits_for: result.waitsFor ?? delivery.waitsFor }
    case 'held':
      return { state: 'queued', due_at: result.dueAt, waits_for: result.waitsFor }
    case 'joined':
      return { ...held, state: 'queued', due_at: null, first_tried_at: null }
    case 'failed':
      return delivery.message === null && delivery.recipient !== sharedRecipient
        ? { state: 'failed', ...over }
        : { ...held, ...overUnlessMovedOn('failed', delivery, now) }
    case 'suppressed':
      return delivery.recipient === sharedRecipient
        ? { ...held, ...overUnlessMovedOn('suppressed', delivery, now) }
        : { state: 'suppressed', ...over }
  }
}

/**
 * The ticket may have moved on while the card was on its way: then an update is due. What has no address stays as it was
 * sent, whatever becomes of the ticket.
 */
function dueAfter(
  delivery: ClaimedDelivery,
  result: Extract<DeliveryResult, { kind: 'delivered' }>,
  now: number,
): RawBuilder<number | null> {
  if (result.message === null) return sql<number | null>`cast(null as bigint)`
  // The card that took its place came to nothing while this one was being told so.
  const isItselfAgain = delivery.isReplaced ? sql`replaced_by is null` : sql`1 = 0`
  return sql<number | null>`case when wanted_version > ${result.shownVersion} or ${hasMoreToCarry(delivery)}
    or ${isItselfAgain} then ${now} else cast(null as bigint) end`
}

/** Somebody was added to a shared card while it was being sent to the others. */
function hasMoreToCarry({ tenantId, ticketId, channel, recipient }: ClaimedDelivery): RawBuilder<boolean> {
  if (recipient !== sharedRecipient) return sql`1 = 0`
  return sql`exists (select 1 from deliveries as person where person.tenant_id = ${tenantId}
    and person.ticket_id = ${ticketId} and person.channel = ${channel} and person.state = 'queued' and person.due_at is null
    and person.recipient <> ${sharedRecipient})`
}

const over = { due_at: null, first_tried_at: null, waits_for: null }

/** The ticket may have moved on while this update failed: then the next one is due. */
function overUnlessMovedOn(state: 'failed' | 'suppressed', delivery: ClaimedDelivery, now: number) {
  const movedOn = sql<boolean>`wanted_version > ${delivery.wantedVersion}`
  return {
    state: sql<string>`case when ${movedOn} then 'queued' else ${state} end`,
    due_at: sql<number | null>`case when ${movedOn} then ${now} else cast(null as bigint) end`,
    tries: 0,
    first_tried_at: null,
  }
}
