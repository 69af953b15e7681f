import { expect, it } from 'vitest'
import { ChannelError } from '#server/channels/channel-error.ts'
import { onSqlite } from '#server/db/_engines.ts'
import { FakeChannel } from '#server/delivery/_fake-channel.ts'
import { seedTenant } from '#server/delivery/_world.ts'
import { createSenders } from './meet-sender.ts'

onSqlite((engine) => {
  it('somebody bound who never got a card is looked up once, with everybody else not known yet', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people: [{ uid: 'alice' }, { uid: 'bob' }] })
    const lark = new FakeChannel()
    const senders = createSenders({ store: database.store, now: () => 0 })
    expect(await senders.meet(lark, 'ou_alice@acme.test')).toBe(true)
    expect(await senders.meet(lark, 'ou_bob@acme.test')).toBe(true)
    expect(lark.callsOf('resolve')).toHaveLength(2)
    const found = await database.stores.directory.findByPlatformId('acme', 'lark', 'ou_alice@acme.test')
    expect(found?.uid).toBe('alice')
  })

  it('nobody else is looked up once it is known who it is', async () => {
    await using database = await engine.open()
    const uids = Array.from({ length: 60 }, (_, index) => `p${10 + index}`)
    await seedTenant(database, { people: uids.map((uid) => ({ uid })) })
    const lark = new FakeChannel()
    const senders = createSenders({ store: database.store, now: () => 0 })
    expect(await senders.meet(lark, 'ou_p10@acme.test')).toBe(true)
    expect(lark.callsOf('resolve').length).toBeLessThan(60)
  })

  it('a stranger is not looked up again with every message', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people: [{ uid: 'alice' }] })
    const lark = new FakeChannel()
    lark.strangers.add('alice@acme.test')
    const senders = createSenders({ store: database.store, now: () => 0 })
    for (let message = 0; message < 5; message += 1) expect(await senders.meet(lark, 'ou_stranger')).toBe(true)
    expect(lark.callsOf('resolve')).toHaveLength(1)
  })

  it('a platform that is down is asked again with the next delivery of the message', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people: [{ uid: 'alice' }] })
    const lark = new FakeChannel()
    const answer = lark.resolve.bind(lark)
    lark.resolve = () => Promise.reject(new ChannelError('retry', '502', 'down'))
    const senders = createSenders({ store: database.store, now: () => 0 })
    expect(await senders.meet(lark, 'ou_alice@acme.test')).toBe(false)
    lark.resolve = answer
    expect(await senders.meet(lark, 'ou_alice@acme.test')).toBe(true)
  })

  it('a platform that is slow is waited for no longer than it waits itself, and its answer is kept', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people: [{ uid: 'alice' }] })
    const lark = new FakeChannel()
    const { promise, resolve } = Promise.withResolvers<(string | null)[]>()
    lark.resolve = () => promise
    const senders = createSenders({ store: database.store, now: () => 0 })
    expect(await senders.meet(lark, 'ou_alice@acme.test')).toBe(false)
    const again = senders.meet(lark, 'ou_alice@acme.test')
    resolve(['ou_alice@acme.test'])
    expect(await again).toBe(true)
  })

  it('a message in a group is to the bot when the one it mentions is, and stays open while the platform is away', async () => {
    await using database = await engine.open()
    const senders = createSenders({ store: database.store, now: () => 0 })
    const message = {
      kind: 'message',
      eventId: 'm1',
      signatureHash: 's1',
      platformUserId: 'ou_alice',
      text: 'approve 1042',
      isGroup: true,
      isForBot: null,
      mentioned: 'ou_bot',
    } as const
    const heard = async (isBot?: (id: string) => Promise<boolean>): Promise<boolean | null> =>
      (await senders.address(Object.assign(new FakeChannel(), isBot === undefined ? {} : { isBot }), message)).isForBot
    expect(await heard(async (id) => id === 'ou_bot')).toBe(true)
    expect(await heard(async () => false)).toBe(false)
    expect(await heard(() => Promise.reject(new ChannelError('retry', '502', 'down')))).toBeNull()
    expect(await heard(() => new Promise(() => undefined))).toBeNull()
    expect(await heard()).toBeNull()
  })
})
