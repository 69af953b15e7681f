import type { ChannelName, TenantId, Uid } from '@countersign/contracts'
import { NoticeEvent } from '@countersign/contracts'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { sharedRecipient } from '#server/delivery/lane.ts'
import { noteFailures, noteReach } from './reach-failures.ts'
import type { Database } from './schema.ts'
import type { ClaimedDelivery, SharedDelivery, SharedOutcome } from './stores.ts'

/*
 * Where a platform shows one card to many, the deliveries of a ticket to its people are carried by one more row, whose
 * recipient is `*`: it alone comes due and is leased, so that one worker at a time speaks for the card. The rows of the
 * people say what became of each. A person's row has a due time of its own only while it is held, for example for their
 * quiet hours: then it comes due, calls the carrier, and is carried with the others from then on.
 */

/** Every card of these deliveries is due again; the carrier is made if there is none. */
export async function callCarriers(
  db: Kysely<Database>,
  { tenantId, ticketId, at }: { tenantId: TenantId; ticketId: string; at: number },
  carriers: readonly { id: string; channel: string }[],
): Promise<void> {
  for (const { id, channel } of carriers) {
    await sql`
      insert into deliveries (tenant_id, id, ticket_id, notice_key, event, recipient, channel, state,
        wanted_version, shown_version, due_at, tries, created_at, updated_at)
      values (${tenantId}, ${id}, ${ticketId}, ${sharedRecipient}, 'pending', ${sharedRecipient}, ${channel}, 'queued',
        (select version from tickets where tenant_id = ${tenantId} and id = ${ticketId}), 0, ${at}, 0, ${at}, ${at})
      on conflict (tenant_id, ticket_id, notice_key, recipient, channel, sending) do update set
        wanted_version = excluded.wanted_version,
        state = case when deliveries.state = 'sending' then 'sending' else 'queued' end,
        tries = case when deliveries.state = 'sending' then deliveries.tries else 0 end,
        due_at = case when deliveries.state = 'sending' then deliveries.due_at else excluded.due_at end,
        updated_at = excluded.updated_at`.execute(db)
  }
}

/** What a carrier carries, oldest first: all who have the card and all who are to get it. A card that is gone is nobody's. */
export async function sharedDeliveries(
  db: Kysely<Database>,
  carrier: ClaimedDelivery,
): Promise<Omit<SharedDelivery, 'timing'>[]> {
  const rows = await carried(db, carrier)
    .select(['id', 'recipient', 'event', 'notice_key', 'state', 'wanted_version', 'shown_version', 'message'])
    .select(['first_tried_at', 'sending'])
    .where('state', '<>', 'suppressed')
    .where((eb) =>
      eb.or([eb.and([eb('state', '=', 'queued'), eb('due_at', 'is', null)]), eb('message', 'is not', null)]),
    )
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    recipient: row.recipient,
    event: NoticeEvent.parse(row.event),
    isQueued: row.state === 'queued',
    isAgain: row.sending > 0,
    isOutdated: row.wanted_version > row.shown_version,
    message: row.message === null ? null : JSON.parse(row.message),
    firstTriedAt: row.first_tried_at,
  }))
}

const carried = (db: Kysely<Database>, { tenantId, ticketId, channel }: ClaimedDelivery) =>
  db
    .selectFrom('deliveries')
    .where('tenant_id', '=', tenantId)
    .where('ticket_id', '=', ticketId)
    .where('channel', '=', channel)
    .where('recipient', '<>', sharedRecipient)

/**
 * Notes, before the platform is asked, to whom the card is about to be sent: should the answer be lost, only these may
 * have it. The lease begins anew. False when it was lost.
 */
export async function noteTried(
  db: Kysely<Database>,
  owner: string,
  carrier: ClaimedDelivery,
  ids: readonly string[],
  { now, leaseMs }: { now: number; leaseMs: number },
): Promise<boolean> {
  if (!(await holds(db, owner, carrier))) return false
  const leaseUntil = now + leaseMs
  await db
    .updateTable('deliveries')
    .set({ lease_until: leaseUntil, due_at: leaseUntil })
    .where('tenant_id', '=', carrier.tenantId)
    .where('id', '=', carrier.id)
    .execute()
  if (ids.length === 0) return true
  await db
    .updateTable('deliveries')
    .set((eb) => ({ first_tried_at: eb.fn.coalesce('first_tried_at', eb.val(now)), updated_at: now }))
    .where('tenant_id', '=', carrier.tenantId)
    .where('id', 'in', [...ids])
    .execute()
  return true
}

