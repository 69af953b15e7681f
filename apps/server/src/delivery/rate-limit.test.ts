import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { onPostgres } from '#server/db/_engines.ts'
import { createOutboundLimiter, type LimitedApp, pacedWindow } from './rate-limit.ts'

const lark: LimitedApp = {
  tenantId: 'acme',
  name: 'lark',
  appId: 'cli_1',
  limits: {
    app: [
      { points: 50, seconds: 1 },
      { points: 1_000, seconds: 60 },
    ],
    receiver: [{ points: 5, seconds: 1 }],
    message: [{ points: 5, seconds: 1 }],
  },
}

describe('a paced window', () => {
  it('keeps the limit over any stretch of time, not only within its own windows', () => {
    for (const limit of [
      { points: 50, seconds: 1 },
      { points: 1_000, seconds: 60 },
      { points: 5, seconds: 1 },
      { points: 20, seconds: 1 },
      { points: 2, seconds: 1 },
      { points: 1, seconds: 1 },
    ]) {
      const { points, ms } = pacedWindow(limit)
      const touched = points === 1 && limit.points === 1 ? 1 : Math.ceil((limit.seconds * 1_000) / ms) + 1
      expect(points * touched, JSON.stringify(limit)).toBeLessThanOrEqual(limit.points)
      expect(Number.isInteger((ms / 1_000) * 1_000)).toBe(true)
    }
  })
})

describe('counting in memory', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('keeps silent towards one receiver for as long as it wants, and goes on speaking to the others', async () => {
    await using limiter = await createOutboundLimiter({ databaseUrl: null })
    await limiter.pause(lark, 600_000, 'robot-1')
    const reached = await limiter.take(lark, { receiver: 'robot-1', isTogether: true })
    expect(reached).toMatchObject({ scope: 'receiver' })
    expect(reached?.waitMs).toBeGreaterThan(599_000)
    expect(await limiter.take(lark, { receiver: 'robot-2', isTogether: true })).toBeNull()
  })

  it('never lets more than 50 calls pass in any second, and at least 40', async () => {
    await using limiter = await createOutboundLimiter({ databaseUrl: null })
    const passed: number[] = []
    for (let ms = 0; ms < 3_000; ms += 4) {
      vi.setSystemTime(1_000_000 + ms)
      await vi.advanceTimersByTimeAsync(0)
      if ((await limiter.take({ ...lark, limits: { ...lark.limits, app: [{ points: 50, seconds: 1 }] } }, {})) === null)
        passed.push(ms)
      await vi.advanceTimersByTimeAsync(0)
    }
    const busiest = Math.max(...passed.map((from) => passed.filter((at) => at >= from && at < from + 1_000).length))
    expect(busiest).toBeLessThanOrEqual(50)
    expect(passed.length / 3).toBeGreaterThanOrEqual(40)
  })

  it('makes two cards to one person wait for each other, but not cards to two people', async () => {
    await using limiter = await createOutboundLimiter({ databaseUrl: null })
    expect(await limiter.take(lark, { receiver: 'ou_1' })).toBeNull()
    expect(await limiter.take(lark, { receiver: 'ou_2' })).toBeNull()
    expect(await limiter.take(lark, { receiver: 'ou_1' })).toEqual({ scope: 'receiver', waitMs: 250 })
    expect(await limiter.take(lark, { receiver: 'ou_1' })).toEqual({ scope: 'receiver', waitMs: 500 })
    expect(await limiter.take({ ...lark, tenantId: 'beta' }, { receiver: 'ou_1' })).toBeNull()
    await vi.advanceTimersByTimeAsync(250)
    expect(await limiter.take(lark, { receiver: 'ou_1' })).toBeNull()
  })

  it('is silent for as long as the platform asked, also where no limit is stated', async () => {
    await using limiter = await createOutboundLimiter({ databaseUrl: null })
    const unstated = { ...lark, limits: { app: [], receiver: [], message: [] } }
    for (const app of [lark, unstated]) {
      await limiter.pause(app, 2_500)
      expect(await limiter.take(app, {})).toEqual({ scope: 'app', waitMs: expect.closeTo(3_000, -1) })
      await vi.advanceTimersByTimeAsync(3_000)
      expect(await limiter.take(app, {})).toBeNull()
    }
  })
})

onPostgres((engine) => {
  const fortyADay = { ...lark, limits: { app: [{ points: 40, seconds: 86_400 }], receiver: [], message: [] } }

  it('counts for all instances together', async () => {
    await using database = await engine.open()
    const { databaseUrl } = database
    // Opened at once, as when instances start together: the table is made once.
    const limiters = await Promise.all([1, 2, 3].map(() => createOutboundLimiter({ databaseUrl })))
    const takes = limiters.flatMap((limiter) => Array.from({ length: 30 }, () => limiter.take(fortyADay, {})))
    const passed = (await Promise.all(takes)).filter((reached) => reached === null)
    expect(passed).toHaveLength(pacedWindow({ points: 40, seconds: 86_400 }).points)
    for (const limiter of limiters) await limiter[Symbol.asyncDispose]()
  })

  it('silences an app on every instance when one was told to wait', async () => {
    await using database = await engine.open()
    const { databaseUrl } = database
    await using told = await createOutboundLimiter({ databaseUrl })
    await using other = await createOutboundLimiter({ databaseUrl })
    expect(await other.take(lark, { receiver: 'ou_1' })).toBeNull()
    await told.pause(lark, 60_000)
    const reached = await other.take(lark, { receiver: 'ou_2' })
    expect(reached?.scope).toBe('app')
    expect(reached?.waitMs).toBeGreaterThan(58_000)
    expect(await other.take({ ...lark, appId: 'cli_2' }, { receiver: 'ou_1' })).toBeNull()
  })

  it('keeps no account id in its table', async () => {
    await using database = await engine.open()
    await using limiter = await createOutboundLimiter({ databaseUrl: database.databaseUrl })
    await limiter.take(lark, { receiver: 'ou_secret', message: 'om_secret' })
    const { rows } = await sql<{ key: string }>`select key from outbound_limits`.execute(database.db)
    expect(rows).toHaveLength(4)
    expect(JSON.stringify(rows)).not.toMatch(/secret|acme/)
  })
})
