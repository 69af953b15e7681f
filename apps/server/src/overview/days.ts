import type { OverviewDay, TicketStatus } from '@countersign/contracts'
import { Temporal } from 'temporal-polyfill'
import { localTime } from '#server/coverage/local-time.ts'
import { type SettledTicket, slotMs } from '#server/db/overview-store.ts'
import { paceOf } from './pace.ts'

/** The days up to and with the one of `now`, oldest first, and the moment at which the first of them began. */
export function daysUntil(now: number, count: number, timeZone: string): { days: string[]; since: number } {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).toPlainDate()
  const first = today.subtract({ days: count - 1 })
  const days = Array.from({ length: count }, (_, index) => first.add({ days: index }).toString())
  return { days, since: first.toZonedDateTime(timeZone).epochMilliseconds }
}

export interface Flow {
  submitted: readonly { slot: number; count: number }[]
  ended: readonly { slot: number; status: TicketStatus; count: number }[]
  settled: readonly SettledTicket[]
}

/** What came in and was settled on each of the days. */
export function flowByDay(
  days: readonly string[],
  { submitted, ended, settled }: Flow,
  timeZone: string,
): OverviewDay[] {
  const dayOf = (at: number): string => localTime(at, timeZone).day
  const came = sumBy(submitted, ({ slot }) => dayOf(slot * slotMs))
  const went = sumBy(ended, ({ slot, status }) => `${dayOf(slot * slotMs)} ${status}`)
  const took = Map.groupBy(settled, ({ decidedAt }) => dayOf(decidedAt))
  return days.map((day) => ({
    day,
    submitted: came.get(day) ?? 0,
    approved: went.get(`${day} approved`) ?? 0,
    rejected: went.get(`${day} rejected`) ?? 0,
    ended: (went.get(`${day} withdrawn`) ?? 0) + (went.get(`${day} expired`) ?? 0),
    ...paceOf((took.get(day) ?? []).map(({ createdAt, decidedAt }) => decidedAt - createdAt)),
  }))
}

function sumBy<Row extends { count: number }>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, number> {
  const sums = new Map<string, number>()
  for (const row of rows) sums.set(keyOf(row), (sums.get(keyOf(row)) ?? 0) + row.count)
  return sums
}
