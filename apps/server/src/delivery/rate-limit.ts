import { createHash } from 'node:crypto'
import pg from 'pg'
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import type { Channel, RateLimit } from '#server/channels/channel.ts'

/** The limits of one app, and whose they are. */
export type LimitedApp = Pick<Channel, 'tenantId' | 'name' | 'appId' | 'limits'>

/** What a call is counted against, beside the app. */
export interface CallTarget {
  /** The platform's id of the person. */
  receiver?: string | undefined
  /** Our id of the message. */
  message?: string | undefined
  /** All that waits for this receiver is told in one message: nobody needs a place of their own. */
  isTogether?: boolean
}

export interface LimitReached {
  scope: 'message' | 'receiver' | 'app'
  /** Before asking again. */
  waitMs: number
}

/** Keeps all instances together below what the platforms allow. */
export interface OutboundLimiter extends AsyncDisposable {
  /** Takes one call's share of every limit; null: go ahead. */
  take(app: LimitedApp, target: CallTarget): Promise<LimitReached | null>
  /** The platform said how long this app must be silent, towards everybody or towards one receiver. */
  pause(app: LimitedApp, ms: number, receiver?: string): Promise<void>
}

/** A window that begins with the first call in it. */
interface Window {
  points: number
  ms: number
}

/** More parts waste less of what is allowed, and make bursts smaller. */
const mostParts = 9
const table = 'outbound_limits'
/** Any number of our own, so that instances starting together make the table one after another. */
const tableLock = 5_170_341
const mostPlaces = 1_000
const forgetEveryMs = 5 * 60 * 1_000
const forgetAfterMs = 60 * 60 * 1_000
/** Stands for the app where its platform states no limit, so that it can be paused all the same. */
const asGoodAsUnlimited: RateLimit = { points: 1_000_000, seconds: 1 }

/**
 * The window that keeps a limit however one looks at it. Counted in fixed windows, twice the points would pass across the
 * edge of two; any stretch of the limit's length touches at most `parts + 1` windows of a `parts`-th of it.
 */
export function pacedWindow({ points, seconds }: RateLimit): Window {
  const parts = Math.max(1, Math.min(mostParts, points - 1))
  const share = Math.floor(points / (parts + 1))
  return share >= 1
    ? { points: share, ms: wholeMs((seconds * 1_000) / parts) }
    : { points: 1, ms: wholeMs(seconds * 1_000) }
}

/** PostgreSQL stores the end of a window as a whole number, and the library multiplies seconds by 1,000. */
function wholeMs(ms: number): number {
  let whole = Math.ceil(ms)
  while (!Number.isInteger((whole / 1_000) * 1_000)) whole += 1
  return whole
}

type Counter = RateLimiterMemory | RateLimiterPostgres

/**
 * Gives everybody who waits for the same receiver a time of their own, so that thirty cards to one person are not all
 * tried again at each free place.
 */
class Places {
  readonly #next = new Map<string, number>()

  /** Milliseconds until the caller's own place, at least `waitMs`. */
  wait(key: string, waitMs: number, apartMs: number): number {
    const now = Date.now()
    if (this.#next.size >= mostPlaces) {
      for (const [other, at] of this.#next) if (at <= now) this.#next.delete(other)
    }
    const at = Math.max(now + waitMs, this.#next.get(key) ?? 0)
    this.#next.set(key, at + apartMs)
    return at - now
  }
}

/** In memory for a single instance; with a `databaseUrl`, shared by all that name the same. */
export async function createOutboundLimiter({ databaseUrl }: { databaseUrl: string | null }): Promise<OutboundLimiter> {
  const shared = databaseUrl === null ? null : await openShared(databaseUrl)
  const counters = new Map<string, Counter>()
  const places = new Places()

  const counter = (scope: string, limit: RateLimit): Counter => {
    const { points, ms } = pacedWindow(limit)
    const keyPrefix = `${scope}-${points}-${ms}`
    const known = counters.get(keyPrefix)
    if (known !== undefined) return known
    const options = { keyPrefix, points, duration: ms / 1_000 }
    const made = shared === null ? new RateLimiterMemory(options) : shared.counter(options)
    counters.set(keyPrefix, made)
    return made
  }
  const appLimits = (app: LimitedApp): RateLimit[] => (app.limits.app.length > 0 ? app.limits.app : [asGoodAsUnlimited])

  return {
    async take(app, { receiver, message, isTogether = false }) {
      // The narrower first: what they refuse has then cost the app nothing.
      const wanted = [
        ...(message === undefined ? [] : app.limits.message.map((limit) => ['message', limit, message] as const)),
        ...(receiver === undefined ? [] : app.limits.receiver.map((limit) => ['receiver', limit, receiver] as const)),
        ...appLimits(app).map((limit) => ['app', limit, ''] as const),
      ]
      for (const [scope, limit, target] of wanted) {
        const key = keyOf(app, target)
        const waitMs = await consume(counter(scope, limit), key)
        if (waitMs === 0) continue
        if (scope === 'app' || isTogether) return { scope, waitMs }
        const { points, ms } = pacedWindow(limit)
        return { scope, waitMs: places.wait(`${scope}/${key}`, waitMs, ms / points) }
      }
      return null
    },
    async pause(app, ms, receiver) {
      const scope = receiver === undefined ? 'app' : 'receiver'
      const limits = receiver === undefined ? appLimits(app) : app.limits.receiver
      const limit = limits[0]
      // Where nothing is counted there is nothing to block: what was refused waits by itself.
      if (limit === undefined) return
      await counter(scope, limit).block(keyOf(app, receiver ?? ''), Math.ceil(ms / 1_000))
    },
    async [Symbol.asyncDispose]() {
      await shared?.[Symbol.asyncDispose]()
    },
  }
}

/** A digest, because receivers are people and the table is nobody's business. */
function keyOf(app: LimitedApp, target: string): string {
  return createHash('sha256')
    .update(JSON.stringify([app.tenantId, app.name, app.appId, target]))
    .digest('base64url')
}

async function consume(counter: Counter, key: string): Promise<number> {
  try {
    await counter.consume(key)
    return 0
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return Math.max(1, refusal.msBeforeNext)
    throw refusal
  }
}

interface SharedCounters extends AsyncDisposable {
  counter(options: { keyPrefix: string; points: number; duration: number }): RateLimiterPostgres
}

/** Its own few connections: counting must not queue behind transactions. Unlogged: counts need not outlive a crash. */
async function openShared(databaseUrl: string): Promise<SharedCounters> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4, connectionTimeoutMillis: 3_000 })
  // An idle connection that breaks is replaced by the next query; without a listener it would end the process.
  pool.on('error', () => undefined)
  try {
    await pool.query(`select pg_advisory_xact_lock(${tableLock});
      create unlogged table if not exists ${table} (key text primary key, points integer not null, expire bigint)`)
  } catch (error) {
    await pool.end()
    throw error
  }
  const forget = async (): Promise<void> => {
    await pool.query(`delete from ${table} where expire < $1`, [Date.now() - forgetAfterMs])
  }
  // Old counts do no harm: what could not be forgotten now is forgotten the next time.
  const timer = setInterval(() => void forget().catch(() => undefined), forgetEveryMs).unref()
  return {
    counter: (options) =>
      new RateLimiterPostgres({
        ...options,
        storeClient: pool,
        storeType: 'pool',
        tableName: table,
        tableCreated: true,
        clearExpiredByTimeout: false,
      }),
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await pool.end()
    },
  }
}
