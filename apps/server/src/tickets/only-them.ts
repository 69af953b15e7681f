import type { Uid } from '@countersign/contracts'
import { approvalsOutOfReach, isAwaitedAt, type Ticket, type TicketNode } from './ticket.ts'

/**
 * Whether a pending ticket has a step, now or later, that cannot be completed without this person. `isActive`: of the
 * others, who is there to decide.
 */
export function waitsForNobodyElse(ticket: Progress, uid: Uid, isActive: (uid: Uid) => boolean): boolean {
  return openNodes(ticket).some(({ node }) => isOnlyThem(node, uid, isActive))
}

/** Whether this node waits for this person, and cannot be completed without them. */
export function isOnlyThem(node: TicketNode, uid: Uid, isActive: (uid: Uid) => boolean): boolean {
  return isAwaitedAt(node, uid) && approvalsOutOfReach(node, (other) => other !== uid && isActive(other)) > 0
}

/** Where a ticket stands. */
type Progress = Pick<Ticket, 'status' | 'currentNode' | 'nodes'>

/** The steps of a pending ticket that are not passed yet. */
export function openNodes(ticket: Progress): { index: number; node: TicketNode }[] {
  if (ticket.status !== 'pending') return []
  return ticket.nodes.flatMap((node, index) => (index < ticket.currentNode ? [] : [{ index, node }]))
}

/** The steps of a pending ticket, now or later, that nobody who is there can complete. */
export function stuckNodes(ticket: Progress, isActive: (uid: Uid) => boolean): { index: number; node: TicketNode }[] {
  return openNodes(ticket).filter(({ node }) => approvalsOutOfReach(node, isActive) > 0)
}