/** What became of people's deliveries. False, and nothing is changed, when the carrier's lease was lost. */
export async function reportShared(
  db: Kysely<Database>,
  owner: string,
  carrier: ClaimedDelivery,
  outcomes: readonly SharedOutcome[],
  now: number,
): Promise<boolean> {
  if (!(await holds(db, owner, carrier))) return false
  for (const outcome of outcomes) {
    const update = db
      .updateTable('deliveries')
      .set({ updated_at: now, first_tried_at: null, ...changes(outcome) })
      .where('tenant_id', '=', carrier.tenantId)
      .where('id', '=', outcome.id)
    // A request that came to nothing meanwhile is not to come back.
    await (outcome.kind === 'held' ? update.where('state', '=', 'queued') : update).execute()
    // What is tried again is told with the try as a whole, and what is held shows for itself.
    if (outcome.kind === 'retry' || outcome.kind === 'held') continue
    const { id, kind, code } = outcome
    await noteReach(db, { tenantId: carrier.tenantId, id, kind, code, at: now })
    await note(db, carrier, sql`id = ${id}`, outcome, now)
  }
  return true
}

function changes(outcome: SharedOutcome) {
  if (outcome.kind === 'held') return { due_at: outcome.dueAt, waits_for: outcome.waitsFor }
  if (outcome.kind !== 'delivered') return outcome.kind === 'retry' ? {} : { state: outcome.kind }
  const message = JSON.stringify(outcome.message)
  return { state: outcome.state, shown_version: outcome.shownVersion, message }
}

/**
 * A try that failed as a whole, told of everybody whom it was for; at the end of all tries they have failed with it, but
 * for whoever came since it began, or is to be told more by now: the carrier is due again for them.
 */
export async function settleCarried(
  db: Kysely<Database>,
  carrier: ClaimedDelivery,
  result: { kind: 'retry' | 'failed' | 'suppressed'; code: string; text: string },
  now: number,
): Promise<void> {
  const concerned = sql<boolean>`((state = 'queued' and due_at is null) or (message is not null and wanted_version > shown_version))`
  await note(db, carrier, concerned, result, now)
  if (result.kind === 'retry') return
  if (result.kind === 'failed') {
    const { tenantId, ticketId, channel, wantedVersion } = carrier
    const unreached = sql`ticket_id = ${ticketId} and channel = ${channel} and state = 'queued' and wanted_version <= ${wantedVersion}`
    await noteFailures(db, { tenantId, code: result.code, at: now }, unreached)
  }
  await db
    .updateTable('deliveries')
    // A card that is gone needs no update; whom nothing has reached yet has not been told.
    .set({ state: sql<string>`case when state = 'queued' then 'failed' else ${result.kind} end`, updated_at: now })
    .where('tenant_id', '=', carrier.tenantId)
    .where('ticket_id', '=', carrier.ticketId)
    .where('channel', '=', carrier.channel)
    .where('recipient', '<>', sharedRecipient)
    .where(concerned)
    .where('wanted_version', '<=', carrier.wantedVersion)
    .execute()
}

async function note(
  db: Kysely<Database>,
  { tenantId, ticketId, channel }: ClaimedDelivery,
  which: RawBuilder<unknown>,
  { code, text }: { code: string; text: string },
  now: number,
): Promise<void> {
  await sql`
    insert into delivery_attempts (tenant_id, delivery_id, seq, at, code, message)
    select tenant_id, id, (select count(*) + 1 from delivery_attempts as earlier
        where earlier.tenant_id = deliveries.tenant_id and earlier.delivery_id = deliveries.id),
      cast(${now} as bigint), cast(${code} as text), cast(${text} as text)
    from deliveries
    where tenant_id = ${tenantId} and ticket_id = ${ticketId} and channel = ${channel}
      and recipient <> ${sharedRecipient} and ${which}`.execute(db)
}

/** The carrier's row, until the transaction ends; false when the lease was lost. */
export async function holds(db: Kysely<Database>, owner: string, { tenantId, id }: ClaimedDelivery): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('deliveries')
    // A write, so that nobody takes the lease over before this transaction has ended.
    .set((eb) => ({ updated_at: eb.ref('updated_at') }))
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where('state', '=', 'sending')
    .where('lease_owner', '=', owner)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

/** People who are shown a shared card although nobody asks them anything: the submitter, who sees the outcome on it. */
export function onlookersOn(
  channels: readonly ChannelName[],
  planned: readonly { recipient: Uid; channel: string; state: string }[],
  reach: ReadonlyMap<Uid, readonly string[]>,
): { recipient: Uid; channel: string }[] {
  const used = channels.filter((name) => planned.some(({ channel, state }) => channel === name && state === 'queued'))
  return [...reach].flatMap(([recipient, bound]) =>
    used
      .filter((name) => bound.includes(name))
      .filter((name) => !planned.some((each) => each.recipient === recipient && each.channel === name))
      .map((channel) => ({ recipient, channel })),
  )
}
