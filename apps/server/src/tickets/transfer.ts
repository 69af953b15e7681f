import type { Uid } from '@countersign/contracts'
import { isOnlyThem, openNodes } from './only-them.ts'
import { approvalsOutOfReach, isAwaitedAt, type Place, type Ticket, type TicketNode } from './ticket.ts'
import { isTrial } from './trial.ts'

/*
 * A person's place at a step goes to others. What must hold, whoever asks for it:
 *
 * - Only an undecided place of a step that is not passed changes hands; every decision stays as it was made.
 * - A place stays one place. Where several people must approve (`all`, a quorum), one successor takes it, the first who
 *   does not stand there already; so nobody's successors outvote the others, and as many approvals are needed as before.
 *   Where one approval is enough, every successor may give it.
 * - Nobody stands twice at a step. Where the successors stand there already, the place falls away only if the step can be
 *   completed all the same; with `all` it never does, since one approval would be asked for less.
 * - Nobody comes in who is not there, nor the submitter where self-approval is banned.
 *
 * So a transfer neither completes a step nor makes one impossible.
 */

/** Every step that waits for the person, only those that nobody else could complete, or one of them. */
export type TransferScope = 'open' | 'stuck' | { node: number }

export interface TransferWish {
  from: Uid
  /** In the order in which they are to take the place. */
  to: readonly Uid[]
  scope: TransferScope
}

/** Who is there, as the tenant has it when the transfer is made. */
export interface TransferPeople {
  isActive: (uid: Uid) => boolean
  allowsSelfApproval: boolean
}

/** `nobody`: none of the successors may decide this ticket. `no_place`: they stand there already, and more are needed. */
export type TransferProblem = 'nobody' | 'no_place'

export interface TransferPlan {
  places: Place[]
  /** Steps that stay as they are, and why. */
  left: { node: number; problem: TransferProblem }[]
}

/** Which places of `from` go to whom. Pure; changes nothing. */
export function planTransfer(ticket: Ticket, wish: TransferWish, people: TransferPeople): TransferPlan {
  const { from, scope } = wish
  const plan: TransferPlan = { places: [], left: [] }
  // A trial is between one person and their own phone.
  if (isTrial(ticket)) return plan
  const candidates = [...new Set(wish.to)].filter((uid) => uid !== from && mayComeIn(ticket, uid, people))
  for (const { index, node } of openNodes(ticket)) {
    if (!isAwaitedAt(node, from) || !isMeant(scope, index, node, from, people)) continue
    const found = placeAt(node, from, candidates, people)
    if (typeof found === 'string') plan.left.push({ node: index, problem: found })
    else plan.places.push({ node: index, ...found })
  }
  return plan
}

function mayComeIn(ticket: Ticket, uid: Uid, { isActive, allowsSelfApproval }: TransferPeople): boolean {
  return isActive(uid) && (allowsSelfApproval || uid !== ticket.content.submitter)
}

function isMeant(
  scope: TransferScope,
  index: number,
  node: TicketNode,
  from: Uid,
  { isActive }: TransferPeople,
): boolean {
  if (scope === 'open') return true
  return scope === 'stuck' ? isOnlyThem(node, from, isActive) : scope.node === index
}

function placeAt(
  node: TicketNode,
  from: Uid,
  candidates: readonly Uid[],
  { isActive }: TransferPeople,
): Omit<Place, 'node'> | TransferProblem {
  if (candidates.length === 0) return 'nobody'
  const outside = candidates.filter((uid) => !node.approvers.includes(uid))
  const newcomers = node.rule === 'any' ? outside : outside.slice(0, 1)
  if (newcomers.length > 0) return { newcomers, successors: newcomers }
  const without = { ...node, approvers: node.approvers.filter((uid) => uid !== from) }
  if (node.rule === 'all' || approvalsOutOfReach(without, isActive) > 0) return 'no_place'
  return { newcomers, successors: [...candidates] }
}
