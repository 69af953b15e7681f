import type { Kysely } from 'kysely'
import { type Involvement, involvement } from '#server/tickets/involvement.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import type { Database } from './schema.ts'
import { type Statement, statement } from './statement.ts'

/* Keeps `ticket_people`, the lists of every person, in step with a ticket; touches only the rows that differ. */

interface Move {
  tenantId: string
  ticketId: string
  from: string
  to: string
  at: number
  [uid: `uid${number}`]: string
}
interface Entry {
  tenantId: string
  ticketId: string
  uid: string
  tab: string
  at: number
}

export async function enterLists(db: Kysely<Database>, ticket: Ticket): Promise<void> {
  await insertAll(db, ticket, involvement(ticket), ticket.createdAt)
}

/** Rows that enter a list come in at `after.updatedAt`; those that stay keep their place. */
export async function updateLists(db: Kysely<Database>, before: Ticket, after: Ticket): Promise<void> {
  const was = keyed(involvement(before))
  const is = keyed(involvement(after))
  const left = [...was].filter(([key]) => !is.has(key)).map(([, entry]) => entry)
  const entered = [...is].filter(([key]) => !was.has(key)).map(([, entry]) => entry)
  if (left.length === 0 && entered.length === 0) return
  const unmatched = new Map(entered.map((entry) => [entry.uid, entry]))
  const moves = new Map<string, { from: string; to: string; uids: string[] }>()
  for (const { uid, tab: from } of left) {
    const to = unmatched.get(uid)?.tab
    if (to === undefined) {
      await removeEntry(db, { tenantId: after.tenantId, ticketId: after.id, uid, tab: from })
      continue
    }
    unmatched.delete(uid)
    const move = moves.get(`${from}>${to}`) ?? { from, to, uids: [] }
    move.uids.push(uid)
    moves.set(`${from}>${to}`, move)
  }
  for (const { from, to, uids } of moves.values()) await moveEntries(db, after, from, to, uids)
  const moved = new Set([...moves.values()].flatMap((move) => move.uids.map((uid) => `${uid}\n${move.to}`)))
  await insertAll(
    db,
    after,
    entered.filter((entry) => !moved.has(keyOf(entry))),
    after.updatedAt,
  )
}

const keyOf = ({ uid, tab }: Involvement): string => `${uid}\n${tab}`

function keyed(entries: readonly Involvement[]): Map<string, Involvement> {
  return new Map(entries.map((entry) => [keyOf(entry), entry]))
}

const removeEntry = statement<Omit<Entry, 'at'>>((db, value) =>
  db
    .deleteFrom('ticket_people')
    .where('tenant_id', '=', value('tenantId'))
    .where('ticket_id', '=', value('ticketId'))
    .where('uid', '=', value('uid'))
    .where('tab', '=', value('tab')),
)

async function moveEntries(
  db: Kysely<Database>,
  ticket: Ticket,
  from: string,
  to: string,
  uids: readonly string[],
): Promise<void> {
  const named = Object.fromEntries(uids.map((uid, index) => [`uid${index}`, uid]))
  await moveOf(uids.length)(db, {
    tenantId: ticket.tenantId,
    ticketId: ticket.id,
    from,
    to,
    at: ticket.updatedAt,
    ...named,
  })
}

/** By the number of people who move together; a node has at most 100 approvers. */
const movesByCount = new Map<number, Statement<Move, unknown>>()

function moveOf(count: number): Statement<Move, unknown> {
  const known = movesByCount.get(count)
  if (known !== undefined) return known
  const fresh = statement<Move>((db, value) =>
    db
      .updateTable('ticket_people')
      .set({ tab: value('to'), sort_at: value('at') })
      .where('tenant_id', '=', value('tenantId'))
      .where('ticket_id', '=', value('ticketId'))
      .where('tab', '=', value('from'))
      .where(
        'uid',
        'in',
        Array.from({ length: count }, (_, index) => value(`uid${index}`)),
      ),
  )
  movesByCount.set(count, fresh)
  return fresh
}

const insertEntry = statement<Entry>((db, value) =>
  db.insertInto('ticket_people').values({
    tenant_id: value('tenantId'),
    ticket_id: value('ticketId'),
    uid: value('uid'),
    tab: value('tab'),
    sort_at: value('at'),
  }),
)

async function insertAll(
  db: Kysely<Database>,
  ticket: Ticket,
  entries: readonly Involvement[],
  at: number,
): Promise<void> {
  const { tenantId, id: ticketId } = ticket
  const [only] = entries
  if (only === undefined) return
  if (entries.length === 1) {
    await insertEntry(db, { tenantId, ticketId, ...only, at })
    return
  }
  const rows = entries.map(({ uid, tab }) => ({ tenant_id: tenantId, ticket_id: ticketId, uid, tab, sort_at: at }))
  await db.insertInto('ticket_people').values(rows).execute()
}
