import { type Locale, Locale as LocaleSchema, type NoticeEvent, type Uid } from '@countersign/contracts'
import type { ButtonValue, CardDecision, CardModel } from '#server/channels/channel.ts'
import { isSurfaceAllowed, lastDecision, refuseActor } from '#server/tickets/policy.ts'
import type { PeopleDirectory, User } from '#server/tickets/ports.ts'
import { nodeStatus, type Ticket } from '#server/tickets/ticket.ts'
import type { ButtonProofs } from './proof.ts'
import { ticketLink } from './ticket-link.ts'

export interface CardComposer {
  /**
   * The ticket as a card for one person, in its present state. `null` when the person is no longer of the tenant.
   * Reads people only; safe inside a transaction.
   */
  compose(stores: CardStores, request: CardRequest): Promise<CardModel | null>
}

/** The little that composing a card reads. */
export interface CardStores {
  directory: Pick<PeopleDirectory, 'users'>
  tenants: { tenant(id: string): Promise<{ locale: string | null; timeZone: string | null } | null> }
}

export interface CardRequest {
  ticket: Ticket
  recipient: Uid
  event: NoticeEvent
  /** The app that the card is shown in; null where people cannot log in by the channel. */
  channel: string | null
  /** False when the channel cannot verify callbacks: the card then only leads to the H5 app. */
  takesActions: boolean
  /** The platform's own id of the organisation, where the link to the H5 app is to carry it. */
  corpId?: string
}

export interface ComposerConfig {
  publicUrl: string
  /** Of the region, for people and tenants that have set none. */
  locale: Locale
  timeZone: string
}

export function createCardComposer(config: ComposerConfig, proofs: ButtonProofs): CardComposer {
  return {
    async compose(stores, request) {
      const { ticket, recipient } = request
      const [users, tenant] = await Promise.all([
        stores.directory.users(ticket.tenantId, namesOn(ticket, recipient)),
        stores.tenants.tenant(ticket.tenantId),
      ])
      const user = users.get(recipient)
      if (user === undefined) return null
      const button = (action: 'approve' | 'reject'): ButtonValue =>
        proofs.sign(ticket.tenantId, {
          ticketId: ticket.id,
          node: ticket.currentNode,
          action,
          contentHash: ticket.contentHash,
        })
      const name = (uid: string): string => users.get(uid)?.name ?? uid
      const link = ticketLink(config.publicUrl, {
        tenant: ticket.tenantId,
        channel: request.channel,
        corpId: request.corpId,
        ticketId: ticket.id,
      })
      return {
        ...describe(ticket, name),
        event: request.event,
        locale: personLocale(user, tenant?.locale ?? null, config.locale),
        timeZone: user.timeZone ?? tenant?.timeZone ?? config.timeZone,
        mine: ownDecision(ticket, recipient),
        decision: cardDecision(request),
        approve: button('approve'),
        reject: button('reject'),
        link,
      }
    },
  }
}

/** The language a person is spoken to in: their own, else the tenant's, else the region's. */
export function personLocale(user: Pick<User, 'locale'> | null, tenantLocale: string | null, fallback: Locale): Locale {
  const wanted = LocaleSchema.safeParse(user?.locale ?? tenantLocale ?? fallback)
  return wanted.success ? wanted.data : fallback
}

function namesOn(ticket: Ticket, recipient: Uid): Uid[] {
  const approvers = ticket.nodes.flatMap((node) => node.approvers)
  return [...new Set([recipient, ticket.content.submitter, ...approvers])]
}

function describe(ticket: Ticket, name: (uid: string) => string) {
  const { content } = ticket
  const closing = lastDecision(ticket)
  const outcome = outcomeOf(ticket, closing, name)
  return {
    ticketId: ticket.id,
    number: ticket.number,
    title: content.title,
    module: content.module,
    risk: content.risk,
    status: ticket.status,
    submitter: name(content.submitter),
    createdAt: ticket.createdAt,
    dueAt: content.dueAt,
    description: content.description,
    fields: content.fields,
    code: content.code,
    attachments: content.attachments.length,
    executesOnApproval: content.executesOnApproval,
    nodes: ticket.nodes.map((node, index) => ({
      name: node.name,
      rule: node.rule,
      status: nodeStatus(ticket, index),
      approvers: node.approvers.map((uid) => ({
        name: name(uid),
        decision: node.decisions.find((decision) => decision.uid === uid)?.action ?? null,
      })),
    })),
    outcome,
  }
}

function outcomeOf(
  ticket: Ticket,
  closing: ReturnType<typeof lastDecision>,
  name: (uid: string) => string,
): CardModel['outcome'] {
  if (ticket.status === 'pending') return null
  const at = ticket.decidedAt ?? ticket.updatedAt
  if (ticket.status === 'approved' || ticket.status === 'rejected') {
    return closing === null ? null : { by: name(closing.uid), at, comment: closing.comment }
  }
  return { by: name(ticket.content.submitter), at, comment: null }
}

function ownDecision(ticket: Ticket, uid: Uid): CardModel['mine'] {
  const decisions = ticket.nodes.flatMap((node) => node.decisions)
  return decisions.findLast((decision) => decision.uid === uid)?.action ?? null
}

function cardDecision({ ticket, recipient, takesActions }: CardRequest): CardDecision {
  if (refuseActor(ticket, recipient) !== null) return 'none'
  if (!takesActions || !isSurfaceAllowed(ticket, 'card') || ticket.content.risk === 'high') return 'review'
  return ticket.content.risk === 'medium' ? 'confirm' : 'tap'
}
