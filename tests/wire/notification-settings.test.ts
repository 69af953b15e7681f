import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DingtalkRobotSettings } from '@countersign/contracts'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { anonymous, logIn, type Member, type MemberAnswer } from '../_member.ts'
import { startWorld, type World } from '../_world.ts'

/* How people set by what they are told, over the wire: their own, an administrator for others, and nobody else. */

const codeMs = 10 * 60_000
const dayMs = 24 * 60 * 60_000
/** How far the server's clock is ahead of the platforms'. */
let aheadMs = 0
/** A group's robot at an address that the administrator allows: it says what `robotSays` is. */
let robotSays = { errcode: 0, errmsg: 'ok' }
const robot = createServer((req, res) => {
  req.resume().on('end', () => res.setHeader('content-type', 'application/json').end(JSON.stringify(robotSays)))
})
let robotOrigin = ''
let world: World
let chen: Member
let alice: Member

beforeAll(async () => {
  robot.listen(0, '127.0.0.1')
  await once(robot, 'listening')
  robotOrigin = `http://127.0.0.1:${(robot.address() as AddressInfo).port}`
  world = await startWorld({
    dingtalk: 'http',
    now: () => Date.now() + aheadMs,
    strangers: [
      { id: 'chen2', name: '陈伟', platform: 'lark', email: 'chen@lark.test', mobile: '+6591110001', locale: 'en_us' },
      { id: 'other', name: 'Other', platform: 'lark', email: 'other@lark.test', locale: 'en_us' },
    ],
    change: (file) => {
      const [acme] = file.tenants
      if (acme !== undefined) acme.channels.dingtalkRobot = DingtalkRobotSettings.parse({ origins: [robotOrigin] })
      file.tenants.push({
        id: 'beta',
        name: 'Beta',
        allowSelfApproval: false,
        coverageReport: false,
        channels: {},
        users: [{ uid: 'zoe', name: 'Zoe', roles: ['admin'], disabled: false, channels: {} }],
        apiKeys: [],
        approvalTemplates: [],
        notificationRules: [],
      })
    },
  })
  chen = await logIn(world, 'chen', 'feishu')
  alice = await logIn(world, 'alice')
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  robot.close()
})

const place = (uid: string) => `/api/app/people/${uid}/notification-settings`
const own = (channel: string, more = '') => `${place('chen')}/channels/${channel}${more}`
const settingIn = ({ body }: MemberAnswer, channel: string) =>
  body.channels.find((each: { channel: string }) => each.channel === channel)
/** What the bot said last to somebody. */
async function said(account: string): Promise<string> {
  await world.drain()
  return JSON.stringify(world.sandbox.chat(account).at(-1) ?? '')
}
const codeSaidTo = async (account: string): Promise<string> => /\b\d{6}\b/.exec(await said(account))?.[0] ?? ''
const ask = (channel: string, address: object) => chen.call('POST', own(channel, '/code'), { address })
const wrong = (code: string): string => (code === '000000' ? '000001' : '000000')

afterEach(async () => {
  await chen.call('DELETE', own('lark'))
  await chen.call('DELETE', own('dingtalk'))
  await chen.call('DELETE', own('dingtalkRobot'))
  // So that no test meets the limits of the one before.
  aheadMs += dayMs
  chen = await logIn(world, 'chen', 'feishu')
  alice = await logIn(world, 'alice')
})

