import { setTimeout as sleep } from 'node:timers/promises'
import { ChannelError } from '#server/channels/channel-error.ts'
import { replyEvent } from '#server/db/chat-store.ts'
import { reportEvent } from '#server/db/report-store.ts'
import type { ClaimedDelivery, DeliveryResult, Store } from '#server/db/stores.ts'
import type { Log } from '#server/log.ts'
import { afterFailure, isOutcomeLost, outcomeLost } from './backoff.ts'
import { type Carried, type Courier, NothingSent, type Outcome } from './courier.ts'
import { callbackChannel, laneOf, leaseMs, sharedRecipient } from './lane.ts'
import { cautiousRoom, Lanes } from './lanes.ts'
import { Pacing } from './pacing.ts'
import { isSaved } from './saved-calls.ts'

/** Calls in flight per instance. */
const concurrency = 32
/** For what other instances announced; our own is announced by `wake`. */
const pollMs = 1_000
const standardGraceMs = 10_000
/** The longest wait for a rate limit that `drain` sits out. */
const longestDrainWaitMs = 10_000

export interface DeliveryWorkerDeps {
  store: Store
  /** Chat cards. */
  cards: Courier
  /** Decisions to `callbackUrl`. */
  callbacks: Courier
  /** Cards that many people share. */
  shared: Courier
  /** Answers of the bot. */
  replies: Courier
  /** By channel: those that only tell. */
  messages: ReadonlyMap<string, Courier>
  /** News for administrators. */
  reports: Courier
  log: Pick<Log, 'info' | 'warn' | 'error'>
  /** For metrics; `tookMs` is null where nothing was asked of anybody. */
  observe?: (channel: string, outcome: DeliveryResult['kind'], tookMs: number | null) => void
  now: () => number
  random: () => number
  /** Names this instance among all that share the database. */
  owner: string
  /** How long running calls may go on at shutdown, in milliseconds. */
  graceMs?: number
}

export interface DeliveryWorker extends AsyncDisposable {
  readonly isRunning: boolean
  /** From now on what is due is delivered. */
  start(): void
  /** Something may have become due: called after a commit. */
  wake(): void
  /** Delivers until nothing is due and nothing is in flight. Waits for rate limits, not for retries. */
  drain(): Promise<void>
}

/**
 * Claims what is due, has it carried outside any transaction, and reports. Any number of workers may share a database:
 * a delivery belongs to one of them for the time of its lease.
 */
export function createDeliveryWorker(deps: DeliveryWorkerDeps): DeliveryWorker {
  return new Worker(deps)
}

interface Job {
  delivery: ClaimedDelivery
  startedAt: number
  done: Promise<void>
}

class Worker implements DeliveryWorker {
  readonly #deps: DeliveryWorkerDeps
  readonly #lanes = new Lanes(concurrency)
  readonly #pacing = new Pacing()
  readonly #jobs = new Map<string, Job>()
  readonly #stop = new AbortController()
  /** Claims happen one after another, so that together they keep to the room there is. */
  #lastClaim: Promise<unknown> = Promise.resolve()
  #isStarted = false
  #isHandedBack = false
  #round: Promise<void> | null = null
  #isWoken = false
  #isDown = false
  #timer: NodeJS.Timeout | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #heldBackUntil = 0
  /** How many jobs have ended. */
  #ended = 0

  constructor(deps: DeliveryWorkerDeps) {
    this.#deps = deps
  }

  get isRunning(): boolean {
    return this.#isStarted && !this.#stop.signal.aborted
  }

  start(): void {
    this.#isStarted = true
    this.wake()
  }

