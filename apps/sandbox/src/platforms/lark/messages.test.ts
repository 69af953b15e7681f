import { describe, expect, it } from 'vitest'
import { approvalCard, createTestWorld, larkApp, requestToken, type TestWorld } from '#sandbox/_world.ts'

const day = 24 * 3_600_000
const send = (world: TestWorld, change: object = {}, idType = 'open_id') =>
  world.call('POST', `/open-apis/im/v1/messages?receive_id_type=${idType}`, {
    receive_id: world.sandbox.openId('alice'),
    msg_type: 'text',
    content: JSON.stringify({ text: 'hello' }),
    ...change,
  })
const patch = (world: TestWorld, messageId: string, card: object = approvalCard('changed')) =>
  world.call('PATCH', `/open-apis/im/v1/messages/${messageId}`, { content: JSON.stringify(card) })

describe('sending a message', () => {
  it('puts it into the chat of the person, whatever id names them', async () => {
    await using world = await createTestWorld()
    const alice = world.sandbox.person('alice')
    const ids = [
      ['open_id', world.sandbox.openId('alice')],
      ['union_id', alice.unionId],
      ['user_id', alice.userId],
      ['email', 'alice@acme.example'],
    ]
    for (const [idType, id] of ids) expect((await send(world, { receive_id: id }, idType)).body.code).toBe(0)
    const { chat_id: chatId } = (await send(world)).body.data ?? {}
    await world.sandbox.advance(1_000)
    expect((await send(world, { receive_id: chatId }, 'chat_id')).body.data).toMatchObject({
      chat_id: chatId,
      msg_type: 'text',
      body: { content: '{"text":"hello"}' },
      sender: { id_type: 'app_id', sender_type: 'app' },
    })
    expect(world.sandbox.chat('alice')).toHaveLength(6)
  })

  it('answers a repeated uuid with the first message for one hour', async () => {
    await using world = await createTestWorld()
    const first = await send(world, { uuid: 'ticket-42' })
    const again = await send(world, { uuid: 'ticket-42' })
    expect(again.body.data?.message_id).toBe(first.body.data?.message_id)
    expect(world.sandbox.chat('alice')).toHaveLength(1)
    await world.sandbox.advance(3_600_001)
    const later = await send(world, { uuid: 'ticket-42' })
    expect(later.body.data?.message_id).not.toBe(first.body.data?.message_id)
  })

  it.each([
    ['receive_id_type is unknown', {}, 'phone', 230001],
    ['receive_id names nobody', { receive_id: 'ou_unknown' }, 'open_id', 230034],
    ['the type is unknown', { msg_type: 'poem' }, 'open_id', 230001],
    ['the content is an object', { content: { text: 'x' } }, 'open_id', 230001],
    ['the content is not JSON', { content: 'hello' }, 'open_id', 230001],
    ['the text is empty', { content: '{"text":""}' }, 'open_id', 230001],
    ['the uuid is longer than 50 characters', { uuid: 'x'.repeat(51) }, 'open_id', 230001],
    ['the text is over 150 KB', { content: JSON.stringify({ text: 'x'.repeat(150 * 1024) }) }, 'open_id', 230025],
    [
      'the card is over 30 KB',
      { msg_type: 'interactive', content: `{"a":"${'x'.repeat(30 * 1024)}"}` },
      'open_id',
      230025,
    ],
    ['the card is invalid', { msg_type: 'interactive', content: '{"schema":"2.0","elements":[]}' }, 'open_id', 230099],
    [
      'the card is a template',
      { msg_type: 'interactive', content: '{"type":"template","data":{}}' },
      'open_id',
      230099,
    ],
  ])('answers HTTP 400 when %s', async (_what, change, idType, code) => {
    await using world = await createTestWorld()
    expect(await send(world, change, idType)).toMatchObject({ status: 400, body: { code } })
    expect(world.sandbox.chat('alice')).toHaveLength(0)
  })

  it('refuses a person outside the availability range and one who has stopped the bot', async () => {
    await using world = await createTestWorld()
    world.sandbox.configurePerson('alice', { availableTo: false })
    expect(await send(world)).toMatchObject({ status: 400, body: { code: 230013 } })
    world.sandbox.configurePerson('alice', { availableTo: true, stoppedBot: true })
    expect(await send(world)).toMatchObject({ status: 400, body: { code: 230053 } })
  })

  it('allows five messages per second to one person', async () => {
    await using world = await createTestWorld()
    const answers = await Promise.all(Array.from({ length: 6 }, () => send(world)))
    expect(answers.map(({ body }) => body.code).sort()).toEqual([0, 0, 0, 0, 0, 230020])
    await world.sandbox.advance(1_000)
    expect((await send(world)).body.code).toBe(0)
  })

  it('can answer the receiver limit as HTTP 429 instead', async () => {
    await using world = await createTestWorld({ limits: { perReceiverPerSecond: 1, receiverLimitStatus: 429 } })
    await send(world)
    const answer = await send(world)
    expect(answer).toMatchObject({ status: 429, body: { code: 99991400 } })
    expect(answer.headers.get('x-ogw-ratelimit-reset')).toBe('1')
  })

  it('limits every API per second and per minute with the seconds to wait', async () => {
    await using world = await createTestWorld({ limits: { callsPerSecond: 2, callsPerMinute: 3 } })
    const ask = () => world.call('GET', '/open-apis/bot/v3/info')
    await ask()
    await ask()
    const limited = await ask()
    expect(limited).toMatchObject({ status: 429, body: { code: 99991400 } })
    expect(limited.headers.get('x-ogw-ratelimit-reset')).toBe('1')
    await world.sandbox.advance(1_000)
    expect((await ask()).status).toBe(200)
    const minute = await ask()
    expect(minute.status).toBe(429)
    expect(Number(minute.headers.get('x-ogw-ratelimit-reset'))).toBeGreaterThan(50)
  })
})

