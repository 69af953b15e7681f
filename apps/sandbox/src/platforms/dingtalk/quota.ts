import { chinaDay } from '#sandbox/china-time.ts'
import type { Core } from '#sandbox/core.ts'
import type { DingtalkApp } from '#sandbox/world.ts'
import type { DingtalkSettings } from './settings.ts'

/** What one organisation has used of its month. */
export interface Usage {
  /** `2026-08`, in the platform's own time zone. */
  month: string
  calls: number
  pushes: number
}

/** Counts per organisation and calendar month. */
export class Quota {
  readonly #core: Core
  readonly #settings: DingtalkSettings
  readonly #usage = new Map<string, Usage>()

  constructor(core: Core, settings: DingtalkSettings) {
    this.#core = core
    this.#settings = settings
  }

  usageOf(corpId: string): Usage {
    const month = chinaDay(this.#core.clock.now()).slice(0, 7)
    const known = this.#usage.get(corpId)
    if (known?.month === month) return known
    const fresh = { month, calls: 0, pushes: 0 }
    this.#usage.set(corpId, fresh)
    return fresh
  }

  /** Counts one API call; false when the month has none left. A refused call is not counted. */
  takeCall(app: DingtalkApp): boolean {
    const usage = this.usageOf(app.corpId)
    const limit = this.#settings.monthlyCalls[app.edition]
    if (limit > 0 && usage.calls >= limit) return false
    usage.calls += 1
    return true
  }

  /** Counts one push to the server; false when the month has none left. */
  takePush(app: DingtalkApp): boolean {
    const usage = this.usageOf(app.corpId)
    const limit = this.#settings.monthlyPushes[app.edition]
    if (limit > 0 && usage.pushes >= limit) return false
    usage.pushes += 1
    return true
  }

  clear(): void {
    this.#usage.clear()
  }

  export(): [string, Usage][] {
    return [...this.#usage]
  }

  restore(entries: [string, Usage][]): void {
    for (const [corpId, usage] of entries) this.#usage.set(corpId, usage)
  }
}
