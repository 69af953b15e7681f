import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cardModel } from '#server/channels/_card-model.ts'
import type { Channel } from '#server/channels/channel.ts'
import {
  closedPort,
  type FakePlatform,
  LOOKUP_PATH,
  SEND_PATH,
  sent,
  startFakePlatform,
  TOKEN_PATH,
} from './_fake-platform.ts'
import { createLarkHttp } from './http.ts'
import { createLark } from './index.ts'

let platform: FakePlatform
/** How far the channel's clock is ahead; the SDK itself reads the real one. */
let aheadMs = 0
let logged: string[] = []

beforeEach(async () => {
  platform = await startFakePlatform()
  aheadMs = 0
  logged = []
})
afterEach(async () => {
  await platform[Symbol.asyncDispose]()
})

const SECRET = 'app-secret-that-nobody-may-see'
const open = (openUrl = platform.openUrl): Channel =>
  createLark(
    { tenantId: 'acme', name: 'lark', settings: { appId: 'cli_0123456789abcdef', appSecret: SECRET, openUrl } },
    {
      log: { debug: (fields, message) => void logged.push(JSON.stringify([fields, message])) },
      now: () => Date.now() + aheadMs,
    },
  )
const outgoing = (idempotencyKey = 'n1-alice') => ({ platformUserId: 'ou_alice', card: cardModel(), idempotencyKey })
const refuse = (code: number, status = 400, headers = {}) => ({ status, headers, body: { code, msg: 'no' } })

describe('sending a card', () => {
  it('goes to the person by open_id, with a key that keeps it single', async () => {
    const delivered = await open().send(outgoing())
    expect(delivered).toEqual({ message: { messageId: 'om_1' }, code: '0', text: 'success' })
    const [call] = platform.callsTo(SEND_PATH)
    expect(call).toMatchObject({
      method: 'POST',
      path: `${SEND_PATH}?receive_id_type=open_id`,
      headers: { authorization: 'Bearer t-1', 'accept-encoding': 'identity' },
      body: { receive_id: 'ou_alice', msg_type: 'interactive', uuid: 'n1-alice' },
    })
    const content = String(call?.body.content)
    expect(Buffer.byteLength(content)).toBeLessThan(30 * 1_024)
    expect(JSON.parse(content)).toMatchObject({ schema: '2.0', config: { update_multi: true } })
  })

  it('is refused before the platform would, when the key is too long for it', async () => {
    await expect(open().send(outgoing('x'.repeat(51)))).rejects.toMatchObject({ kind: 'rejected' })
    expect(platform.calls).toEqual([])
  })

  it('tells the platform’s refusal verbatim', async () => {
    platform.on(SEND_PATH, () => ({
      status: 400,
      body: { code: 230013, msg: 'Bot has NO availability to this user.' },
    }))
    await expect(open().send(outgoing())).rejects.toMatchObject({
      kind: 'rejected',
      code: '230013',
      message: 'Bot has NO availability to this user.',
    })
  })

  it.each([
    [
      '429 with a reset',
      refuse(99991400, 429, { 'x-ogw-ratelimit-reset': '4' }),
      { kind: 'rate_limited', retryAfterMs: 4_000 },
    ],
    [
      '400 with the code of a rate limit',
      refuse(99991400, 400, { 'x-ogw-ratelimit-reset': '2' }),
      { kind: 'rate_limited', retryAfterMs: 2_000 },
    ],
    ['the frequency limit of a receiver', refuse(230020), { kind: 'rate_limited', retryAfterMs: 1_000 }],
    ['an error code with HTTP 200', refuse(230053, 200), { kind: 'rejected', code: '230053' }],
    ['a success code with HTTP 500', refuse(0, 500), { kind: 'retry', outcomeUnknown: true }],
    [
      'a page of a gateway',
      { status: 502, body: '<html>bad gateway</html>' },
      { kind: 'retry', code: '502', outcomeUnknown: true },
    ],
    ['HTML with HTTP 200', { body: '<html>hello</html>' }, { kind: 'retry', code: 'unreadable', outcomeUnknown: true }],
    ['an empty body', { body: '' }, { kind: 'retry', code: 'unreadable', outcomeUnknown: true }],
    ['cut JSON', { body: '{"code":0,"data":{"mess' }, { kind: 'retry', code: 'unreadable', outcomeUnknown: true }],
    [
      'a success without a message id',
      { body: { code: 0, msg: 'ok', data: {} } },
      { kind: 'retry', code: 'unreadable', outcomeUnknown: true },
    ],
    ['a redirect', { status: 302, headers: { location: '/elsewhere' }, body: '' }, { kind: 'retry', code: '302' }],
    [
      'an endless answer',
      { body: `{"code":0,"data":{"message_id":"om_1"},"x":"${'x'.repeat(1_100_000)}"}` },
      { kind: 'retry', outcomeUnknown: true },
    ],
  ])('understands %s', async (_, reply, expected) => {
    platform.on(SEND_PATH, () => reply)
    await expect(open().send(outgoing())).rejects.toMatchObject(expected)
    expect(platform.callsTo('/elsewhere')).toEqual([])
  })

  it('leaves the outcome open when the connection breaks after the request', async () => {
    platform.on(SEND_PATH, (_, response) => {
      response.destroy()
      return null
    })
    await expect(open().send(outgoing())).rejects.toMatchObject({
      kind: 'retry',
      code: 'network',
      outcomeUnknown: true,
    })
  })

  it('knows that nothing was sent when nobody listens', async () => {
    const lark = open(`http://127.0.0.1:${await closedPort()}`)
    await expect(lark.send(outgoing())).rejects.toMatchObject({ kind: 'retry', code: 'network', outcomeUnknown: false })
  })
})

