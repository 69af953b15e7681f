/** The channel of decisions sent to a ticket's `callbackUrl`; its recipient is the host of that address. */
export const callbackChannel = 'callback'
/** Longer than any attempt may take: only a dead instance loses a lease. */
export const leaseMs = 30_000
/** The channel of a notice that no channel could carry. */
export const noChannel = 'none'
/** Stands for everybody who sees the one card that a platform shows to many. No uid is like it. */
export const sharedRecipient = '*'

/**
 * Deliveries that hang together when a platform hangs: all of one tenant's app, or, where every recipient is at a host of
 * their own, all to one of them. The outbox says the same in SQL.
 */
export function laneOf(
  delivery: { tenantId: string; channel: string; recipient: string },
  { hasOwnHosts = false }: { hasOwnHosts?: boolean },
): string {
  const { tenantId, channel, recipient } = delivery
  return hasOwnHosts ? `${tenantId}/${channel}/${recipient}` : `${tenantId}/${channel}`
}