describe('updating a card', () => {
  it('shows the new card in the place of the old one', async () => {
    await using world = await createTestWorld()
    const messageId = await world.sendCard('alice', approvalCard())
    expect(await patch(world, messageId)).toMatchObject({ status: 200, body: { code: 0, data: {} } })
    expect(world.sandbox.message(messageId)).toMatchObject({ card: approvalCard('changed'), updated: true })
    expect(world.sandbox.message(messageId).versions.map(({ by }) => by)).toEqual(['send', 'patch'])
  })

  it('ends after fourteen days', async () => {
    await using world = await createTestWorld()
    const messageId = await world.sendCard('alice', approvalCard())
    await world.sandbox.advance(14 * day + 1)
    const token = String((await requestToken(world.sandbox)).tenant_access_token)
    const content = JSON.stringify(approvalCard())
    expect(await world.call('PATCH', `/open-apis/im/v1/messages/${messageId}`, { content }, token)).toMatchObject({
      status: 400,
      body: { code: 230031 },
    })
  })

  it('allows five updates of one message per second', async () => {
    await using world = await createTestWorld()
    const messageId = await world.sendCard('alice', approvalCard())
    const answers = await Promise.all(Array.from({ length: 6 }, () => patch(world, messageId)))
    expect(answers.map(({ body }) => body.code).sort()).toEqual([0, 0, 0, 0, 0, 230020])
  })

  it('needs a shared card before and after', async () => {
    await using world = await createTestWorld()
    const old = { elements: [{ tag: 'markdown', content: 'x' }] }
    const messageId = await world.sendCard('alice', old)
    expect(await patch(world, messageId)).toMatchObject({ status: 400, body: { code: 230001 } })
    const shared = await world.sendCard('alice', { ...old, config: { update_multi: true } })
    expect(await patch(world, shared, old)).toMatchObject({ status: 400, body: { code: 230001 } })
    expect(await patch(world, shared, { ...old, config: { update_multi: true } })).toMatchObject({ status: 200 })
  })

  it('refuses recalled messages, texts, unknown ids, invalid cards and PUT', async () => {
    await using world = await createTestWorld()
    const messageId = await world.sendCard('alice', approvalCard())
    const text = String((await send(world)).body.data?.message_id)
    expect(await patch(world, text)).toMatchObject({ status: 400, body: { code: 230001 } })
    expect(await patch(world, 'om_unknown')).toMatchObject({ status: 400, body: { code: 230001 } })
    expect(await patch(world, messageId, { schema: '2.0', foo: 1 })).toMatchObject({
      status: 400,
      body: { code: 230099 },
    })
    expect(await world.call('PUT', `/open-apis/im/v1/messages/${messageId}`, {})).toMatchObject({
      body: { code: 230001 },
    })
    expect(await world.call('DELETE', `/open-apis/im/v1/messages/${messageId}`)).toMatchObject({ status: 200 })
    expect(await patch(world, messageId)).toMatchObject({ status: 400, body: { code: 230011 } })
  })
})

describe('the rest of the message API', () => {
  it('replies, reads and buzzes', async () => {
    await using world = await createTestWorld()
    const messageId = await world.sendCard('alice', approvalCard())
    const path = `/open-apis/im/v1/messages/${messageId}`
    const reply = await world.call('POST', `${path}/reply`, { msg_type: 'text', content: '{"text":"hi"}' })
    expect(reply.body.data).toMatchObject({ parent_id: messageId, root_id: messageId })
    expect((await world.call('GET', path)).body.data).toMatchObject({ items: [{ message_id: messageId }] })
    const buzz = (ids: string[]) =>
      world.call('PATCH', `${path}/urgent_app?user_id_type=open_id`, { user_id_list: ids })
    expect((await buzz([world.sandbox.openId('alice'), 'ou_x'])).body.data).toEqual({ invalid_user_id_list: ['ou_x'] })
    expect(await buzz(['ou_x'])).toMatchObject({ status: 400, body: { code: 230001 } })
    expect(world.sandbox.message(messageId).buzzed).toBe(true)
  })

  it('buzzes nobody who has not read too many, and no more often than the plan has', async () => {
    await using world = await createTestWorld()
    const first = await world.sendCard('alice', approvalCard())
    const second = await world.sendCard('alice', approvalCard())
    const buzz = (messageId: string) =>
      world.call('PATCH', `/open-apis/im/v1/messages/${messageId}/urgent_app?user_id_type=open_id`, {
        user_id_list: [world.sandbox.openId('alice')],
      })
    world.sandbox.limits.unreadBuzzes = 1
    expect(await buzz(first)).toMatchObject({ status: 200 })
    expect(await buzz(second)).toMatchObject({ status: 400, body: { code: 230023 } })
    world.sandbox.message(first).buzzRead = true
    expect(await buzz(second)).toMatchObject({ status: 200 })
    world.sandbox.limits.buzzes = 2
    world.sandbox.message(second).buzzRead = true
    expect(await buzz(second)).toMatchObject({ status: 400, body: { code: 230024 } })
  })

  it('buzzes only for an app that may', async () => {
    await using world = await createTestWorld()
    const messageId = await world.sendCard('alice', approvalCard())
    const { scopes } = world.sandbox.app(larkApp)
    world.sandbox.configureApp(larkApp, { scopes: scopes.filter((scope) => scope !== 'im:message.urgent') })
    const path = `/open-apis/im/v1/messages/${messageId}/urgent_app?user_id_type=open_id`
    const answer = await world.call('PATCH', path, { user_id_list: [world.sandbox.openId('alice')] })
    expect(answer.body.code).toBe(99991672)
  })
})