describe('one’s own settings', () => {
  it('bind another platform by a code that its bot says there; cards then come there too, and are decided there', async () => {
    const sent = await ask('lark', { email: 'chen@lark.test' })
    expect([sent.status, sent.body]).toEqual([202, { via: 'bot', resendAfter: 60, validFor: 600 }])
    const code = await codeSaidTo('chen2')
    expect(await said('chen2')).toContain('陈伟')
    const set = await chen.call('PUT', own('lark'), { address: { email: 'chen@lark.test' }, code })
    expect(set.status).toBe(200)
    expect(settingIn(set, 'lark')).toMatchObject({ enabled: true, address: { email: 'chen@lark.test' } })
    const ticket = await world.api.submit({ nodes: [{ name: 'Owner', approvers: ['chen'] }] })
    await world.drain()
    const card = world.card('chen2', ticket)
    // The first test: later the server's clock is too far ahead of the platform's for a tap to be believed.
    expect((await world.sandbox.press('chen2', card.messageId, '同意')).toast?.type).toBe('success')
    expect(await world.api.get(ticket.id)).toMatchObject({
      status: 'approved',
      history: [{}, { actor: 'chen', via: 'card:lark' }],
    })
  })

  it('name every channel there is, with the reason where nothing can come through it', async () => {
    const answer = await chen.call('GET', place('chen'))
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({
      uid: 'chen',
      locale: null,
      defaults: { locale: 'zh-CN', timeZone: 'Asia/Singapore' },
    })
    expect(settingIn(answer, 'feishu')).toEqual({
      channel: 'feishu',
      unavailable: null,
      enabled: true,
      mode: 'instant',
      modes: ['instant'],
      address: { email: 'chen@acme.test' },
      verification: 'bot',
      provisioned: true,
    })
    expect(settingIn(answer, 'lark')).toMatchObject({ unavailable: null, enabled: false, address: null })
    expect(settingIn(answer, 'sms')).toMatchObject({ unavailable: 'not_enabled' })
  })

  it('forget an address, and with it the account and what was opened through it, but not the session that does it', async () => {
    await ask('lark', { email: 'chen@lark.test' })
    await chen.call('PUT', own('lark'), { address: { email: 'chen@lark.test' }, code: await codeSaidTo('chen2') })
    const throughLark = await logIn(world, 'chen2')
    expect((await throughLark.call('GET', '/api/app/session')).body.user.uid).toBe('chen')
    const removed = await chen.call('DELETE', own('lark'))
    expect(settingIn(removed, 'lark')).toMatchObject({ enabled: false, address: null })
    expect((await throughLark.call('GET', '/api/app/session')).status).toBe(401)
    expect((await chen.call('GET', '/api/app/session')).status).toBe(200)
    await expect(logIn(world, 'chen2')).rejects.toThrow('not_bound')
    expect(await said('chen2')).toContain('请立即联系管理员')
  })

  it('need no code for another address of the very account through which one is logged in', async () => {
    await ask('lark', { email: 'chen@lark.test' })
    await chen.call('PUT', own('lark'), { address: { email: 'chen@lark.test' }, code: await codeSaidTo('chen2') })
    const throughLark = await logIn(world, 'chen2')
    const address = { mobile: '+65 9111 0001' }
    const sent = await throughLark.call('POST', own('lark', '/code'), { address })
    expect(sent.body).toEqual({ via: 'none', resendAfter: 0, validFor: 0 })
    const set = await throughLark.call('PUT', own('lark'), { address })
    expect(settingIn(set, 'lark')).toMatchObject({ address: { mobile: '+65••••0001' } })
    expect((await throughLark.call('GET', '/api/app/session')).status).toBe(200)
  })

  it('prove a number on DingTalk by what its bot says', async () => {
    const address = { mobile: '139 0013 9000' }
    expect((await ask('dingtalk', address)).body).toMatchObject({ via: 'bot' })
    const set = await chen.call('PUT', own('dingtalk'), { address, code: await codeSaidTo('qian') })
    expect(settingIn(set, 'dingtalk')).toMatchObject({ enabled: true, address: { mobile: '+86••••9000' } })
    const tested = await chen.call('POST', own('dingtalk', '/test'))
    expect(tested.body).toMatchObject({ ok: true })
    expect(await said('qian')).toContain('测试')
  })

  it('say language, time zone and hours; the session follows', async () => {
    const change = {
      locale: 'ar',
      timeZone: 'Asia/Riyadh',
      quietHours: { from: '22:00', to: '06:30' },
      digestAt: '08:00',
    }
    expect((await chen.call('PATCH', place('chen'), change)).body).toMatchObject(change)
    const { body } = await chen.call('GET', '/api/app/session')
    expect(body.user).toMatchObject({ locale: 'ar', timeZone: 'Asia/Riyadh' })
    for (const bad of [
      { timeZone: 'Mars/Base' },
      { quietHours: { from: '22:00', to: '22:00' } },
      { quietHours: { from: '25:00', to: '22:00' } },
      { digestAt: '9:00' },
      { locale: 'fr' },
      { roles: ['admin'] },
    ]) {
      expect((await chen.call('PATCH', place('chen'), bad)).status).toBe(422)
    }
    const back = await chen.call('PATCH', place('chen'), { locale: null, timeZone: null, quietHours: null })
    expect(back.body).toMatchObject({ locale: null, timeZone: null, quietHours: null })
  })
})

