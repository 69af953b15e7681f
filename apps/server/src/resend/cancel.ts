import type { CancelRefusal } from '@countersign/contracts'
import type { Store } from '#server/db/stores.ts'
import type { User } from '#server/tickets/ports.ts'

export interface CancelDeps {
  store: Pick<Store, 'run'>
  now: () => number
}

/** The code with which the log of a delivery says that somebody ended it. */
export const cancelled = 'cancelled'

/** Ends what is queued and in nobody's hands; null: it has ended. Whoever comes first wins, a worker or the person. */
export function cancelDelivery({ store, now }: CancelDeps, who: User, id: string): Promise<CancelRefusal | null> {
  const { tenantId, uid: actor } = who
  return store.run(async (tx) => {
    const delivery = await tx.deliveryActions.find(tenantId, id)
    if (delivery === null) return 'not_found'
    const at = now()
    const refusal = await tx.deliveryActions.cancel(tenantId, id, { code: cancelled, text: `by ${actor}` }, at)
    if (refusal !== null) return refusal
    const { recipient, channel, event } = delivery
    const ticket = await tx.tickets.find(tenantId, delivery.ticketId)
    const detail = { recipient, channel, event, ticket: ticket?.number ?? null }
    await tx.audit.append({ tenantId, at, actor, action: 'delivery.cancel', target: `delivery:${id}`, detail })
    return null
  })
}
