import { expect, it } from 'vitest'
import { onEveryEngine } from './_engines.ts'
import type { ChatReply, Confirmation } from './chat-store.ts'

const reply: ChatReply = {
  tenantId: 'acme',
  channel: 'lark',
  platformUserId: 'ou_alice',
  text: 'No ticket waits.',
  messageId: 'om_1',
  at: 1_000,
}
const question: Confirmation = {
  tenantId: 'acme',
  uid: 'alice',
  channel: 'lark',
  ticketId: 'ticket-1',
  node: 0,
  contentHash: 'sha256:1',
  action: 'reject',
  comment: 'Too wide',
  expiresAt: 2_000,
}
const claim = { limit: 10, leaseMs: 1_000, now: 1_000, perLane: 10, room: new Map() }

onEveryEngine((engine) => {
  it('queues one answer to each message, which a worker claims with its text', async () => {
    await using database = await engine.open()
    await database.store.run(({ chat }) => chat.queueReply(reply))
    await database.store.run(({ chat }) => chat.queueReply({ ...reply, text: 'Another.' }))
    const claimed = await database.store.run(({ notices }) => notices.claim('one', claim))
    expect(claimed).toMatchObject([{ event: 'reply', channel: 'lark', message: null, ticketId: '' }])
    const [delivery] = claimed
    expect(await database.stores.chat.reply('acme', delivery?.id ?? '')).toEqual({
      platformUserId: 'ou_alice',
      text: 'No ticket waits.',
    })
    expect(await database.stores.chat.reply('beta', delivery?.id ?? '')).toBeNull()
  })

  it('forgets old answers with their deliveries, and keeps the young ones', async () => {
    await using database = await engine.open()
    await database.stores.chat.queueReply(reply)
    await database.stores.chat.queueReply({ ...reply, messageId: 'om_2', at: 5_000 })
    await database.stores.chat.forgetBefore(5_000)
    const left = await database.db.selectFrom('deliveries').select('notice_key').execute()
    expect(left).toEqual([{ notice_key: 'reply:om_2' }])
    expect(await database.db.selectFrom('chat_replies').select('at').execute()).toEqual([{ at: 5_000 }])
  })

  it('gives a question back once, to the same person on the same channel, and in time', async () => {
    await using database = await engine.open()
    const { chat } = database.stores
    await chat.askConfirmation(question)
    for (const other of [{ tenantId: 'beta' }, { uid: 'carol' }, { channel: 'feishu' as const }, { ticketId: 'x' }]) {
      expect(await chat.takeConfirmation({ ...question, ...other }, 1_000)).toBeNull()
    }
    expect(await chat.takeConfirmation(question, 1_999)).toEqual(question)
    expect(await chat.takeConfirmation(question, 1_999)).toBeNull()
    await chat.askConfirmation(question)
    expect(await chat.takeConfirmation(question, 2_000)).toBeNull()
  })

  it('puts a new question in the place of the old one, and forgets those that ran out', async () => {
    await using database = await engine.open()
    const { chat } = database.stores
    await chat.askConfirmation(question)
    const newer = { ...question, action: 'approve' as const, comment: null, contentHash: 'sha256:2', expiresAt: 9_000 }
    await chat.askConfirmation(newer)
    await chat.askConfirmation({ ...question, uid: 'carol' })
    await chat.forgetBefore(2_001)
    expect(await chat.takeConfirmation({ ...question, uid: 'carol' }, 0)).toBeNull()
    expect(await chat.takeConfirmation(question, 3_000)).toEqual(newer)
  })

  it('lets one of two words that come at once confirm', async () => {
    await using database = await engine.open()
    await database.stores.chat.askConfirmation(question)
    const taken = await Promise.all(
      [1, 2, 3].map(() => database.store.run(({ chat }) => chat.takeConfirmation(question, 1_000))),
    )
    expect(taken.filter((each) => each !== null)).toHaveLength(1)
  })
})
