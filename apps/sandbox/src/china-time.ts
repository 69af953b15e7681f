const CHINA_OFFSET_MS = 8 * 3_600_000

/** The calendar day of an instant in China, as `2026-08-31`. */
export function chinaDay(at: number): string {
  return chinaTime(at).slice(0, 10)
}

/** An instant as China's wall clocks show it: `2026-08-31 09:30:00`. */
export function chinaTime(at: number): string {
  return new Date(at + CHINA_OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ')
}
