import { type RouteFor, whoMay } from '@countersign/contracts'
import type { Router } from 'express'
import { type Handler, mount } from '#server/api/route.ts'
import type { Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import type { Sessions, Visitor } from '#server/session/sessions.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { visitorFor } from './for-roles.ts'
import { readableTicket } from './my-tickets.ts'

type TicketRoute = RouteFor<{ by: 'session'; of: 'ticket' }>

/** Somebody before a ticket that they may read. */
export type Reader = Visitor & { ticket: Ticket }

/**
 * Mounts an endpoint about one ticket, for those who stand to it as the contract says. To others there is no such ticket;
 * to those who may read it, what only its submitter may do is forbidden. Whether an approver is awaited is for the
 * transaction to say that takes the decision.
 */
export function forTickets(
  router: Router,
  { sessions, stores }: { sessions: Sessions; stores: Stores },
): <Name extends TicketRoute>(name: Name, handler: Handler<Name, Reader>) => void {
  return (name, handler) => {
    const admit = visitorFor(sessions, name)
    const { as } = whoMay[name]
    mount(router, name, handler, async (req, res) => {
      const visitor = await admit(req, res)
      const id = typeof req.params.id === 'string' ? req.params.id : ''
      const ticket = await readableTicket(stores, visitor.user, id)
      if (as === 'submitter' && ticket.content.submitter !== visitor.user.uid) {
        throw new AppError('forbidden', 'only the submitter may do this')
      }
      return { ...visitor, ticket }
    })
  }
}
