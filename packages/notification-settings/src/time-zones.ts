/** One of each region. */
export const regionZones = [
  'Asia/Shanghai',
  'Asia/Singapore',
  'Asia/Kuala_Lumpur',
  'Asia/Jakarta',
  'Asia/Tokyo',
  'Asia/Riyadh',
] as const

const minuteMs = 60_000

const isZone = (zone: string): boolean => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }))
  } catch {
    return false
  }
}

/**
 * Every zone to choose from, `first` before the regions' and those before the rest. Web views that cannot list the zones
 * (Chrome before 99, Safari before 15.4) offer the first ones.
 */
export function timeZones(first: readonly string[]): string[] {
  const all = typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : []
  return [...new Set([...first.filter(isZone), ...regionZones, 'UTC', ...all])]
}

/** The zone of this phone. */
export const phoneZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone

/** How far a zone's clocks are from UTC at this moment: `UTC+08:00`. */
export function offsetOf(zone: string, now: number): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(now)
  const read = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value)
  const there = Date.UTC(read('year'), read('month') - 1, read('day'), read('hour'), read('minute'))
  const minutes = Math.round((there - Math.floor(now / minuteMs) * minuteMs) / minuteMs)
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return `UTC${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`
}

/** What the zone's time is called: `China Standard Time`. Empty where it has no name of its own. */
export function nameOf(zone: string, locale: string, now: number): string {
  const parts = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: 'long' }).formatToParts(now)
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? ''
  return /\d/.test(name) ? '' : name
}

/** `Kuala Lumpur`, as the zone is called after a place. */
export const placeOf = (zone: string): string => (zone.split('/').pop() ?? zone).replace(/_/g, ' ')
