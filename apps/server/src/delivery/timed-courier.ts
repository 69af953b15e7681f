import { replyEvent } from '#server/db/chat-store.ts'
import type { ClaimedDelivery } from '#server/db/stores.ts'
import { isLadder, ladderStep } from '#server/tickets/ladder.ts'
import { pendingApprovers, type Ticket } from '#server/tickets/ticket.ts'
import type { Settled } from './backoff.ts'
import type { Courier, Outcome } from './courier.ts'
import { type Held, quietAfter } from './hold.ts'
import { type PastNeedDeps, pastNeed } from './past-need.ts'

/**
 * Leaves people alone when they want to be. What was queued knew their wishes of that moment; a retry, a long wait or a
 * changed mind can make them others, so each is asked for once more right before the first send. What has been begun goes
 * on, and so does the silent update of a card that is there.
 */
export function createTimedCourier(courier: Courier, deps: PastNeedDeps): Courier {
  return {
    ...courier,
    async carry(delivery, signal) {
      const isBegun = delivery.message !== null || delivery.firstTriedAt !== null
      if (isBegun || delivery.event === replyEvent) return courier.carry(delivery, signal)
      const ticket = isLadder(delivery.noticeKey) ? await ticketOf(deps, delivery) : null
      const over = ticket === null ? null : await pastNeed(deps, delivery, ticket)
      const early = over === null ? await notNow(deps, delivery) : suppressed(over.code, over.text)
      if (early !== null) return early
      const carried = await courier.carry(delivery, signal)
      const isUrgent = ticket !== null && ladderStep(ticket, delivery.noticeKey)?.buzz === true
      return isUrgent && courier.buzzes !== true ? plainly(carried, delivery.channel) : carried
    },
  }
}

/** Whether the person wants to be left alone now, or not to be told through this channel at all. */
async function notNow(
  deps: PastNeedDeps,
  delivery: ClaimedDelivery,
): Promise<Settled | ({ kind: 'held' } & Held) | null> {
  const { tenantId, recipient, channel } = delivery
  const reach = await deps.store.stores.notices.reachOf(tenantId, recipient)
  // Whom nothing reaches any more is for the courier to say.
  if (reach === null) return null
  if (reach.channels.some((each) => each.channel === channel && !each.isWanted)) {
    return suppressed('channel_off', `${recipient} no longer wants to be told through ${channel}`)
  }
  const quiet = quietAfter(deps.now(), reach.timing)
  if (quiet === null) return null
  const ticket = await ticketOf(deps, delivery)
  return ticket !== null && isUrgentFor(ticket, recipient, quiet) ? null : { kind: 'held', ...quiet }
}

/** The answer of somebody who is asked is awaited before their quiet hours are over. */
export function isUrgentFor(ticket: Ticket, uid: string, { dueAt }: Held): boolean {
  const deadline = ticket.content.dueAt
  return deadline !== null && deadline <= dueAt && pendingApprovers(ticket).includes(uid)
}

function ticketOf({ store }: PastNeedDeps, { tenantId, ticketId }: ClaimedDelivery): Promise<Ticket | null> {
  return store.stores.tickets.find(tenantId, ticketId)
}

/** What the delivery carries for others is not concerned. */
function suppressed(code: string, text: string): Settled {
  return { kind: 'suppressed', code, text, alone: true }
}

/** The log says that an urgent reminder was to be sent, and why it is none. */
function plainly(carried: Outcome, channel: string): Outcome {
  const text = `a plain reminder: ${channel} has no urgent messages`
  return carried.kind === 'delivered' ? { ...carried, text: `${carried.text} (${text})` } : carried
}
