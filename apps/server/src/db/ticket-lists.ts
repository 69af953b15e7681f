import type { TicketTab } from '@countersign/contracts'
import { type ExpressionBuilder, type Kysely, sql } from 'kysely'
import type { HistoryEntry } from '#server/tickets/ticket.ts'
import { decodeCursor, encodeCursor, NumberCursor, PersonCursor } from './cursor.ts'
import type { Database, TicketTable } from './schema.ts'
import { statement } from './statement.ts'
import type { TicketFilter, TicketQueries } from './stores.ts'
import { historyEntryOf, ticketOf } from './ticket-rows.ts'

/** Lists are counted up to here: nobody reads a larger number, and counting on would cost more with every ticket. */
const countLimit = 1_000

export function createTicketLists(
  db: Kysely<Database>,
): Pick<TicketQueries, 'list' | 'listForPerson' | 'counts' | 'historyOf'> {
  return {
    async list(tenantId, filter, { limit, cursor }) {
      let query = db.selectFrom('tickets').selectAll().where('tenant_id', '=', tenantId)
      if (cursor !== undefined) query = query.where('number', '<', decodeCursor(cursor, NumberCursor)[0])
      const rows = await query
        .where((eb) => eb.and(conditions(eb, filter)))
        .orderBy('number', 'desc')
        .limit(limit + 1)
        .execute()
      return page(rows, limit, (row) => [row.number])
    },
    async listForPerson(tenantId, uid, tab, { limit, cursor, q }) {
      const from = cursor === undefined ? newest : decodeCursor(cursor, PersonCursor)
      const values = { tenantId, uid, tab, sortAt: from[0], ticketId: from[1], limit: limit + 1 }
      const { rows } =
        q === undefined
          ? await personPage(db, values)
          : await personSearch(db, { ...values, pattern: searchPattern(q), number: numberIn(q) })
      return page(rows, limit, (row) => [row.sort_at, row.id])
    },
    async counts(tenantId, uid) {
      const counts: Record<TicketTab, number> = { pending: 0, done: 0, submitted: 0, cc: 0 }
      const { rows } = await countLists(db, { tenantId, uid })
      for (const { tab, count } of rows) counts[tab] = count
      return counts
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

function conditions(eb: ExpressionBuilder<Database, 'tickets'>, filter: TicketFilter) {
  const { status, module, submitter, externalId, approver, q } = filter
  const isApprover = (uid: string) =>
    eb.exists(
      eb
        .selectFrom('ticket_people')
        .select(sql`1`.as('one'))
        .whereRef('ticket_people.tenant_id', '=', 'tickets.tenant_id')
        .whereRef('ticket_people.ticket_id', '=', 'tickets.id')
        .where('ticket_people.uid', '=', uid)
        .where('ticket_people.tab', 'in', ['pending', 'done']),
    )
  return [
    ...(status === undefined ? [] : [eb('status', '=', status)]),
    ...(module === undefined ? [] : [eb('module', '=', module)]),
    ...(submitter === undefined ? [] : [eb('submitter', '=', submitter)]),
    ...(externalId === undefined ? [] : [eb('external_id', '=', externalId)]),
    ...(approver === undefined ? [] : [isApprover(approver)]),
    ...(q === undefined
      ? []
      : [eb.or([sql<boolean>`search_text like ${searchPattern(q)} escape '\\'`, eb('number', '=', numberIn(q))])]),
  ]
}

/** What people type is text, never a pattern. Stored lower-case, see searchText. */
function searchPattern(q: string): string {
  return `%${q.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
}

/** `1042` and `#1042` name a ticket; -1 names none. */
function numberIn(q: string): number {
  const digits = /^#?(\d{1,15})$/.exec(q.trim())?.[1]
  return digits === undefined ? -1 : Number(digits)
}

interface PersonPage {
  tenantId: string
  uid: string
  tab: string
  sortAt: number
  ticketId: string
  limit: number
}
type PersonRow = TicketTable & { sort_at: number }

/** Before every row there can be. */
const newest: [number, string] = [Number.MAX_SAFE_INTEGER, '']

/** Walks the index of the list from the cursor on; a ticket is looked at only when it is on the page. */
const personRows = (db: Kysely<Database>, value: <Name extends keyof PersonPage>(name: Name) => PersonPage[Name]) =>
  db
    .selectFrom('ticket_people as person')
    .innerJoin('tickets as ticket', (join) =>
      join.onRef('ticket.tenant_id', '=', 'person.tenant_id').onRef('ticket.id', '=', 'person.ticket_id'),
    )
    .selectAll('ticket')
    .select('person.sort_at')
    .where('person.tenant_id', '=', value('tenantId'))
    .where('person.uid', '=', value('uid'))
    .where('person.tab', '=', value('tab'))
    .where(({ eb, refTuple, tuple }) =>
      eb(refTuple('person.sort_at', 'person.ticket_id'), '<', tuple(value('sortAt'), value('ticketId'))),
    )
    .orderBy('person.sort_at', 'desc')
    .orderBy('person.ticket_id', 'desc')
    .limit(value('limit'))

const personPage = statement<PersonPage, PersonRow>((db, value) => personRows(db, value))

const personSearch = statement<PersonPage & { pattern: string; number: number }, PersonRow>((db, value) =>
  personRows(db, value).where((eb) =>
    eb.or([
      sql<boolean>`ticket.search_text like ${value('pattern')} escape '\\'`,
      eb('ticket.number', '=', value('number')),
    ]),
  ),
)

const tabs: readonly TicketTab[] = ['pending', 'done', 'submitted', 'cc']

const countLists = statement<{ tenantId: string; uid: string }, { tab: TicketTab; count: number }>((db, value) => {
  const [firstTab, ...otherTabs] = tabs.map((tab) =>
    db
      .selectFrom((eb) =>
        eb
          .selectFrom('ticket_people')
          .select(sql`1`.as('one'))
          .where('tenant_id', '=', value('tenantId'))
          .where('uid', '=', value('uid'))
          .where('tab', '=', tab)
          .limit(countLimit)
          .as('entries'),
      )
      .select(({ fn }) => [sql<TicketTab>`${sql.lit(tab)}`.as('tab'), fn.countAll<number>().as('count')]),
  )
  if (firstTab === undefined) throw new Error('there are no lists')
  return otherTabs.reduce((all, next) => all.unionAll(next), firstTab)
})

function page<Row extends TicketTable>(
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => (string | number)[],
) {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = rows.length > limit && last !== undefined
  return { items: shown.map(ticketOf), nextCursor: hasMore ? encodeCursor(positionOf(last)) : null }
}
