import type { Locale } from '@countersign/contracts'
import { type CardComposer, personLocale } from '#server/cards/compose.ts'
import type { ButtonProofs } from '#server/cards/proof.ts'
import type { ActionReply, Channel, Inbound } from '#server/channels/channel.ts'
import type { Stores } from '#server/db/stores.ts'
import { type DecisionOutcome, decide } from '#server/tickets/lifecycle.ts'
import { mayRead, type Refusal } from '#server/tickets/policy.ts'
import type { User } from '#server/tickets/ports.ts'
import type { Ticket } from '#server/tickets/ticket.ts'

export interface ActionDeps {
  composer: CardComposer
  proofs: ButtonProofs
  /** Language of the region, for people we do not know. */
  locale: Locale
}

type Action = Extract<Inbound, { kind: 'action' }>

/** A tap on a card: who tapped, is the button ours, and then the one decide. Inside the callback's transaction. */
export async function onAction(
  deps: ActionDeps,
  tx: Stores,
  channel: Channel,
  action: Action,
  at: number,
): Promise<ActionReply> {
  const tenant = await tx.tenants.tenant(channel.tenantId)
  const user =
    action.platformUserId === null
      ? null
      : await tx.directory.findByPlatformId(channel.tenantId, channel.name, action.platformUserId)
  const locale = personLocale(user, tenant?.locale ?? null, deps.locale)
  const refused = (reason: Refusal['reason']): ActionReply => ({
    locale,
    outcome: { ok: false, reason, by: null, status: null },
    card: null,
  })
  const unproven = user === null ? 'not_bound' : user.disabled ? 'user_disabled' : proofMissing(deps, channel, action)
  if (unproven !== null || user === null || action.button === null) {
    await auditUnproven(tx, channel, action, user, unproven ?? 'invalid_proof', at)
    return refused(unproven ?? 'invalid_proof')
  }
  const outcome = await decide(tx, {
    tenantId: channel.tenantId,
    ticketId: action.button.ticketId,
    actor: user.uid,
    action: action.button.action,
    contentHash: action.button.contentHash,
    node: action.button.node,
    comment: action.comment,
    surface: 'card',
    confirmed: false,
    via: `card:${channel.name}`,
    tappedChannel: channel.name,
    at,
  })
  return reply(deps, tx, channel, user, locale, action.button.action, outcome)
}

function proofMissing(deps: ActionDeps, channel: Channel, action: Action): 'invalid_proof' | null {
  const isOurs = action.button !== null && deps.proofs.holds(channel.tenantId, action.button)
  return isOurs ? null : 'invalid_proof'
}

async function auditUnproven(
  tx: Stores,
  channel: Channel,
  action: Action,
  user: User | null,
  reason: Refusal['reason'],
  at: number,
): Promise<void> {
  await tx.audit.append({
    tenantId: channel.tenantId,
    at,
    actor: user?.uid ?? `${channel.name}:${action.platformUserId ?? 'unknown'}`,
    action: 'ticket.refused',
    target: action.button === null ? 'ticket:unknown' : `ticket:${action.button.ticketId}`,
    detail: { reason, via: `card:${channel.name}` },
  })
}

async function reply(
  deps: ActionDeps,
  tx: Stores,
  channel: Channel,
  user: User,
  locale: Locale,
  action: 'approve' | 'reject',
  outcome: DecisionOutcome,
): Promise<ActionReply> {
  // Answering with a card changes the message for whoever owns it: only an approver's tap may.
  const isStranger = !outcome.ok && outcome.refusal.reason === 'not_approver'
  const card = isStranger ? null : await renewedCard(deps, tx, channel, user, outcome.ticket)
  if (outcome.ok) return { locale, outcome: { ok: true, action, status: outcome.ticket.status }, card }
  const { refusal, ticket } = outcome
  const by = refusal.by === null ? null : await personName(tx, channel, refusal.by.uid)
  return { locale, outcome: { ok: false, reason: refusal.reason, by, status: ticket?.status ?? null }, card }
}

/** The card as it is to look from now on; a person who may not read the ticket gets none. */
async function renewedCard(deps: ActionDeps, tx: Stores, channel: Channel, user: User, ticket: Ticket | null) {
  if (ticket === null || !mayRead(ticket, user)) return null
  const { name, takesActions } = channel
  return deps.composer.compose(tx, { ticket, recipient: user.uid, event: 'pending', channel: name, takesActions })
}

async function personName(tx: Stores, channel: Channel, uid: string): Promise<string> {
  return (await tx.directory.user(channel.tenantId, uid))?.name ?? uid
}