describe('an urgent message', () => {
  const path = `${SEND_PATH}/om_7/urgent_app`
  const buzz = () => open().buzz?.({ messageId: 'om_7' }, 'ou_alice')

  it('makes the message that was sent heard by its receiver', async () => {
    platform.on(path, () => ({ body: { code: 0, msg: 'success', data: { invalid_user_id_list: [] } } }))
    expect(await buzz()).toEqual({ code: '0', text: 'success' })
    expect(platform.callsTo(path)).toMatchObject([
      { method: 'PATCH', path: `${path}?user_id_type=open_id`, body: { user_id_list: ['ou_alice'] } },
    ])
  })

  it.each([
    [230012, 'rejected'],
    [230023, 'rejected'],
    [230024, 'rejected'],
    [99991672, 'auth'],
    [99991400, 'rate_limited'],
  ])('that is refused with %i is %s', async (code, kind) => {
    platform.on(path, () => refuse(code))
    await expect(buzz()).rejects.toMatchObject({ kind, code: String(code) })
  })

  it('that the platform takes for nobody is refused, and so is one about a message we cannot read', async () => {
    platform.on(path, () => ({ body: { code: 0, msg: 'success', data: { invalid_user_id_list: ['ou_alice'] } } }))
    await expect(buzz()).rejects.toMatchObject({ kind: 'rejected', code: 'invalid_user' })
    await expect(open().buzz?.({ other: 1 }, 'ou_alice')).rejects.toMatchObject({ kind: 'gone' })
  })
})

describe('updating a card', () => {
  it('patches the message that was sent', async () => {
    platform.on(`${SEND_PATH}/om_7`, () => ({ body: { code: 0, msg: 'success', data: {} } }))
    const message = { messageId: 'om_7' }
    await expect(open().update(message, outgoing())).resolves.toEqual({ message, code: '0', text: 'success' })
    const [call] = platform.callsTo(`${SEND_PATH}/om_7`)
    expect(call?.method).toBe('PATCH')
    expect(Object.keys(call?.body ?? {})).toEqual(['content'])
  })

  it.each([230011, 230031, 230110, 231003])('is over when the message is gone (%i)', async (code) => {
    platform.on(`${SEND_PATH}/om_7`, () => refuse(code))
    await expect(open().update({ messageId: 'om_7' }, outgoing())).rejects.toMatchObject({
      kind: 'gone',
      code: String(code),
    })
  })

  it('of an address that is none is over at once', async () => {
    for (const message of [null, {}, { messageId: 7 }, 'om_7']) {
      await expect(open().update(message, outgoing())).rejects.toMatchObject({ kind: 'gone' })
    }
    expect(platform.calls).toEqual([])
  })
})