describe('a code', () => {
  it('that is wrong, was used, has run out or was guessed at too often is refused, each with its reason', async () => {
    const address = { email: 'chen@lark.test' }
    const give = async (code: string) => (await chen.call('PUT', own('lark'), { address, code })).body.code ?? 'set'
    expect(await give('123456')).toBe('code_expired')
    await ask('lark', address)
    const code = await codeSaidTo('chen2')
    expect(await give(wrong(code))).toBe('code_wrong')
    expect(await give(code)).toBe('set')
    await chen.call('DELETE', own('lark'))
    expect(await give(code)).toBe('code_expired')

    aheadMs += 60_000
    await ask('lark', address)
    const second = await codeSaidTo('chen2')
    aheadMs += codeMs
    expect(await give(second)).toBe('code_expired')

    await ask('lark', address)
    const third = await codeSaidTo('chen2')
    const guesses = await Promise.all(Array.from({ length: 60 }, () => give(wrong(third))))
    expect(guesses.filter((each) => each === 'code_wrong')).toHaveLength(5)
    expect(await give(third)).toBe('code_expired')
    expect((await chen.call('PUT', own('lark'), { address, code: '12345' })).body.errors).toMatchObject([
      { path: 'code' },
    ])
    expect((await chen.call('PUT', own('lark'), { address })).body.code).toBe('code_required')
  })

  it('cannot be asked for at once again, nor by pretending to be somebody else’s proxy', async () => {
    const address = { email: 'other@lark.test' }
    expect((await ask('lark', address)).status).toBe(202)
    for (let tries = 0; tries < 20; tries += 1) {
      const headers = { 'x-forwarded-for': `198.51.100.${tries}` }
      const again = await chen.call('POST', own('lark', '/code'), { address }, { headers })
      expect([again.status, again.body.code]).toEqual([429, 'too_many_requests'])
      const seconds = Number(again.headers.get('retry-after'))
      expect(seconds > 0 && seconds <= 60).toBe(true)
    }
    await world.drain()
    expect(world.sandbox.chat('other')).toHaveLength(1)
  })

  it('is answered alike whether or not the address is anybody’s: status, body and headers', async () => {
    const known = await ask('lark', { email: 'other@lark.test' })
    aheadMs += 60_000
    const unknown = await ask('lark', { email: 'nobody@lark.test' })
    const shape = ({ status, body, headers }: MemberAnswer) => ({ status, body, headers: [...headers.keys()].sort() })
    expect(shape(unknown)).toEqual(shape(known))
    const guess = async (email: string) =>
      shape(await chen.call('PUT', own('lark'), { address: { email }, code: '000000' }))
    const [one, other] = [await guess('nobody@lark.test'), await guess('other@lark.test')]
    expect({ ...one, body: { ...one.body, requestId: '' } }).toEqual({
      ...other,
      body: { ...other.body, requestId: '' },
    })
  })

  it('does not give away an account that is somebody else’s, also not to who holds both', async () => {
    await ask('lark', { email: 'bob@acme.test' })
    const code = await codeSaidTo('bob')
    const answer = await chen.call('PUT', own('lark'), { address: { email: 'bob@acme.test' }, code })
    expect([answer.status, answer.body.code]).toEqual([409, 'address_taken'])
  })
})

describe('bad addresses', () => {
  it.each([
    ['lark', { mobile: '+8613' }, ['address.mobile']],
    ['lark', { email: 'chen@lark.test', mobile: '+6591110001' }, ['address']],
    ['feishu', { email: 'chen@lark.test' }, ['address.mobile', 'address.email']],
    ['dingtalk', { mobile: '+86131xxxx0000.2' }, ['address.mobile']],
    ['dingtalkExclusive', {}, ['address.employeeId']],
  ])('of %s: %j names its bad parts', async (channel, address, paths) => {
    const put = await chen.call('PUT', own(channel), { address })
    expect(put.status).toBe(422)
    expect(put.body.errors.map((error: { path: string }) => error.path)).toEqual(paths)
  })

  it('are refused where the provisioning file or the tenant says so', async () => {
    const provisioned = await chen.call('PUT', own('feishu'), { address: { mobile: '+8613800138000' } })
    expect([provisioned.status, provisioned.body.code]).toEqual([409, 'provisioned'])
    expect((await chen.call('DELETE', own('feishu'))).body.code).toBe('provisioned')
    const off = await chen.call('PUT', own('sms'), { address: { mobile: '+6591110001' } })
    expect([off.status, off.body.code]).toEqual([403, 'channel_not_enabled'])
    expect((await chen.call('PUT', own('pigeon'), {})).status).toBe(404)
  })

  it('but whether to be told through a provisioned one is the person’s', async () => {
    const off = await chen.call('PUT', own('feishu'), { enabled: false })
    expect(settingIn(off, 'feishu')).toMatchObject({ enabled: false })
    expect(off.body.unreachable).toEqual({ waiting: expect.any(Number) })
    const on = await chen.call('PUT', own('feishu'), { enabled: true })
    expect(on.body.unreachable).toBeUndefined()
  })
})

