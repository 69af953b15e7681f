import type { TrialRecord } from '#server/db/trial-store.ts'
import type { Decision } from '#server/tickets/ticket.ts'

/** Whether a decision is the tap that a trial waits for: of that person, on a card of that channel. */
export function isTrialTap({ uid, channel }: Pick<TrialRecord, 'uid' | 'channel'>, decision: Decision): boolean {
  return decision.uid === uid && decision.via === `card:${channel}`
}
