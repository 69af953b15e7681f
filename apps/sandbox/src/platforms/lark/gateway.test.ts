import { describe, expect, it } from 'vitest'
import { approvalCard, createTestWorld, requestToken, type TestWorld } from '#sandbox/_world.ts'
import { decrypt } from './seal.ts'

const path = '/open-apis/im/v1/messages?receive_id_type=open_id'
const text = (world: TestWorld, uuid?: string) => ({
  receive_id: world.sandbox.openId('alice'),
  msg_type: 'text',
  content: '{"text":"hello"}',
  ...(uuid === undefined ? {} : { uuid }),
})
const count = (world: TestWorld) => world.sandbox.chat('alice').length
const eventIdOf = (body: string) => {
  const { encrypt } = JSON.parse(body) as { encrypt: string }
  const { header } = JSON.parse(decrypt('sandbox-lark-encrypt-key', encrypt)) as { header: { event_id: string } }
  return header.event_id
}

describe('faults of the API', () => {
  it('limits the rate with the seconds to wait, as often as asked', async () => {
    await using world = await createTestWorld()
    await world.token()
    world.sandbox.faults.set({ kind: 'rate-limited', resetSeconds: 7, times: 1, path: '/im/v1/messages' })
    expect((await world.call('GET', '/open-apis/bot/v3/info')).status).toBe(200)
    const limited = await world.call('POST', path, text(world))
    expect(limited).toMatchObject({ status: 429, body: { code: 99991400 } })
    expect(limited.headers.get('x-ogw-ratelimit-reset')).toBe('7')
    expect((await world.call('POST', path, text(world))).status).toBe(200)
    expect(world.sandbox.faults.list()).toEqual([])
  })

  it('answers 5xx as HTML without processing', async () => {
    await using world = await createTestWorld()
    const token = await world.token()
    world.sandbox.faults.set({ kind: 'server-error', status: 503, times: 1 })
    const response = await fetch(world.sandbox.baseUrl('lark') + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(text(world)),
    })
    expect(response.status).toBe(503)
    expect(await response.text()).toMatch(/^<html>/)
    expect(count(world)).toBe(0)
  })

  it.each([
    ['dropped-answer', 1],
    ['malformed-answer', 1],
    ['reset', 0],
  ] as const)('%s leaves the caller without an answer and %i message sent', async (kind, sent) => {
    await using world = await createTestWorld()
    await world.token()
    world.sandbox.faults.set({ kind, times: 1 })
    await expect(world.call('POST', path, text(world, 'u1'))).rejects.toThrow()
    expect(count(world)).toBe(sent)
    // The repeat with the same uuid is what keeps a careful client from sending twice.
    expect((await world.call('POST', path, text(world, 'u1'))).body.code).toBe(0)
    expect(count(world)).toBe(1)
  })

  it('slow answers late, hang never', async () => {
    await using world = await createTestWorld()
    const token = await world.token()
    world.sandbox.faults.set({ kind: 'slow', delayMs: 60, times: 1 })
    const started = performance.now()
    await world.call('GET', '/open-apis/bot/v3/info')
    expect(performance.now() - started).toBeGreaterThan(50)
    world.sandbox.faults.set({ kind: 'hang', times: 1 })
    const hanging = fetch(`${world.sandbox.baseUrl('lark')}/open-apis/bot/v3/info`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(100),
    })
    await expect(hanging).rejects.toThrow(/timeout/i)
  })

  it('revokes the tokens of the app until it fetches another', async () => {
    await using world = await createTestWorld()
    const old = await world.token()
    world.sandbox.faults.set({ kind: 'expired-token', times: 1 })
    // Fetching a token is not a call that a token could be too old for.
    expect((await requestToken(world.sandbox)).tenant_access_token).toBe(old)
    expect(await world.call('GET', '/open-apis/bot/v3/info')).toMatchObject({ status: 400, body: { code: 99991663 } })
    expect(await world.call('GET', '/open-apis/bot/v3/info')).toMatchObject({ status: 400, body: { code: 99991663 } })
    const fresh = String((await requestToken(world.sandbox)).tenant_access_token)
    expect(fresh).not.toBe(old)
    expect(await world.call('GET', '/open-apis/bot/v3/info', undefined, fresh)).toMatchObject({ status: 200 })
  })

  it('strike one platform only when told so', async () => {
    await using world = await createTestWorld()
    world.sandbox.faults.set({ kind: 'server-error', platform: 'feishu' })
    expect((await world.call('GET', '/open-apis/bot/v3/info')).status).toBe(200)
    const feishu = await fetch(`${world.sandbox.baseUrl('feishu')}/open-apis/bot/v3/info`)
    expect(feishu.status).toBe(502)
  })
})

