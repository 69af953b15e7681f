/** Wait after the first failure, and the longest there is; milliseconds. */
export interface ReconnectLimits {
  firstWaitMs: number
  longestWaitMs: number
}

const usualLimits: ReconnectLimits = { firstWaitMs: 1_000, longestWaitMs: 60_000 }

/**
 * How long to wait before connecting again after a failure that so many others in a row came before: longer each time, and
 * never the same for two instances, so that they do not all come back at once. Never for good: an administrator may mend
 * the app at any time.
 */
export function reconnectAfterMs(
  failuresBefore: number,
  random: () => number,
  { firstWaitMs, longestWaitMs }: ReconnectLimits = usualLimits,
): number {
  const upTo = Math.min(longestWaitMs, firstWaitMs * 2 ** failuresBefore)
  return Math.round(upTo * (0.5 + random() / 2))
}
