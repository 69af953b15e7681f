import type { Person, Surface, TicketDetail, TicketSummaryPage, TicketTab } from '@countersign/contracts'
import type { Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import { mayRead } from '#server/tickets/policy.ts'
import type { User } from '#server/tickets/ports.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { detail, type Names, peopleOn, summarize } from './ticket-detail.ts'

/** One page of a person's list, with the counts of all of them. */
export async function listTickets(
  stores: Stores,
  user: User,
  ask: { tab: TicketTab; limit: number; cursor?: string | undefined; q?: string | undefined },
): Promise<TicketSummaryPage> {
  const { tenantId, uid } = user
  const [page, counts] = await Promise.all([
    stores.tickets.listForPerson(tenantId, uid, ask.tab, {
      limit: ask.limit,
      cursor: ask.cursor,
      q: ask.q || undefined,
    }),
    stores.tickets.counts(tenantId, uid),
  ])
  const names = await namesFor(
    stores,
    tenantId,
    page.items.map((ticket) => ticket.content.submitter),
  )
  return { items: page.items.map((ticket) => summarize(ticket, names, uid)), nextCursor: page.nextCursor, counts }
}

/** A ticket that this person may read; to anybody else it does not exist. Throws `not_found`. */
export async function readableTicket(stores: Stores, user: User, id: string): Promise<Ticket> {
  const ticket = await stores.tickets.find(user.tenantId, id)
  if (ticket === null || !mayRead(ticket, user)) throw new AppError('not_found', 'there is no such ticket')
  return ticket
}

export async function ticketPage(stores: Stores, user: User, ticket: Ticket): Promise<TicketDetail> {
  const history = await stores.tickets.history(user.tenantId, ticket.id)
  const names = await namesFor(stores, user.tenantId, peopleOn(ticket, history))
  return detail(ticket, history, names, user)
}

/** The names of these people; whoever is gone keeps their uid. */
export async function namesFor(stores: Stores, tenantId: string, uids: readonly string[]): Promise<Names> {
  const users = await stores.directory.users(tenantId, [...new Set(uids)])
  return (uid): Person => ({ uid, name: users.get(uid)?.name ?? uid })
}

/** Phones and their web views say so in the user agent; everything else is a desktop. */
export function h5Surface(userAgent: string | undefined): Surface {
  return /Mobile|Android|iPhone|iPad/i.test(userAgent ?? '') ? 'h5-phone' : 'h5-desktop'
}
