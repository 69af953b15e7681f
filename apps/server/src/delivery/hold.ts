import { defaultDigestAt, type WaitReason } from '@countersign/contracts'
import { nextTimeOfDay, type QuietHours, quietUntil } from './time-of-day.ts'

/** When a person wants to be told. */
export interface Timing {
  /** IANA. */
  timeZone: string
  quiet: QuietHours | null
  /** `09:00`; null: the default. */
  digestAt: string | null
}

/** Not before that time (epoch ms), and why. */
export interface Held {
  dueAt: number
  waitsFor: WaitReason
}

/**
 * Until when something is to wait that could be told at `at`; null: tell it. Nothing waits beyond `deadline` (null: there
 * is none): what must be answered by then comes before the summary, and if need be within the quiet hours.
 */
export function holdFor(at: number, timing: Timing, isDigest: boolean, deadline: number | null): Held | null {
  const mayWait = (held: Held | null): held is Held => held !== null && (deadline === null || held.dueAt < deadline)
  const digest = isDigest ? digestAfter(at, timing) : null
  if (mayWait(digest)) return digest
  if (isDigest && digest === null) return null
  const quiet = quietAfter(at, timing)
  return mayWait(quiet) ? quiet : null
}

/** Only the quiet hours: for what has waited for its time already. */
export function quietAfter(at: number, { quiet, timeZone }: Timing): Held | null {
  const dueAt = quiet === null ? null : quietUntil(at, quiet, timeZone)
  return dueAt === null ? null : { dueAt, waitsFor: 'quiet_hours' }
}

function digestAfter(at: number, timing: Timing): Held | null {
  const summaryAt = nextTimeOfDay(at, timing.digestAt ?? defaultDigestAt, timing.timeZone)
  const dueAt = quietAfter(summaryAt, timing)?.dueAt ?? summaryAt
  return dueAt === at ? null : { dueAt, waitsFor: 'digest' }
}
