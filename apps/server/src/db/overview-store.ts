import { type TenantId, type TicketStatus, trialModule, type Uid } from '@countersign/contracts'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Engine } from './engine.ts'
import type { Database } from './schema.ts'

/** The slots in which tickets are counted: every time zone's days are whole numbers of them. */
export const slotMs = 15 * 60_000

/** What an overview is about. Times are epoch milliseconds. */
export interface OverviewScope {
  tenantId: TenantId
  since: number
  /** Undefined: all of them. */
  module?: string | undefined
}

export interface PendingCount {
  module: string
  count: number
  overdue: number
  oldestAt: number
}

export interface SettledTicket {
  createdAt: number
  decidedAt: number
}

/** A decision of a person, and when the step began at which it was made. */
export interface TimedDecision {
  uid: Uid
  action: 'approve' | 'reject'
  at: number
  beganAt: number
  module: string
  nodeName: string
}

/** Figures over many tickets. What reads row by row takes the newest `limit` of them. */
export interface OverviewStore {
  pendingByModule(scope: OverviewScope, now: number): Promise<PendingCount[]>
  /** How many pending tickets were submitted from each of these times on, before the one before it; the last number is of older ones. */
  pendingByAge(scope: OverviewScope, from: readonly number[]): Promise<number[]>
  /** For whom tickets wait, the longest list first. */
  pendingByPerson(scope: OverviewScope, limit: number): Promise<{ uid: Uid; count: number; since: number }[]>
  /** By slot: its number is its time divided by `slotMs`. */
  submittedBySlot(scope: OverviewScope): Promise<{ slot: number; count: number }[]>
  settledBySlot(scope: OverviewScope): Promise<{ slot: number; status: TicketStatus; count: number }[]>
  settled(scope: OverviewScope, limit: number): Promise<SettledTicket[]>
  decisions(scope: OverviewScope, limit: number): Promise<TimedDecision[]>
  deliveries(scope: OverviewScope, limit: number): Promise<{ id: string; channel: string; state: string }[]>
  /** The last answer to each of these deliveries, by channel and code, the most frequent first. */
  lastAnswers(
    tenantId: TenantId,
    deliveryIds: readonly string[],
  ): Promise<{ channel: string; code: string; count: number }[]>
}

