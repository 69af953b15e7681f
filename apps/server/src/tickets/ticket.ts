import type {
  Attachment,
  Code,
  DecisionAction,
  Field,
  HistoryAction,
  NodeRule,
  NodeStatus,
  Risk,
  Surface,
  TenantId,
  TicketStatus,
  Uid,
  Via,
} from '@countersign/contracts'

/** What approvers are asked to agree to. The content hash covers all of it. */
export interface TicketContent {
  module: string
  title: string
  description: string
  submitter: Uid
  risk: Risk
  fields: Field[]
  code: Code[]
  attachments: Attachment[]
  url: string | null
  /** Epoch milliseconds. */
  dueAt: number | null
  executesOnApproval: boolean
}

/** A person's decision on the present content of a ticket, at one node. */
export interface Decision {
  uid: Uid
  action: DecisionAction
  /** Epoch milliseconds. */
  at: number
  via: Via
  comment: string | null
}

export interface TicketNode {
  name: string
  rule: NodeRule
  /** Who may decide here: the submitter is already taken out where self-approval is banned. */
  approvers: Uid[]
  decisions: Decision[]
  /** Who was asked here once and has handed their place on: they may still read the ticket. */
  former?: Uid[]
}

/** A place at a node that changes hands. */
export interface Place {
  node: number
  /** Who comes in; nobody where the successors stand there already. */
  newcomers: Uid[]
  /** Who has the place from now on, newly or already. */
  successors: Uid[]
}

/** When somebody who has been asked and has not decided is reminded. */
export interface ReminderStep {
  /** Counted from when they are asked. */
  afterMs: number
  /** As an urgent message, where the channel has such. */
  buzz: boolean
}

/** A ticket as the engine knows it. Values are never changed in place: a transition returns a new one. */
export interface Ticket {
  tenantId: TenantId
  id: string
  /** Counts per tenant from 1001. */
  number: number
  externalId: string | null
  template: string | null
  status: TicketStatus
  /** Index of the node that decides now, or that decided last. */
  currentNode: number
  /** The furthest node ever reached: its approvers and those before it may read the ticket. */
  reachedNode: number
  /** Goes up with every saved change; guards against lost updates, and is the revision that cards show. */
  version: number
  /** Goes up when the content changes; a decision is unique per (ticket, content version, node, actor). */
  contentVersion: number
  contentHash: string
  content: TicketContent
  nodes: TicketNode[]
  cc: Uid[]
  /** Of the data that it is about. */
  owners: Uid[]
  /** In their order; empty: nobody is reminded but by a person. */
  reminders: ReminderStep[]
  /** Where a decision may come from; `null` leaves it to the risk. */
  surfaces: Surface[] | null
  rejectWhenQuorumImpossible: boolean
  callbackUrl: string | null
  /** Name of the API key that submitted it, whose secret signs the answer to `callbackUrl`. */
  apiKeyName: string | null
  createdAt: number
  updatedAt: number
  decidedAt: number | null
}

/** One line of a ticket's history. */
export interface HistoryEntry {
  at: number
  actor: string
  action: HistoryAction
  via: Via
  comment: string | null
  node: number | null
  contentVersion: number
  /** Of a transfer: whose place it was, and who has it now; null for everything else. */
  transfer: { from: Uid; to: Uid[] } | null
}

export type TicketEvent =
  | { type: 'decide'; actor: Uid; action: DecisionAction; via: Via; comment: string | null; at: number }
  | { type: 'withdraw'; actor: string; via: Via; comment: string | null; at: number }
  | { type: 'expire'; at: number }
  | {
      type: 'change'
      actor: string
      via: Via
      comment: string | null
      at: number
      content: TicketContent
      contentHash: string
    }
  | { type: 'transfer'; actor: string; via: Via; comment: string | null; at: number; from: Uid; places: Place[] }

/** How many approvals the node needs. */
export function approvalsNeeded(node: TicketNode): number {
  if (node.rule === 'any') return 1
  if (node.rule === 'all') return node.approvers.length
  return node.rule.quorum
}

function count(node: TicketNode, action: DecisionAction): number {
  return node.decisions.filter((decision) => decision.action === action).length
}

export function isNodeComplete(node: TicketNode): boolean {
  return count(node, 'approve') >= approvalsNeeded(node)
}

/** Whether the approvals still needed can come from people who have not rejected. */
export function isQuorumPossible(node: TicketNode): boolean {
  return node.approvers.length - count(node, 'reject') >= approvalsNeeded(node)
}

