import type { DoctorReport, FindingView, TicketView } from '@countersign/contracts'
import { defaultServicesSeed } from '@countersign/sandbox'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { logIn, type Member } from '../_member.ts'
import { onlyTenant, smsAccount } from '../_post.ts'
import { dingtalkApps, startWorld, type World } from '../_world.ts'

/* What only tells is broken in turn, and the doctor names it. Nothing is sent to anybody for that. */

const services = defaultServicesSeed({ dingtalk: ['wang', 'grace'], wecom: ['chen', 'li'] })
const mailbox = 'Countersign <approve@acme.test>'
let world: World
let admin: Member

beforeAll(async () => {
  world = await startWorld({
    dingtalk: 'stream',
    seed: (seed) => ({ ...seed, ...services }),
    change(file, sandbox) {
      const tenant = onlyTenant(file)
      delete tenant.channels.webhook
      const { secret } = sandbox.dingtalk.groupRobot('db-changes-signed')
      const signed = { url: sandbox.dingtalk.groupRobotUrl('db-changes-signed'), ...(secret && { secret }) }
      const ways: Record<string, object> = {
        alice: { lark: { email: 'alice@acme.test' }, email: true },
        mallory: { webhook: { url: sandbox.webhooks.url('ticket-hook') } },
        carol: { dingtalkRobot: { url: sandbox.dingtalk.groupRobotUrl('db-changes-robot') } },
        dan: { dingtalkRobot: signed },
        chen: { wecomRobot: { url: sandbox.wecom.robotUrl('dba-duty-robot') } },
        li: { sms: true },
      }
      for (const user of tenant.users) {
        const way = ways[user.uid]
        if (way !== undefined) user.channels = way
        if (user.uid === 'li') user.mobile = '+8613900139000'
      }
    },
  })
  admin = await logIn(world, 'alice')
  await set('email', { smtpUrl: world.sandbox.mail.smtpUrl, from: mailbox })
  await set('sms', smsSettings())
  for (const name of ['dingtalkRobot', 'wecomRobot', 'webhook']) await set(name, {})
})
afterAll(() => world[Symbol.asyncDispose]())

/** Undone after the test, whatever became of it. */
const undoing: (() => void | Promise<void>)[] = []
afterEach(async () => {
  world.sandbox.faults.clear()
  for (const undo of undoing.splice(0)) await undo()
})

async function examine(channel: string): Promise<DoctorReport> {
  const answer = await world.api.call('POST', `/api/v1/channels/${channel}/doctor`, {})
  if (answer.status !== 200) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}
const found = ({ findings }: DoctorReport, id: string): FindingView => {
  const finding = findings.find((each) => each.id === id)
  if (finding === undefined) throw new Error(`no ${id} in ${findings.map((each) => each.id).join(', ')}`)
  return finding
}
const notOk = ({ findings }: DoctorReport): string[] =>
  findings.flatMap(({ id, status, optional }) => (status === 'ok' || optional ? [] : [`${id} ${status}`]))

async function tell(uid: string): Promise<TicketView> {
  const ticket = await world.api.submit({ nodes: [{ name: 'Owner', approvers: [uid] }] })
  await world.drain()
  return ticket
}

const smsSettings = () => ({
  ...{ provider: 'aliyun', ...smsAccount, signName: '会签' },
  ...{ codeTemplate: 'SMS_900000001', noticeTemplate: 'SMS_900000002' },
  ...{ endpoint: world.sandbox.sms.endpoint, internationalEndpoint: world.sandbox.sms.endpoint },
})

/** As an administrator sets up a channel. */
async function set(channel: string, settings: object): Promise<void> {
  const path = `/api/app/console/channels/${channel}`
  const { status, body } = await admin.call('PATCH', path, { enabled: true, settings })
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
}

/** The same for one test. */
async function change(channel: string, settings: object, back: object): Promise<void> {
  undoing.push(() => set(channel, back))
  await set(channel, settings)
}