describe('the tenant token', () => {
  it('is asked for once by any number of calls at the same time, and kept', async () => {
    const lark = open()
    await Promise.all(Array.from({ length: 20 }, (_, index) => lark.send(outgoing(`k${index}`))))
    await lark.send(outgoing('later'))
    expect(platform.tokensIssued).toBe(1)
    expect(platform.callsTo(SEND_PATH)).toHaveLength(21)
  })

  it('is renewed when its time is over', async () => {
    const lark = open()
    await lark.send(outgoing())
    aheadMs = (7_140 - 180) * 1_000 + 1
    await lark.send(outgoing())
    expect(platform.tokensIssued).toBe(2)
  })

  it('that lives shorter than the margin of the SDK is still used more than once', async () => {
    platform.on(TOKEN_PATH, () => {
      platform.tokensIssued += 1
      return { body: { code: 0, tenant_access_token: `t-${platform.tokensIssued}`, expire: 60 } }
    })
    const lark = open()
    await lark.send(outgoing('a'))
    await lark.send(outgoing('b'))
    expect(platform.tokensIssued).toBe(1)
    aheadMs = 31_000
    await lark.send(outgoing('c'))
    expect(platform.tokensIssued).toBe(2)
  })

  it.each([
    [99991663, 400],
    [99991663, 200],
    [99991661, 400],
    [99991664, 400],
    [99991665, 400],
    [99991668, 400],
    [99991671, 400],
  ])('is renewed once when the platform no longer takes it (%i with HTTP %i)', async (code, status) => {
    platform.on(SEND_PATH, (call) =>
      call.headers.authorization === 'Bearer t-1' ? refuse(code, status) : sent('om_2'),
    )
    await expect(open().send(outgoing())).resolves.toMatchObject({ message: { messageId: 'om_2' } })
    expect(platform.tokensIssued).toBe(2)
    expect(platform.callsTo(SEND_PATH).map(({ body }) => body.uuid)).toEqual(['n1-alice', 'n1-alice'])
  })

  it('is renewed once for all calls that it fails', async () => {
    const lark = open()
    await lark.send(outgoing('first'))
    platform.on(SEND_PATH, (call) => (call.headers.authorization === 'Bearer t-1' ? refuse(99991663) : sent('om_2')))
    await Promise.all(Array.from({ length: 30 }, (_, index) => lark.send(outgoing(`k${index}`))))
    expect(platform.tokensIssued).toBe(2)
  })

  it('refused again after the renewal is a matter for an administrator', async () => {
    platform.on(SEND_PATH, () => refuse(99991663))
    await expect(open().send(outgoing())).rejects.toMatchObject({ kind: 'auth', code: '99991663' })
    expect(platform.callsTo(SEND_PATH)).toHaveLength(2)
  })

  it.each([10003, 10014, 10015])('is not given to a wrong app (%i, with HTTP 200)', async (code) => {
    platform.on(TOKEN_PATH, () => refuse(code, 200))
    await expect(open().send(outgoing())).rejects.toMatchObject({ kind: 'auth', code: String(code) })
    expect(platform.callsTo(SEND_PATH)).toEqual([])
  })

  it('is asked for again after a failure', async () => {
    const lark = open()
    platform.on(TOKEN_PATH, () => ({ status: 503, body: 'down' }))
    await expect(lark.send(outgoing())).rejects.toMatchObject({ kind: 'retry', code: '503' })
    platform.on(TOKEN_PATH, () => ({ body: { code: 0, tenant_access_token: 't-9', expire: 7_200 } }))
    await expect(lark.send(outgoing())).resolves.toMatchObject({ code: '0' })
  })

  it('and the app’s secret appear in no log line and no error', async () => {
    platform.on(SEND_PATH, () => refuse(230013))
    const error: unknown = await open()
      .send(outgoing())
      .catch((thrown: unknown) => thrown)
    const told = `${logged.join()} ${JSON.stringify(error)} ${String((error as Error).stack)}`
    expect(logged).toEqual([JSON.stringify([{ platformCode: '230013' }, 'the SDK reports a failed call'])])
    expect(told).not.toContain('t-1')
    expect(told).not.toContain(SECRET)
    expect((error as Error).cause).toBeUndefined()
  })
})