/** How many approvals a node still needs that nobody who is there could give; 0: it can be completed. */
export function approvalsOutOfReach(node: TicketNode, isThere: (uid: Uid) => boolean): number {
  const decided = new Set(node.decisions.map((decision) => decision.uid))
  const able = node.approvers.filter((uid) => !decided.has(uid) && isThere(uid)).length
  return Math.max(0, approvalsNeeded(node) - count(node, 'approve') - able)
}

/** Whether the node still waits for this person's decision, now or later. */
export function isAwaitedAt(node: TicketNode, uid: Uid): boolean {
  return node.approvers.includes(uid) && !node.decisions.some((decision) => decision.uid === uid)
}

/** Everybody who decides somewhere, or would have before they handed their place on. */
export function everyApprover(ticket: Ticket): Set<Uid> {
  return new Set(ticket.nodes.flatMap(({ approvers, former = [] }) => [...approvers, ...former]))
}

export function nodeStatus(ticket: Ticket, index: number): NodeStatus {
  if (index < ticket.currentNode) return 'approved'
  return index === ticket.currentNode ? ticket.status : 'waiting'
}

/** Approvers of the current node who have not decided; empty once the ticket is closed. */
export function pendingApprovers(ticket: Ticket): Uid[] {
  const node = ticket.nodes[ticket.currentNode]
  if (ticket.status !== 'pending' || node === undefined) return []
  const decided = new Set(node.decisions.map((decision) => decision.uid))
  return node.approvers.filter((uid) => !decided.has(uid))
}

/**
 * The next state of a pending ticket. Pure; who may cause the event was checked by policy.ts.
 * A closed ticket, or a node that is not there, is a fault of the caller and throws.
 */
export function transition(ticket: Ticket, event: TicketEvent): Ticket {
  if (ticket.status !== 'pending') throw new Error(`ticket ${ticket.id} is ${ticket.status}, it takes no ${event.type}`)
  const next = { ...ticket, version: ticket.version + 1, updatedAt: event.at }
  switch (event.type) {
    case 'decide':
      return decided(next, event)
    case 'withdraw':
      return { ...next, status: 'withdrawn', decidedAt: event.at }
    case 'expire':
      return { ...next, status: 'expired', decidedAt: event.at }
    case 'change':
      return {
        ...next,
        content: event.content,
        contentHash: event.contentHash,
        contentVersion: ticket.contentVersion + 1,
        currentNode: 0,
        nodes: ticket.nodes.map((node) => ({ ...node, decisions: [] })),
      }
    case 'transfer':
      return {
        ...next,
        nodes: event.places.reduce((nodes, place) => handOn(ticket, nodes, event.from, place), ticket.nodes),
      }
  }
}

function handOn(ticket: Ticket, nodes: TicketNode[], from: Uid, { node: index, newcomers }: Place): TicketNode[] {
  const node = nodes[index]
  if (node === undefined || index < ticket.currentNode || !isAwaitedAt(node, from)) {
    throw new Error(`ticket ${ticket.id} does not wait for ${from} at node ${index}`)
  }
  if (newcomers.some((uid) => node.approvers.includes(uid)))
    throw new Error(`an approver would stand twice at ${index}`)
  const approvers = node.approvers.flatMap((uid) => (uid === from ? newcomers : [uid]))
  const gone = (node.former ?? []).filter((uid) => uid !== from && !newcomers.includes(uid))
  // Whom nobody has asked yet has seen nothing of the ticket.
  const former = index <= ticket.reachedNode ? [...gone, from] : gone
  return nodes.with(index, { ...node, approvers, former })
}

function decided(ticket: Ticket, event: TicketEvent & { type: 'decide' }): Ticket {
  const current = ticket.nodes[ticket.currentNode]
  if (current === undefined) throw new Error(`ticket ${ticket.id} has no node ${ticket.currentNode}`)
  const { actor, action, via, comment, at } = event
  const node = { ...current, decisions: [...current.decisions, { uid: actor, action, via, comment, at }] }
  const next = { ...ticket, nodes: ticket.nodes.with(ticket.currentNode, node) }
  if (action === 'reject') {
    const goesOn = ticket.rejectWhenQuorumImpossible && isQuorumPossible(node)
    return goesOn ? next : { ...next, status: 'rejected', decidedAt: at }
  }
  if (!isNodeComplete(node)) return next
  const following = ticket.currentNode + 1
  if (following === ticket.nodes.length) return { ...next, status: 'approved', decidedAt: at }
  return { ...next, currentNode: following, reachedNode: Math.max(ticket.reachedNode, following) }
}
