import type { ChannelName, NoticeEvent, NotificationRule, Uid } from '@countersign/contracts'
import type { Kysely } from 'kysely'
import type { Notice } from '#server/tickets/ports.ts'
import { promoteFor } from './carried-deliveries.ts'
import { type KnownPeople, knownPeople } from './known-people.ts'
import { planLadder } from './ladder-plan.ts'
import { audience, heldFor, type Occasion, occasionOf, type PlannedDelivery, planDeliveries } from './notice-fan-out.ts'
import type { OutboxDeps } from './outbox.ts'
import { insertDeliveryRows } from './outbox-statements.ts'
import { reportEvent } from './report-store.ts'
import type { Database } from './schema.ts'
import { callCarriers, onlookersOn } from './shared-deliveries.ts'
import { numbered } from './statement.ts'
import type { ReportNotice } from './stores.ts'
import { type Together, toldTogether } from './told-together.ts'

/** Queues what a notice has to say to everybody whom its rule names, and the reminders that are to follow. */
export async function announce(db: Kysely<Database>, deps: OutboxDeps, notice: Notice): Promise<void> {
  const { planned, known } = await plan(db, deps, notice)
  if (planned.length === 0) return
  const requested = notice.event === 'reminded' ? await notBeforeRequests(db, notice, planned) : planned
  const seen = onlookersOf(deps, notice, planned, known, occasionOf(notice))
  await insertDeliveries(db, deps, notice, toldTogether([...requested, ...seen], known.groups))
  if (notice.ladder.length > 0) await announceLadder(db, deps, notice, planned)
}

/** What everybody is to be told whom the notice is for; `known` are the onlookers too. Changes nothing. */
export async function plan(
  db: Kysely<Database>,
  deps: OutboxDeps,
  notice: Notice,
): Promise<{ planned: PlannedDelivery[]; known: KnownPeople }> {
  const { tenantId, module, event, onlookers } = notice
  const rule =
    notice.through === undefined
      ? await deps.tenants.rule(tenantId, module, event)
      : onlyThrough(notice.through, { module, event })
  const people = await told(db, notice, rule)
  const concerned = people.length === 0 ? [] : [...new Set([...people, ...onlookers])]
  const known = await knownPeople(db, deps, tenantId, concerned)
  return { planned: planDeliveries(people, known.users, known.reach, rule, occasionOf(notice)), known }
}

/** In place of a rule: this channel and nobody else. */
function onlyThrough(channel: ChannelName, what: Pick<Notice, 'module' | 'event'>): NotificationRule {
  return { ...what, enabled: true, channels: [channel], roles: [], additionalUsers: [] }
}

/** A report belongs to no ticket, and is nobody's card: each delivery of it goes out by itself. */
export async function announceReport(
  db: Kysely<Database>,
  deps: OutboxDeps,
  { tenantId, key, recipients, at }: ReportNotice,
): Promise<void> {
  if (recipients.length === 0) return
  const { users, reach, groups } = await knownPeople(db, deps, tenantId, recipients)
  const occasion = { at, deadline: null, asked: new Set<Uid>() }
  const planned = toldTogether(planDeliveries(recipients, users, reach, null, occasion), groups)
  const origin = { tenantId, ticketId: '', event: reportEvent, key, at } as const
  await insertDeliveries(db, { ...deps, sharedChannels: [] }, origin, planned.map(saidOnce))
}

const inOneGroup = { code: 'same_group', message: 'another administrator is told of it in the same group' }

function saidOnce({ carriedBy, ...planned }: Together): PlannedDelivery {
  return carriedBy === undefined ? planned : { ...planned, state: 'suppressed', reason: inOneGroup, held: null }
}

/** The steps of the ladder go by the rule for reminders, and are counted from when each person is asked. */
async function announceLadder(
  db: Kysely<Database>,
  deps: OutboxDeps,
  notice: Notice,
  requests: readonly PlannedDelivery[],
): Promise<void> {
  const { tenantId, module, ladder } = notice
  const rule = await deps.tenants.rule(tenantId, module, 'reminded')
  if (rule?.enabled === false) return
  const people = await told(db, notice, rule)
  const { users, reach, groups } = await knownPeople(db, deps, tenantId, people)
  const occasion = occasionOf({ ...notice, event: 'reminded' })
  const planned = planDeliveries(people, users, reach, rule, occasion)
  for (const { key, deliveries } of planLadder({ ladder, requests, planned, reach, occasion })) {
    if (deliveries.length > 0)
      await insertDeliveries(db, deps, { ...notice, event: 'reminded', key }, toldTogether(deliveries, groups))
  }
}

async function told(db: Kysely<Database>, notice: Notice, rule: NotificationRule | null): Promise<Uid[]> {
  if (notice.onlyRecipients === true) return [...new Set(notice.recipients)]
  return audience(notice, rule, await peopleByRole(db, notice.tenantId, rule))
}

/** Roles that are the tenant's to give, and not the ticket's. */
const givenRoles = ['dba', 'admin', 'security_admin'] as const

