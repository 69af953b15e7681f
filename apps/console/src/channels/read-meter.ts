import type { ManagedChannel } from '@countersign/contracts'

type Quota = NonNullable<ManagedChannel['quota']>

export interface Meter {
  left: number
  /** Used, in whole percent; over 100 where more was called than allowed. */
  percentage: number
  /** `ahead`: it goes on too fast for the month. `near`: from 80 % on. `spent`: nothing is left. */
  level: 'fine' | 'ahead' | 'near' | 'spent'
}

const nearFrom = 80

/** How a month stands, by what was called and what is to be expected. Pure. */
export function readMeter({ calls, quota, forecast }: Pick<Quota, 'calls' | 'quota' | 'forecast'>): Meter {
  const percentage = Math.floor((100 * calls) / quota)
  const left = Math.max(0, quota - calls)
  if (left === 0) return { left, percentage, level: 'spent' }
  if (percentage >= nearFrom) return { left, percentage, level: 'near' }
  return { left, percentage, level: forecast > quota ? 'ahead' : 'fine' }
}
