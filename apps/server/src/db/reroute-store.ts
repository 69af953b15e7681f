import { RerouteScope, type TenantId, trialModule, type Uid, Via } from '@countersign/contracts'
import { type Kysely, type Selectable, sql } from 'kysely'
import { stuckNodes } from '#server/tickets/only-them.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { decodeCursor, encodeCursor, NumberCursor } from './cursor.ts'
import { scan, type Window } from './scan.ts'
import type { Database, RerouteTable } from './schema.ts'
import type { Page } from './stores.ts'
import { ticketOf } from './ticket-rows.ts'
import { searchPattern } from './ticket-search.ts'

/** That what waits for a disabled person goes to others. */
export interface Reroute {
  tenantId: TenantId
  /** Whose places go. */
  uid: Uid
  /** Another one with every order. */
  revision: string
  successors: Uid[]
  scope: RerouteScope
  comment: string | null
  /** An administrator, or `provisioning`. */
  orderedBy: string
  via: Via
  orderedAt: number
  isRunning: boolean
  /** Tickets up to this number have been looked at. */
  afterNumber: number
  /** Tickets of which something has changed hands. */
  moved: number
}

export type NewReroute = Omit<Reroute, 'revision' | 'isRunning' | 'afterNumber' | 'moved'>
type Named = Pick<Reroute, 'tenantId' | 'uid' | 'revision'>

/**
 * Orders to re-route, one of each disabled person, and how far each has come. They are carried out ticket by ticket, by
 * any instance; an order stands for as long as the person is disabled.
 */
export interface RerouteStore {
  /** Takes the place of an earlier order of the same person, and begins anew. */
  put(order: NewReroute): Promise<void>
  find(tenantId: TenantId, uid: Uid): Promise<Reroute | null>
  /** From then on nothing more changes hands by it. False: there was none. */
  withdraw(tenantId: TenantId, uid: Uid): Promise<boolean>
  /**
   * An order with something to do, leased: one that is running, or one that is done and whose person a ticket has come back
   * to since. Null: there is none.
   */
  claim(owner: string, lease: { now: number; leaseMs: number }): Promise<Reroute | null>
  /** Keeps the order as it is until the unit of work ends. False: it was withdrawn, or another has taken its place. */
  hold(order: Named): Promise<boolean>
  countMoved(order: Named): Promise<void>
  /** Notes how far it has come; the lease begins anew. False: it was lost. */
  goOn(owner: string, order: Named & { afterNumber: number }, lease: { now: number; leaseMs: number }): Promise<boolean>
  /** `isDone`: every ticket has been looked at. `dueAt`: from then on it is worth a look again. */
  giveBack(
    owner: string,
    order: Named & { afterNumber: number },
    state: { isDone: boolean; dueAt: number },
  ): Promise<void>
  /** Pending tickets that name the person, lowest number first, above this one. */
  pendingNaming(tenantId: TenantId, uid: Uid, afterNumber: number, limit: number): Promise<Ticket[]>
  /** Who is disabled. */
  absent(tenantId: TenantId): Promise<Set<Uid>>
  /** Tickets with a step that nobody can complete without these, newest first. Throws AppError('invalid_cursor'). */
  stuck(
    tenantId: TenantId,
    absent: ReadonlySet<Uid>,
    page: { limit: number; cursor?: string | undefined },
  ): Promise<Page<Ticket>>
}

/** Clocks of instances differ, and what began before a sweep may commit after it. */
const sweepMarginMs = 60_000
/** Pending tickets that are looked at in one statement. */
const windowSize = 1_000

export function createRerouteStore(db: Kysely<Database>, newId: () => string): RerouteStore {
  return { ...orders(db, newId), ...leases(db), ...tickets(db) }
}

function orders(db: Kysely<Database>, newId: () => string): Pick<RerouteStore, 'put' | 'find' | 'withdraw'> {
  return {
    async put({ tenantId, uid, successors, scope, comment, orderedBy, via, orderedAt }) {
      const fresh = {
        ...{ revision: newId(), successors: JSON.stringify(successors), scope, comment, ordered_by: orderedBy, via },
        ...{ ordered_at: orderedAt, state: 'running', after_number: 0, moved: 0, swept_at: orderedAt },
        ...{ due_at: orderedAt, lease_owner: null, lease_until: null },
      }
      await db
        .insertInto('reroutes')
        .values({ tenant_id: tenantId, uid, ...fresh })
        .onConflict((on) => on.columns(['tenant_id', 'uid']).doUpdateSet(fresh))
        .execute()
    },
    async find(tenantId, uid) {
      const row = await db
        .selectFrom('reroutes')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where('uid', '=', uid)
        .executeTakeFirst()
      return row === undefined ? null : rerouteOf(row)
    },
    async withdraw(tenantId, uid) {
      const { numDeletedRows } = await db
        .deleteFrom('reroutes')
        .where('tenant_id', '=', tenantId)
        .where('uid', '=', uid)
        .executeTakeFirstOrThrow()
      return numDeletedRows === 1n
    },
  }
}