describe('e-mail', () => {
  it('in order: everything up to the message was said to the server, and no message', async () => {
    const before = world.sandbox.mail.inbox('alice@acme.test').length
    const report = await examine('email')
    expect(notOk(report)).toEqual(['recent_deliveries unknown'])
    expect(found(report, 'mail_encryption').evidence).toContain('TLS')
    expect(found(report, 'mail_log_in').evidence).toContain('235')
    expect(found(report, 'mail_sender').evidence).toContain('approve@acme.test')
    for (const id of ['mail_spf', 'mail_dmarc']) expect(found(report, id)).toMatchObject({ optional: true })
    for (const { id, title } of report.findings) expect(title, id).not.toBe(id)
    expect(world.sandbox.mail.inbox('alice@acme.test')).toHaveLength(before)
  })

  const mail = () => ({ smtpUrl: world.sandbox.mail.smtpUrl, from: mailbox })
  const smtp = (url: (server: URL) => void): string => {
    const server = new URL(world.sandbox.mail.smtpUrl)
    url(server)
    return server.href
  }
  it.each([
    [
      'a server that the DNS does not know',
      'mail_server',
      'ENOTFOUND',
      () => 'smtp://a:b@nowhere.invalid:25?tls=optional',
    ],
    [
      'a server that does not listen',
      'mail_server',
      'ECONNREFUSED',
      () => smtp((url) => void Object.assign(url, { port: '9' })),
    ],
    [
      'a password that is wrong',
      'mail_log_in',
      '535',
      () => smtp((url) => void Object.assign(url, { password: 'wrong' })),
    ],
    [
      'a certificate that nobody vouches for',
      'mail_encryption',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      () => smtp((url) => url.searchParams.set('tls', 'required')),
    ],
    [
      'TLS from the start where the server speaks plainly',
      'mail_encryption',
      'ERR_SSL_WRONG_VERSION_NUMBER',
      () => smtp((url) => url.searchParams.set('tls', 'required')).replace('smtp:', 'smtps:'),
    ],
  ])('names %s', async (_what, id, code, smtpUrl) => {
    await change('email', { smtpUrl: smtpUrl() }, mail())
    const report = await examine('email')
    expect(report.status).toBe('failed')
    // A resolver that is not there says so in its own way.
    const codes = code === 'ENOTFOUND' ? ['ENOTFOUND', 'EAI_AGAIN'] : [code]
    const finding = found(report, id)
    expect(finding.status).toBe('failed')
    expect(codes).toContain(finding.code)
    expect(finding.fix).toBeTruthy()
    expect(JSON.stringify(report)).not.toContain('wrong@')
  })

  it('names a server that offers no encryption where it is demanded', async () => {
    world.sandbox.mail.settings.startTls = 'hide'
    undoing.push(() => void Object.assign(world.sandbox.mail.settings, { startTls: 'offer' }))
    await change('email', { smtpUrl: smtp((url) => url.searchParams.set('tls', 'required')) }, mail())
    const report = await examine('email')
    expect(found(report, 'mail_server')).toMatchObject({ status: 'ok' })
    expect(found(report, 'mail_encryption')).toMatchObject({ status: 'failed', code: null })
  })

  it('names a sender that the server does not take', async () => {
    world.sandbox.mail.settings.senders = 'none'
    undoing.push(() => void Object.assign(world.sandbox.mail.settings, { senders: 'any' }))
    expect(found(await examine('email'), 'mail_sender')).toMatchObject({ status: 'failed', code: '550' })
  })
})

