import type { Locale } from '@countersign/contracts'
import { type CardComposer, personLocale } from '#server/cards/compose.ts'
import type { ButtonProofs } from '#server/cards/proof.ts'
import type { ActionReply, Channel, Inbound } from '#server/channels/channel.ts'
import type { Stores } from '#server/db/stores.ts'
import { type DecisionOutcome, decide } from '#server/tickets/lifecycle.ts'
import { mayRead, type Refusal } from '#server/tickets/policy.ts'
import type { User } from '#server/tickets/ports.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { isTrial } from '#server/tickets/trial.ts'
import type { TapOutcome } from './tap-outcome.ts'

export interface ActionDeps {
  composer: CardComposer
  proofs: ButtonProofs
  /** Language of the region, for people we do not know. */
  locale: Locale
}

type Action = Extract<Inbound, { kind: 'action' }>

/** A tap's outcome, to be remembered, and the answer to it. */
export interface AnsweredTap {
  tap: TapOutcome
  reply: ActionReply
  /** It was on a trial card: a decision that counts in no statistics. */
  isTrial: boolean
}

/** A tap on a card: who tapped, is the button ours, and then the one decide. Inside the callback's transaction. */
export async function onAction(
  deps: ActionDeps,
  tx: Stores,
  channel: Channel,
  action: Action,
  at: number,
): Promise<AnsweredTap> {
  const tenant = await tx.tenants.tenant(channel.tenantId)
  const user =
    action.platformUserId === null
      ? null
      : await tx.directory.findByPlatformId(channel.tenantId, channel.name, action.platformUserId)
  const locale = personLocale(user, tenant?.locale ?? null, deps.locale)
  const unproven = user === null ? 'not_bound' : user.disabled ? 'user_disabled' : proofMissing(deps, channel, action)
  if (unproven !== null || user === null || action.button === null) {
    const reason = unproven ?? 'invalid_proof'
    await auditUnproven(tx, channel, action, user, reason, at)
    const outcome = { ok: false, reason, by: null, status: null } as const
    return unseen(locale, outcome)
  }
  const decided = await decide(tx, {
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
  const outcome = await outcomeOf(tx, channel, action.button.action, decided)
  const { ticket } = decided
  // Answering with a card changes the message for whoever owns it: only an approver's tap may.
  const isStranger = !decided.ok && decided.refusal.reason === 'not_approver'
  if (ticket === null || isStranger) return unseen(locale, outcome)
  const card = await presentCard(deps, tx, channel, user, ticket)
  const tap = { locale, outcome, card: { ticketId: ticket.id, uid: user.uid } }
  return { tap, reply: { locale, outcome, card }, isTrial: isTrial(ticket) }
}

/** An answer to somebody who is shown no card. */
function unseen(locale: Locale, outcome: ActionReply['outcome']): AnsweredTap {
  return { tap: { locale, outcome, card: null }, reply: { locale, outcome, card: null }, isTrial: false }
}

/** The answer to a tap whose outcome is known from before. Reads only. */
export async function answerAgain(
  deps: ActionDeps,
  tx: Stores,
  channel: Channel,
  { locale, outcome, card }: TapOutcome,
): Promise<ActionReply> {
  if (card === null) return { locale, outcome, card: null }
  const user = await tx.directory.user(channel.tenantId, card.uid)
  const ticket = await tx.tickets.find(channel.tenantId, card.ticketId)
  const isThere = user !== null && ticket !== null
  return { locale, outcome, card: isThere ? await presentCard(deps, tx, channel, user, ticket) : null }
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

async function outcomeOf(
  tx: Stores,
  channel: Channel,
  action: 'approve' | 'reject',
  decided: DecisionOutcome,
): Promise<ActionReply['outcome']> {
  if (decided.ok) return { ok: true, action, status: decided.ticket.status }
  const { refusal, ticket } = decided
  const by = refusal.by === null ? null : await personName(tx, channel, refusal.by.uid)
  return { ok: false, reason: refusal.reason, by, status: ticket?.status ?? null }
}

/** The card as it is to look from now on; a person who may not read the ticket gets none. */
async function presentCard(deps: ActionDeps, tx: Stores, channel: Channel, user: User, ticket: Ticket) {
  if (!mayRead(ticket, user)) return null
  const { name, takesActions, corpId } = channel
  const request = { ticket, recipient: user.uid, event: 'pending', channel: name, takesActions } as const
  return deps.composer.compose(tx, corpId === undefined ? request : { ...request, corpId })
}

async function personName(tx: Stores, channel: Channel, uid: string): Promise<string> {
  return (await tx.directory.user(channel.tenantId, uid))?.name ?? uid
}
