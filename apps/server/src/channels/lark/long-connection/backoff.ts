const firstMs = 1_000
const longestMs = 60_000

/**
 * How long to wait before connecting again after so many failures in a row: longer each time, and never the same for two
 * instances, so that they do not all come back at once. Never for good: an administrator may mend the app at any time.
 */
export function reconnectAfterMs(failures: number, random: () => number): number {
  const upTo = Math.min(longestMs, firstMs * 2 ** Math.min(failures, 16))
  return Math.round(upTo * (0.5 + random() / 2))
}
