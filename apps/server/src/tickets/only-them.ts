import type { Uid } from '@countersign/contracts'
import { approvalsNeeded, type Ticket, type TicketNode } from './ticket.ts'

/**
 * Whether a pending ticket has a step, now or later, that cannot be completed without this person. `isActive`: of the
 * others, who is there to decide.
 */
export function waitsForNobodyElse(ticket: Ticket, uid: Uid, isActive: (uid: Uid) => boolean): boolean {
  if (ticket.status !== 'pending') return false
  return ticket.nodes.slice(ticket.currentNode).some((node) => needs(node, uid, isActive))
}

function needs(node: TicketNode, uid: Uid, isActive: (uid: Uid) => boolean): boolean {
  const decided = new Set(node.decisions.map((decision) => decision.uid))
  if (!node.approvers.includes(uid) || decided.has(uid)) return false
  const approvals = node.decisions.filter(({ action }) => action === 'approve').length
  const others = node.approvers.filter((other) => other !== uid && !decided.has(other) && isActive(other)).length
  return approvals + others < approvalsNeeded(node)
}
