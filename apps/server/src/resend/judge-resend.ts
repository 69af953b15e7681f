import type { ResendRefusal, Uid } from '@countersign/contracts'
import type { StandingDelivery } from '#server/db/delivery-action-store.ts'
import type { PlannedDelivery, Reach } from '#server/db/notice-fan-out.ts'
import { reportEvent } from '#server/db/report-store.ts'
import { callbackChannel, noChannel } from '#server/delivery/lane.ts'
import { asksForDecision } from '#server/tickets/asking.ts'
import { isLadder, ladderStep } from '#server/tickets/ladder.ts'
import type { User } from '#server/tickets/ports.ts'
import { everyApprover, pendingApprovers, type Ticket } from '#server/tickets/ticket.ts'

/** All that decides whether a delivery may be sent once more, as it stands now. */
export interface ResendFacts {
  delivery: StandingDelivery
  /** The tenant has the channel enabled. */
  isEnabled: boolean
  /** Null: there is none, or it is gone. */
  ticket: Ticket | null
  person: Pick<User, 'disabled' | 'roles'> | null
  /** Through what the person can be reached; null: through nothing. */
  reach: Pick<Reach, 'channels'> | null
  /** What would be queued were the notice announced now. */
  planned: readonly PlannedDelivery[]
  /** Of a report: it is still kept. */
  hasReport: boolean
}

/** `again`: the same message under the same key, or the update of a card. `anew`: another one in place of the first. */
export type ResendWay = 'again' | 'anew'

/** Whether a delivery may be sent once more, and how. Pure. */
export function judgeResend(facts: ResendFacts): { way: ResendWay } | { refusal: ResendRefusal } {
  const refusal = refusalOf(facts)
  return refusal === null ? { way: wayOf(facts.delivery) } : { refusal }
}

/** Where the receiver knows a repetition by its id, it is to know this one, too. */
const knownByIdChannels: readonly string[] = [callbackChannel, 'webhook']

function wayOf({ channel, state, hasCard }: StandingDelivery): ResendWay {
  if (knownByIdChannels.includes(channel)) return 'again'
  // A card that could not be brought up to date is there, and a second one beside it would not be.
  if (state === 'failed') return 'again'
  return state === 'suppressed' && !hasCard ? 'again' : 'anew'
}

function refusalOf(facts: ResendFacts): ResendRefusal | null {
  const { delivery, ticket } = facts
  if (delivery.isReplaced) return 'replaced'
  if (delivery.state === 'queued' || delivery.state === 'sending') return 'under_way'
  if (delivery.channel === noChannel) return 'no_channel'
  if (delivery.channel === callbackChannel) {
    if (ticket === null) return 'ticket_gone'
    return ticket.callbackUrl === null ? 'no_callback_url' : null
  }
  if (!facts.isEnabled) return 'channel_disabled'
  if (delivery.event === reportEvent) return refuseReport(facts)
  if (ticket === null) return 'ticket_gone'
  // The truth may always be shown on a card that is there.
  if (delivery.state === 'failed' && delivery.hasCard) return null
  return refusePerson(facts) ?? refuseNotice(delivery, ticket) ?? refuseChannel(facts, ticket)
}

function refusePerson({ person }: ResendFacts): ResendRefusal | null {
  if (person === null) return 'person_gone'
  return person.disabled ? 'person_disabled' : null
}

function refuseReport(facts: ResendFacts): ResendRefusal | null {
  const refusal = refusePerson(facts)
  if (refusal !== null) return refusal
  if (facts.person?.roles.includes('admin') !== true) return 'not_administrator'
  return facts.hasReport ? null : 'report_gone'
}

/** Whether the notice still says something that is so, to somebody whom it concerns. */
function refuseNotice({ event, recipient, noticeKey }: StandingDelivery, ticket: Ticket): ResendRefusal | null {
  if (event === reportEvent) return null
  if (!asksForDecision(event)) return event === ticket.status ? null : 'other_outcome'
  if (ticket.status !== 'pending') return 'ticket_closed'
  if (isApprover(ticket, recipient) && !pendingApprovers(ticket).includes(recipient)) return 'not_asked'
  if (isLadder(noticeKey)) return ladderStep(ticket, noticeKey) === null ? 'step_over' : null
  // Of an earlier content or step: there is another message about what is asked now.
  const isPresent = `${noticeKey}:`.startsWith(`pending:${ticket.contentVersion}:${ticket.currentNode}:`)
  return event !== 'pending' || isPresent ? null : 'step_over'
}

/** Whether the rule still names the person, and lets them be told through this channel. */
function refuseChannel({ delivery, reach, planned }: ResendFacts, ticket: Ticket): ResendRefusal | null {
  const { recipient, channel, isShared } = delivery
  const own = planned.filter((each) => each.recipient === recipient)
  if (own.some((each) => each.channel === channel && each.state === 'queued')) return null
  if (own.some(({ reason }) => reason?.code === 'rule_off')) return 'rule_off'
  const way = reach?.channels.find((each) => each.channel === channel)
  if (way === undefined) return 'not_bound'
  if (!way.isWanted) return 'switched_off'
  if (own.length > 0) return 'not_in_rule'
  // The submitter looks on where many share one card; nobody announces it to them.
  return isShared && recipient === ticket.content.submitter ? null : 'not_told'
}

function isApprover(ticket: Ticket, uid: Uid): boolean {
  return everyApprover(ticket).has(uid)
}
