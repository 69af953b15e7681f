import { chinaDay } from '#sandbox/china-time.ts'
import type { BusinessCode } from './refusals.ts'
import type { SmsSettings } from './settings.ts'

/** How many messages an account's administrator lets it send a day and a month, by the calendar of China. */
export class AccountQuota {
  readonly #settings: SmsSettings
  readonly #used = new Map<string, number>()

  constructor(settings: SmsSettings) {
    this.#settings = settings
  }

  /** Counts so many messages, or says which limit stands in their way and counts none. */
  take(accessKeyId: string, messages: number, now: number): BusinessCode | undefined {
    const { accountPerDay, accountPerMonth } = this.#settings
    const day = `${accessKeyId}|${chinaDay(now)}`
    const month = day.slice(0, -3)
    if (accountPerDay > 0 && this.#usedOf(day) + messages > accountPerDay) return 'isv.DAY_LIMIT_CONTROL'
    if (accountPerMonth > 0 && this.#usedOf(month) + messages > accountPerMonth) return 'isv.MONTH_LIMIT_CONTROL'
    for (const period of [day, month]) this.#used.set(period, this.#usedOf(period) + messages)
    return undefined
  }

  clear(): void {
    this.#used.clear()
  }

  #usedOf(period: string): number {
    return this.#used.get(period) ?? 0
  }
}
