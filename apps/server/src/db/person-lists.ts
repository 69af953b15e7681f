import type { TicketTab } from '@countersign/contracts'
import { type Kysely, sql } from 'kysely'
import type { Ticket } from '#server/tickets/ticket.ts'
import { decodeCursor, encodeCursor, PersonCursor } from './cursor.ts'
import { scan, type Window } from './scan.ts'
import type { Database, TicketTable } from './schema.ts'
import { statement } from './statement.ts'
import type { Page, TicketQueries } from './stores.ts'
import { ticketOf } from './ticket-rows.ts'
import { numberIn, searchPattern } from './ticket-search.ts'

/** Lists are counted up to here: nobody reads a larger number, and counting on would cost more with every ticket. */
const countLimit = 1_000
/** How many tickets of a list a search looks at in one statement. */
const windowSize = 2_000

/** When a ticket came into the list, and its id: the order of the list, newest first. */
type Position = [sortAt: number, ticketId: string]

/** Before every row there can be. */
const newest: Position = [Number.MAX_SAFE_INTEGER, '']

export function createPersonLists(db: Kysely<Database>): Pick<TicketQueries, 'listForPerson' | 'counts'> {
  return {
    async listForPerson(tenantId, uid, tab, { limit, cursor, q }) {
      const from = cursor === undefined ? newest : decodeCursor(cursor, PersonCursor)
      const list = { tenantId, uid, tab }
      if (q === undefined) {
        const { rows } = await personPage(db, { ...list, sortAt: from[0], ticketId: from[1], limit: limit + 1 })
        return page(rows, limit, null)
      }
      const found = await scan(from, limit, (position, wanted) => searchWindow(db, list, q, position, wanted))
      return page(found.rows, limit, found.next)
    },
    async counts(tenantId, uid) {
      const counts: Record<TicketTab, number> = { pending: 0, done: 0, submitted: 0, cc: 0 }
      const { rows } = await countLists(db, { tenantId, uid })
      for (const { tab, count } of rows) counts[tab] = count
      return counts
    },
  }
}

interface List {
  tenantId: string
  uid: string
  tab: string
}
interface From extends List {
  sortAt: number
  ticketId: string
  limit: number
}
type PersonRow = TicketTable & { sort_at: number }
type Value<Values> = <Name extends keyof Values & string>(name: Name) => Values[Name]

/** Walks the index of the list from a position on. */
const entries = (db: Kysely<Database>, value: Value<From>) =>
  db
    .selectFrom('ticket_people as person')
    .where('person.tenant_id', '=', value('tenantId'))
    .where('person.uid', '=', value('uid'))
    .where('person.tab', '=', value('tab'))
    .where(({ eb, refTuple, tuple }) =>
      eb(refTuple('person.sort_at', 'person.ticket_id'), '<', tuple(value('sortAt'), value('ticketId'))),
    )
    .orderBy('person.sort_at', 'desc')
    .orderBy('person.ticket_id', 'desc')

/** A ticket is looked at only when it is on the page. */
const personPage = statement<From, PersonRow>((db, value) =>
  entries(db, value)
    .innerJoin('tickets as ticket', (join) =>
      join.onRef('ticket.tenant_id', '=', 'person.tenant_id').onRef('ticket.id', '=', 'person.ticket_id'),
    )
    .selectAll('ticket')
    .select('person.sort_at')
    .limit(value('limit')),
)

const windowEnd = statement<From, { sort_at: number; ticket_id: string }>((db, value) =>
  entries(db, value)
    .select(['person.sort_at', 'person.ticket_id'])
    .offset(windowSize - 1)
    .limit(1),
)

const windowMatches = statement<From & { pattern: string; number: number }, PersonRow>((db, value) =>
  db
    .selectFrom(
      entries(db, value)
        .select(['person.tenant_id', 'person.ticket_id', 'person.sort_at'])
        .limit(windowSize)
        .as('entry'),
    )
    .innerJoin('tickets as ticket', (join) =>
      join.onRef('ticket.tenant_id', '=', 'entry.tenant_id').onRef('ticket.id', '=', 'entry.ticket_id'),
    )
    .selectAll('ticket')
    .select('entry.sort_at')
    .where((eb) =>
      eb.or([
        sql<boolean>`ticket.search_text like ${value('pattern')} escape '\\'`,
        eb('ticket.number', '=', value('number')),
        sql<boolean>`ticket.submitter in (select uid from users
          where users.tenant_id = ${value('tenantId')} and lower(users.name) like ${value('pattern')} escape '\\')`,
      ]),
    )
    .orderBy('entry.sort_at', 'desc')
    .orderBy('entry.ticket_id', 'desc')
    .limit(value('limit')),
)

async function searchWindow(
  db: Kysely<Database>,
  list: List,
  q: string,
  [sortAt, ticketId]: Position,
  limit: number,
): Promise<Window<PersonRow, Position>> {
  const from = { ...list, sortAt, ticketId, limit }
  const end = (await windowEnd(db, from)).rows[0]
  const { rows } = await windowMatches(db, { ...from, pattern: searchPattern(q), number: numberIn(q) })
  return { rows, next: end === undefined ? null : [end.sort_at, end.ticket_id] }
}

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

/** `next`: where to go on when the rows found do not fill the page and there may be more. */
function page(rows: readonly PersonRow[], limit: number, next: Position | null): Page<Ticket> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const position: Position | null = rows.length > limit && last !== undefined ? [last.sort_at, last.id] : next
  return { items: shown.map(ticketOf), nextCursor: position === null ? null : encodeCursor(position) }
}
