import type { Kysely } from 'kysely'
import { type Involvement, involvement } from '#server/tickets/involvement.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import type { Database } from './schema.ts'
import { bySize, numbered, statement } from './statement.ts'

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

const removeEntry = statement<Entry>((db, value) =>
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
  const { tenantId, id: ticketId, updatedAt: at } = ticket
  await moveOf(uids.length)(db, { tenantId, ticketId, from, to, at, ...numbered('uid', uids) })
}

const moveOf = bySize((count) =>
  statement<Move>((db, value) =>
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
  ),
)

type Entries = { tenantId: string; ticketId: string; at: number } & Record<`uid${number}` | `tab${number}`, string>

const insertEntries = bySize((count) =>
  statement<Entries>((db, value) =>
    db.insertInto('ticket_people').values(
      Array.from({ length: count }, (_, index) => ({
        tenant_id: value('tenantId'),
        ticket_id: value('ticketId'),
        uid: value(`uid${index}`),
        tab: value(`tab${index}`),
        sort_at: value('at'),
      })),
    ),
  ),
)

async function insertAll(
  db: Kysely<Database>,
  ticket: Ticket,
  entries: readonly Involvement[],
  at: number,
): Promise<void> {
  if (entries.length === 0) return
  const { tenantId, id: ticketId } = ticket
  const uids = numbered(
    'uid',
    entries.map(({ uid }) => uid),
  )
  const tabs = numbered(
    'tab',
    entries.map(({ tab }) => tab),
  )
  await insertEntries(entries.length)(db, { tenantId, ticketId, at, ...uids, ...tabs })
}