describe('faults of callbacks', () => {
  it('duplicates with the same event id and a new signature, or with the very same bytes', async () => {
    await using world = await createTestWorld()
    const messageId = await world.sendCard('alice', approvalCard())
    world.sandbox.faults.set({ kind: 'callback-duplicated', times: 1 })
    expect((await world.sandbox.press('alice', messageId, 'approve')).duplicates).toHaveLength(1)
    world.sandbox.faults.set({ kind: 'callback-duplicated', exact: true, times: 1 })
    await world.sandbox.press('alice', messageId, 'approve')
    const [first, second, third, fourth] = world.received
    expect(first?.headers['x-lark-signature']).not.toBe(second?.headers['x-lark-signature'])
    expect(eventIdOf(first?.body ?? '')).toBe(eventIdOf(second?.body ?? ''))
    expect(third?.body).toBe(fourth?.body)
    expect(third?.headers['x-lark-request-nonce']).toBe(fourth?.headers['x-lark-request-nonce'])
  })

  it('reorders two presses', async () => {
    await using world = await createTestWorld()
    const messageId = await world.sendCard('alice', approvalCard())
    world.sandbox.faults.set({ kind: 'callback-reordered', times: 1, delayMs: 5_000 })
    const early = world.sandbox.press('alice', messageId, 'approve')
    const late = await world.sandbox.press('alice', messageId, 'reject', { formValues: { reason: 'no' } })
    const [first, second] = [late.callback?.eventId, (await early).callback?.eventId]
    expect(world.received.map(({ body }) => eventIdOf(body))).toEqual([first, second])
  })

  it('loses the callback, or only its answer', async () => {
    await using world = await createTestWorld()
    const messageId = await world.sendCard('alice', approvalCard())
    world.sandbox.faults.set({ kind: 'callback-lost', times: 1 })
    expect(await world.sandbox.press('alice', messageId, 'approve')).toMatchObject({ outcome: 'failed' })
    expect(world.received).toHaveLength(0)
    expect(world.sandbox.wire.at(-1)).toMatchObject({
      direction: 'out',
      status: 0,
      note: 'lost on the way to the server',
    })
    world.answerWith(() => ({ body: { card: { type: 'raw', data: approvalCard('Approved') } } }))
    world.sandbox.faults.set({ kind: 'callback-answer-lost', times: 1 })
    expect(await world.sandbox.press('alice', messageId, 'approve')).toMatchObject({ outcome: 'failed', status: 200 })
    expect(world.received).toHaveLength(1)
    expect(world.sandbox.message(messageId).card).toEqual(approvalCard())
  })
})

describe('the wire log', () => {
  it('keeps both directions and hides secrets from the screen', async () => {
    await using world = await createTestWorld()
    const messageId = await world.sendCard('alice', approvalCard())
    await world.sandbox.press('alice', messageId, 'approve')
    expect(world.sandbox.wire.map(({ direction, status, code }) => [direction, status, code])).toEqual([
      ['in', 200, 0],
      ['in', 200, 0],
      ['out', 200, undefined],
    ])
    expect(JSON.stringify(world.sandbox.wire)).toContain('sandbox-lark-app-secret')
    const shown = await (await fetch(`${world.sandbox.url}/_sandbox/wire`)).text()
    for (const secret of ['sandbox-lark-app-secret', await world.token(), 'sandbox-lark-verification-token']) {
      expect(shown).not.toContain(secret)
    }
    expect(shown).toContain('card.action.trigger')
  })

  it('answers an unknown address with 404', async () => {
    await using world = await createTestWorld()
    const response = await fetch(`${world.sandbox.baseUrl('lark')}/open-apis/unknown`)
    expect([response.status, await response.text()]).toEqual([404, '404 page not found'])
  })
})
