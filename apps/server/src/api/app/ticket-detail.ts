import type { Permission, Person, RefusalReason, TicketDetail, TicketSummary } from '@countersign/contracts'
import { isSuperseded } from '#server/api/v1/ticket-view.ts'
import { mayRead, needsConfirmation, refuseActor } from '#server/tickets/policy.ts'
import type { User } from '#server/tickets/ports.ts'
import { type HistoryEntry, nodeStatus, type Ticket } from '#server/tickets/ticket.ts'
import { isTrial } from '#server/tickets/trial.ts'

const iso = (at: number): string => new Date(at).toISOString()
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at))

/** Finds a person's name; the uid itself for whoever is gone. */
export type Names = (uid: string) => Person

/** Everybody who is named on a ticket or in its history. */
export function peopleOn(ticket: Ticket, history: readonly HistoryEntry[] = []): string[] {
  const approvers = ticket.nodes.flatMap((node) => node.approvers)
  const { content, cc, owners } = ticket
  const acted = history.flatMap(({ actor, transfer }) => [
    actor,
    ...(transfer === null ? [] : [transfer.from, ...transfer.to]),
  ])
  return [...new Set([content.submitter, ...cc, ...owners, ...approvers, ...acted])]
}

/** A ticket as a row of a person's list. */
export function summarize(ticket: Ticket, names: Names, uid: string): TicketSummary {
  const decisions = ticket.nodes.flatMap((node) => node.decisions)
  return {
    id: ticket.id,
    number: ticket.number,
    title: ticket.content.title,
    module: ticket.content.module,
    risk: ticket.content.risk,
    status: ticket.status,
    submitter: names(ticket.content.submitter),
    createdAt: iso(ticket.createdAt),
    updatedAt: iso(ticket.updatedAt),
    dueAt: isoOrNull(ticket.content.dueAt),
    node: {
      index: ticket.currentNode,
      name: ticket.nodes[ticket.currentNode]?.name ?? '',
      count: ticket.nodes.length,
    },
    myDecision: decisions.findLast((decision) => decision.uid === uid)?.action ?? null,
  }
}

/** A ticket as its own page for one person: what it says, where it stands, and what this person may do. */
export function detail(ticket: Ticket, history: readonly HistoryEntry[], names: Names, user: User): TicketDetail {
  const { content } = ticket
  return {
    ...summarize(ticket, names, user.uid),
    externalId: ticket.externalId,
    description: content.description,
    fields: content.fields,
    code: content.code,
    attachments: content.attachments,
    url: content.url,
    cc: ticket.cc.map(names),
    owners: ticket.owners.map(names),
    executesOnApproval: content.executesOnApproval,
    contentHash: ticket.contentHash,
    version: ticket.version,
    decidedAt: isoOrNull(ticket.decidedAt),
    nodes: ticket.nodes.map((node, index) => ({
      index,
      name: node.name,
      rule: node.rule,
      status: nodeStatus(ticket, index),
      approvers: node.approvers.map((uid) => {
        const decision = node.decisions.find((one) => one.uid === uid)
        return { ...names(uid), decision: decision?.action ?? null, decidedAt: isoOrNull(decision?.at ?? null) }
      }),
    })),
    history: history.map((entry) => ({
      at: iso(entry.at),
      actor: names(entry.actor),
      action: entry.action,
      via: entry.via,
      comment: commentOf(entry, names),
      node: entry.node,
      superseded: isSuperseded(ticket, entry),
      transfer: entry.transfer === null ? null : { from: names(entry.transfer.from), to: entry.transfer.to.map(names) },
    })),
    permissions: permissions(ticket, user),
    needsConfirmation: needsConfirmation(ticket),
  }
}

/** A reminder keeps whom it reminded, by uid; people read names. */
function commentOf({ action, comment }: HistoryEntry, names: Names): string | null {
  if (action !== 'remind' || comment === null) return comment
  return comment
    .split(', ')
    .map((uid) => names(uid).name)
    .join(', ')
}

function permissions(ticket: Ticket, user: User): TicketDetail['permissions'] {
  const because = (reason: RefusalReason | null): Permission => ({ allowed: reason === null, reason })
  const closed: RefusalReason | null = ticket.status === 'pending' ? null : `already_${ticket.status}`
  const own = ticket.content.submitter === user.uid ? closed : 'not_approver'
  const remind = isTrial(ticket) ? 'surface_not_allowed' : own
  return {
    decide: because(refuseActor(ticket, user.uid)?.reason ?? null),
    withdraw: because(own),
    remind: because(remind),
    comment: because(mayRead(ticket, user) ? null : 'not_visible'),
  }
}
