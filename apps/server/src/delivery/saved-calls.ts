import type { SavingStep, Uid } from '@countersign/contracts'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { ClaimedDelivery } from '#server/db/stores.ts'
import { chinaMonth } from '#server/quota/month.ts'
import { pendingApprovers, type Ticket } from '#server/tickets/ticket.ts'
import type { Settled } from './backoff.ts'
import type { Carried } from './courier.ts'

/* What a courier does without while an app's calls of the month are running out, and how the delivery log says so. */

/** The code of such an attempt. */
export const quotaSaved = 'quota_saved'

export type Savings = ReadonlySet<SavingStep>

/** Long enough for somebody to make a second change, short enough to be waited for. */
const mergeWaitMs = 10_000

export const savedTexts = {
  reminders: 'no reminder in words, to save calls of this month; the ticket waits in the H5 app',
  onlookers: 'not told, to save calls of this month: neither the submitter nor somebody who must act',
  cards: 'no card and no later news, to save calls of this month; the ticket is in the H5 app',
  report: 'no report, because the calls of this month are used up',
  reply: 'no answer, because the calls of this month are used up; the H5 app works as ever',
} as const

/** Why somebody is told in words in place of a card. */
export const callsRunOut = new ChannelError('rejected', quotaSaved, 'the calls of this month are running out')

/** The submitter, or somebody whose decision is awaited: told for longest. */
export function isConcerned(ticket: Ticket, uid: Uid): boolean {
  return uid === ticket.content.submitter || mustAct(ticket, uid)
}

export function mustAct(ticket: Ticket, uid: Uid): boolean {
  return ticket.status === 'pending' && pendingApprovers(ticket).includes(uid)
}

export function suppressed(text: string): Extract<Settled, { kind: 'suppressed' }> {
  return { kind: 'suppressed', code: quotaSaved, text }
}

/** What becomes of one person's own message without a call; null when it is to be sent or brought up to date. */
export function savedOwn(delivery: ClaimedDelivery, ticket: Ticket, savings: Savings, now: number): Settled | null {
  // An earlier try may have arrived: only by going on do we learn the address of that card.
  if (delivery.firstTriedAt !== null) return null
  const { recipient, message, event } = delivery
  if (savings.has('reminders') && event === 'reminded' && message === null) return suppressed(savedTexts.reminders)
  if (savings.has('everything')) return untilNextMonth(delivery, now)
  if (savings.has('onlookers') && !isConcerned(ticket, recipient)) return suppressed(savedTexts.onlookers)
  if (message !== null) return savings.has('mergeUpdates') ? untilQuiet(delivery, ticket, now) : null
  return savings.has('cards') && !mustAct(ticket, recipient) ? suppressed(savedTexts.cards) : null
}

/** Whether no call was made because of the quota. */
export function isSaved(carried: Carried): boolean {
  return (carried.kind === 'suppressed' || carried.kind === 'retry') && carried.code === quotaSaved
}

type PutOff = Extract<Settled, { kind: 'retry' }>

/** Nothing is called any more before the next month. */
export function untilNextMonth(delivery: ClaimedDelivery, now: number): PutOff {
  const dueAt = chinaMonth(now).endsAt
  return putOff(
    delivery,
    dueAt,
    'waits for the next month: the calls of this one are used up; the H5 app works as ever',
  )
}

/** Null once nothing has changed for a while. A closed ticket is told of at once: nothing follows that could be merged. */
export function untilQuiet(delivery: ClaimedDelivery, ticket: Ticket, now: number): PutOff | null {
  const dueAt = ticket.updatedAt + mergeWaitMs
  if (ticket.status !== 'pending' || now >= dueAt) return null
  return putOff(delivery, dueAt, 'waits a few seconds to be told with the next change, to save calls of this month')
}

function putOff({ firstTriedAt }: ClaimedDelivery, dueAt: number, text: string): PutOff {
  return { kind: 'retry', dueAt, code: quotaSaved, text, counted: false, firstTriedAt }
}
