import type { Uid } from '@countersign/contracts'
import type { Held } from '#server/delivery/hold.ts'
import type { PlannedStep } from '#server/tickets/ladder.ts'
import { heldFor, type Occasion, type PlannedDelivery, type Reach } from './notice-fan-out.ts'

export interface LadderInput {
  ladder: readonly PlannedStep[]
  /** How the request itself goes out. */
  requests: readonly PlannedDelivery[]
  /** Who is reminded and through what, as if it were now. */
  planned: readonly PlannedDelivery[]
  reach: ReadonlyMap<Uid, Reach>
  occasion: Occasion
}

/**
 * When each person is reminded: so long after they are asked, and not while they want to be left alone. Of steps that fall
 * together by that only the last is left.
 */
export function planLadder({ ladder, requests, planned, reach, occasion }: LadderInput) {
  const reminders = planned.filter(({ state }) => state === 'queued')
  const times = reminders.map((reminder) => ladder.map(({ afterMs }) => stepAt(reminder, afterMs)))
  return ladder.map(({ key }, step) => ({
    key,
    deliveries: reminders.flatMap((reminder, index): PlannedDelivery[] => {
      const held = times[index]?.[step]
      const isLast = held !== undefined && times[index]?.[step + 1]?.dueAt !== held.dueAt
      return held !== undefined && isLast ? [{ ...reminder, held }] : []
    }),
  }))

  function stepAt({ recipient, channel }: PlannedDelivery, afterMs: number): Held {
    const at = askedAt(recipient) + afterMs
    const own = reach.get(recipient)
    const isDigest = own?.channels.find((each) => each.channel === channel)?.isDigest ?? false
    const held = own === undefined ? null : heldFor(recipient, { ...occasion, at }, own.timing, isDigest)
    return { dueAt: held?.dueAt ?? at, waitsFor: 'ladder' }
  }

  /** When the first of what asks them goes out. */
  function askedAt(recipient: Uid): number {
    const own = requests.filter((each) => each.recipient === recipient && each.state === 'queued')
    return own.length === 0 ? occasion.at : Math.min(...own.map(({ held }) => held?.dueAt ?? occasion.at))
  }
}
