import type { TicketTab } from '@countersign/contracts'
import { type ExpressionBuilder, type Kysely, sql } from 'kysely'
import type { HistoryEntry, Ticket } from '#server/tickets/ticket.ts'
import { decodeCursor, encodeCursor, NumberCursor } from './cursor.ts'
import { createPersonLists } from './person-lists.ts'
import { scan, type Window } from './scan.ts'
import type { Database, TicketTable } from './schema.ts'
import { statement } from './statement.ts'
import type { Page, TicketFilter, TicketQueries } from './stores.ts'
import { historyEntryOf, ticketOf } from './ticket-rows.ts'
import { numberIn, searchPattern } from './ticket-search.ts'

/** How many tickets a filtered list looks at in one statement; numbers are dense, so a range of them is that many rows. */
const windowSize = 5_000

export function createTicketLists(
  db: Kysely<Database>,
): Pick<TicketQueries, 'list' | 'listForPerson' | 'counts' | 'historyOf'> {
  return {
    ...createPersonLists(db),
    async list(tenantId, filter, { limit, cursor }) {
      const below = cursor === undefined ? null : decodeCursor(cursor, NumberCursor)[0]
      const isDirect = Object.values(filter).every((value) => value === undefined) || filter.externalId !== undefined
      if (isDirect) {
        const rows = await listRange(db, tenantId, filter, { below, from: null, limit: limit + 1 })
        return page(rows, limit, null)
      }
      const start = below ?? (await highestNumber(db, tenantId)) + 1
      const found = await scan(start, limit, (from, wanted) => listWindow(db, tenantId, filter, from, wanted))
      return page(found.rows, limit, found.next)
    },
    async historyOf(tenantId, ticketIds) {
      const histories = new Map<string, HistoryEntry[]>(ticketIds.map((id) => [id, []]))
      if (ticketIds.length === 0) return histories
      const rows = await db
        .selectFrom('ticket_history')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where('ticket_id', 'in', [...histories.keys()])
        .orderBy('ticket_id')
        .orderBy('seq')
        .execute()
      for (const row of rows) histories.get(row.ticket_id)?.push(historyEntryOf(row))
      return histories
    },
  }
}

async function listWindow(
  db: Kysely<Database>,
  tenantId: string,
  filter: TicketFilter,
  below: number,
  limit: number,
): Promise<Window<TicketTable, number>> {
  const from = below - windowSize
  const rows = await listRange(db, tenantId, filter, { below, from, limit })
  return { rows, next: from > 0 ? from : null }
}

function listRange(
  db: Kysely<Database>,
  tenantId: string,
  filter: TicketFilter,
  range: { below: number | null; from: number | null; limit: number },
): Promise<TicketTable[]> {
  let query = db.selectFrom('tickets').selectAll().where('tenant_id', '=', tenantId)
  if (range.below !== null) query = query.where('number', '<', range.below)
  if (range.from !== null) query = query.where('number', '>=', range.from)
  return query
    .where((eb) => eb.and(conditions(eb, tenantId, filter)))
    .orderBy('number', 'desc')
    .limit(range.limit)
    .execute()
}

const highest = statement<{ tenantId: string }, { number: number }>((db, value) =>
  db
    .selectFrom('tickets')
    .select('number')
    .where('tenant_id', '=', value('tenantId'))
    .orderBy('number', 'desc')
    .limit(1),
)

async function highestNumber(db: Kysely<Database>, tenantId: string): Promise<number> {
  return (await highest(db, { tenantId })).rows[0]?.number ?? 0
}

function conditions(eb: ExpressionBuilder<Database, 'tickets'>, tenantId: string, filter: TicketFilter) {
  const { status, module, submitter, externalId, approver, q } = filter
  const isApprover = (uid: string) =>
    eb.exists(
      eb
        .selectFrom('ticket_people')
        .select(sql`1`.as('one'))
        .whereRef('ticket_people.tenant_id', '=', 'tickets.tenant_id')
        .whereRef('ticket_people.ticket_id', '=', 'tickets.id')
        .where('ticket_people.uid', '=', uid)
        .where('ticket_people.tab', 'in', ['pending', 'done'] satisfies TicketTab[]),
    )
  const matches = (text: string) =>
    eb.or([
      sql<boolean>`search_text like ${searchPattern(text)} escape '\\'`,
      eb('number', '=', numberIn(text)),
      sql<boolean>`submitter in (select uid from users
        where users.tenant_id = ${tenantId} and lower(users.name) like ${searchPattern(text)} escape '\\')`,
    ])
  return [
    ...(status === undefined ? [] : [eb('status', '=', status)]),
    ...(module === undefined ? [] : [eb('module', '=', module)]),
    ...(submitter === undefined ? [] : [eb('submitter', '=', submitter)]),
    ...(externalId === undefined ? [] : [eb('external_id', '=', externalId)]),
    ...(approver === undefined ? [] : [isApprover(approver)]),
    ...(q === undefined ? [] : [matches(q)]),
  ]
}

/** `next`: where to go on when the rows found do not fill the page and there may be more. */
function page(rows: readonly TicketTable[], limit: number, next: number | null): Page<Ticket> {
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? (shown.at(-1)?.number ?? null) : next
  return { items: shown.map(ticketOf), nextCursor: last === null ? null : encodeCursor([last]) }
}
