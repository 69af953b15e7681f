import type { Decide, RefusalReason, Surface, TicketDetail, Via } from '@countersign/contracts'
import type { ErrorRequestHandler } from 'express'
import type { Store } from '#server/db/stores.ts'
import { sendProblem } from '#server/http/problem.ts'
import { decide } from '#server/tickets/lifecycle.ts'
import type { Reader } from './for-tickets.ts'
import { ticketPage } from './my-tickets.ts'

export interface DecideDeps {
  store: Store
  now: () => number
  committed: () => void
  /** For metrics. */
  decided: (action: 'approve' | 'reject', via: string) => void
}

/** The decision of somebody who is logged in, from the H5 app or the console. Throws DecisionRefused. */
export async function decideAsVisitor(
  deps: DecideDeps,
  { user, ticket }: Reader,
  body: Decide,
  from: { via: Via; surface: Surface },
): Promise<TicketDetail> {
  const { store } = deps
  const outcome = await store.run((tx) =>
    decide(tx, {
      tenantId: user.tenantId,
      ticketId: ticket.id,
      actor: user.uid,
      at: deps.now(),
      ...from,
      action: body.action,
      contentHash: body.contentHash,
      node: body.node,
      comment: body.comment ?? null,
      confirmed: body.confirmed ?? false,
      tappedChannel: null,
    }),
  )
  if (!outcome.ok) throw new DecisionRefused(outcome.refusal.reason)
  deps.decided(body.action, from.via)
  deps.committed()
  return ticketPage(store.stores, user, outcome.ticket)
}

/** A refused decision is an expected outcome: 409 with the reason as the problem's code. */
export const sayRefusal: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (!(error instanceof DecisionRefused)) {
    next(error)
    return
  }
  sendProblem(res, { status: 409, code: error.reason, detail: `the decision was not taken: ${error.reason}` })
}

class DecisionRefused extends Error {
  override name = 'DecisionRefused'
  readonly reason: RefusalReason
  constructor(reason: RefusalReason) {
    super(reason)
    this.reason = reason
  }
}
