import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { onEveryEngine, onPostgres, type TestDatabase } from '#server/db/_engines.ts'
import type { Store } from '#server/db/stores.ts'
import { FakeChannel } from './_fake-channel.ts'
import { HandClock, second, seedTenant, submitTicket, testWorker } from './_world.ts'

/* Several workers on one database: what one is sending, no other sends; and what a dead one held is not lost. */

const crowd = Array.from({ length: 100 }, (_, n) => `approver-${n}`)

/** Many deliveries from few transactions: one per approver. */
async function queueDeliveries(database: TestDatabase, count: number, at: number): Promise<void> {
  await seedTenant(database, { people: [{ uid: 'bob' }, ...crowd.map((uid) => ({ uid }))] })
  const nodes = [{ name: 'Everybody', approvers: crowd, rule: 'any' as const }]
  for (let n = 0; n < count / crowd.length; n += 1) await submitTicket(database.store, at, { nodes })
}

function callsByKey(channel: FakeChannel): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { about } of channel.callsOf('send')) counts.set(about, (counts.get(about) ?? 0) + 1)
  return counts
}

onPostgres((engine) => {
  it('sends each of 2,000 deliveries once, with three instances at work', { timeout: 120_000 }, async () => {
    await using database = await engine.open()
    const clock = new HandClock()
    await queueDeliveries(database, 2_000, clock.at)
    const lark = new FakeChannel()
    const workers = await Promise.all(
      ['one', 'two', 'three'].map(async (owner) => {
        const store = await database.openAgain()
        return { owner, worker: await testWorker({ store, channels: [lark], clock, owner }) }
      }),
    )
    while ((await database.stores.notices.countByState()).sent !== 2_000) {
      await Promise.all(workers.map(({ worker }) => worker.drain()))
    }
    const counts = callsByKey(lark)
    expect(counts.size).toBe(2_000)
    expect([...counts.values()].filter((count) => count !== 1)).toEqual([])
    expect(lark.messages.size).toBe(2_000)
    expect(await database.stores.notices.countByState()).toEqual({ sent: 2_000 })
    for (const { worker } of workers) await worker[Symbol.asyncDispose]()
  })
})

onEveryEngine((engine) => {
  it('takes over from a killed instance, and repeats only what it had in flight, with the same keys', {
    timeout: 60_000,
  }, async () => {
    await using database = await engine.open()
    const clock = new HandClock()
    await queueDeliveries(database, 200, clock.at)
    clock.advance(1)
    const lark = new FakeChannel()
    const doomed = mortal(database.store)
    const first = await testWorker({ store: doomed.store, channels: [lark], clock, owner: 'doomed' })
    const dying = first.drain()
    const answer = Promise.withResolvers<void>()
    lark.faultFor = () => (lark.messages.size < 60 ? null : { kind: 'hang', until: answer.promise })
    let sending: number | undefined
    do {
      await nextTurn()
      sending = (await database.stores.notices.countByState()).sending
    } while (lark.messages.size < 60 || lark.inFlight === 0 || sending !== lark.inFlight)
    // Calls under way arrive at the platform all the same; nobody hears of it any more.
    doomed.kill()
    answer.resolve()
    await expect(dying).rejects.toThrow('killed')
    while (lark.inFlight > 0) await nextTurn()
    const sentByTheDead = new Set(callsByKey(lark).keys())

    await using heir = await testWorker({ store: database.store, channels: [lark], clock, owner: 'heir' })
    await heir.drain()
    expect(await database.stores.notices.countByState()).toEqual({ sending, sent: 200 - sending })
    expect([...callsByKey(lark).values()].filter((count) => count > 1)).toEqual([])

    clock.advance(30 * second)
    await heir.drain()
    expect(await database.stores.notices.countByState()).toEqual({ sent: 200 })
    const repeated = [...callsByKey(lark)].filter(([, count]) => count > 1)
    expect(repeated).toHaveLength(sending)
    expect(repeated.every(([key, count]) => count === 2 && sentByTheDead.has(key))).toBe(true)
    // The platform knows the keys: nobody sees a card twice.
    expect(lark.messages.size).toBe(200)
  })
})

/** A store whose process dies: from then on nothing it does reaches the database. */
function mortal(store: Store): { store: Store; kill: () => void } {
  let isDead = false
  const dies = async <Result>(work: Promise<Result>): Promise<Result> => {
    const result = await work
    if (isDead) throw new Error('killed')
    return result
  }
  return {
    store: {
      ...store,
      run: (work) => (isDead ? Promise.reject(new Error('killed')) : dies(store.run(work))),
    },
    kill: () => {
      isDead = true
    },
  }
}
