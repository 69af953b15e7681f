import type { RerouteTicket, Uid } from '@countersign/contracts'
import type { Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import { transfer } from '#server/tickets/lifecycle.ts'
import { stuckNodes } from '#server/tickets/only-them.ts'
import { isAwaitedAt, type Ticket } from '#server/tickets/ticket.ts'
import { checkSuccessors, type OrderedBy } from './order.ts'

/**
 * Hands the places of whoever is disabled on to others, at those steps of one ticket that nobody can complete. To be called
 * inside a unit of work. Where somebody can complete every step by now, nothing is done. Throws `ticket_not_found`,
 * `reroute_impossible` where none of the successors can take a place, and as `checkSuccessors`.
 */
export async function rerouteOneTicket(
  tx: Pick<Stores, 'people' | 'reroutes' | 'tickets' | 'directory' | 'notices' | 'audit'>,
  { tenantId, actor, via, at }: OrderedBy,
  ticketId: string,
  { to, comment }: RerouteTicket,
): Promise<Ticket> {
  const before = await tx.tickets.lock(tenantId, ticketId)
  if (before === null) throw new AppError('ticket_not_found', 'there is no such ticket')
  const absent = await tx.reroutes.absent(tenantId)
  const leaving = absentAtStuck(before, absent)
  if (leaving.length === 0) return before
  await checkSuccessors(tx, { tenantId, actor }, to, { path: 'to', leaving })
  let ticket = before
  for (const from of leaving) {
    const act = { tenantId, ticketId, actor, via, at, from, to, scope: 'stuck', comment: comment || null } as const
    ticket = (await transfer(tx, act)).ticket
  }
  if (ticket.version > before.version) return ticket
  const why = 'they submitted it, or stand at the step already where more people must approve'
  throw new AppError('reroute_impossible', `none of these can take a place in the ticket: ${why}`)
}

/** Who is awaited at a step that nobody can complete, and disabled. */
export function absentAtStuck(ticket: Ticket, absent: ReadonlySet<Uid>): Uid[] {
  const stuck = stuckNodes(ticket, (uid) => !absent.has(uid))
  const awaited = stuck.flatMap(({ node }) => node.approvers.filter((uid) => absent.has(uid) && isAwaitedAt(node, uid)))
  return [...new Set(awaited)]
}