describe('looking people up', () => {
  interface Found {
    user_id?: string
    email?: string
    mobile?: string
  }
  const answer = (users: Found[]) => ({ body: { code: 0, msg: 'success', data: { user_list: users } } })

  it('asks by e-mail and mobile, mainland numbers without country code', async () => {
    platform.on(LOOKUP_PATH, () =>
      answer([
        { user_id: 'ou_alice', email: 'Alice@example.com' },
        { user_id: 'ou_bob', mobile: '13800138000' },
        { user_id: 'ou_carol', mobile: '+6591234567' },
        { email: 'nobody@example.com' },
      ]),
    )
    const found = await open().resolve([
      { email: 'alice@example.com' },
      { mobile: '+8613800138000' },
      { mobile: '+6591234567' },
      { email: 'nobody@example.com' },
      { email: 'forgotten@example.com' },
      {},
      'not an address',
    ])
    expect(found).toEqual(['ou_alice', 'ou_bob', 'ou_carol', null, null, null, null])
    expect(platform.callsTo(LOOKUP_PATH)).toMatchObject([
      {
        path: `${LOOKUP_PATH}?user_id_type=open_id`,
        body: {
          emails: ['alice@example.com', 'nobody@example.com', 'forgotten@example.com'],
          mobiles: ['13800138000', '+6591234567'],
        },
      },
    ])
  })

  it('asks for at most fifty of each at a time', async () => {
    platform.on(LOOKUP_PATH, ({ body }) =>
      answer((body.emails as string[]).map((email) => ({ user_id: `ou_${email}`, email }))),
    )
    const addresses = Array.from({ length: 120 }, (_, index) => ({
      email: `p${index}@example.com`,
      mobile: `+65${index + 90_000_000}`,
    }))
    const found = await open().resolve(addresses)
    expect(found).toEqual(addresses.map(({ email }) => `ou_${email}`))
    expect(
      platform.callsTo(LOOKUP_PATH).map(({ body }) => [(body.emails as []).length, (body.mobiles as []).length]),
    ).toEqual([
      [50, 50],
      [50, 50],
      [20, 20],
    ])
  })

  it('takes neither when e-mail and mobile are two different people', async () => {
    platform.on(LOOKUP_PATH, () =>
      answer([
        { user_id: 'ou_alice', email: 'alice@example.com' },
        { user_id: 'ou_eve', mobile: '+6591234567' },
      ]),
    )
    await expect(open().resolve([{ email: 'alice@example.com', mobile: '+6591234567' }])).resolves.toEqual([null])
  })

  it('asks nothing when there is nothing to ask', async () => {
    await expect(open().resolve([])).resolves.toEqual([])
    await expect(open().resolve([{}])).resolves.toEqual([null])
    expect(platform.calls).toEqual([])
  })

  it('fails as a whole when the platform refuses', async () => {
    platform.on(LOOKUP_PATH, () => refuse(99991672))
    await expect(open().resolve([{ email: 'a@example.com' }])).rejects.toMatchObject({ kind: 'auth', code: '99991672' })
  })
})

describe('the time a call may take', () => {
  it('is limited in all, even when a byte comes now and then', async () => {
    const drip = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n')
      const timer = setInterval(() => socket.write(' '), 20)
      socket.on('close', () => clearInterval(timer))
    })
    await new Promise<void>((resolve) => drip.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(drip.address() as AddressInfo).port}/`
    const started = performance.now()
    await expect(createLarkHttp(200).get(url)).rejects.toMatchObject({
      kind: 'retry',
      code: 'timeout',
      outcomeUnknown: true,
    })
    expect(performance.now() - started).toBeLessThan(2_000)
    drip.close()
  })
})

describe('the meter', () => {
  it('counts sending, updating and looking up, not tokens, nor what was refused for speed or for its token', async () => {
    let counted = 0
    const settings = { appId: 'cli_0123456789abcdef', appSecret: SECRET, openUrl: platform.openUrl }
    const meter = (): void => {
      counted += 1
    }
    const deps = { log: { debug: () => undefined }, now: Date.now, meter }
    const lark = createLark({ tenantId: 'acme', name: 'lark', settings }, deps)
    const { message } = await lark.send(outgoing())
    expect(counted).toBe(1)
    platform.on(`${SEND_PATH}/om_1`, () => ({ body: { code: 0, msg: 'success', data: {} } }))
    await lark.update(message, outgoing())
    platform.on(LOOKUP_PATH, () => ({ body: { code: 0, data: { user_list: [] } } }))
    await lark.resolve([{ email: 'alice@acme.test' }])
    expect(counted).toBe(3)
    platform.on(SEND_PATH, () => refuse(99991400, 429))
    await expect(lark.send(outgoing('n2'))).rejects.toMatchObject({ kind: 'rate_limited' })
    expect(counted).toBe(3)
    platform.on(SEND_PATH, () => refuse(230013))
    await expect(lark.send(outgoing('n3'))).rejects.toMatchObject({ kind: 'rejected' })
    expect(counted).toBe(4)
  })
})
