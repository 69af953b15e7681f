import { currentLocale, currentTimeZone, hasMessage, t } from './i18n.ts'

const minuteMs = 60_000
const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 24 * 60 * minuteMs],
  ['hour', 60 * minuteMs],
  ['minute', minuteMs],
]

/** Making a formatter costs a hundred times what using one does. One per kind, language and zone. */
const made = new Map<string, unknown>()
function reuse<Formatter>(kind: string, make: () => Formatter): Formatter {
  const key = `${kind} ${currentLocale.value} ${currentTimeZone.value}`
  const known = made.get(key)
  if (known !== undefined) return known as Formatter
  const formatter = make()
  made.set(key, formatter)
  return formatter
}

const zone = (): { timeZone?: string } =>
  currentTimeZone.value === undefined ? {} : { timeZone: currentTimeZone.value }

/** A date with time, in the person's language and zone. */
export function formatDateTime(at: string): string {
  const options: Intl.DateTimeFormatOptions = { dateStyle: 'medium', timeStyle: 'short', ...zone() }
  return reuse('time', () => new Intl.DateTimeFormat(currentLocale.value, options)).format(new Date(at))
}

/** A day without time. */
export function formatDate(at: string): string {
  return new Intl.DateTimeFormat(currentLocale.value, { month: 'short', day: 'numeric', ...zone() }).format(
    new Date(at),
  )
}

/** How long ago or how far ahead: "3 hours ago", "in 2 days"; a plain date beyond a month. */
export function formatAge(at: string, now: number): string {
  const distanceMs = new Date(at).getTime() - now
  // Web views before Chrome 71 and Safari 14 cannot say it in words.
  if (typeof Intl.RelativeTimeFormat !== 'function' || Math.abs(distanceMs) > 30 * 24 * 60 * minuteMs)
    return formatDate(at)
  const options: Intl.RelativeTimeFormatOptions = { numeric: 'auto', style: 'short' }
  const format = reuse('age', () => new Intl.RelativeTimeFormat(currentLocale.value, options))
  for (const [unit, unitMs] of steps) {
    if (Math.abs(distanceMs) >= unitMs) return format.format(Math.trunc(distanceMs / unitMs), unit)
  }
  return t('time.now')
}

/** Bytes as people read them. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB']
  let value = bytes
  let unit = 0
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000
    unit += 1
  }
  const maximumFractionDigits = value < 10 && unit > 0 ? 1 : 0
  const sizes = reuse(
    `size ${maximumFractionDigits}`,
    () => new Intl.NumberFormat(currentLocale.value, { maximumFractionDigits }),
  )
  return `${sizes.format(value)} ${units[unit]}`
}

export const formatNumber = (value: number): string =>
  reuse('number', () => new Intl.NumberFormat(currentLocale.value)).format(value)

/**
 * Counts are exact up to 999; the server counts no further than 1,000. Numbers below a thousand are written the same in
 * all our languages, and the first number formatter of a page costs a quarter of its whole first rendering.
 */
export const formatCount = (count: number): string => (count > 999 ? '999+' : String(count))

/** What kind of ticket, in words; a tenant's own module is shown by its name. */
export function formatModule(module: string): string {
  const key = `module.${module}`
  if (hasMessage(key)) return t(key)
  const words = module.replace(/_/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
