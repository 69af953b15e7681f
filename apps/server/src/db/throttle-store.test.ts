import { expect, it } from 'vitest'
import { onEveryEngine, type TestDatabase } from './_engines.ts'

const rule = { limit: 3, windowMs: 1_000, gapMs: 10 }
const take = ({ stores }: TestDatabase, now: number, key = 'k', tenantId = 'acme') =>
  stores.throttles.take(tenantId, key, rule, now)

onEveryEngine((engine) => {
  it('lets through as many as the rule says in a window that begins with the first', async () => {
    await using database = await engine.open()
    for (const now of [100, 110, 120]) expect(await take(database, now)).toBeNull()
    expect(await take(database, 130)).toBe(970)
    expect(await take(database, 1_099)).toBe(1)
    for (const now of [1_100, 1_110, 1_120]) expect(await take(database, now)).toBeNull()
    expect(await take(database, 1_130)).toBe(970)
  })

  it('keeps two apart, and what it refuses counts for nothing', async () => {
    await using database = await engine.open()
    expect(await take(database, 100)).toBeNull()
    for (let tries = 0; tries < 10; tries += 1) expect(await take(database, 105)).toBe(5)
    expect(await take(database, 110)).toBeNull()
  })

  it('counts each key and each tenant by itself', async () => {
    await using database = await engine.open()
    for (const now of [100, 110, 120]) await take(database, now)
    expect(await take(database, 130, 'other')).toBeNull()
    expect(await take(database, 130, 'k', 'beta')).toBeNull()
  })

  it('lets no more through when everybody asks at once, on two instances', async () => {
    await using database = await engine.open()
    const second = engine.name === 'postgres' ? await database.openAgain() : database.store
    const together = { limit: 10, windowMs: 1_000, gapMs: 0 }
    const waits = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        (index % 2 === 0 ? database.store : second).run((tx) => tx.throttles.take('acme', 'k', together, 500)),
      ),
    )
    expect(waits.filter((wait) => wait === null)).toHaveLength(10)
    expect(new Set(waits.filter((wait) => wait !== null))).toEqual(new Set([1_000]))
  })

  it('takes back what a unit of work has counted that came to nothing', async () => {
    await using database = await engine.open()
    const failed = database.store.run(async (tx) => {
      await tx.throttles.take('acme', 'k', rule, 100)
      throw new Error('refused elsewhere')
    })
    await expect(failed).rejects.toThrow('refused elsewhere')
    expect(await take(database, 101)).toBeNull()
  })

  it('forgets what was last done long ago', async () => {
    await using database = await engine.open()
    await take(database, 100)
    await take(database, 200, 'other')
    expect(await database.stores.throttles.forgetBefore(200)).toBe(1)
  })
})