async function peopleByRole(db: Kysely<Database>, tenantId: string, rule: NotificationRule | null): Promise<Uid[]> {
  const wanted = givenRoles.filter((role) => rule?.enabled === true && rule.roles.includes(role))
  if (wanted.length === 0) return []
  const rows = await db
    .selectFrom('users')
    .select('uid')
    .where('tenant_id', '=', tenantId)
    .where('disabled', '=', 0)
    // A list of JSON strings: the quotes keep `admin` and `security_admin` apart.
    .where((eb) => eb.or(wanted.map((role) => eb('roles', 'like', `%"${role}"%`))))
    .orderBy('uid')
    .execute()
  return rows.map(({ uid }) => uid)
}

/**
 * The submitter sees the card of the approvers where it is one and the same; nothing is sent to them alone, so that
 * nobody sees it before the first approver does.
 */
function onlookersOf(
  { sharedChannels }: OutboxDeps,
  { onlookers }: Notice,
  planned: readonly PlannedDelivery[],
  { users, reach }: KnownPeople,
  occasion: Occasion,
): PlannedDelivery[] {
  const present = onlookers.filter((uid) => users.get(uid)?.disabled === false)
  const wanted = new Map(
    present.map((uid) => {
      const channels = (reach.get(uid)?.channels ?? []).flatMap(({ channel, isWanted }) => (isWanted ? [channel] : []))
      return [uid, channels] as const
    }),
  )
  return onlookersOn(sharedChannels, planned, wanted).map(({ recipient, channel }) => {
    const starts = planned.filter((each) => each.channel === channel && each.state === 'queued').map(({ held }) => held)
    const first = starts.includes(null)
      ? null
      : (starts.toSorted((a, b) => (a?.dueAt ?? 0) - (b?.dueAt ?? 0))[0] ?? null)
    const timing = reach.get(recipient)?.timing
    const at = Math.max(occasion.at, first?.dueAt ?? 0)
    const own = timing === undefined ? null : heldFor(recipient, { ...occasion, at }, timing, false)
    return { recipient, channel, state: 'queued', reason: null, held: own ?? first }
  })
}

/** Who has not been told yet of the request itself, on a channel that holds it, needs no reminder beside it there. */
async function notBeforeRequests(
  db: Kysely<Database>,
  { tenantId, ticketId }: Notice,
  planned: readonly PlannedDelivery[],
): Promise<PlannedDelivery[]> {
  const waiting = await db
    .selectFrom('deliveries')
    .select(['recipient', 'channel'])
    .where('tenant_id', '=', tenantId)
    .where('ticket_id', '=', ticketId)
    .where('event', '=', 'pending')
    .where('state', '=', 'queued')
    .where('waits_for', 'in', ['quiet_hours', 'digest'])
    .execute()
  const message = 'the request itself has not been sent yet, and says the same'
  return planned.map((each) => {
    const isWaiting = waiting.some(({ recipient, channel }) => recipient === each.recipient && channel === each.channel)
    if (!isWaiting || each.state !== 'queued') return each
    return { ...each, state: 'suppressed', reason: { code: 'not_asked_yet', message }, held: null }
  })
}

type Origin = Pick<Notice, 'tenantId' | 'ticketId' | 'key' | 'at'> & { event: NoticeEvent | typeof reportEvent }

/** Stores what was planned, once: what is there already stays as it is. */
export async function insertDeliveries(
  db: Kysely<Database>,
  deps: Pick<OutboxDeps, 'newId' | 'sharedChannels'>,
  origin: Origin,
  planned: readonly Together[],
): Promise<void> {
  const { tenantId, ticketId, event, key, at } = origin
  const isShared = (channel: string): boolean => deps.sharedChannels.some((name) => name === channel)
  const dueAt = ({ state, channel, held, carriedBy }: Together): number | null => {
    if (state !== 'queued' || carriedBy !== undefined) return null
    // A shared card's carrier comes due for them.
    return held?.dueAt ?? (isShared(channel) ? null : at)
  }
  const ids = planned.map(() => deps.newId())
  const each = <Name extends string, Item>(name: Name, of: (delivery: Together) => Item) =>
    numbered(name, planned.map(of))
  const { rows } = await insertDeliveryRows(planned.length)(db, {
    tenantId,
    ticketId,
    event,
    key,
    at,
    ...numbered('id', ids),
    ...each('recipient', ({ recipient }) => recipient),
    ...each('channel', ({ channel }) => channel),
    ...each('state', ({ state }) => state),
    ...each('dueAt', dueAt),
    ...each('waitsFor', ({ held }) => held?.waitsFor ?? null),
    ...each('carriedBy', ({ carriedBy }) => (carriedBy === undefined ? null : (ids[carriedBy] ?? null))),
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
    planned.flatMap(({ state, channel, held }) =>
      state === 'queued' && held === null && isShared(channel) ? [channel] : [],
    ),
  )
  await callCarriers(
    db,
    origin,
    [...carried].map((channel) => ({ id: deps.newId(), channel })),
  )
}
