import type { TicketTab, Uid } from '@countersign/contracts'
import { pendingApprovers, type Ticket } from './ticket.ts'

/** In which of a person's lists a ticket stands. One person can be in several. */
export interface Involvement {
  uid: Uid
  tab: TicketTab
}

/**
 * Who sees the ticket in which list. `done` also holds approvers whose step was completed by somebody else or whose place is, `cc` also the
 * owners.
 */
export function involvement(ticket: Ticket): Involvement[] {
  const pending = new Set(pendingApprovers(ticket))
  const asked = ticket.nodes.slice(0, ticket.reachedNode + 1).flatMap((node) => node.approvers)
  const reached = new Set([...asked, ...ticket.nodes.flatMap(({ former = [] }) => former)])
  return [
    ...[...pending].map((uid) => ({ uid, tab: 'pending' as const })),
    ...[...reached].filter((uid) => !pending.has(uid)).map((uid) => ({ uid, tab: 'done' as const })),
    { uid: ticket.content.submitter, tab: 'submitted' },
    ...[...new Set([...ticket.cc, ...ticket.owners])].map((uid) => ({ uid, tab: 'cc' as const })),
  ]
}
