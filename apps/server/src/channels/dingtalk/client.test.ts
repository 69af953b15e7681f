import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  CREATE,
  done,
  type FakePlatform,
  oldRefusal,
  type Reply,
  refusal,
  startFakePlatform,
  TOKEN,
  UPDATE,
  USER,
} from './_fake-platform.ts'
import { counted, openStandard, receiver } from './_open.ts'
import type { DingtalkChannel } from './index.ts'

let platform: FakePlatform
let dingtalk: DingtalkChannel
let clock: number
beforeEach(async () => {
  platform = await startFakePlatform()
  platform.on(USER, () => done({ userid: 'bob' }))
  clock = 1_790_000_000_000
  dingtalk = openStandard(platform, {}, () => clock)
})
afterEach(async () => {
  await platform[Symbol.asyncDispose]()
})

const find = () => dingtalk.resolve([{ userId: 'bob' }])
const sendOne = () => dingtalk.shared.create('key-1', [receiver('bob')])

describe('the access token', () => {
  it('is fetched once for all who need it at the same time, and serves both hosts', async () => {
    await Promise.all([find(), find(), dingtalk.shared.create('k1', [receiver('a')]), find()])
    expect(platform.tokensIssued).toBe(1)
    expect(platform.callsTo(USER)[0]?.query.get('access_token')).toBe('token-1')
    expect(platform.callsTo(CREATE)[0]?.headers['x-acs-dingtalk-access-token']).toBe('token-1')
    expect(platform.callsTo(TOKEN)[0]?.body).toEqual({ appKey: 'dingexampleappkey01', appSecret: 'example-app-secret' })
  })

  it('is renewed ten minutes before its end', async () => {
    await find()
    clock += (7_200 - 601) * 1_000
    await find()
    expect(platform.tokensIssued).toBe(1)
    clock += 2_000
    await find()
    expect(platform.tokensIssued).toBe(2)
  })

  it('that lives hardly longer than that is kept for half of its life', async () => {
    platform.on(TOKEN, () => ({ body: { accessToken: 'short', expireIn: 60 } }))
    await find()
    clock += 29_000
    await find()
    expect(platform.callsTo(TOKEN)).toHaveLength(1)
    clock += 2_000
    await find()
    expect(platform.callsTo(TOKEN)).toHaveLength(2)
  })

  it.each([
    ['40014', oldRefusal(40014)],
    ['42001', oldRefusal(42001)],
    ['40001', oldRefusal(40001)],
    ['40014 in 88', oldRefusal(88, { sub_code: '40014', sub_msg: 'bad token' })],
    ['40014 in the text of 88', oldRefusal(88, { errmsg: 'ding talk error[subcode=40014,submsg=bad]' })],
  ])('is renewed once when the old host no longer takes it (%s)', async (_name, reply) => {
    platform.on(USER, ({ query }) => (query.get('access_token') === 'token-1' ? reply : done({ userid: 'bob' })))
    await expect(find()).resolves.toEqual(['bob'])
    expect(platform.tokensIssued).toBe(2)
  })

  it('is renewed once when the new host no longer takes it, and a second refusal is the end', async () => {
    platform.on(CREATE, () => refusal('InvalidAuthentication'))
    await expect(sendOne()).rejects.toMatchObject({ kind: 'auth', code: 'InvalidAuthentication' })
    expect(platform.tokensIssued).toBe(2)
    expect(platform.callsTo(CREATE)).toHaveLength(2)
  })

  it('that the platform refuses to give is a matter for an administrator', async () => {
    platform.on(TOKEN, () => refusal('invalidClientIdOrSecret'))
    await expect(sendOne()).rejects.toMatchObject({ kind: 'auth', code: 'invalidClientIdOrSecret' })
  })
})

