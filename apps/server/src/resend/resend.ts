import { ChannelName, type ResendRefusal } from '@countersign/contracts'
import { reportDay } from '#server/coverage/daily-report.ts'
import type { StandingDelivery } from '#server/db/delivery-action-store.ts'
import { reportEvent } from '#server/db/report-store.ts'
import type { Store, Stores } from '#server/db/stores.ts'
import { idempotencyKey } from '#server/delivery/card-courier.ts'
import { callbackChannel } from '#server/delivery/lane.ts'
import { asksForDecision } from '#server/tickets/asking.ts'
import { noticeOf } from '#server/tickets/lifecycle.ts'
import type { User } from '#server/tickets/ports.ts'
import { pendingApprovers, type Ticket } from '#server/tickets/ticket.ts'
import { judgeResend, type ResendFacts } from './judge-resend.ts'

export interface ResendDeps {
  store: Pick<Store, 'run'>
  now: () => number
}

export type Resent = { refusal: ResendRefusal; queued: null } | { refusal: null; queued: string }

const postedChannels: readonly string[] = [callbackChannel, 'webhook']

/**
 * Sends a delivery once more, if there is still a reason to. The ticket is held meanwhile, so that no decision comes
 * between the question whether somebody is asked and the card that asks them.
 */
export function resend(deps: ResendDeps, who: User, id: string): Promise<Resent> {
  return once(deps, who, id, 'delivery.resend')
}

/** The same for what is POSTed to addresses outside, and for nothing else: under the id that the receiver knows. */
export function replay(deps: ResendDeps, who: User, id: string): Promise<Resent> {
  return once(deps, who, id, 'webhook.replay')
}

async function once(
  { store, now }: ResendDeps,
  who: User,
  id: string,
  action: 'delivery.resend' | 'webhook.replay',
): Promise<Resent> {
  const refuse = (refusal: ResendRefusal): Resent => ({ refusal, queued: null })
  return store.run(async (tx) => {
    const found = await tx.deliveryActions.find(who.tenantId, id)
    const isPosted = found !== null && postedChannels.includes(found.channel)
    if (found === null || (action === 'webhook.replay' && !isPosted)) return refuse('not_found')
    const delivery = isPosted ? await speakerOf(tx, found) : found
    const at = now()
    const facts = await gatherFacts(tx, delivery, at)
    const judged = judgeResend(facts)
    if ('refusal' in judged) return refuse(judged.refusal)
    const queued =
      judged.way === 'anew'
        ? await tx.deliveryActions.sendAnew(delivery, at)
        : (await tx.deliveryActions.queueAgain(delivery, at))
          ? delivery.id
          : null
    if (queued === null) return refuse('changed')
    // Buttons of the mail before are as good as those of a card: there is one that works.
    if (judged.way === 'anew' && delivery.channel === 'email') {
      await tx.decisionLinks.endOf(who.tenantId, idempotencyKey(delivery), at)
    }
    const { tenantId, uid: actor } = who
    const { recipient, channel, event } = delivery
    const detail = { recipient, channel, event, ticket: facts.ticket?.number ?? null, way: judged.way, queued }
    await tx.audit.append({ tenantId, at, actor, action, target: `delivery:${id}`, detail })
    return { refusal: null, queued }
  })
}

/** People of one web hook are told by one call, under the id of one of their deliveries: that is the one to repeat. */
async function speakerOf(tx: Stores, delivery: StandingDelivery): Promise<StandingDelivery> {
  if (delivery.carriedBy === null) return delivery
  return (await tx.deliveryActions.find(delivery.tenantId, delivery.carriedBy)) ?? delivery
}

async function gatherFacts(tx: Stores, delivery: StandingDelivery, at: number): Promise<ResendFacts> {
  const { tenantId, ticketId, recipient, event, noticeKey, channel } = delivery
  const name = ChannelName.safeParse(channel)
  const ticket = ticketId === '' ? null : await tx.tickets.lock(tenantId, ticketId)
  const day = event === reportEvent ? reportDay(noticeKey) : null
  return {
    delivery,
    isEnabled: name.success && (await tx.tenants.channel(tenantId, name.data))?.enabled === true,
    ticket,
    person: await tx.directory.user(tenantId, recipient),
    reach: await tx.notices.reachOf(tenantId, recipient),
    planned: ticket === null ? [] : await planned(tx, delivery, ticket, at),
    hasReport: day !== null && (await tx.reports.report(tenantId, day)) !== null,
  }
}

/** As it would be announced now, by the rules of now. */
async function planned(tx: Stores, { event, noticeKey }: StandingDelivery, ticket: Ticket, at: number) {
  if (event === reportEvent) return []
  const recipients = asksForDecision(event) ? pendingApprovers(ticket) : [ticket.content.submitter]
  return tx.notices.plan(noticeOf(ticket, event, noticeKey, recipients, at))
}
