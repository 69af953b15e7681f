/** How long something takes, in milliseconds; null where nothing was measured. */
export interface Pace {
  medianMs: number | null
  p90Ms: number | null
}

/** Median and ninetieth percentile by nearest rank: each is a duration that occurred. */
export function paceOf(durationsMs: readonly number[]): Pace {
  // Clocks of two instances may differ a little; nothing takes less than no time.
  const sorted = durationsMs.map((duration) => Math.max(0, duration)).sort((a, b) => a - b)
  return { medianMs: nearestRank(sorted, 0.5), p90Ms: nearestRank(sorted, 0.9) }
}

function nearestRank(sorted: readonly number[], part: number): number | null {
  return sorted[Math.ceil(sorted.length * part) - 1] ?? null
}