describe('a refusal of the new host', () => {
  it.each([
    ['Forbidden.AccessDenied.AccessTokenPermissionDenied', 403, 'auth'],
    ['Forbidden.AccessDenied.IpNotInWhiteList', 403, 'auth'],
    ['Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', 403, 'rate_limited'],
    ['Forbidden.AccessDenied.QpmLimitForAppkeyAndApi', 403, 'rate_limited'],
    ['Forbidden.AccessDenied.QpsLimitForApi', 403, 'rate_limited'],
    ['send.too.fast', 400, 'rate_limited'],
    ['system.busy', 500, 'retry'],
    ['something.new', 400, 'retry'],
  ] as const)('%s (%i) means %s', async (code, status, kind) => {
    platform.on(CREATE, () => refusal(code, status))
    await expect(sendOne()).rejects.toMatchObject({ kind, code, outcomeUnknown: kind === 'retry' && status >= 500 })
  })

  it('for going too fast is waited out for a second, for the month’s quota for an hour', async () => {
    platform.on(CREATE, () => refusal('Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', 403))
    await expect(sendOne()).rejects.toMatchObject({ retryAfterMs: 1_000 })
    platform.on(CREATE, () => refusal('Forbidden.AccessDenied.ApiCountLimitForOrg', 403))
    await expect(sendOne()).rejects.toMatchObject({ kind: 'rate_limited', retryAfterMs: 3_600_000 })
    platform.on(USER, () => oldRefusal(90020))
    await expect(find()).rejects.toMatchObject({ code: '90020', retryAfterMs: 3_600_000 })
  })

  it('is read in capitals as well', async () => {
    platform.on(CREATE, () => ({ status: 403, body: { Code: 'Forbidden.AccessDenied.X', Message: 'no' } }))
    await expect(sendOne()).rejects.toMatchObject({ kind: 'auth', code: 'Forbidden.AccessDenied.X', message: 'no' })
  })
})

describe('a refusal of the old host', () => {
  it.each([
    [oldRefusal(90018), 'rate_limited', '90018'],
    [oldRefusal(88, { sub_code: '90018' }), 'rate_limited', '90018'],
    [oldRefusal(90002), 'rate_limited', '90002'],
    [oldRefusal(90010), 'rate_limited', '90010'],
    [oldRefusal(60011), 'auth', '60011'],
    [oldRefusal(88, { sub_code: 60011 }), 'auth', '60011'],
    [oldRefusal(60020), 'auth', '60020'],
    [oldRefusal(-1), 'retry', '-1'],
    [oldRefusal(15), 'retry', '15'],
    [oldRefusal(88), 'retry', '88'],
    [{ body: { errcode: '90018', errmsg: 'as text' } }, 'rate_limited', '90018'],
    [{ body: { status: 1111, wait: 5, source: 'x5', punish: 'deny', uuid: 'u' } }, 'rate_limited', '1111'],
  ] satisfies [Reply, string, string][])('%j means %s', async (reply, kind, code) => {
    platform.on(USER, () => reply)
    await expect(find()).rejects.toMatchObject({ kind, code })
  })
})

describe('an answer that is none', () => {
  it.each([
    ['<html>gateway</html>', 502, '502', true],
    ['<html>ok</html>', 200, 'unreadable', true],
    ['', 404, '404', false],
  ])('%j with %i is tried again', async (body, status, code, outcomeUnknown) => {
    platform.on(CREATE, () => ({ status, body }))
    await expect(sendOne()).rejects.toMatchObject({ kind: 'retry', code, outcomeUnknown })
  })

  it('because the connection broke leaves the outcome open, because nobody listens does not', async () => {
    platform.on(CREATE, (_call, response) => {
      response.destroy()
      return null
    })
    await expect(sendOne()).rejects.toMatchObject({ code: 'connection_lost', outcomeUnknown: true })
    await platform[Symbol.asyncDispose]()
    await expect(find()).rejects.toMatchObject({ code: 'network', outcomeUnknown: false })
    platform = await startFakePlatform()
  })

  it('never carries the token or the secret into the error', async () => {
    platform.on(USER, () => ({ status: 500, body: 'boom' }))
    const error: unknown = await find().catch((thrown: unknown) => thrown)
    expect(JSON.stringify([error, String(error)])).not.toMatch(/token-1|example-app-secret/)
  })
})

describe('the meter', () => {
  it('counts what the platform counts: cards, not tokens or contacts, and not what it refused for speed', async () => {
    await find()
    expect(counted).toEqual([])
    const [result] = await sendOne()
    expect(counted).toEqual([CREATE])
    platform.on(UPDATE, () => refusal('Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', 403))
    const message = result?.ok === true ? result.delivered.message : null
    await expect(dingtalk.shared.update(message, [receiver('bob')])).rejects.toMatchObject({ kind: 'rate_limited' })
    expect(counted).toEqual([CREATE])
    platform.on(UPDATE, () => refusal('param.contentUnsafe'))
    await expect(dingtalk.shared.update(message, [receiver('bob')])).rejects.toMatchObject({ kind: 'rejected' })
    expect(counted).toEqual([CREATE, UPDATE])
  })
})
