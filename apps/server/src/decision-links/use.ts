import { EmailSettings, type TenantId } from '@countersign/contracts'
import type { DecisionLink } from '#server/db/decision-link-store.ts'
import type { Store, Stores } from '#server/db/stores.ts'
import { decide } from '#server/tickets/lifecycle.ts'
import { isSurfaceAllowed, needsConfirmation, type Refusal, refuseActor } from '#server/tickets/policy.ts'
import type { User } from '#server/tickets/ports.ts'
import type { Decision, Ticket } from '#server/tickets/ticket.ts'
import { hashToken } from './token.ts'

/** Why a link does nothing, whatever its ticket says. */
export type DeadReason = 'expired' | 'used' | 'address_changed' | 'switched_off' | 'user_disabled'

/** What a link leads to at this moment. */
export type LinkState =
  | { kind: 'unknown' }
  | { kind: 'dead'; reason: DeadReason; link: DecisionLink; user: User | null }
  /** The person has decided on this, by this link or otherwise. */
  | { kind: 'decided'; mine: Decision; link: DecisionLink; ticket: Ticket; user: User }
  | { kind: 'refused'; refusal: Refusal; link: DecisionLink; ticket: Ticket; user: User }
  /** It can be used. `asksAgain`: the risk asks for a second confirmation. */
  | { kind: 'open'; asksAgain: boolean; link: DecisionLink; ticket: Ticket; user: User }

export interface LinkAddress {
  tenantId: TenantId
  token: string
}

/** What a person sends with the button. */
export interface LinkAnswer {
  reason: string
  confirmed: boolean
}

export type UseOutcome =
  | { kind: 'done'; link: DecisionLink }
  /** Something is missing on the form; the link is as good as before. */
  | { kind: 'incomplete'; missing: 'reason' | 'confirmation'; state: LinkState }
  | { kind: 'not_taken'; state: LinkState }

/** Reads only. */
export async function lookAtLink(stores: Stores, address: LinkAddress, now: number): Promise<LinkState> {
  const tokenHash = hashToken(address.token)
  const link = tokenHash === null ? null : await stores.decisionLinks.find(address.tenantId, tokenHash)
  return link === null ? { kind: 'unknown' } : stateOf(stores, link, now)
}

/** Decides and spends the link, in one transaction: both happen, or neither. */
export function useLink(store: Store, address: LinkAddress, answer: LinkAnswer, now: number): Promise<UseOutcome> {
  return store.run(async (tx) => {
    const tokenHash = hashToken(address.token)
    const link = tokenHash === null ? null : await tx.decisionLinks.lock(address.tenantId, tokenHash)
    if (link === null) return { kind: 'not_taken', state: { kind: 'unknown' } }
    const state = await stateOf(tx, link, now)
    if (state.kind === 'unknown') return { kind: 'not_taken', state }
    const dead = state.kind === 'dead' ? state.reason : link.spentAt === null ? null : 'used'
    if (dead !== null) await auditDead(tx, link, dead, now)
    // What the ticket itself refuses is said, and written into the audit, by `decide` alone.
    if (dead !== null || state.kind === 'dead') return { kind: 'not_taken', state }
    const { tenantId, ticketId, uid, action, node, contentHash } = link
    const outcome = await decide(tx, {
      tenantId,
      ticketId,
      actor: uid,
      action,
      node,
      contentHash,
      comment: action === 'reject' ? answer.reason : null,
      surface: 'email-link',
      confirmed: answer.confirmed,
      via: 'email-link',
      tappedChannel: null,
      at: now,
    })
    if (!outcome.ok) {
      const { reason } = outcome.refusal
      if (reason === 'reason_required') return { kind: 'incomplete', missing: 'reason', state }
      if (reason === 'confirmation_required') return { kind: 'incomplete', missing: 'confirmation', state }
      return {
        kind: 'not_taken',
        state: refusedState({ ...state, ticket: outcome.ticket ?? state.ticket }, outcome.refusal),
      }
    }
    await tx.decisionLinks.spend(tenantId, link.tokenHash, now)
    return { kind: 'done', link }
  })
}

type KnownState = Exclude<LinkState, { kind: 'unknown' | 'dead' }>

function refusedState(state: KnownState, refusal: Refusal): LinkState {
  const { link, ticket, user } = state
  const mine = refusal.reason === 'already_decided_by_you' ? refusal.by : null
  return mine === null
    ? { kind: 'refused', refusal, link, ticket, user }
    : { kind: 'decided', mine, link, ticket, user }
}

async function stateOf(stores: Stores, link: DecisionLink, now: number): Promise<LinkState> {
  const { tenantId, uid, ticketId } = link
  const user = await stores.directory.user(tenantId, uid)
  const ticket = await stores.tickets.find(tenantId, ticketId)
  const dead = (reason: DeadReason): LinkState => ({ kind: 'dead', reason, link, user })
  if (ticket === null) return { kind: 'unknown' }
  if (user === null || user.disabled) return dead('user_disabled')
  const mine = ownDecision(ticket, link)
  if (link.spentAt !== null) return mine === null ? dead('used') : { kind: 'decided', mine, link, ticket, user }
  if (link.expiresAt <= now) return dead('expired')
  const binding = await stores.directory.binding(tenantId, 'email', uid)
  if (binding?.addressDigest !== link.addressDigest) return dead('address_changed')
  if (!(await mayDecideByMail(stores, tenantId))) return dead('switched_off')
  const refusal = refuse(ticket, link)
  if (refusal === null) return { kind: 'open', asksAgain: needsConfirmation(ticket), link, ticket, user }
  if (refusal.reason === 'already_decided_by_you' && mine !== null) return { kind: 'decided', mine, link, ticket, user }
  return { kind: 'refused', refusal, link, ticket, user }
}

/** What a page can tell before anything is asked for; `decide` checks all of it again. */
function refuse(ticket: Ticket, link: DecisionLink): Refusal | null {
  const refusal = refuseActor(ticket, link.uid)
  if (refusal !== null) return refusal
  if (ticket.contentHash !== link.contentHash || ticket.currentNode !== link.node) {
    return { reason: 'content_changed', by: null }
  }
  return isSurfaceAllowed(ticket, 'email-link') ? null : { reason: 'surface_not_allowed', by: null }
}

/** On the present content: an approval of what has changed since counts no longer. */
function ownDecision(ticket: Ticket, link: DecisionLink): Decision | null {
  if (ticket.contentHash !== link.contentHash) return null
  return ticket.nodes[link.node]?.decisions.find(({ uid }) => uid === link.uid) ?? null
}

/** The tenant may have switched it off since the mail was sent. */
async function mayDecideByMail(stores: Stores, tenantId: TenantId): Promise<boolean> {
  const channel = await stores.tenants.channel(tenantId, 'email')
  if (channel === null || !channel.enabled) return false
  const settings = EmailSettings.safeParse(channel.settings)
  return settings.success && settings.data.decisionLinks
}

async function auditDead(tx: Stores, link: DecisionLink, reason: DeadReason, at: number): Promise<void> {
  const { tenantId, uid, ticketId, action, contentHash } = link
  const detail = { wanted: action, reason: `link_${reason}`, via: 'email-link', contentHash }
  await tx.audit.append({ tenantId, at, actor: uid, action: 'ticket.refused', target: `ticket:${ticketId}`, detail })
}
