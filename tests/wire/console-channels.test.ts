import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ManagedChannel } from '@countersign/contracts'
import { type Sandbox, startSandbox } from '@countersign/sandbox'
import { type RunningServer, startServer } from '@countersign/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anonymous, logIn, type Member } from '../_member.ts'
import { apps, connect, createApi, sandboxSeed, startWorld, type World } from '../_world.ts'

/* Channel Management over the wire: who may set up channels, what is stored, and that no secret ever comes back. */

const base = '/api/app/console/channels'
const mailPassword = 'mail-password-for-tests'
const secrets: readonly string[] = [apps.lark.appSecret, apps.lark.encryptKey, apps.lark.verificationToken]

describe('who may manage channels', () => {
  let world: World
  beforeAll(async () => {
    world = await startWorld({
      change: ({ tenants: [tenant] }) => {
        const carol = tenant?.users.find(({ uid }) => uid === 'carol')
        if (carol !== undefined) carol.roles = ['security_admin']
      },
    })
  })
  afterAll(() => world[Symbol.asyncDispose]())

  it.each([
    ['alice', 'lark', 200],
    ['chen', 'feishu', 200],
    ['carol', 'lark', 403],
    ['bob', 'lark', 403],
  ] as const)('%s, logged in through %s, gets %i', async (account, through, status) => {
    const member = await logIn(world, account, through)
    const asked = [
      ['GET', base],
      ['GET', `${base}/lark`],
      ['GET', `${base}/lark/setup`],
      ['POST', `${base}/lark/doctor`],
      ['GET', '/api/app/console/card-template'],
    ] as const
    for (const [method, path] of asked) {
      const answer = await member.call(method, path, method === 'POST' ? {} : undefined)
      expect([path, answer.status]).toEqual([path, status])
    }
    const change = await member.call('PATCH', `${base}/wecomRobot`, { enabled: false })
    expect(change.status).toBe(status)
  })

  it('nobody without a session, and nothing from another page', async () => {
    expect((await anonymous(world).call('GET', base)).status).toBe(401)
    const alice = await logIn(world, 'alice')
    const foreign = await alice.call('PATCH', `${base}/wecomRobot`, { enabled: true }, { isForeign: true })
    expect([foreign.status, foreign.body.code]).toEqual([403, 'csrf'])
  })

  it('a channel of the provisioning file is shown without its secrets, and refused to be changed', async () => {
    const alice = await logIn(world, 'alice')
    const { body } = await alice.call('GET', `${base}/lark`)
    expect(body).toMatchObject({ provisioned: true, isConfigured: true, isLive: true, takesActions: true })
    expect(body.secretsSet.sort()).toEqual(['appSecret', 'encryptKey', 'verificationToken'])
    for (const secret of secrets) expect(JSON.stringify(body)).not.toContain(secret)
    const answer = await alice.call('PATCH', `${base}/lark`, { enabled: false })
    expect([answer.status, answer.body.code]).toEqual([409, 'provisioned'])
  })

  it('refuses the app of another channel, at its field', async () => {
    const alice = await logIn(world, 'alice')
    await world.server.context.store.run(async ({ settings }) => {
      await settings.putChannels([
        {
          ...{ tenant_id: 'beta', name: 'dingtalkExclusive', enabled: 0, app_id: 'dingtaken' },
          ...{ settings: '{}', secrets: '{}', provisioned: 0, updated_at: 0 },
        },
      ])
    })
    const answer = await alice.call('PATCH', `${base}/dingtalk`, { settings: dingtalk })
    expect([answer.status, answer.body.code]).toEqual([409, 'conflict'])
    expect(answer.body.errors).toEqual([{ path: 'settings.appKey', message: 'is the app of another channel' }])
    expect((await alice.call('GET', `${base}/dingtalk`)).body.isConfigured).toBe(false)
  })
})

const dingtalk = {
  ...{ corpId: 'dingcorp', appKey: 'dingtaken', appSecret: 'dingtalk-secret-for-tests', robotCode: 'dingrobot' },
  ...{ cardTemplateId: 'x.schema', appId: 'app-1', agentId: '1', apiUrl: 'http://127.0.0.1:9' },
}

