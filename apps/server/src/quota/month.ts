/** China has one time zone and no summer time. */
const chinaOffsetMs = 8 * 60 * 60 * 1_000

/** Times are epoch milliseconds. */
export interface Month {
  /** As 2026-11. */
  name: string
  startsAt: number
  endsAt: number
}

/** The calendar month of China at a time: by it the platforms count. */
export function chinaMonth(at: number): Month {
  const there = new Date(at + chinaOffsetMs)
  const [year, month] = [there.getUTCFullYear(), there.getUTCMonth()]
  return {
    name: there.toISOString().slice(0, 7),
    startsAt: Date.UTC(year, month, 1) - chinaOffsetMs,
    endsAt: Date.UTC(year, month + 1, 1) - chinaOffsetMs,
  }
}
