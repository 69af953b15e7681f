import type { DeliveryListView, DeliveryView, NoticeView, TicketView } from '@countersign/contracts'
import type { DeliveryRecord } from '#server/db/stores.ts'
import { callbackChannel } from '#server/delivery/lane.ts'
import { type HistoryEntry, nodeStatus, type Ticket } from '#server/tickets/ticket.ts'

const iso = (at: number): string => new Date(at).toISOString()

/** A ticket as the REST API shows it: everything that was submitted, and where it stands. */
export function viewTicket(ticket: Ticket, history: readonly HistoryEntry[]): TicketView {
  const { content } = ticket
  return {
    id: ticket.id,
    number: ticket.number,
    externalId: ticket.externalId,
    status: ticket.status,
    currentNode: ticket.currentNode,
    contentHash: ticket.contentHash,
    version: ticket.version,
    ...content,
    dueAt: content.dueAt === null ? null : iso(content.dueAt),
    callbackUrl: ticket.callbackUrl,
    cc: ticket.cc,
    owners: ticket.owners,
    template: ticket.template,
    nodes: ticket.nodes.map((node, index) => ({
      index,
      name: node.name,
      rule: node.rule,
      status: nodeStatus(ticket, index),
      approvers: node.approvers.map((uid) => ({
        uid,
        decision: node.decisions.find((decision) => decision.uid === uid)?.action ?? null,
      })),
    })),
    history: history.map((entry) => ({
      at: iso(entry.at),
      actor: entry.actor,
      action: entry.action,
      via: entry.via,
      comment: entry.comment,
      node: entry.node,
      superseded: isSuperseded(ticket, entry),
      transfer: entry.transfer,
    })),
    createdAt: iso(ticket.createdAt),
    updatedAt: iso(ticket.updatedAt),
    decidedAt: ticket.decidedAt === null ? null : iso(ticket.decidedAt),
  }
}

/** A delivery as the REST API shows it. */
export function viewDelivery({ dueAt, ...delivery }: Omit<DeliveryRecord, 'noticeKey' | 'announcedAt'>): DeliveryView {
  return {
    ...delivery,
    nextAttemptAt: dueAt === null ? null : iso(dueAt),
    attempts: delivery.attempts.map((attempt) => ({ ...attempt, at: iso(attempt.at) })),
  }
}

/** All that was sent of a ticket, delivery by delivery and notice by notice. */
export function viewDeliveries(deliveries: readonly DeliveryRecord[]): DeliveryListView {
  return { items: deliveries.map(viewDelivery), notices: viewNotices(deliveries) }
}

/** For whom each notice was meant, and whom it has reached by now. The source of a ticket is told apart from people. */
function viewNotices(deliveries: readonly DeliveryRecord[]): NoticeView[] {
  const toPeople = deliveries.filter(({ channel }) => channel !== callbackChannel)
  return [...Map.groupBy(toPeople, ({ noticeKey }) => noticeKey).values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const reached = group.filter(({ state }) => state === 'sent' || state === 'updated')
    const uids = (of: readonly DeliveryRecord[]): string[] => [...new Set(of.map(({ recipient }) => recipient))].sort()
    return [{ event: first.event, at: iso(first.announcedAt), intended: uids(group), reached: uids(reached) }]
  })
}

/** A decision on an earlier content is kept, and no longer counts. */
export function isSuperseded(ticket: Ticket, entry: HistoryEntry): boolean {
  const isDecision = entry.action === 'approve' || entry.action === 'reject'
  return isDecision && entry.contentVersion < ticket.contentVersion
}