describe('text messages', () => {
  it('in order: keys, signature and both templates are known to the service, and nothing was sent', async () => {
    const before = world.sandbox.sms.sentTo('+8613900139000').length
    const report = await examine('sms')
    expect(notOk(report)).toEqual(['recent_deliveries unknown'])
    expect(found(report, 'sms_international')).toMatchObject({ status: 'unknown', optional: true })
    for (const { id, title } of report.findings) expect(title, id).not.toBe(id)
    expect(world.sandbox.sms.sentTo('+8613900139000')).toHaveLength(before)
  })

  it.each([
    ['rejected', '2', '会签', 'sms_signature'],
    ['waiting', '0', '会签', 'sms_signature'],
    ['cancelled', '10', 'SMS_900000001', 'sms_code_template'],
    ['rejected', '2', 'SMS_900000002', 'sms_notice_template'],
  ] as const)('names what is %s (%s): %s', async (review, code, name, id) => {
    world.sandbox.sms.review(name, { review, rejectInfo: '资质与签名不符' })
    undoing.push(() => world.sandbox.sms.review(name, { review: 'approved', rejectInfo: '' }))
    const finding = found(await examine('sms'), id)
    expect(finding).toMatchObject({ status: 'failed', code })
    expect(finding.link).toMatch(/^https:\/\/dysms\.console\.aliyun\.com\//)
    if (review === 'rejected') expect(finding.evidence).toContain('资质与签名不符')
  })

  it.each([
    ['credentials', { accessKeySecret: 'another-secret' }, 'SignatureDoesNotMatch'],
    ['credentials', { accessKeyId: 'LTAI5tNobodyNobodyNobody' }, 'InvalidAccessKeyId.NotFound'],
    ['sms_signature', { signName: '别人' }, 'isv.SMS_SIGNATURE_ILLEGAL'],
    ['sms_code_template', { codeTemplate: 'SMS_1' }, 'isv.SMS_TEMPLATE_ILLEGAL'],
    // Each is approved, for the other use.
    ['sms_code_template', { codeTemplate: 'SMS_900000002' }, null],
    ['sms_notice_template', { noticeTemplate: 'SMS_900000001' }, null],
  ] as const)('names %s when the settings have %j', async (id, settings, code) => {
    await change('sms', { ...smsSettings(), ...settings }, smsSettings())
    expect(found(await examine('sms'), id)).toMatchObject({ status: 'failed', code })
  })

  it('names variables that nothing here fills', async () => {
    world.sandbox.sms.addTemplate({ code: 'SMS_77', kind: 'notice', text: '${number} ${amount}' })
    await change('sms', { noticeTemplate: 'SMS_77' }, { noticeTemplate: 'SMS_900000002' })
    const finding = found(await examine('sms'), 'sms_notice_template')
    expect(finding.status).toBe('failed')
    expect(finding.evidence).toContain('amount')
  })

  it('says that it may not ask where the keys may not, and blames neither', async () => {
    world.sandbox.sms.configureAccount(smsAccount.accessKeyId, { state: 'denied' })
    undoing.push(() => world.sandbox.sms.configureAccount(smsAccount.accessKeyId, { state: 'active' }))
    const report = await examine('sms')
    expect(found(report, 'credentials')).toMatchObject({ status: 'ok' })
    for (const id of ['sms_signature', 'sms_code_template', 'sms_notice_template']) {
      expect(found(report, id)).toMatchObject({ status: 'unknown', code: 'isp.RAM_PERMISSION_DENY' })
    }
    expect(found(report, 'sms_signature').fix).toContain('dysms:GetSmsSign')
  })

  it('tells what waits for a limit of the service', async () => {
    world.sandbox.sms.settings.noticesPerDay = 1
    undoing.push(() => void Object.assign(world.sandbox.sms.settings, { noticesPerDay: 50 }))
    await tell('li')
    await tell('li')
    const report = await examine('sms')
    expect(found(report, 'rate_limit')).toMatchObject({ status: 'warning' })
    expect(found(report, 'recent_deliveries').evidence).toContain('isv.BUSINESS_LIMIT_CONTROL ×1 (li): 触发天级流控')
  })
})

describe('group robots', () => {
  type RobotChange = Parameters<World['sandbox']['dingtalk']['configureGroupRobot']>[1]
  const robotOf = { carol: 'db-changes-robot', dan: 'db-changes-signed' } as const
  const configure = (robot: string, settings: RobotChange): void => {
    const known = world.sandbox.dingtalk.groupRobot(robot)
    const before = Object.fromEntries(Object.keys(settings).map((name) => [name, Reflect.get(known, name)]))
    undoing.push(() => world.sandbox.dingtalk.configureGroupRobot(robot, before))
    world.sandbox.dingtalk.configureGroupRobot(robot, settings)
  }

  it('cannot be asked, and say so until they have taken a message', async () => {
    for (const name of ['dingtalkRobot', 'wecomRobot']) {
      const report = await examine(name)
      expect(found(report, 'group_robots')).toMatchObject({ status: 'unknown' })
      for (const { id, title } of report.findings) expect(title, id).not.toBe(id)
    }
    expect(found(await examine('dingtalkRobot'), 'robot_security').evidence).toContain(
      '1 of 2 robots are called with a signature',
    )
    await tell('carol')
    await tell('dan')
    await tell('chen')
    for (const name of ['dingtalkRobot', 'wecomRobot']) expect(notOk(await examine(name))).toEqual([])
  })

  it.each([
    ['a keyword that our messages lack', 'carol', { keywords: ['another word'] }, 'keyword'],
    ['a signature by another secret', 'dan', { secret: 'SECanotherSecretAltogether' }, 'secret'],
    ['an address list without this host', 'carol', { allowedIps: ['10.1.2.3'] }, 'IP addresses'],
  ] as [string, keyof typeof robotOf, RobotChange, string][])('names %s', async (_what, uid, settings, fix) => {
    configure(robotOf[uid], settings)
    await tell(uid)
    const finding = found(await examine('dingtalkRobot'), 'robot_security')
    expect(finding).toMatchObject({ status: 'failed', code: '310000' })
    expect(finding.fix).toContain(fix)
    expect(finding.evidence).toMatch(/^robot [0-9a-f]{6}/)
  })

  it('names a robot that is gone, in DingTalk and in WeCom, and no address', async () => {
    configure(robotOf.carol, { state: 'removed' })
    world.sandbox.wecom.configureRobot('dba-duty-robot', { state: 'disabled' })
    undoing.push(() => world.sandbox.wecom.configureRobot('dba-duty-robot', { state: 'active' }))
    await tell('carol')
    await tell('chen')
    const [dingtalk, wecom] = [await examine('dingtalkRobot'), await examine('wecomRobot')]
    expect(found(dingtalk, 'group_robots')).toMatchObject({ status: 'failed' })
    expect(found(dingtalk, 'group_robots').evidence).toContain('(carol): 400106')
    expect(found(wecom, 'group_robots')).toMatchObject({ status: 'failed' })
    const text = JSON.stringify([dingtalk, wecom])
    for (const url of [
      world.sandbox.dingtalk.groupRobotUrl(robotOf.carol),
      world.sandbox.wecom.robotUrl('dba-duty-robot'),
    ]) {
      for (const [, value] of new URL(url).searchParams) expect(text).not.toContain(value)
    }
  })

  it('of DingTalk are metered with what the platform pushes, apart from the calls of an app', async () => {
    const before = world.sandbox.dingtalk.usage(dingtalkApps.dingtalk.appKey)
    const meter = async (channel: string) =>
      (await admin.call('GET', `/api/app/console/channels/${channel}`)).body.quota
    const [robots, app] = [await meter('dingtalkRobot'), await meter('dingtalk')]
    expect(robots).toMatchObject({ quota: 3_000, month: expect.stringMatching(/^20\d\d-\d\d$/) })
    await tell('dan')
    await world.sandbox.say('wang', '帮助')
    await world.drain()
    const after = world.sandbox.dingtalk.usage(dingtalkApps.dingtalk.appKey)
    expect(after.pushes - before.pushes).toBe(2)
    expect((await meter('dingtalkRobot')).calls).toBe(robots.calls + 2)
    expect((await meter('dingtalk')).calls - app.calls).toBe(after.calls - before.calls)
  })
})

describe('web hooks', () => {
  it('tell, host by host, what receivers said of late', async () => {
    world.sandbox.webhooks.answer('ticket-hook', { kind: 'status', status: 500 })
    undoing.push(() => world.sandbox.webhooks.answer('ticket-hook', { kind: 'ok' }))
    await tell('mallory')
    const { host } = new URL(world.sandbox.webhooks.url('ticket-hook'))
    expect(found(await examine('webhook'), 'recent_deliveries').evidence).toContain(`${host}: `)
  })

  it('name a receiver in a private network that the settings bar, and nothing once they do not', async () => {
    await tell('mallory')
    const finding = found(await examine('webhook'), 'private_networks')
    expect(finding).toMatchObject({ status: 'failed', code: 'address_not_allowed' })
    expect(finding.evidence).toContain(new URL(world.sandbox.webhooks.url('ticket-hook')).host)
    await change('webhook', { allowPrivateNetworks: true }, { allowPrivateNetworks: false })
    expect(found(await examine('webhook'), 'private_networks')).toMatchObject({ status: 'ok' })
  })
})