  wake(): void {
    if (!this.isRunning) return
    this.#isWoken = true
    this.#round ??= this.#rounds().finally(() => {
      this.#round = null
      if (this.#isWoken) this.wake()
    })
  }

  async drain(): Promise<void> {
    let asOf = this.#deps.now()
    for (;;) {
      asOf = Math.max(asOf, this.#deps.now())
      const ended = this.#ended
      // What a call that ended meanwhile has left to do may have come too late for this look.
      if ((await this.#claim(asOf)) > 0 || this.#ended > ended) continue
      if (this.#jobs.size > 0) {
        await Promise.race([...this.#jobs.values()].map(({ done }) => done))
        continue
      }
      const waitMs = this.#heldBackUntil - asOf
      if (waitMs <= 0 || waitMs > longestDrainWaitMs || this.#stop.signal.aborted) return
      await sleep(waitMs)
      asOf += waitMs
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    await this.#round
    await this.#lastClaim.catch(() => undefined)
    const running = [...this.#jobs.values()]
    const grace = new AbortController()
    const waited = sleep(this.#deps.graceMs ?? standardGraceMs, undefined, { signal: grace.signal, ref: false }).catch(
      () => undefined,
    )
    await Promise.race([Promise.all(running.map(({ done }) => done)), waited])
    grace.abort()
    await this.#handBack()
  }

  /** What still runs is left to the next instance, which sends it again with the same key. */
  async #handBack(): Promise<void> {
    this.#isHandedBack = true
    for (const { delivery, startedAt } of this.#jobs.values()) {
      // What its courier has noted says more than we know; the lease ends by itself.
      if (this.#courierOf(delivery).notesSending === true) continue
      const firstTriedAt = delivery.message === null ? (delivery.firstTriedAt ?? startedAt) : null
      const text = 'the server stopped before the platform had answered'
      const dueAt = this.#deps.now()
      await this.#report(delivery, { kind: 'retry', dueAt, code: 'interrupted', text, counted: false, firstTriedAt })
    }
  }

  async #rounds(): Promise<void> {
    try {
      while (this.#isWoken && this.isRunning) {
        await this.#rest()
        this.#isWoken = false
        while (this.isRunning && (await this.#claim(this.#deps.now())) > 0) await this.#rest()
      }
      if (this.#isDown) this.#deps.log.info({}, 'deliveries can be claimed again')
      this.#isDown = false
      const now = this.#deps.now()
      const next = await this.#deps.store.stores.notices.nextDueAt()
      // What is due and was not claimed has to wait for its lane: the end of a call will wake us.
      this.#alarm(next === null || next <= now ? now + pollMs : Math.min(next, now + pollMs))
    } catch (error) {
      // Once, not with every look.
      if (!this.#isDown) this.#deps.log.error({ err: error }, 'deliveries cannot be claimed')
      this.#isDown = true
      this.#alarm(this.#deps.now() + pollMs)
    }
  }

  /** Every commit wakes us, and a look costs the more the longer the queue of an app that hangs or is limited. */
  async #rest(): Promise<void> {
    const waitMs = this.#pacing.waitMs(performance.now())
    if (waitMs === 0) return
    // Shutdown ends the rest; nothing is claimed then.
    await sleep(waitMs, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined)
  }

  /** Looks again at the given time, unless that is to happen sooner anyway. */
  #alarm(at: number): void {
    if (!this.isRunning || at >= this.#timerAt) return
    clearTimeout(this.#timer)
    this.#timerAt = at
    this.#timer = setTimeout(() => this.#onAlarm(), Math.max(0, at - this.#deps.now())).unref()
  }

  #onAlarm(): void {
    this.#timerAt = Number.POSITIVE_INFINITY
    this.wake()
  }

  /** Starts what may be started now; how many that is. */
  #claim(now: number): Promise<number> {
    const claim = this.#lastClaim.catch(() => undefined).then(() => this.#claimNow(now))
    this.#lastClaim = claim
    return claim
  }

  async #claimNow(now: number): Promise<number> {
    const limit = this.#lanes.free
    if (limit <= 0 || this.#stop.signal.aborted) return 0
    const options = { limit, leaseMs, now, perLane: cautiousRoom, room: this.#lanes.room(now) }
    const due = await this.#deps.store.run(async (tx) => {
      const startedAt = performance.now()
      const claimed = await tx.notices.claim(this.#deps.owner, options)
      this.#pacing.ended(performance.now(), performance.now() - startedAt)
      return claimed
    })
    let started = 0
    for (const delivery of due) {
      const key = `${delivery.tenantId}/${delivery.id}`
      // Only a clock that jumps lets our own lease end early; the attempt under way is still the one that counts.
      if (this.#jobs.has(key)) continue
      this.#lanes.enter(this.#laneOf(delivery))
      const job: Job = { delivery, startedAt: this.#deps.now(), done: Promise.resolve() }
      this.#jobs.set(key, job)
      job.done = this.#work(job).finally(() => {
        this.#jobs.delete(key)
        this.#ended += 1
        this.wake()
      })
      started += 1
    }
    return started
  }

  async #work(job: Job): Promise<void> {
    const { delivery, startedAt } = job
    const lane = this.#laneOf(delivery)
    const courier = this.#courierOf(delivery)
    const clockedAt = performance.now()
    const result = isOutcomeLost(delivery, courier.retry, startedAt) ? outcomeLost : await this.#carry(courier, job)
    const isCall = wasAsked(result)
    const tookMs = isCall ? performance.now() - clockedAt : null
    this.#lanes.leave(lane, tookMs)
    const isForAll = result.kind === 'retry' && !result.counted && isCall && !('waits' in result)
    if (isForAll) this.#lanes.pause(lane, result.dueAt)
    if (result.kind === 'released') this.#holdBack(lane, result)
    if (this.#isHandedBack) return
    await this.#report(delivery, result)
    this.#deps.observe?.(delivery.channel, result.kind, tookMs)
  }

  #courierOf({ channel, event, recipient }: ClaimedDelivery): Courier {
    if (channel === callbackChannel) return this.#deps.callbacks
    if (recipient === sharedRecipient) return this.#deps.shared
    if (event === replyEvent) return this.#deps.replies
    const messages = this.#deps.messages.get(channel)
    if (messages !== undefined) return messages
    return event === reportEvent ? this.#deps.reports : this.#deps.cards
  }

  #laneOf(delivery: ClaimedDelivery): string {
    return laneOf(delivery, this.#courierOf(delivery))
  }

  #holdBack(lane: string, { dueAt, waits }: Extract<Carried, { kind: 'released' }>): void {
    if (waits === 'lane') this.#lanes.pause(lane, dueAt)
    this.#heldBackUntil = Math.max(this.#heldBackUntil, dueAt)
    this.#alarm(dueAt)
  }

  async #carry(courier: Courier, { delivery, startedAt }: Job): Promise<Outcome> {
    try {
      return await courier.carry(delivery, this.#stop.signal)
    } catch (error) {
      const { now, random } = this.#deps
      const clock = { startedAt, now: now(), random }
      const failure = this.#asChannelError(error, delivery)
      const result = afterFailure(failure, delivery, courier.retry, clock)
      return result.kind === 'retry' && failure.scope === 'receiver' ? { ...result, waits: 'delivery' } : result
    }
  }

  /** A fault of our own is tried again like one of the platform's: it may be passing, and must not be lost. */
  #asChannelError(error: unknown, { tenantId, ticketId, id, channel }: ClaimedDelivery): ChannelError {
    const fields = { tenantId, ticketId, deliveryId: id, channel }
    if (error instanceof ChannelError) {
      this.#deps.log.info(
        { ...fields, kind: error.kind, platformCode: error.code, err: error.cause },
        'a try did not succeed',
      )
      return error
    }
    const isUnsent = error instanceof NothingSent
    this.#deps.log.error({ ...fields, err: isUnsent ? error.cause : error }, 'a delivery failed unexpectedly')
    const more = { outcomeUnknown: !isUnsent, cause: error }
    return new ChannelError('retry', 'internal', 'an unexpected fault of the server; its log says more', more)
  }

  async #report(delivery: ClaimedDelivery, result: DeliveryResult): Promise<void> {
    const { tenantId, ticketId, id, channel } = delivery
    const fields = { tenantId, ticketId, deliveryId: id, channel, outcome: result.kind }
    try {
      const { owner, now } = this.#deps
      const isOurs = await this.#deps.store.run((tx) => tx.notices.report(owner, delivery, result, now()))
      if (!isOurs) this.#deps.log.warn(fields, 'another instance has taken this delivery over')
      else if (result.kind === 'failed')
        this.#deps.log.warn({ ...fields, platformCode: result.code }, 'a delivery failed')
    } catch (error) {
      // The lease will end, and the message be sent again with the same key.
      this.#deps.log.error({ err: error, ...fields }, 'the outcome of a delivery could not be stored')
    }
  }
}

/** Whether a platform was called for it. */
function wasAsked(result: Outcome): boolean {
  if (result.kind === 'released' || result.kind === 'held' || result.kind === 'joined') return false
  return result !== outcomeLost && !isSaved(result)
}
