/** `22:00` as people read it: 10:00 PM where that is the custom. */
export function formatTimeOfDay(time: string, locale: string): string {
  const at = new Date(`2026-01-01T${time}:00Z`)
  return new Intl.DateTimeFormat(locale, { timeStyle: 'short', timeZone: 'UTC' }).format(at)
}

/** `9:5` and the figures of old web views, which show a plain field, as `09:05`; undefined when it is no time. */
export function readTimeOfDay(text: string): string | undefined {
  const [, hour = '', minute = ''] = /^(\d{1,2})[:.：](\d{1,2})(?::\d{2})?$/.exec(text.trim()) ?? []
  if (hour === '' || Number(hour) > 23 || Number(minute) > 59) return undefined
  return `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`
}

/** Whether the hours go over midnight. */
export const endsNextDay = (hours: { from: string; to: string }): boolean => hours.to < hours.from

/** A time left as minutes and seconds: `0:42`. */
export const formatCountdown = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
