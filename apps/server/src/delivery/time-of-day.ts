import { Temporal } from 'temporal-polyfill'

/* Times of day on a person's own clock, which may stand an hour off twice a year. Instants are epoch milliseconds. */

/** `22:00` to `08:00`; over midnight where it ends before it begins. One and the same time twice is no time at all. */
export interface QuietHours {
  from: string
  to: string
}

/** The end of the quiet hours that the instant lies in, the first moment at which they are over; null outside of them. */
export function quietUntil(at: number, quiet: QuietHours, timeZone: string): number | null {
  if (!isQuiet(at, quiet, timeZone)) return null
  const local = zoned(at, timeZone)
  const time = Temporal.PlainTime.from(quiet.to)
  const isToday = Temporal.PlainTime.compare(local.toPlainTime(), time) < 0
  return reached(local.toPlainDate().add({ days: isToday ? 0 : 1 }), time, timeZone, at)
}

/** The first moment, from the given one on, at which the clock shows that time. */
export function nextTimeOfDay(at: number, time: string, timeZone: string): number {
  const date = zoned(at, timeZone).toPlainDate()
  const wanted = Temporal.PlainTime.from(time)
  const today = reached(date, wanted, timeZone, at)
  return today >= at ? today : reached(date.add({ days: 1 }), wanted, timeZone, at)
}

function isQuiet(at: number, { from, to }: QuietHours, timeZone: string): boolean {
  const now = zoned(at, timeZone).toPlainTime().toString({ smallestUnit: 'minute' })
  return from <= to ? from <= now && now < to : now >= from || now < to
}

/**
 * When the clock of that day gets to the time: where it shows it twice, the first of the two that is not over; where it
 * leaps past it, the moment of the leap.
 */
function reached(date: Temporal.PlainDate, time: Temporal.PlainTime, timeZone: string, notBefore: number): number {
  const dateTime = date.toPlainDateTime(time)
  const first = dateTime.toZonedDateTime(timeZone, { disambiguation: 'earlier' })
  const second = dateTime.toZonedDateTime(timeZone, { disambiguation: 'later' })
  if (first.epochMilliseconds === second.epochMilliseconds) return first.epochMilliseconds
  const isLeap = !first.toPlainDateTime().equals(dateTime)
  if (isLeap) return first.getTimeZoneTransition('next')?.epochMilliseconds ?? second.epochMilliseconds
  return first.epochMilliseconds >= notBefore ? first.epochMilliseconds : second.epochMilliseconds
}

function zoned(at: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone)
}
