/* The arithmetic of measuring. Times are milliseconds unless the name says otherwise. */

/** The value below which this share (0 to 1) of all values lies; NaN of nothing. */
export function quantile(values: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(values).sort()
  const index = Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))
  return sorted[index] ?? Number.NaN
}

export const median = (values: Iterable<number>): number => quantile(values, 0.5)

export interface Latency {
  count: number
  p50: number
  p99: number
  p999: number
  max: number
}

export function latencyOf(values: readonly number[]): Latency {
  return {
    count: values.length,
    p50: quantile(values, 0.5),
    p99: quantile(values, 0.99),
    p999: quantile(values, 0.999),
    max: quantile(values, 1),
  }
}