export function createOverviewStore(db: Kysely<Database>, engine: Engine): OverviewStore {
  const dueAt: RawBuilder<number | null> =
    engine === 'sqlite'
      ? sql`json_extract(tickets.content, '$.dueAt')`
      : sql`(tickets.content::jsonb ->> 'dueAt')::bigint`
  const nodeName: RawBuilder<string> =
    engine === 'sqlite'
      ? sql`json_extract(ticket.nodes, '$[' || entry.node || '].name')`
      : sql`ticket.nodes::jsonb -> entry.node ->> 'name'`
  /** Trials move nothing, and are no part of any figure; what tells of no ticket has no module. */
  const ofModule = ({ module }: OverviewScope, column: RawBuilder<string> = sql`module`): RawBuilder<boolean> =>
    module === undefined || module === trialModule
      ? sql`(${column} is null or ${column} <> ${trialModule})`
      : sql`${column} = ${module}`

  return {
    async pendingByModule(scope, now) {
      const { rows } = await sql<PendingCount>`
        select module, count(*) as count, min(created_at) as "oldestAt",
          coalesce(sum(case when ${dueAt} < ${now} then 1 else 0 end), 0) as overdue
        from tickets
        where tenant_id = ${scope.tenantId} and status = 'pending' and ${ofModule(scope)}
        group by module
        order by count desc, module`.execute(db)
      return rows.map((row) => ({ ...row, count: Number(row.count), overdue: Number(row.overdue) }))
    },
    async pendingByAge(scope, from) {
      const bounds = [Number.MAX_SAFE_INTEGER, ...from, 0]
      const counts = await Promise.all(
        bounds.slice(1).map(async (since, index) => {
          const { rows } = await sql<{ count: number }>`
            select count(*) as count from tickets
            where tenant_id = ${scope.tenantId} and status = 'pending' and ${ofModule(scope)}
              and created_at >= ${since} and created_at < ${bounds[index]}`.execute(db)
          return Number(rows[0]?.count ?? 0)
        }),
      )
      return counts
    },
    async pendingByPerson(scope, limit) {
      const { rows } = await sql<{ uid: Uid; count: number; since: number }>`
        select person.uid, count(*) as count, min(person.sort_at) as since
        from tickets join ticket_people as person
          on person.tenant_id = tickets.tenant_id and person.ticket_id = tickets.id and person.tab = 'pending'
        where tickets.tenant_id = ${scope.tenantId} and tickets.status = 'pending' and ${ofModule(scope)}
        group by person.uid
        order by count desc, since, person.uid
        limit ${limit}`.execute(db)
      return rows.map((row) => ({ ...row, count: Number(row.count) }))
    },
    async submittedBySlot(scope) {
      const { rows } = await sql<{ slot: number; count: number }>`
        select created_at / ${sql.lit(slotMs)} as slot, count(*) as count
        from tickets
        where tenant_id = ${scope.tenantId} and created_at >= ${scope.since} and ${ofModule(scope)}
        group by created_at / ${sql.lit(slotMs)}`.execute(db)
      return rows.map((row) => ({ slot: Number(row.slot), count: Number(row.count) }))
    },
    async settledBySlot(scope) {
      const { rows } = await sql<{ slot: number; status: TicketStatus; count: number }>`
        select decided_at / ${sql.lit(slotMs)} as slot, status, count(*) as count
        from tickets
        where tenant_id = ${scope.tenantId} and decided_at >= ${scope.since} and ${ofModule(scope)}
        group by decided_at / ${sql.lit(slotMs)}, status`.execute(db)
      return rows.map((row) => ({ ...row, slot: Number(row.slot), count: Number(row.count) }))
    },
    async settled(scope, limit) {
      const { rows } = await sql<SettledTicket>`
        select created_at as "createdAt", decided_at as "decidedAt"
        from tickets
        where tenant_id = ${scope.tenantId} and decided_at >= ${scope.since} and ${ofModule(scope)}
          and status in ('approved', 'rejected')
        order by decided_at desc
        limit ${limit}`.execute(db)
      return rows
    },
    async decisions(scope, limit) {
      // A step began with the last approval of the step before; the first one with the submission, or with the change
      // of the content that brought the ticket back to it.
      const { rows } = await sql<TimedDecision>`
        select entry.actor as uid, entry.action, entry.at, ticket.module, ${nodeName} as "nodeName",
          coalesce(
            (select max(before.at) from ticket_history as before
              where before.tenant_id = entry.tenant_id and before.ticket_id = entry.ticket_id
                and before.content_version = entry.content_version
                and before.action = 'approve' and before.node = entry.node - 1),
            (select max(start.at) from ticket_history as start
              where start.tenant_id = entry.tenant_id and start.ticket_id = entry.ticket_id
                and start.content_version = entry.content_version and start.action in ('submit', 'change')),
            ticket.created_at) as "beganAt"
        from ticket_history as entry join tickets as ticket
          on ticket.tenant_id = entry.tenant_id and ticket.id = entry.ticket_id
        where entry.tenant_id = ${scope.tenantId} and entry.action in ('approve', 'reject')
          and entry.at >= ${scope.since} and ${ofModule(scope, sql`ticket.module`)}
        order by entry.at desc
        limit ${limit}`.execute(db)
      return rows
    },
    async deliveries(scope, limit) {
      // Ids are in the order in which they were made, and no other index leads to the newest.
      const { rows } = await sql<{ id: string; channel: string; state: string; at: number }>`
        select newest.id, newest.channel, newest.state
        from (
          select id, ticket_id, channel, state, created_at from deliveries
          where tenant_id = ${scope.tenantId} order by id desc limit ${limit}
        ) as newest left join tickets as ticket on ticket.tenant_id = ${scope.tenantId} and ticket.id = newest.ticket_id
        where newest.created_at >= ${scope.since} and ${ofModule(scope, sql`ticket.module`)}`.execute(db)
      return rows
    },
    async lastAnswers(tenantId, deliveryIds) {
      if (deliveryIds.length === 0) return []
      const { rows } = await sql<{ channel: string; code: string; count: number }>`
        select delivery.channel, attempt.code, count(*) as count
        from deliveries as delivery join delivery_attempts as attempt
          on attempt.tenant_id = delivery.tenant_id and attempt.delivery_id = delivery.id
        where delivery.tenant_id = ${tenantId} and delivery.id in (${sql.join([...deliveryIds])})
          and attempt.seq = (select max(last.seq) from delivery_attempts as last
            where last.tenant_id = delivery.tenant_id and last.delivery_id = delivery.id)
        group by delivery.channel, attempt.code
        order by count desc, delivery.channel, attempt.code`.execute(db)
      return rows.map((row) => ({ ...row, count: Number(row.count) }))
    },
  }
}