function leases(db: Kysely<Database>): Pick<RerouteStore, 'claim' | 'hold' | 'countMoved' | 'goOn' | 'giveBack'> {
  const update = ({ tenantId, uid, revision }: Named) =>
    db.updateTable('reroutes').where('tenant_id', '=', tenantId).where('uid', '=', uid).where('revision', '=', revision)
  return {
    async claim(owner, { now, leaseMs }) {
      const { rows } = await sql<Selectable<RerouteTable>>`
        update reroutes set lease_owner = ${owner}, lease_until = ${now + leaseMs},
          swept_at = case when state = 'running' and after_number > 0 then swept_at else ${now} end,
          after_number = case when state = 'running' then after_number else 0 end, state = 'running'
        where (tenant_id, uid) in (
          select tenant_id, uid from reroutes
          where due_at <= ${now} and (lease_until is null or lease_until <= ${now})
            and (state = 'running' or exists (
              select 1 from ticket_people as person
              where person.tenant_id = reroutes.tenant_id and person.uid = reroutes.uid and person.tab = 'pending'
                and person.sort_at > reroutes.swept_at - ${sweepMarginMs}))
          order by due_at, tenant_id, uid limit 1)
          and (lease_until is null or lease_until <= ${now})
        returning *`.execute(db)
      const [row] = rows
      return row === undefined ? null : rerouteOf(row)
    },
    async hold(order) {
      const { numUpdatedRows } = await update(order)
        // A write, so that nobody withdraws it before this unit of work has ended.
        .set((eb) => ({ moved: eb.ref('moved') }))
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },
    async countMoved(order) {
      await update(order)
        .set((eb) => ({ moved: eb('moved', '+', 1) }))
        .execute()
    },
    async goOn(owner, order, { now, leaseMs }) {
      const { numUpdatedRows } = await update(order)
        .set({ after_number: order.afterNumber, lease_until: now + leaseMs })
        .where('lease_owner', '=', owner)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },
    async giveBack(owner, order, { isDone, dueAt }) {
      await update(order)
        .set({ state: isDone ? 'done' : 'running', after_number: order.afterNumber })
        .set({ due_at: dueAt, lease_owner: null, lease_until: null })
        .where('lease_owner', '=', owner)
        .execute()
    },
  }
}

function tickets(db: Kysely<Database>): Pick<RerouteStore, 'pendingNaming' | 'absent' | 'stuck'> {
  const pending = (tenantId: TenantId) =>
    db
      .selectFrom('tickets')
      .where('tenant_id', '=', tenantId)
      // Written out, so that the index of pending tickets is used.
      .where(sql<boolean>`status = 'pending'`)
      .where('module', '!=', trialModule)
  return {
    async pendingNaming(tenantId, uid, afterNumber, limit) {
      const rows = await pending(tenantId)
        .selectAll()
        .where('number', '>', afterNumber)
        .where(sql<boolean>`lower(nodes) like ${searchPattern(JSON.stringify(uid))} escape '\\'`)
        .orderBy('number')
        .limit(limit)
        .execute()
      return rows.map(ticketOf)
    },
    async absent(tenantId) {
      const rows = await db
        .selectFrom('users')
        .select('uid')
        .where('tenant_id', '=', tenantId)
        .where('disabled', '=', 1)
        .execute()
      return new Set(rows.map(({ uid }) => uid))
    },
    async stuck(tenantId, absent, { limit, cursor }) {
      if (absent.size === 0) return { items: [], nextCursor: null }
      const isActive = (uid: Uid): boolean => !absent.has(uid)
      const below = cursor === undefined ? Number.MAX_SAFE_INTEGER : decodeCursor(cursor, NumberCursor)[0]
      const read = async (from: number): Promise<Window<Ticket, number>> => {
        // A ticket's content may be large: it is read only of those that are shown.
        const rows = await pending(tenantId)
          .select(['id', 'number', 'status', 'current_node', 'nodes'])
          .where('number', '<', from)
          .orderBy('number', 'desc')
          .limit(windowSize)
          .execute()
        const found = rows.filter((row) => stuckNodes(progressOf(row), isActive).length > 0)
        const last = rows.at(-1)
        const next = rows.length < windowSize || last === undefined ? null : last.number
        return { rows: await whole(found.map(({ id }) => id)), next }
      }
      const { rows, next } = await scan(below, limit, read)
      const shown = rows.slice(0, limit)
      const last = shown.at(-1)
      const end = rows.length > limit && last !== undefined ? last.number : next
      return { items: shown, nextCursor: end === null ? null : encodeCursor([end]) }

      async function whole(ids: readonly string[]): Promise<Ticket[]> {
        if (ids.length === 0) return []
        const full = await pending(tenantId).selectAll().where('id', 'in', ids).orderBy('number', 'desc').execute()
        return full.map(ticketOf)
      }
    },
  }
}

type ProgressRow = Pick<Database['tickets'], 'status' | 'current_node' | 'nodes'>

function progressOf({
  status,
  current_node: currentNode,
  nodes,
}: ProgressRow): Pick<Ticket, 'status' | 'currentNode' | 'nodes'> {
  return { status: status as Ticket['status'], currentNode, nodes: JSON.parse(nodes) }
}

function rerouteOf(row: Selectable<RerouteTable>): Reroute {
  return {
    tenantId: row.tenant_id,
    uid: row.uid,
    revision: row.revision,
    successors: JSON.parse(row.successors),
    scope: RerouteScope.parse(row.scope),
    comment: row.comment,
    orderedBy: row.ordered_by,
    via: Via.parse(row.via),
    orderedAt: Number(row.ordered_at),
    isRunning: row.state === 'running',
    afterNumber: Number(row.after_number),
    moved: Number(row.moved),
  }
}
