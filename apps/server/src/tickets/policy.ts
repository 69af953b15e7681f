import { type RefusalReason, type Risk, readsEveryTicket, type Surface, type Uid } from '@countersign/contracts'
import { type Decision, everyApprover, pendingApprovers, type Ticket } from './ticket.ts'

/** What a person asks for, on whatever surface. */
export interface DecisionRequest {
  action: 'approve' | 'reject'
  /** Of the content the person saw. */
  contentHash: string
  /** At which the person was asked: one tap decides one step, though the next may ask the same person again. */
  node?: number | undefined
  comment: string | null
  surface: Surface
  /** The second confirmation that high risk asks for. */
  confirmed: boolean
}

/** `by`: whose decision stands in the way, for a sentence such as "Alice has already approved this ticket". */
export interface Refusal {
  reason: RefusalReason
  by: Decision | null
}

const surfacesByRisk: Record<Risk, readonly Surface[]> = {
  low: ['card', 'chatbot', 'h5-phone', 'h5-desktop', 'console', 'email-link', 'api'],
  medium: ['card', 'chatbot', 'h5-phone', 'h5-desktop', 'console'],
  high: ['h5-phone', 'h5-desktop', 'console'],
}

export function isSurfaceAllowed(ticket: Ticket, surface: Surface): boolean {
  return (ticket.surfaces ?? surfacesByRisk[ticket.content.risk]).includes(surface)
}

/** High risk is decided with a second confirmation, until step-up exists. */
export function needsConfirmation(ticket: Ticket): boolean {
  return ticket.content.risk === 'high'
}

/**
 * Why this person may not decide now, or `null` if they may. Checks the person and the ticket only, so that a page can
 * ask before the person has chosen; `refuseDecision` adds what the request itself must fulfil.
 */
export function refuseActor(ticket: Ticket, actor: Uid): Refusal | null {
  const mine = ticket.nodes.flatMap((node) => node.decisions).findLast((decision) => decision.uid === actor)
  const isAwaited = pendingApprovers(ticket).includes(actor)
  if (isAwaited) return null
  if (hasHandedOver(ticket, actor)) return { reason: 'handed_over', by: null }
  if (!everyApprover(ticket).has(actor)) return { reason: 'not_approver', by: null }
  if (mine !== undefined) return { reason: 'already_decided_by_you', by: mine }
  if (ticket.status !== 'pending') return { reason: `already_${ticket.status}`, by: lastDecision(ticket) }
  const step = ticket.nodes.slice(0, ticket.currentNode).findLast((node) => node.approvers.includes(actor))
  if (step !== undefined) return { reason: 'step_already_approved', by: step.decisions.at(-1) ?? null }
  return { reason: 'not_your_turn', by: null }
}

/** Why this decision may not be taken, or `null` if it may. The order is that in which a person can mend it. */
export function refuseDecision(ticket: Ticket, actor: Uid, request: DecisionRequest): Refusal | null {
  const refusal = refuseActor(ticket, actor)
  if (refusal !== null) return refusal
  if (request.contentHash !== ticket.contentHash) return { reason: 'content_changed', by: null }
  const passed = refusePassedNode(ticket, actor, request.node ?? ticket.currentNode)
  if (passed !== null) return passed
  if (!isSurfaceAllowed(ticket, request.surface)) return { reason: 'surface_not_allowed', by: null }
  if (request.action === 'reject' && (request.comment ?? '').trim() === '')
    return { reason: 'reason_required', by: null }
  if (needsConfirmation(ticket) && !request.confirmed) return { reason: 'confirmation_required', by: null }
  return null
}

/** What a button of another node says is about a step that is over, or (the ticket went back) that has not begun again. */
function refusePassedNode(ticket: Ticket, actor: Uid, asked: number): Refusal | null {
  if (asked === ticket.currentNode) return null
  const decisions = asked < ticket.currentNode ? (ticket.nodes[asked]?.decisions ?? []) : []
  const mine = decisions.find((decision) => decision.uid === actor)
  if (mine !== undefined) return { reason: 'already_decided_by_you', by: mine }
  const last = decisions.at(-1)
  return last === undefined ? { reason: 'content_changed', by: null } : { reason: 'step_already_approved', by: last }
}

/** Their place at the node that decides now is somebody else's. Who has no place left hears so at every later node. */
function hasHandedOver(ticket: Ticket, actor: Uid): boolean {
  if (ticket.status !== 'pending') return false
  if (ticket.nodes[ticket.currentNode]?.former?.includes(actor) === true) return true
  return !isInvolvedAsApprover(ticket, actor) && ticket.nodes.some(({ former }) => former?.includes(actor) === true)
}

function isInvolvedAsApprover(ticket: Ticket, actor: Uid): boolean {
  return ticket.nodes.some((node) => node.approvers.includes(actor))
}

/** The decision that closed the ticket, or the last one taken. */
export function lastDecision(ticket: Ticket): Decision | null {
  const decisions = ticket.nodes.flatMap((node) => node.decisions)
  return decisions.reduce<Decision | null>((last, next) => (last === null || next.at >= last.at ? next : last), null)
}

const readsAll: ReadonlySet<string> = new Set(readsEveryTicket)

/** The submitter, approvers past and present, cc, owners, DBAs and administrators; to anybody else the ticket does not exist. */
export function mayRead(ticket: Ticket, person: { uid: Uid; roles: readonly string[] }): boolean {
  return (
    ticket.content.submitter === person.uid ||
    ticket.cc.includes(person.uid) ||
    ticket.owners.includes(person.uid) ||
    ticket.nodes.slice(0, ticket.reachedNode + 1).some((node) => node.approvers.includes(person.uid)) ||
    ticket.nodes.some(({ former }) => former?.includes(person.uid) === true) ||
    person.roles.some((role) => readsAll.has(role))
  )
}
