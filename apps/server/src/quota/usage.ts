import { type SaveCallsFrom, type SavingStep, savingSteps } from '@countersign/contracts'
import type { CallQuota } from '#server/channels/channel.ts'
import type { Month } from './month.ts'

/** Percentages of the quota of which the operator is told, highest first. */
export const warnedPercentages = [90, 70] as const

/** A month that has just begun says little: at least so much of it is taken as past. */
const leastPastMs = 24 * 60 * 60 * 1_000

/*
 * The mildest steps begin early, since they cost people nothing that they would miss. The last leaves a little for the calls
 * that are under way at that moment.
 */
const defaultPercentages: Readonly<Record<SavingStep, number>> = {
  mergeUpdates: 50,
  reminders: 75,
  onlookers: 85,
  cards: 95,
  everything: 99,
}

/** How an app stands in its month. */
export interface Usage {
  /** `2026-11`, in China's time. */
  month: string
  calls: number
  quota: number
  /** Calls by the end of the month if it goes on as it began. */
  forecast: number
  /** What is done without now. */
  savings: ReadonlySet<SavingStep>
}

/** The quota as a channel's settings have it; null where there is none. */
export function callQuota(calls: number | null, saveCallsFrom: SaveCallsFrom | undefined): CallQuota | null {
  if (calls === null) return null
  const saveFrom = new Map<SavingStep, number>()
  for (const step of savingSteps) {
    const from = saveCallsFrom?.[step] ?? defaultPercentages[step]
    if (from !== 'never') saveFrom.set(step, from)
  }
  return { calls, saveFrom }
}

/** Pure. A step is taken from its percentage on, and only where the month would otherwise end over the quota. */
export function usageOf(calls: number, { calls: quota, saveFrom }: CallQuota, month: Month, now: number): Usage {
  const pastMs = Math.max(now - month.startsAt, leastPastMs)
  const forecast = Math.round(calls + (calls / pastMs) * Math.max(0, month.endsAt - now))
  const isShort = forecast >= quota
  const taken = [...saveFrom].filter(([, percentage]) => isShort && calls * 100 >= percentage * quota)
  return { month: month.name, calls, quota, forecast, savings: new Set(taken.map(([step]) => step)) }
}

/** The highest percentage to be warned of; null below all. */
export function warningFor({ calls, quota }: Pick<Usage, 'calls' | 'quota'>): number | null {
  return warnedPercentages.find((percentage) => calls * 100 >= percentage * quota) ?? null
}
