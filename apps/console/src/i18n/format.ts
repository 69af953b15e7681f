import { currentLocale, currentTimeZone, hasMessage, t } from './i18n.ts'

const minuteMs = 60_000
const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 24 * 60 * minuteMs],
  ['hour', 60 * minuteMs],
  ['minute', minuteMs],
]

const zone = (): { timeZone?: string } =>
  currentTimeZone.value === undefined ? {} : { timeZone: currentTimeZone.value }

/** Latin digits everywhere, so that numbers, dates and SQL in one row agree. */
const tag = (): string => (currentLocale.value === 'ar' ? 'ar-u-ca-gregory-nu-latn' : currentLocale.value)

/** A date with time, in the person's language and zone. */
export function formatDateTime(at: string): string {
  return new Intl.DateTimeFormat(tag(), { dateStyle: 'medium', timeStyle: 'short', ...zone() }).format(new Date(at))
}

/** How long ago: "3 hours ago"; a plain date beyond a month. Reads again with `now`. */
export function formatAge(at: string, now: number): string {
  const distanceMs = new Date(at).getTime() - now
  if (Math.abs(distanceMs) > 30 * 24 * 60 * minuteMs) return formatDateTime(at)
  const format = new Intl.RelativeTimeFormat(tag(), { numeric: 'auto' })
  for (const [unit, unitMs] of steps) {
    if (Math.abs(distanceMs) >= unitMs) return format.format(Math.trunc(distanceMs / unitMs), unit)
  }
  return t('time.now')
}

const units: readonly (readonly [string, number])[] = [
  ['day', 24 * 60 * minuteMs],
  ['hour', 60 * minuteMs],
  ['minute', minuteMs],
  ['second', 1_000],
]

/** A duration in milliseconds in its largest unit: "2.5 hr". */
export function formatDuration(ms: number): string {
  const [unit, unitMs] = units.find(([, each]) => ms >= each) ?? ['second', 1_000]
  const format = new Intl.NumberFormat(tag(), { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 1 })
  return format.format(ms / unitMs)
}

/** A calendar day (`2026-11-28`) without its year. */
export function formatDay(day: string): string {
  return new Intl.DateTimeFormat(tag(), { month: 'short', day: 'numeric', timeZone: 'UTC' }).format(new Date(day))
}

/** `2026-11` in words; a month of a platform, so in no zone of ours. */
export function formatMonth(month: string): string {
  const options = { year: 'numeric', month: 'long', timeZone: 'UTC' } as const
  return new Intl.DateTimeFormat(tag(), options).format(new Date(`${month}-01T00:00:00Z`))
}

/** A size in bytes, in the largest unit of which there is one. */
export function formatBytes(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  const unit = units[step] ?? 'byte'
  const options = { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 1 } as const
  return new Intl.NumberFormat(tag(), options).format(bytes / 1_000 ** step)
}

export const formatNumber = (value: number): string => new Intl.NumberFormat(tag()).format(value)

/** What kind of ticket, in words; a tenant's own module is shown by its name. */
export function formatModule(module: string): string {
  const key = `module.${module}`
  if (hasMessage(key)) return t(key)
  const words = module.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** The name of a way out; one that has none is shown as it is called. */
export function formatChannel(channel: string): string {
  const key = `channel.${channel}`
  return hasMessage(key) ? t(key) : channel
}

/** Where a step came from: `card:lark`, `h5`, `api` … */
export function formatVia(via: string): string {
  const [surface = via, channel] = via.split(':')
  const key = `via.${surface}`
  return hasMessage(key) ? t(key, { channel: channel === undefined ? '' : formatChannel(channel) }) : via
}
