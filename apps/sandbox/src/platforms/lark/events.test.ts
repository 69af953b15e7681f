import { describe, expect, it } from 'vitest'
import { createTestWorld, larkApp, larkEncryptKey } from '#sandbox/_world.ts'
import type { JsonObject } from '#sandbox/json.ts'
import { decrypt } from './seal.ts'

describe('events', () => {
  it('tell the server what a person has written', async () => {
    await using world = await createTestWorld()
    const { message, event } = await world.sandbox.say('alice', 'pending')
    expect(event.state).toBe('delivered')
    const body = JSON.parse(event.attempts[0]?.plain ?? '') as JsonObject
    expect(body).toMatchObject({
      schema: '2.0',
      header: { event_type: 'im.message.receive_v1', event_id: event.eventId },
      event: {
        sender: { sender_id: { open_id: world.sandbox.openId('alice') }, sender_type: 'user' },
        message: { message_id: message.messageId, chat_type: 'p2p', content: '{"text":"pending"}' },
      },
    })
    expect((body.header as JsonObject).create_time).toMatch(/^\d{13}$/)
  })

  it('come again after 15 s, 5 min, 1 h and 6 h with the same id, then never', async () => {
    await using world = await createTestWorld()
    world.answerWith(() => ({ status: 500 }))
    const { event } = await world.sandbox.say('alice', 'pending')
    expect(event.state).toBe('retrying')
    for (const [index, delay] of [15_000, 300_000, 3_600_000, 21_600_000].entries()) {
      await world.sandbox.advance(delay - 5_000)
      expect(event.attempts).toHaveLength(index + 1)
      await world.sandbox.advance(5_000)
      expect(event.attempts).toHaveLength(index + 2)
    }
    expect(event.state).toBe('given-up')
    const ids = event.attempts.map(({ plain }) => (JSON.parse(plain) as { header: JsonObject }).header.event_id)
    expect(new Set(ids)).toEqual(new Set([event.eventId]))
    await world.sandbox.advance(24 * 3_600_000)
    expect(world.received).toHaveLength(5)
  })

  it('stop once the server answers 200', async () => {
    await using world = await createTestWorld()
    world.answerWith(() => ({ status: world.received.length < 3 ? 503 : 200 }))
    const { event } = await world.sandbox.say('alice', 'pending')
    await world.sandbox.advance(24 * 3_600_000)
    expect(event).toMatchObject({ state: 'delivered' })
    expect(world.received).toHaveLength(3)
  })

  it('announce a chat once, when it is opened for the first time', async () => {
    await using world = await createTestWorld()
    expect((await world.sandbox.enterChat('alice'))?.state).toBe('delivered')
    expect(await world.sandbox.enterChat('alice')).toBeUndefined()
    expect(world.received).toHaveLength(1)
  })
})

describe('URL verification', () => {
  it('succeeds when the challenge comes back', async () => {
    await using world = await createTestWorld()
    expect(await world.sandbox.verifyUrl(larkApp)).toMatchObject({ ok: false, status: 200 })
    world.answerWith(({ body }) => {
      const { encrypt } = JSON.parse(body) as { encrypt: string }
      const { challenge } = JSON.parse(decrypt(larkEncryptKey, encrypt)) as { challenge: string }
      return { body: { challenge } }
    })
    expect(await world.sandbox.verifyUrl(larkApp)).toMatchObject({ ok: true })
  })
})
