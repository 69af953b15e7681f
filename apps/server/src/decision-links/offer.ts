import type { DecisionAction, TenantId, Uid } from '@countersign/contracts'
import type { DecisionLink } from '#server/db/decision-link-store.ts'
import type { Store, Stores } from '#server/db/stores.ts'
import { isSurfaceAllowed, refuseActor } from '#server/tickets/policy.ts'
import type { LinkTokens } from './token.ts'

/** Long enough for a weekend, short enough that an old mailbox holds no power. */
export const validForMs = 72 * 60 * 60 * 1_000

/** Where links that decide lead; what follows is the tenant and the token. */
export const decisionLinkPath = '/decision-links'

export interface OfferRequest {
  tenantId: TenantId
  uid: Uid
  ticketId: string
  /** What the mail shows: a link decides this and nothing else. */
  node: number
  contentHash: string
  /** Stable over retries of the same mail. */
  deliveryKey: string
}

export interface OfferedLinks {
  approve: string
  reject: string
  /** Epoch milliseconds. */
  expiresAt: number
}

export interface DecisionLinkOffers {
  /** Links for one mail to one person; null where this person may not decide this by mail. */
  offer(request: OfferRequest): Promise<OfferedLinks | null>
}

export interface OfferDeps {
  store: Store
  tokens: LinkTokens
  publicUrl: string
  now: () => number
}

/**
 * Makes links that decide. A mail that is sent again carries the same links as the first time: if both arrive, mail
 * programs show whichever they like, since both have one Message-ID, and its buttons must work.
 */
export function createDecisionLinkOffers({ store, tokens, publicUrl, now }: OfferDeps): DecisionLinkOffers {
  return {
    offer: (request) =>
      store.run(async (tx) => {
        const addressDigest = await mailboxOfApprover(tx, request)
        if (addressDigest === null) return null
        const { tenantId, deliveryKey, node, contentHash } = request
        const earlier = await tx.decisionLinks.ofMessage({ tenantId, deliveryKey, node, contentHash })
        const expiresAt = now() + validForMs
        const link = async (action: DecisionAction): Promise<string> => {
          const known = earlier.find((each) => each.action === action && isUsable(each, addressDigest))
          const again = known === undefined ? null : tokens.again(known)
          if (known !== undefined && again !== null) {
            await tx.decisionLinks.put({ ...known, expiresAt })
            return `${publicUrl}${decisionLinkPath}/${tenantId}/${again}`
          }
          const { token, ...made } = tokens.make()
          const bound = { ...request, addressDigest, action }
          await tx.decisionLinks.put({ ...bound, ...made, createdAt: now(), expiresAt, spentAt: null })
          return `${publicUrl}${decisionLinkPath}/${tenantId}/${token}`
        }
        return { approve: await link('approve'), reject: await link('reject'), expiresAt }
      }),
  }
}

function isUsable(link: DecisionLink, addressDigest: string): boolean {
  return link.spentAt === null && link.addressDigest === addressDigest
}

/** Which mailbox it is for; null when this person is not asked for this, or not by mail. */
async function mailboxOfApprover(tx: Stores, request: OfferRequest): Promise<string | null> {
  const { tenantId, uid, ticketId, node, contentHash } = request
  const ticket = await tx.tickets.find(tenantId, ticketId)
  if (ticket === null || ticket.contentHash !== contentHash || ticket.currentNode !== node) return null
  if (refuseActor(ticket, uid) !== null || !isSurfaceAllowed(ticket, 'email-link')) return null
  const user = await tx.directory.user(tenantId, uid)
  if (user === null || user.disabled) return null
  // Into a mailbox that an administrator has entered for somebody, no decision of theirs is put.
  if (!(await tx.loginWays.ownsMailbox(tenantId, uid))) return null
  return (await tx.directory.binding(tenantId, 'email', uid))?.addressDigest ?? null
}
