import type { ChannelName, SavingStep, TenantId } from '@countersign/contracts'
import type { CallQuota, Channel } from '#server/channels/channel.ts'
import type { CountedApp } from '#server/db/call-count-store.ts'
import type { Store } from '#server/db/stores.ts'
import type { PlainLog } from '#server/log.ts'
import { chinaMonth } from './month.ts'
import { type Usage, usageOf, warningFor } from './usage.ts'

/** Calls are written down together, so soon that a killed process forgets less than the last second. */
const writeAfterMs = 500
/** What other instances have counted is read anew after this time. */
const freshMs = 5_000

export interface MeteredApp {
  tenantId: TenantId
  channel: ChannelName
  appId: string
}

export interface CallMeterDeps {
  store: Store
  /** The quota of an app now; null where it has none. */
  quotaOf: (app: MeteredApp) => Promise<CallQuota | null>
  log: Pick<PlainLog, 'warn' | 'error'>
  /** For metrics: a warning was given. */
  warned?: (channel: ChannelName, percentage: number) => void
  /** Epoch milliseconds. */
  now: () => number
}

/** What has a quota of its own: a channel's app, or all robots of a tenant's groups. */
export type MeteredChannel = Pick<Channel, 'tenantId' | 'name' | 'appId' | 'callQuota'>

/** Counts the calls that platforms count, over all instances and restarts. */
export interface CallMeter extends AsyncDisposable {
  /** Returns at once; written down soon after. */
  count(app: MeteredApp): void
  /** How a channel's app stands this month; null where it has no quota. */
  usage(channel: MeteredChannel): Promise<Usage | null>
  /** What is done without on a channel now. */
  savings(channel: MeteredChannel): Promise<ReadonlySet<SavingStep>>
  /** Writes down now what was counted. Never throws: what cannot be written is kept. */
  flush(): Promise<void>
}

interface Tally {
  app: CountedApp
  /** In the database, as far as we know. */
  stored: number
  readAt: number
  /** Counted here, and not written down yet. */
  pending: number
  warned: number
}

const nothing: ReadonlySet<SavingStep> = new Set()

export function createCallMeter(deps: CallMeterDeps): CallMeter {
  return new DatabaseMeter(deps)
}

class DatabaseMeter implements CallMeter {
  readonly #deps: CallMeterDeps
  readonly #tallies = new Map<string, Tally>()
  #timer: NodeJS.Timeout | undefined
  #lastFlush: Promise<void> = Promise.resolve()
  #isDown = false
  #isOver = false

  constructor(deps: CallMeterDeps) {
    this.#deps = deps
  }

  count(app: MeteredApp): void {
    this.#tally(app).pending += 1
    this.#arm()
  }

  async usage({ tenantId, name, appId, callQuota }: MeteredChannel): Promise<Usage | null> {
    if (callQuota === undefined) return null
    const now = this.#deps.now()
    const tally = this.#tally({ tenantId, channel: name, appId })
    if (Math.abs(now - tally.readAt) > freshMs) {
      // Counts only rise: a read that a write of ours has overtaken takes nothing back.
      tally.stored = Math.max(tally.stored, await this.#deps.store.stores.callCounts.calls(tally.app))
      tally.readAt = now
    }
    return usageOf(tally.stored + tally.pending, callQuota, chinaMonth(now), now)
  }

  async savings(channel: MeteredChannel): Promise<ReadonlySet<SavingStep>> {
    return (await this.usage(channel))?.savings ?? nothing
  }

  flush(): Promise<void> {
    this.#lastFlush = this.#lastFlush.then(() => this.#write())
    return this.#lastFlush
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    clearTimeout(this.#timer)
    await this.flush()
  }

  #arm(): void {
    if (this.#isOver) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.flush()
    }, writeAfterMs).unref()
  }

  #tally(app: MeteredApp): Tally {
    const { tenantId, channel, appId } = app
    const { name: month } = chinaMonth(this.#deps.now())
    const key = JSON.stringify([tenantId, channel, appId, month])
    const known = this.#tallies.get(key)
    if (known !== undefined) return known
    for (const [other, tally] of this.#tallies) {
      if (tally.app.month !== month && tally.pending === 0) this.#tallies.delete(other)
    }
    const fresh = { app: { ...app, month }, stored: 0, readAt: Number.NEGATIVE_INFINITY, pending: 0, warned: 0 }
    this.#tallies.set(key, fresh)
    return fresh
  }

  async #write(): Promise<void> {
    // In one order everywhere: two instances must not wait for each other's rows.
    const due = [...this.#tallies]
      .filter(([, { pending }]) => pending > 0)
      .sort(([one], [other]) => (one < other ? -1 : 1))
    if (due.length === 0) return
    const batch = due.map(([, tally]) => ({ tally, calls: tally.pending }))
    try {
      const totals = await this.#deps.store.run(async ({ callCounts }) => {
        const counts: number[] = []
        for (const { tally, calls } of batch) counts.push(await callCounts.add(tally.app, calls))
        return counts
      })
      for (const [index, { tally, calls }] of batch.entries()) {
        tally.pending -= calls
        tally.stored = Math.max(tally.stored, totals[index] ?? 0)
      }
      this.#isDown = false
      for (const { tally } of batch) await this.#warn(tally)
    } catch (error) {
      // Once, not with every try; the next one takes all that has gathered.
      if (!this.#isDown) this.#deps.log.error({ err: error }, 'the database cannot be told of calls that were counted')
      this.#isDown = true
      this.#arm()
    }
  }

  /** Once per month and percentage, whichever instance comes first. */
  async #warn(tally: Tally): Promise<void> {
    const { app } = tally
    const quota = await this.#deps.quotaOf(app)
    if (quota === null) return
    const now = this.#deps.now()
    const usage = usageOf(tally.stored + tally.pending, quota, chinaMonth(now), now)
    const percentage = warningFor(usage)
    if (percentage === null || percentage <= tally.warned) return
    const isFirst = await this.#deps.store.run(({ callCounts }) => callCounts.warn(app, percentage))
    tally.warned = percentage
    if (!isFirst) return
    const { tenantId, channel, month } = app
    const { calls, forecast, savings } = usage
    const fields = { tenantId, channel, month, percentage, calls, quota: quota.calls, forecast, savings: [...savings] }
    this.#deps.log.warn(fields, `the calls of this month have reached ${percentage} % of the quota`)
    this.#deps.warned?.(channel, percentage)
  }
}
