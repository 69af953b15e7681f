import { describe, expect, it } from 'vitest'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import type { Store } from '#server/db/stores.ts'
import { FakeChannel } from '#server/delivery/_fake-channel.ts'
import { HandClock, minute } from '#server/delivery/_world.ts'
import { type CallMeter, createCallMeter } from './call-meter.ts'
import { callQuota } from './usage.ts'

const quota = callQuota(100, undefined)
const app = { tenantId: 'acme', channel: 'lark', appId: 'acme-lark' } as const

function limited(): FakeChannel {
  const channel = new FakeChannel()
  if (quota !== null) channel.callQuota = quota
  return channel
}

function open(store: Store, clock: HandClock) {
  const warnings: string[] = []
  const said: { fields: unknown; text: unknown }[] = []
  const note = (...[fields, text]: unknown[]): void => void said.push({ fields, text })
  const meter = createCallMeter({
    store,
    quotaOf: async () => quota,
    log: { warn: note, error: note },
    warned: (channel, percentage) => void warnings.push(`${channel} ${percentage}`),
    now: clock.now,
  })
  return { meter, warnings, said }
}

function countTimes(meter: CallMeter, times: number): void {
  for (let n = 0; n < times; n += 1) meter.count(app)
}

const stored = async ({ stores }: TestDatabase, month = '2026-11'): Promise<number> =>
  stores.callCounts.calls({ ...app, month })

onEveryEngine((engine) => {
  describe('the meter of calls', () => {
    it('writes them down by itself within a second, together', async () => {
      await using database = await engine.open()
      const { meter } = open(database.store, new HandClock())
      await using _ = meter
      countTimes(meter, 7)
      expect(await stored(database)).toBe(0)
      await expect.poll(() => stored(database), { timeout: 10_000 }).toBe(7)
    })

    it('knows at once of its own calls, and of those of other instances before long', async () => {
      await using database = await engine.open()
      const clock = new HandClock()
      const here = open(database.store, clock).meter
      await using _here = here
      const there = open(database.store, clock).meter
      await using _there = there
      const channel = limited()
      countTimes(here, 3)
      expect(await here.usage(channel)).toMatchObject({ calls: 3, quota: 100 })
      countTimes(there, 4)
      await Promise.all([here.flush(), there.flush()])
      clock.advance(minute)
      expect(await here.usage(channel)).toMatchObject({ calls: 7 })
      expect(await there.usage(channel)).toMatchObject({ calls: 7 })
      expect(await stored(database)).toBe(7)
    })

    it('keeps the last calls at a stop, and goes on with the sum after a start', async () => {
      await using database = await engine.open()
      const clock = new HandClock()
      const first = open(database.store, clock).meter
      countTimes(first, 5)
      await first[Symbol.asyncDispose]()
      const second = open(database.store, clock).meter
      await using _ = second
      expect(await second.usage(limited())).toMatchObject({ calls: 5 })
    })

    it('begins anew with the month of China, and leaves the old one as it was', async () => {
      await using database = await engine.open()
      const clock = new HandClock(Date.parse('2026-11-30T15:59:00Z'))
      const { meter } = open(database.store, clock)
      await using _ = meter
      countTimes(meter, 5)
      clock.advance(2 * minute)
      expect(await meter.usage(limited())).toMatchObject({ calls: 0 })
      countTimes(meter, 1)
      await meter.flush()
      expect([await stored(database), await stored(database, '2026-12')]).toEqual([5, 1])
    })

    it('warns once of 70 and of 90 percent, whichever instance comes first', async () => {
      await using database = await engine.open()
      const clock = new HandClock()
      const here = open(database.store, clock)
      await using _here = here.meter
      const there = open(database.store, clock)
      await using _there = there.meter
      for (const meter of [here.meter, there.meter, here.meter]) {
        countTimes(meter, 35)
        await meter.flush()
      }
      countTimes(there.meter, 1)
      await there.meter.flush()
      const again = open(database.store, clock)
      await using _again = again.meter
      countTimes(again.meter, 1)
      await again.meter.flush()
      expect([here.warnings, there.warnings, again.warnings]).toEqual([['lark 90'], ['lark 70'], []])
      expect(there.said).toEqual([
        {
          fields: expect.objectContaining({ tenantId: 'acme', channel: 'lark', percentage: 70, calls: 70, quota: 100 }),
          text: expect.stringContaining('70 %'),
        },
      ])
    })

    it('keeps what the database does not take, and says so once', async () => {
      await using database = await engine.open()
      const clock = new HandClock()
      let isDown = true
      const store: Store = Object.create(database.store, {
        run: {
          value: (work: Parameters<Store['run']>[0]) =>
            isDown ? Promise.reject(new Error('down')) : database.store.run(work),
        },
      })
      const { meter, said } = open(store, clock)
      await using _ = meter
      countTimes(meter, 3)
      await meter.flush()
      await meter.flush()
      countTimes(meter, 1)
      isDown = false
      await meter.flush()
      expect(await stored(database)).toBe(4)
      expect(said.map(({ text }) => text)).toEqual([expect.stringContaining('cannot be told')])
    })
  })
})
