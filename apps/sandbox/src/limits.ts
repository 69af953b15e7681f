/** How fast an app may call, per API and per receiver. Zero switches one limit off, for load tests. */
export interface Limits {
  /** Per app and API (tier "1000/min & 50/s"). */
  callsPerSecond: number
  callsPerMinute: number
  /** Messages to the same person, and to the same chat. */
  perReceiverPerSecond: number
  /** Updates of one message. */
  perMessagePerSecond: number
  /** Urgent messages that one person has not read: beyond them 230023. */
  unreadBuzzes: number
  /** Urgent messages that are left to each app: after them 230024. How many a plan has is not documented. */
  buzzes: number
  /** 400 answers 230020; 429 answers 99991400. Which of the two comes first on the real platform is not documented. */
  receiverLimitStatus: 400 | 429
}

export const documentedLimits: Limits = {
  callsPerSecond: 50,
  callsPerMinute: 1_000,
  perReceiverPerSecond: 5,
  perMessagePerSecond: 5,
  unreadBuzzes: 200,
  buzzes: 0,
  receiverLimitStatus: 400,
}

/** Beyond this many idle keys the table is emptied of everything that no longer limits anybody. */
const SWEEP_AT = 20_000

/** Counts calls in a sliding window per key. */
export class SlidingWindow {
  readonly #windowMs: number
  readonly #times = new Map<string, number[]>()

  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  /** Milliseconds until the next call is allowed: 0 means that this one is, and it has been counted. */
  take(key: string, limit: number, now: number): number {
    if (limit <= 0) return 0
    const times = this.#times.get(key) ?? []
    const oldest = times.length >= limit ? times[times.length - limit] : undefined
    if (oldest !== undefined && now - oldest < this.#windowMs) return this.#windowMs - (now - oldest)
    times.push(now)
    if (times.length > limit * 2) times.splice(0, times.length - limit)
    this.#times.set(key, times)
    if (this.#times.size > SWEEP_AT) this.#sweep(now)
    return 0
  }

  clear(): void {
    this.#times.clear()
  }

  #sweep(now: number): void {
    for (const [key, times] of this.#times) {
      if (now - (times[times.length - 1] ?? 0) >= this.#windowMs) this.#times.delete(key)
    }
  }
}
