import { describe, expect, it } from 'vitest'
import { approvalCard, createTestWorld, larkEncryptKey, type TestWorld } from '#sandbox/_world.ts'
import { decrypt } from './seal.ts'

const update = (world: TestWorld, token: string, card: unknown = approvalCard('later')) =>
  world.call('POST', '/open-apis/interactive/v1/card/update', { token, card })

async function pressed(world: TestWorld): Promise<{ messageId: string; token: string }> {
  const messageId = await world.sendCard('alice', approvalCard())
  const { callback } = await world.sandbox.press('alice', messageId, 'approve')
  return { messageId, token: callback?.token ?? '' }
}

describe('the delayed update', () => {
  it('works twice within thirty minutes', async () => {
    await using world = await createTestWorld()
    const { messageId, token } = await pressed(world)
    expect(await update(world, token)).toMatchObject({ status: 200, body: { code: 0 } })
    expect(world.sandbox.message(messageId).card).toEqual(approvalCard('later'))
    expect((await update(world, token)).body.code).toBe(0)
    expect(await update(world, token)).toMatchObject({ status: 200, body: { code: 300040 } })
  })

  it('refuses expired and malformed tokens and invalid cards', async () => {
    await using world = await createTestWorld()
    const { token } = await pressed(world)
    expect((await update(world, 'nonsense')).body.code).toBe(300020)
    expect((await update(world, token, 'text')).body.code).toBe(10002)
    expect((await update(world, token, { schema: '2.0', foo: 1 })).body.code).toBe(11311)
    expect((await update(world, token, { elements: [] })).body.code).toBe(300090)
    await world.sandbox.advance(30 * 60_000 + 1)
    expect((await update(world, token)).body.code).toBe(300030)
  })

  it('is refused before the callback was answered', async () => {
    await using world = await createTestWorld()
    const messageId = await world.sendCard('alice', approvalCard())
    let early: unknown
    world.answerWith(({ body }) => {
      const { encrypt } = JSON.parse(body) as { encrypt: string }
      const { event } = JSON.parse(decrypt(larkEncryptKey, encrypt)) as { event: { token: string } }
      early = update(world, event.token)
      return 'hang'
    })
    const pressing = world.sandbox.press('alice', messageId, 'approve')
    await world.sandbox.waitFor((sandbox) => sandbox.wire.some(({ path }) => path.includes('/card/update')))
    expect(await early).toMatchObject({ body: { code: 300000 } })
    await pressing
  }, 10_000)
})