describe('an empty host', () => {
  let folder: string
  let sandbox: Sandbox
  let server: RunningServer
  let admin: Member
  /** Everything that the host ever answered here. */
  const answers: string[] = []
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await admin.call(method, path, body)
    answers.push(JSON.stringify(answer.body))
    return answer
  }
  const change = (channel: string, body: object) => call('PATCH', `${base}/${channel}`, body)
  const lark = async (): Promise<ManagedChannel> => (await call('GET', `${base}/lark`)).body

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-channels-'))
    sandbox = await startSandbox({ port: 0, host: 'localhost', seed: sandboxSeed() })
    const greetings: string[] = []
    const variables = { DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'silent' }
    server = await startServer({ folder, variables }, { greet: (text) => void greetings.push(text) })
    connect(sandbox, server.url)
    admin = anonymous({ url: server.url })
    const link = /#link=([\w-]{43})/.exec(greetings[0] ?? '')?.[1]
    expect((await admin.call('POST', '/api/app/login/link', { link })).status).toBe(200)
  })
  afterAll(async () => {
    await server.stop()
    await sandbox.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('lists every channel that there may be, with what each asks for', async () => {
    const { items } = (await call('GET', base)).body as { items: ManagedChannel[] }
    expect(items.filter(({ enabled, isConfigured }) => enabled || isConfigured)).toEqual([])
    expect(items.map(({ name }) => name)).toEqual(expect.arrayContaining(['lark', 'dingtalk', 'email', 'sms']))
    const fields = new Map(items.find(({ name }) => name === 'lark')?.fields.map((field) => [field.name, field]))
    expect(fields.get('appId')).toMatchObject({ kind: 'text', isRequired: true })
    expect(fields.get('appSecret')).toMatchObject({ kind: 'secret', isRequired: true, default: null })
    expect(fields.get('encryptKey')).toMatchObject({ kind: 'secret', isRequired: false })
    expect(fields.get('connection')).toMatchObject({ kind: 'choice', options: ['http', 'long-connection'] })
    expect(fields.get('openUrl')).toMatchObject({ isAddress: true, default: 'https://open.larksuite.com' })
    expect(fields.get('monthlyCallQuota')).toMatchObject({ kind: 'number', min: 1, max: null })
    expect(fields.get('saveCallsFrom')).toMatchObject({ kind: 'shares', options: expect.arrayContaining(['cards']) })
    expect(fields.has('enabled')).toBe(false)
  })

  it('names every bad setting, and stores nothing', async () => {
    const { status, body } = await change('lark', { enabled: true, settings: { openUrl: 'ftp://x', pigeon: 'yes' } })
    expect([status, body.code]).toEqual([422, 'invalid_request'])
    expect(body.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
      'settings.appId',
      'settings.appSecret',
      'settings.openUrl',
      'settings.pigeon',
    ])
    expect((await lark()).isConfigured).toBe(false)
    expect((await call('POST', `${base}/lark/doctor`, {})).status).toBe(404)
  })

  it('keeps stored credentials to itself until the channel is switched on', async () => {
    const baseUrl = sandbox.baseUrl('lark')
    const settings = { ...apps.lark, openUrl: baseUrl, accountsUrl: baseUrl }
    const { status, body } = await change('lark', { settings })
    expect([status, body.enabled, body.isLive]).toEqual([200, false, false])
    expect(body.secretsSet.sort()).toEqual(['appSecret', 'encryptKey', 'verificationToken'])
    const options = async () => (await call('GET', '/api/app/login-options')).body
    expect((await options()).tenants).toEqual([])
    // Known to be absent a moment ago, and there at once.
    expect((await change('lark', { enabled: true })).body).toMatchObject({ enabled: true, isLive: true })
    expect((await options()).tenants).toMatchObject([{ channels: [{ channel: 'lark' }] }])
    expect(await server.context.channels.byApp('lark', apps.lark.appId)).not.toBeNull()
  })

  it('lets the doctor look at it', async () => {
    const { status, body } = await call('POST', `${base}/lark/doctor`, { locale: 'zh-CN' })
    expect([status, body.channel]).toEqual([200, 'lark'])
    const failed = body.findings.filter((finding: { status: string }) => finding.status === 'failed')
    expect(failed).toEqual([])
    expect(body.findings.find(({ id }: { id: string }) => id === 'credentials')).toMatchObject({ status: 'ok' })
  })

  it('asks for the secret again where an address changes, and keeps it where none does', async () => {
    const moved = await change('lark', { settings: { openUrl: 'https://open.feishu.cn' } })
    expect([moved.status, moved.body.errors]).toEqual([
      422,
      [{ path: 'settings.appSecret', message: 'must be given again, since it would go to another address' }],
    ])
    expect((await lark()).settings.openUrl).toBe(sandbox.baseUrl('lark'))
    const slashed = await change('lark', { settings: { openUrl: `${sandbox.baseUrl('lark')}/` } })
    expect(slashed.status).toBe(200)
    const kept = await change('lark', { settings: { monthlyCallQuota: 9_000 } })
    expect(kept.body).toMatchObject({ isLive: true, quota: { quota: 9_000 } })
    const more = { openUrl: 'https://open.feishu.cn', appSecret: apps.lark.appSecret }
    expect((await change('lark', { settings: more })).body.settings.openUrl).toBe('https://open.feishu.cn')
    const back = { openUrl: sandbox.baseUrl('lark'), appSecret: apps.lark.appSecret, monthlyCallQuota: null }
    expect((await change('lark', { settings: back })).body.quota).toBeNull()
  })

  it('makes a callback secret for DingTalk, and another whenever its app or an address does', async () => {
    const secretOf = async () =>
      Reflect.get(
        Object((await server.context.store.stores.tenants.channel('main', 'dingtalk'))?.settings),
        'callbackSecret',
      )
    expect((await change('dingtalk', { settings: dingtalk })).body.secretsSet).toContain('callbackSecret')
    const first = await secretOf()
    expect(first).toMatch(/^[\w-]{43}$/)
    await change('dingtalk', { settings: { robotCode: 'another' } })
    expect(await secretOf()).toBe(first)
    const refused = await change('dingtalk', { settings: { apiUrl: 'http://127.0.0.1:8' } })
    expect(refused.body.errors.map(({ path }: { path: string }) => path)).toEqual(['settings.appSecret'])
    await change('dingtalk', { settings: { apiUrl: 'http://127.0.0.1:8', appSecret: dingtalk.appSecret } })
    const second = await secretOf()
    expect(second).not.toBe(first)
    await change('dingtalk', { settings: { callbackSecret: 'given-by-the-administrator' } })
    expect(await secretOf()).toBe('given-by-the-administrator')
  })

  it('takes a mail server with its password as one secret, and switches on what needs no settings', async () => {
    const refused = await change('email', { settings: { smtpUrl: 'http://mail.example', from: 'not an address' } })
    expect(refused.body.errors.map(({ path }: { path: string }) => path)).toEqual(
      expect.arrayContaining(['settings.smtpUrl', 'settings.from']),
    )
    const settings = { smtpUrl: `smtps://user:${mailPassword}@127.0.0.1:9`, from: 'approve@acme.example' }
    const mail = (await change('email', { enabled: true, settings })).body
    expect(mail).toMatchObject({ isLive: true, takesActions: false, secretsSet: ['smtpUrl'] })
    expect(mail.settings).toMatchObject({ from: 'approve@acme.example' })
    expect(mail.settings.smtpUrl).toBeUndefined()
    expect((await change('wecomRobot', { enabled: true })).body).toMatchObject({ isLive: true, isConfigured: true })
  })

  it('says what to enter in the platform’s console', async () => {
    const { body } = await call('GET', `${base}/lark/setup`)
    expect(body.consoleUrl).toBe(`${sandbox.baseUrl('lark')}/app`)
    expect(body.appSetting).toBe('appId')
    expect(body.addresses).toEqual([
      { place: 'homePage', value: server.url },
      { place: 'redirectUrl', value: `${server.url}/console/mobile/index/` },
      { place: 'trustedDomain', value: server.url },
      { place: 'callback', value: `${server.url}/callbacks/lark/{app}` },
      { place: 'event', value: `${server.url}/callbacks/lark/{app}` },
    ])
    expect(body.permissions).toContainEqual({
      key: 'im:message:send_as_bot',
      name: 'Send messages as an app',
      use: 'required',
    })
    const ding = (await call('GET', `${base}/dingtalk/setup`)).body
    const byNumber = {
      key: 'qyapi_get_member_by_mobile',
      name: '根据手机号姓名获取成员信息的接口访问权限',
      use: 'required',
    }
    expect(ding.permissions).toContainEqual(byNumber)
    expect(ding.hasCardTemplate).toBe(true)
    expect((await call('GET', '/api/app/console/card-template')).body).toMatchObject({ type: 'im', mode: 'card' })
    expect((await call('GET', `${base}/email/setup`)).body.consoleUrl).toBeNull()
    expect((await call('GET', `${base}/pigeon`)).status).toBe(404)
  })

  it('switches off what cannot be used, and changes nothing when nothing changes', async () => {
    await server.context.store.run(async ({ settings }) => {
      const [row] = (await settings.channelRows('main')).filter(({ name }) => name === 'dingtalk')
      if (row !== undefined) await settings.putChannels([{ ...row, enabled: 1, settings: '{}' }])
    })
    expect((await change('dingtalk', { enabled: true })).status).toBe(422)
    expect((await change('dingtalk', { enabled: false })).body.enabled).toBe(false)
    const entries = async () => (await call('GET', '/api/app/console/audit?action=channel.')).body.items.length
    const before = await entries()
    await change('dingtalk', { enabled: false })
    await change('lark', { enabled: true, settings: { appId: apps.lark.appId } })
    expect(await entries()).toBe(before)
  })

  it('never told a secret, neither in answers nor in the audit', async () => {
    const { items } = (await call('GET', '/api/app/console/audit?action=channel.')).body
    const made = items.find(({ target }: { target: string }) => target === 'channel:lark')
    expect(made).toMatchObject({ actor: { uid: 'admin' }, action: 'channel.change' })
    expect(items.some(({ detail }: { detail: { secrets: string } }) => detail.secrets.includes('appSecret'))).toBe(true)
    await call('GET', base)
    const told = answers.join('\n')
    const known = [...secrets, dingtalk.appSecret, 'given-by-the-administrator', mailPassword]
    expect(known.filter((secret) => told.includes(secret))).toEqual([])
  })

  it('a key for programs has no say here', async () => {
    const api = createApi(server.url, 'csk_nobody_0123456789')
    expect((await api.call('GET', base)).status).toBe(401)
  })
})
