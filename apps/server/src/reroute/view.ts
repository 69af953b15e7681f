import type { Person, PersonReroute, StuckTicket, TenantId, Uid, WaitingTicket } from '@countersign/contracts'
import type { Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import { openNodes, stuckNodes, waitsForNobodyElse } from '#server/tickets/only-them.ts'
import { approvalsOutOfReach, isAwaitedAt, type Ticket } from '#server/tickets/ticket.ts'
import { countLimit } from './order.ts'

type Names = (uid: Uid) => Person

/** Tickets that are shown of those that wait. */
const shown = 20

const iso = (at: number): string => new Date(at).toISOString()

/** What waits for a person, now or at a later step, where it goes, and what names them for tickets to come. */
export async function personReroute(
  stores: Pick<Stores, 'people' | 'reroutes' | 'tenants'>,
  tenantId: TenantId,
  uid: Uid,
): Promise<PersonReroute> {
  if ((await stores.people.row(tenantId, uid)) === null) throw new AppError('not_found', 'there is no such person')
  const [named, order, templates, rules] = await Promise.all([
    stores.people.pendingNaming(tenantId, uid, countLimit),
    stores.reroutes.find(tenantId, uid),
    stores.tenants.templates(tenantId),
    stores.tenants.rules(tenantId),
  ])
  const waiting = named.filter((ticket) => openNodes(ticket).some(({ node }) => isAwaitedAt(node, uid)))
  const people = waiting.flatMap(({ content, nodes }) => [
    content.submitter,
    ...nodes.flatMap((node) => node.approvers),
  ])
  const ordered = order === null ? [] : [order.orderedBy, ...order.successors]
  const rows = await stores.people.rows(tenantId, [...new Set([...people, ...ordered])])
  const names: Names = (each) => ({ uid: each, name: rows.get(each)?.name ?? each })
  const isActive = (other: Uid): boolean => rows.get(other)?.disabled === 0
  const tickets = waiting.map((ticket) => viewWaiting(ticket, uid, waitsForNobodyElse(ticket, uid, isActive), names))
  const onlyThem = tickets.filter((ticket) => ticket.onlyThem)
  return {
    waiting: tickets.length,
    onlyThem: onlyThem.length,
    tickets: [...onlyThem, ...tickets.filter((ticket) => !ticket.onlyThem)].slice(0, shown),
    order:
      order === null
        ? null
        : {
            to: order.successors.map(names),
            scope: order.scope,
            comment: order.comment,
            by: names(order.orderedBy),
            at: iso(order.orderedAt),
            isRunning: order.isRunning,
            moved: order.moved,
          },
    templates: templates
      .filter(({ nodes }) => nodes.some(({ approvers }) => approvers.includes(uid)))
      .map(({ id, module }) => ({ id, module })),
    rules: rules
      .filter(({ additionalUsers }) => additionalUsers.includes(uid))
      .map(({ module, event }) => ({ module, event })),
  }
}

function viewWaiting(ticket: Ticket, uid: Uid, onlyThem: boolean, names: Names): WaitingTicket {
  const first = openNodes(ticket).find(({ node }) => isAwaitedAt(node, uid))
  const step = first?.node.name ?? ''
  return { ...heading(ticket, names), step, isNow: first?.index === ticket.currentNode, onlyThem }
}

function heading({ id, number, content, createdAt }: Ticket, names: Names) {
  return { id, number, title: content.title, submitter: names(content.submitter), createdAt: iso(createdAt) }
}

/** The tickets that have a step which nobody who is there can complete, with these steps. */
export async function viewStuck(
  stores: Pick<Stores, 'people'>,
  tenantId: TenantId,
  tickets: readonly Ticket[],
  absent: ReadonlySet<Uid>,
): Promise<StuckTicket[]> {
  const isActive = (uid: Uid): boolean => !absent.has(uid)
  const named = tickets.flatMap(({ content, nodes }) => [
    content.submitter,
    ...nodes.flatMap(({ approvers }) => approvers.filter((uid) => absent.has(uid))),
  ])
  const rows = await stores.people.rows(tenantId, [...new Set(named)])
  const names: Names = (uid) => ({ uid, name: rows.get(uid)?.name ?? uid })
  return tickets.flatMap((ticket): StuckTicket[] => {
    const stuck = stuckNodes(ticket, isActive)
    if (stuck.length === 0) return []
    const steps = stuck.map(({ index, node }) => ({
      name: node.name,
      rule: node.rule,
      isNow: index === ticket.currentNode,
      missing: approvalsOutOfReach(node, isActive),
      absent: node.approvers.filter((uid) => absent.has(uid) && isAwaitedAt(node, uid)).map(names),
    }))
    return [{ ...heading(ticket, names), module: ticket.content.module, steps }]
  })
}