describe('a group’s robot', () => {
  const token = 'access_token=canary0123456789'

  it('may be at the platform, or where an administrator allows, and nowhere else', async () => {
    for (const url of [
      `http://127.0.0.1:${world.server.port}/robot/send?${token}`,
      'http://169.254.169.254/robot/send?access_token=x',
      `https://oapi.dingtalk.com.evil.example/robot/send?${token}`,
      'https://oapi.dingtalk.com/robot/send',
    ]) {
      const answer = await chen.call('PUT', own('dingtalkRobot'), { address: { url } })
      expect([answer.status, answer.body.errors[0].path]).toEqual([422, 'address.url'])
    }
    const address = { url: `https://oapi.dingtalk.com/robot/send?${token}`, secret: 'SECcanary' }
    const set = await chen.call('PUT', own('dingtalkRobot'), { address, mode: 'digest' })
    expect(settingIn(set, 'dingtalkRobot')).toMatchObject({
      ...{ verification: 'none', mode: 'digest', modes: ['instant', 'digest'] },
      address: { url: 'https://oapi.dingtalk.com/robot/send?access_token=••••', secret: '••••' },
    })
    expect(JSON.stringify(set.body)).not.toContain('canary')
  })

  it('is tested by one message, and what the platform says comes back verbatim', async () => {
    await chen.call('PUT', own('dingtalkRobot'), { address: { url: `${robotOrigin}/robot/send?${token}` } })
    expect((await chen.call('POST', own('dingtalkRobot', '/test'))).body).toMatchObject({ ok: true, code: '0' })
    robotSays = { errcode: 310000, errmsg: 'keywords not in content' }
    const refused = await chen.call('POST', own('dingtalkRobot', '/test'))
    expect(refused.body).toEqual({
      ok: false,
      code: '310000',
      message: expect.stringContaining('keywords not in content'),
    })
    for (let sent = 2; sent < 5; sent += 1) await chen.call('POST', own('dingtalkRobot', '/test'))
    const tooMany = await chen.call('POST', own('dingtalkRobot', '/test'))
    expect([tooMany.status, tooMany.body.code]).toEqual([429, 'too_many_requests'])
    expect((await chen.call('POST', own('email', '/test'))).status).toBe(404)
  })
})

describe('other people’s settings', () => {
  it('are an administrator’s to read and set, without a code, and each change says who made it', async () => {
    const set = await alice.call('PUT', own('lark'), { address: { email: 'chen@lark.test' } })
    expect(set.status).toBe(200)
    expect(settingIn(set, 'lark')).toMatchObject({ enabled: true, verification: 'none' })
    const nobody = await alice.call('PUT', own('lark'), { address: { email: 'nobody@lark.test' } })
    expect([nobody.status, nobody.body.errors[0].path]).toEqual([422, 'address'])
    const entries = await world.server.context.store.stores.audit.entriesAbout('acme', 'user:chen')
    expect(entries.at(-1)).toMatchObject({ actor: 'alice', action: 'notification.channel_set' })
    expect(entries.at(-1)?.detail).not.toContain('lark.test')
    expect((await alice.call('GET', place('ghost'))).status).toBe(404)
  })

  it('of another tenant are nobody’s', async () => {
    for (const [method, path, body] of routesOf('zoe')) {
      expect((await alice.call(method, path, body)).status, `${method} ${path}`).toBe(404)
      expect((await chen.call(method, path, body)).status, `${method} ${path}`).toBe(403)
    }
  })
})

function routesOf(uid: string): [method: string, path: string, body?: object][] {
  const address = { email: 'chen@lark.test' }
  return [
    ['GET', place(uid)],
    ['PATCH', place(uid), { locale: 'en' }],
    ['PUT', `${place(uid)}/channels/lark`, { address }],
    ['DELETE', `${place(uid)}/channels/lark`],
    ['POST', `${place(uid)}/channels/lark/code`, { address }],
    ['POST', `${place(uid)}/channels/lark/test`],
  ]
}

it.each(routesOf('bob'))(
  '%s %s is refused without a session, to others without the role, and from other sites',
  async (method, path, body) => {
    const nobody = await anonymous(world).call(method, path, body)
    expect([nobody.status, nobody.body.code]).toEqual([401, 'no_session'])
    // A DBA is no administrator; whether there is such a person makes no difference.
    for (const uid of ['bob', 'ghost']) {
      const other = await chen.call(method, path.replace('bob', uid), body)
      expect([other.status, other.body.code]).toEqual([403, 'forbidden'])
    }
    if (method === 'GET') return
    const foreign = await alice.call(method, path, body, { isForeign: true })
    expect([foreign.status, foreign.body.code]).toEqual([403, 'csrf'])
  },
)
