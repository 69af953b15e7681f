import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { createTestWorld, type TestWorld } from '#sandbox/_world.ts'
import { signDmsBody } from './dms-body.ts'
import { rawMember } from './raw-member.ts'

const receiver = 'ticket-hook'
const key = 'sandbox-dms-signature-key'
const secret = 'whsec_c2FuZGJveC1zdGFuZGFyZC13ZWJob29rcy1zZWNyZXQ='
const event = {
  submitterUid: '22****53',
  submitterName: '李娜',
  category: '工单',
  module: '数据变更',
  event: '执行成功',
  taskId: '1042',
  taskName: 'orders "2026"',
  eventTime: 1_790_000_000_000,
  message: '【DMS数据管理】…',
  targetUsers: [{ uid: '1', name: '陈伟' }],
  receivers: [],
}

/** Spaced as no serialiser does it: only the bytes as sent can be verified. */
function dmsBody(url: string, { text = JSON.stringify(event, null, 1), signWith = key } = {}): string {
  const signature = signDmsBody('url-newline-event', url, text, signWith)
  return `{ "signatureMethod": "HMAC_SHA1",\n"messageEvent" : ${text}, "signatureText":"${signature}" }`
}

function post({ sandbox }: TestWorld, body: string, headers: Record<string, string> = {}) {
  return fetch(sandbox.webhooks.url(receiver), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'dms-event': 'Message Hook', ...headers },
    body,
    redirect: 'manual',
  })
}

describe('a webhook receiver', () => {
  it('verifies the signature in a DMS body over the bytes as they came', async () => {
    await using world = await createTestWorld()
    const { webhooks } = world.sandbox
    const url = webhooks.url(receiver)
    expect((await post(world, dmsBody(url))).status).toBe(200)
    await post(world, dmsBody(url).replace('数据变更', '数据导出'))
    await post(world, dmsBody(url, { signWith: 'another' }))
    await post(world, JSON.stringify({ messageEvent: event, signatureMethod: 'NONE' }))
    expect(webhooks.calls(receiver).map(({ dms, dmsFaults }) => [dms.state, dmsFaults])).toEqual([
      ['valid', []],
      ['invalid', []],
      ['invalid', []],
      ['missing', []],
    ])
  })

  it('knows other readings of the recipe', async () => {
    await using world = await createTestWorld()
    const { webhooks } = world.sandbox
    const text = JSON.stringify(event)
    for (const recipe of ['url-event', 'event', 'url-key-event'] as const) {
      webhooks.configure(receiver, { recipe })
      const signatureText = signDmsBody(recipe, webhooks.url(receiver), text, key)
      await post(world, `{"messageEvent":${text},"signatureMethod":"HMAC_SHA1","signatureText":"${signatureText}"}`)
      expect(webhooks.calls(receiver).at(-1)?.dms).toEqual({ state: 'valid' })
    }
  })

  it('names what differs from DMS’s own call', async () => {
    await using world = await createTestWorld()
    const { taskName: _left, ...rest } = event
    const messageEvent = { ...rest, targetUsers: 'everybody' }
    await post(world, JSON.stringify({ messageEvent }), { 'dms-event': 'Push Hook' })
    expect(world.sandbox.webhooks.calls(receiver)[0]?.dmsFaults).toEqual([
      'DMS-Event is Push Hook, not Message Hook',
      'taskName is no text',
      'targetUsers is no list of uid and name',
    ])
  })

  it('verifies Standard Webhooks and knows a repeat', async () => {
    await using world = await createTestWorld()
    const { webhooks } = world.sandbox
    const body = JSON.stringify({ messageEvent: event })
    const headersAt = (at: Date) => ({
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign('msg_1', at, body),
    })
    await post(world, body, headersAt(new Date()))
    await post(world, body, headersAt(new Date()))
    await post(world, body, headersAt(new Date(Date.now() - 600_000)))
    await post(world, `${body} `, headersAt(new Date()))
    await post(world, body)
    expect(webhooks.calls(receiver).map(({ standard, isRepeat }) => [standard.state, isRepeat])).toEqual([
      ['valid', false],
      ['valid', true],
      ['invalid', true],
      ['invalid', true],
      ['missing', false],
    ])
  })

  it('answers as it is told, for as long as it is told', async () => {
    await using world = await createTestWorld()
    const { webhooks } = world.sandbox
    webhooks.answer(receiver, { kind: 'status', status: 429, retryAfter: 7 }, 1)
    const limited = await post(world, '{}')
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7'])
    expect((await post(world, '{}')).status).toBe(200)
    for (const status of [500, 410]) {
      webhooks.answer(receiver, { kind: 'status', status })
      expect((await post(world, '{}')).status).toBe(status)
    }
    webhooks.answer(receiver, { kind: 'huge-body', bytes: 3_000_000 })
    expect(await (await post(world, '{}')).text()).toHaveLength(3_000_000)
    webhooks.answer(receiver, { kind: 'slow', delayMs: 200 })
    const url = webhooks.url(receiver)
    await expect(fetch(url, { method: 'POST', signal: AbortSignal.timeout(50) })).rejects.toThrow()
    webhooks.answer(receiver, { kind: 'redirect' })
    const redirected = await post(world, '{}')
    expect([redirected.status, redirected.headers.get('location')]).toEqual([307, `${url}/followed`])
    await fetch(url, { method: 'POST', body: '{}' })
    expect(
      webhooks
        .calls(receiver)
        .map(({ isRedirected }) => isRedirected)
        .slice(-2),
    ).toEqual([false, true])
    world.sandbox.reset()
    expect((await post(world, '{}')).status).toBe(200)
  })

  it('can be opened anew, takes POST alone, and is nothing under another name', async () => {
    await using world = await createTestWorld()
    const url = world.sandbox.webhooks.add({ id: 'second', name: 'Second' })
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(200)
    expect(world.sandbox.webhooks.calls('second')).toMatchObject([{ dms: { state: 'unsigned' }, answered: 200 }])
    expect((await fetch(url)).status).toBe(405)
    expect((await fetch(`${url}-not`, { method: 'POST' })).status).toBe(404)
  })
})

it('finds a member of a JSON text as it was written', () => {
  const text = '{ "a":"}\\",", "b" : { "x":[1,{"y":"]"}] } ,"c":3 }'
  expect(rawMember(text, 'a')).toBe('"}\\","')
  expect(rawMember(text, 'b')).toBe('{ "x":[1,{"y":"]"}] }')
  expect(rawMember(text, 'c')).toBe('3')
  expect(rawMember(text, 'y')).toBeUndefined()
  expect(rawMember('{}', 'a')).toBeUndefined()
})
