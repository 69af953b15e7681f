import { expect, it } from 'vitest'
import { ChannelError } from '#server/channels/channel-error.ts'
import { onEveryEngine } from '#server/db/_engines.ts'
import type { Store } from '#server/db/stores.ts'
import { FakeChannel } from './_fake-channel.ts'
import { HandClock, hour, second, seedTenant, testWorker } from './_world.ts'

const silence = new ChannelError('retry', 'timeout', 'no answer', { outcomeUnknown: true })

const queue = (store: Store, messageId: string, at: number): Promise<void> =>
  store.run(({ chat }) =>
    chat.queueReply({ tenantId: 'acme', channel: 'lark', platformUserId: 'ou_sam', text: messageId, messageId, at }),
  )

onEveryEngine((engine) => {
  it('an answer of the bot reaches even somebody who is nobody here', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people: [{ uid: 'alice' }] })
    const clock = new HandClock()
    const lark = new FakeChannel()
    await using worker = await testWorker({ store: database.store, channels: [lark], clock })
    await queue(database.store, 'm1', clock.at)
    await worker.drain()
    expect(lark.said).toEqual([{ to: 'ou_sam', text: 'm1' }])
    expect(await database.stores.notices.nextDueAt()).toBeNull()
  })

  it('an answer that may have got lost is given again with the same key, and arrives once', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people: [{ uid: 'alice' }] })
    const clock = new HandClock()
    const lark = new FakeChannel()
    lark.faults.push({ kind: 'lose-answer', error: silence })
    await using worker = await testWorker({ store: database.store, channels: [lark], clock })
    await queue(database.store, 'm1', clock.at)
    await worker.drain()
    clock.advance(2 * second)
    await worker.drain()
    const keys = lark.callsOf('say').map(({ about }) => about)
    expect(keys).toHaveLength(2)
    expect(new Set(keys).size).toBe(1)
    expect(lark.said).toHaveLength(1)
  })

  it('an answer that nobody takes is given up within the hour', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people: [{ uid: 'alice' }] })
    const clock = new HandClock()
    const lark = new FakeChannel()
    lark.faultFor = () => ({ kind: 'refuse', error: new ChannelError('retry', '500', 'out of order') })
    await using worker = await testWorker({ store: database.store, channels: [lark], clock })
    await queue(database.store, 'm1', clock.at)
    const beganAt = clock.at
    for (;;) {
      await worker.drain()
      const next = await database.stores.notices.nextDueAt()
      if (next === null) break
      clock.at = next
    }
    expect(clock.at - beganAt).toBeLessThan(hour)
    expect(await database.stores.notices.countByState()).toEqual({ failed: 1 })
  })
})
