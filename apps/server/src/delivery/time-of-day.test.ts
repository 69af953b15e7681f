import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextTimeOfDay, quietUntil } from './time-of-day.ts'

const at = (iso: string): number => Date.parse(iso)
const night = { from: '22:00', to: '08:00' }
const end = (iso: string, quiet: { from: string; to: string }, zone: string): string | null => {
  const until = quietUntil(at(iso), quiet, zone)
  return until === null ? null : new Date(until).toISOString()
}

describe('quiet hours', () => {
  it('end in the morning of the person, wherever they are', () => {
    expect(end('2026-11-02T15:00:00Z', night, 'Asia/Shanghai')).toBe('2026-11-03T00:00:00.000Z')
    expect(end('2026-11-02T13:00:00Z', night, 'Asia/Tokyo')).toBe('2026-11-02T23:00:00.000Z')
    expect(end('2026-11-02T22:30:00Z', night, 'Asia/Riyadh')).toBe('2026-11-03T05:00:00.000Z')
    expect(end('2026-11-02T23:59:59.999Z', night, 'Asia/Singapore')).toBe('2026-11-03T00:00:00.000Z')
  })

  it('begin and end to the minute', () => {
    expect(end('2026-11-02T13:59:59.999Z', night, 'Asia/Shanghai')).toBeNull()
    expect(end('2026-11-02T14:00:00Z', night, 'Asia/Shanghai')).toBe('2026-11-03T00:00:00.000Z')
    expect(end('2026-11-03T00:00:00Z', night, 'Asia/Shanghai')).toBeNull()
  })

  it('may lie within a day, and may be none', () => {
    expect(end('2026-11-02T05:30:00Z', { from: '12:00', to: '14:00' }, 'Asia/Jakarta')).toBe('2026-11-02T07:00:00.000Z')
    expect(end('2026-11-02T07:00:00Z', { from: '12:00', to: '14:00' }, 'Asia/Jakarta')).toBeNull()
    expect(end('2026-11-02T07:00:00Z', { from: '14:00', to: '14:00' }, 'Asia/Jakarta')).toBeNull()
  })

  it('last an hour less in the night in which the clock leaps ahead', () => {
    expect(end('2026-03-28T22:00:00Z', night, 'Europe/Berlin')).toBe('2026-03-29T06:00:00.000Z')
    // 02:30 does not come that night: at 02:00 it is 03:00.
    expect(end('2026-03-28T23:30:00Z', { from: '22:00', to: '02:30' }, 'Europe/Berlin')).toBe(
      '2026-03-29T01:00:00.000Z',
    )
  })

  it('are over when the clock shows their end for the first time, and begin again when it is put back', () => {
    const late = { from: '22:00', to: '02:30' }
    expect(end('2026-10-24T23:30:00Z', late, 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z')
    expect(end('2026-10-25T00:45:00Z', late, 'Europe/Berlin')).toBeNull()
    expect(end('2026-10-25T01:10:00Z', late, 'Europe/Berlin')).toBe('2026-10-25T01:30:00.000Z')
  })
})

describe('the time of the daily summary', () => {
  const next = (iso: string, time: string, zone: string): string =>
    new Date(nextTimeOfDay(at(iso), time, zone)).toISOString()

  it('is that of today until it has passed', () => {
    expect(next('2026-11-02T00:30:00Z', '09:00', 'Asia/Shanghai')).toBe('2026-11-02T01:00:00.000Z')
    expect(next('2026-11-02T01:00:00Z', '09:00', 'Asia/Shanghai')).toBe('2026-11-02T01:00:00.000Z')
    expect(next('2026-11-02T01:00:00.001Z', '09:00', 'Asia/Shanghai')).toBe('2026-11-03T01:00:00.000Z')
  })

  it('comes at the leap where the clock never shows it', () => {
    expect(next('2026-03-28T12:00:00Z', '02:30', 'Europe/Berlin')).toBe('2026-03-29T01:00:00.000Z')
  })
})

/** What the clock of a zone shows, by the platform's own time zone data and nothing of ours. */
function clockOf(zone: string): (instant: number) => string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  return (instant) => format.format(instant)
}

const minute = 60_000
const zones = [
  'Asia/Shanghai',
  'Asia/Tokyo',
  'Asia/Singapore',
  'Asia/Kuala_Lumpur',
  'Asia/Jakarta',
  'Asia/Riyadh',
  'UTC',
  'Asia/Kathmandu',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Pacific/Apia',
]
const timeOfDay = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'))
/** Often near the nights in which clocks are changed. */
const instant = fc.oneof(
  fc.integer({ min: at('2026-01-01T00:00:00Z'), max: at('2027-12-31T00:00:00Z') }),
  fc
    .tuple(
      fc.constantFrom('2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01'),
      fc.integer({ min: -20 * 60, max: 20 * 60 }),
      fc.integer({ min: 0, max: minute - 1 }),
    )
    .map(([day, minutes, ms]) => at(`${day}T00:00:00Z`) + minutes * minute + ms),
)

it('on every clock the quiet hours end at the first minute outside of them, and never early', () => {
  const given = fc.record({
    zone: fc.constantFrom(...zones),
    quiet: fc.record({ from: timeOfDay, to: timeOfDay }),
    instant,
  })
  fc.assert(
    fc.property(given, ({ zone, quiet, instant: when }) => {
      const clock = clockOf(zone)
      const isQuiet = (each: number): boolean => {
        const now = clock(each)
        if (quiet.from === quiet.to) return false
        return quiet.from < quiet.to ? now >= quiet.from && now < quiet.to : now >= quiet.from || now < quiet.to
      }
      const until = quietUntil(when, quiet, zone)
      if (!isQuiet(when)) {
        expect(until).toBeNull()
        return
      }
      let first = Math.floor(when / minute) * minute + minute
      while (isQuiet(first)) first += minute
      expect(until).toBe(first)
    }),
    { numRuns: 400 },
  )
})

it('on every clock the summary comes within a day and an hour, when the clock shows its time or leaps past it', () => {
  const given = fc.record({ zone: fc.constantFrom(...zones), time: timeOfDay, instant })
  fc.assert(
    fc.property(given, ({ zone, time, instant: when }) => {
      const clock = clockOf(zone)
      const next = nextTimeOfDay(when, time, zone)
      expect(next).toBeGreaterThanOrEqual(when)
      expect(next - when).toBeLessThanOrEqual(25 * 60 * minute)
      const isLeap = clock(next - minute) < time && time < clock(next)
      expect(clock(next) === time || isLeap).toBe(true)
    }),
    { numRuns: 400 },
  )
})
