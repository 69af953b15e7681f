import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ChannelView, DoctorReport, FindingView } from '@countersign/contracts'
import { runCli } from '@countersign/server'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { apps, createApi, dingtalkApps, readOnlyKey, startWorld, type World } from '../_world.ts'

/* Each thing that an administrator can get wrong is broken in turn, and the doctor names it, with the platform's own code. */

const { appId } = apps.lark
const { appKey } = dingtalkApps.dingtalk

async function examine(world: World, channel: string, body: object = {}): Promise<DoctorReport> {
  const answer = await world.api.call('POST', `/api/v1/channels/${channel}/doctor`, body)
  if (answer.status !== 200) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}

function finding({ findings }: DoctorReport, id: string): FindingView {
  const found = findings.filter((each) => each.id === id)
  const [only] = found
  if (only === undefined || found.length > 1) throw new Error(`${found.length} findings ${id}: ${names(findings)}`)
  return only
}

const names = (findings: readonly FindingView[]): string =>
  findings.map(({ id, status }) => `${id} ${status}`).join(', ')
const notOk = ({ findings }: DoctorReport): string[] =>
  findings.filter(({ status, optional }) => status !== 'ok' && !optional).map(({ id, status }) => `${id} ${status}`)

async function channelsOf(world: World): Promise<Map<string, ChannelView>> {
  const { status, body } = await world.api.call('GET', '/api/v1/channels')
  expect(status).toBe(200)
  return new Map(body.items.map((item: ChannelView) => [item.name, item]))
}

/** Undone after the test, whatever became of it. */
const undoing: (() => void)[] = []
afterEach(() => {
  for (const undo of undoing.splice(0)) undo()
})

describe('Lark over HTTP', () => {
  let world: World
  beforeAll(async () => {
    world = await startWorld()
  })
  afterAll(() => world[Symbol.asyncDispose]())

  /** Changes the app in the platform's console for one test. */
  const change = (settings: Parameters<World['sandbox']['configureApp']>[1]): void => {
    const app = world.sandbox.app(appId)
    const before = Object.fromEntries(Object.keys(settings).map((name) => [name, Reflect.get(app, name)]))
    undoing.push(() => world.sandbox.configureApp(appId, before))
    world.sandbox.configureApp(appId, settings)
  }

  it('a fresh app lacks nothing but the proof by a real tap, a real word and a real card', async () => {
    const report = await examine(world, 'lark')
    const unproven = ['callback_reached', 'message_reached', 'recent_deliveries', 'visible_range']
    expect(notOk(report).sort()).toEqual(unproven.map((id) => `${id} unknown`))
    for (const { id, title } of report.findings) expect(title, id).not.toBe(id)
    expect(report.isComplete).toBe(true)
    expect(finding(report, 'people_unmapped')).toMatchObject({ status: 'ok' })
    expect(finding(report, 'callback_reached').evidence).toContain('no platform on the internet can call')
  })

  it('a tap and a word prove that callbacks arrive, and the card that its receiver may use the app', async () => {
    const ticket = await world.api.submit()
    await world.drain()
    await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Approve')
    await world.sandbox.say('alice', 'help')
    const report = await examine(world, 'lark')
    expect(notOk(report)).toEqual([])
    expect(report.status).toBe('ok')
    expect(finding(report, 'callback_reached').evidence).toMatch(/taken at 20\d\d-/)
  })

  it.each([
    ['credentials', { appSecret: 'changed' }, 'failed', '10015'],
    ['app_published', { isPublished: false }, 'failed', '3'],
    ['bot', { hasBot: false }, 'failed', '11205'],
    ['card_callback', { callbackUrl: 'https://other.example/callbacks' }, 'failed', null],
    ['card_callback', { callbackUrl: '' }, 'failed', null],
    ['card_callback', { subscribed: ['im.message.receive_v1'] }, 'failed', null],
    ['message_event', { subscribed: ['card.action.trigger'] }, 'warning', null],
    ['card_callback', { connection: 'long-connection' }, 'failed', null],
    ['redirect_url', { redirectUrls: ['https://other.example/'] }, 'failed', null],
    ['trusted_domain', { h5TrustedDomains: [] }, 'failed', null],
    ['encrypt_key', { encryptKey: 'another-encrypt-key' }, 'failed', null],
    ['verification_token', { verificationToken: 'another-token' }, 'failed', null],
  ] as const)('names %s when the console has %j', async (id, settings, status, code) => {
    change(settings as Parameters<typeof change>[0])
    const report = await examine(world, 'lark')
    const found = finding(report, id)
    expect(found).toMatchObject({ status, code })
    expect(found.fix).toBeTruthy()
    expect(found.link).toMatch(new RegExp(`/app/${appId}/`))
  })

  it.each([
    ['contact:user.id:readonly', ['contact:user.id:readonly'], 'failed'],
    ['im:message:send_as_bot', ['im:message:send_as_bot', 'im:message'], 'failed'],
    ['im:message.p2p_msg:readonly', ['im:message.p2p_msg:readonly'], 'warning'],
    ['im:message.group_at_msg:readonly', ['im:message.group_at_msg:readonly'], 'warning'],
  ] as const)('names the permission %s when it is not granted', async (key, missing, status) => {
    const { scopes } = world.sandbox.app(appId)
    change({ scopes: scopes.filter((scope) => !missing.some((each) => each === scope)) })
    const found = finding(await examine(world, 'lark'), `permission.${key}`)
    expect(found).toMatchObject({ status, optional: false })
    expect(found.fix).toContain(key)
    expect(found.link).toContain(encodeURIComponent(key))
  })

  it('names the permission for urgent reminders, which are only plain without it', async () => {
    const { scopes } = world.sandbox.app(appId)
    change({ scopes: scopes.filter((scope) => scope !== 'im:message.urgent') })
    const found = finding(await examine(world, 'lark'), 'permission.im:message.urgent')
    expect(found).toMatchObject({ status: 'warning', optional: true })
    expect(found.evidence).toContain('Reminders that should be urgent')
  })

  it('lists the optional permissions of the guides as what they are', async () => {
    const report = await examine(world, 'lark')
    for (const key of ['im:message:send_multi_users', 'im:resource', 'contact:user.employee_id:readonly']) {
      expect(finding(report, `permission.${key}`)).toMatchObject({ status: 'ok', optional: true })
    }
    expect(names(report.findings)).not.toContain('docs:document.media:upload')
    const feishu = await examine(world, 'feishu')
    expect(finding(feishu, 'permission.docs:document.media:upload')).toMatchObject({ status: 'ok', optional: true })
  })

  it('says that it cannot see the console without the permission for that, and goes by what came in', async () => {
    const { scopes } = world.sandbox.app(appId)
    change({ scopes: scopes.filter((scope) => scope !== 'application:application:self_manage') })
    const report = await examine(world, 'lark')
    expect(finding(report, 'card_callback')).toMatchObject({ status: 'unknown', code: '99991672' })
    expect(finding(report, 'permission.application:application:self_manage')).toMatchObject({ optional: true })
    expect(finding(report, 'encrypt_key')).toMatchObject({ status: 'ok' })
    expect(finding(report, 'encrypt_key').evidence).toContain('was read with this Encrypt Key')
  })

  it('doubts the Encrypt Key when what comes in is refused and the console does not show the key', async () => {
    change({ showsKeys: false, encryptKey: 'another-encrypt-key' })
    await world.sandbox.say('alice', 'help')
    const report = await examine(world, 'lark')
    expect(finding(report, 'encrypt_key')).toMatchObject({ status: 'warning', code: 'bad_signature' })
    expect(finding(report, 'callback_reached')).toMatchObject({ status: 'warning', code: 'bad_signature' })
  })

  it('names who is outside of the availability range, and who has stopped the bot', async () => {
    world.sandbox.configurePerson('carol', { availableTo: false })
    world.sandbox.configurePerson('dan', { stoppedBot: true })
    undoing.push(() => world.sandbox.configurePerson('carol', { availableTo: true }))
    undoing.push(() => world.sandbox.configurePerson('dan', { stoppedBot: false }))
    await world.api.submit({ nodes: [{ name: 'Owners', approvers: ['carol', 'dan', 'alice'] }] })
    await world.drain()
    const report = await examine(world, 'lark')
    expect(finding(report, 'visible_range')).toMatchObject({ status: 'failed', code: '230013' })
    expect(finding(report, 'visible_range').evidence).toContain('carol')
    expect(finding(report, 'bot_stopped')).toMatchObject({ status: 'warning', code: '230053' })
    expect(finding(report, 'bot_stopped').evidence).toContain('dan')
    const recent = finding(report, 'recent_deliveries')
    expect(recent).toMatchObject({ status: 'warning' })
    expect(recent.evidence).toMatch(/230013 ×1 \(carol\): \S+/)
    expect(recent.evidence).toMatch(/230053 ×1 \(dan\): \S+/)
  })

  it('leaves unknown what the platform does not answer, and says so', async () => {
    const id = world.sandbox.faults.set({ kind: 'server-error', path: '/application/v6/scopes' })
    undoing.push(() => world.sandbox.faults.clear(id))
    const report = await examine(world, 'lark')
    expect(finding(report, 'permissions')).toMatchObject({ status: 'unknown', code: '502' })
    expect(finding(report, 'credentials')).toMatchObject({ status: 'ok' })
  })

  it('speaks the language that is asked for', async () => {
    const report = await examine(world, 'lark', { locale: 'zh-CN' })
    expect(finding(report, 'bot').evidence).toContain('应用已有机器人')
  })

  it('never tells a secret', async () => {
    const text = JSON.stringify([await examine(world, 'lark'), await world.api.call('GET', '/api/v1/channels')])
    for (const secret of [apps.lark.appSecret, apps.lark.encryptKey, apps.lark.verificationToken]) {
      expect(text).not.toContain(secret)
    }
  })
})

describe('people, settings and clocks', () => {
  it('names people whom the platform does not know', async () => {
    await using world = await startWorld({
      change: ({ tenants: [tenant] }) => {
        const bob = tenant?.users.find(({ uid }) => uid === 'bob')
        if (bob !== undefined) bob.channels = { lark: { email: 'bobby@acme.test' } }
      },
    })
    const found = finding(await examine(world, 'lark'), 'people_unmapped')
    expect(found).toMatchObject({ status: 'warning' })
    expect(found.evidence).toContain('bob')
    expect(found.evidence).not.toContain('bobby@')
  })

  it('names missing secrets for callbacks', async () => {
    await using world = await startWorld({
      change: ({ tenants: [tenant] }) => {
        delete tenant?.channels.lark?.encryptKey
        delete tenant?.channels.lark?.verificationToken
      },
    })
    const report = await examine(world, 'lark')
    for (const id of ['encrypt_key', 'verification_token', 'callback_reached']) {
      expect(finding(report, id)).toMatchObject({ status: 'failed' })
    }
    expect((await channelsOf(world)).get('lark')).toMatchObject({ takesActions: false, reachedBy: 'http' })
  })

  it('names a clock that is wrong by more than callbacks may be', async () => {
    await using world = await startWorld({ now: () => Date.now() + 10 * 60_000 })
    expect(finding(await examine(world, 'lark'), 'clock_skew')).toMatchObject({ status: 'failed' })
  })

  it('looks at a channel that is switched off, and says that it is', async () => {
    await using world = await startWorld({
      change: ({ tenants: [tenant] }) => {
        if (tenant?.channels.lark !== undefined) tenant.channels.lark.enabled = false
      },
    })
    const report = await examine(world, 'lark')
    expect(finding(report, 'enabled')).toMatchObject({ status: 'warning' })
    expect(finding(report, 'credentials')).toMatchObject({ status: 'ok' })
    expect((await channelsOf(world)).get('lark')).toMatchObject({ enabled: false, hasAdapter: true, isLive: false })
  })

  it('looks at a channel that only tells, and answers for one that there is not with 404', async () => {
    await using world = await startWorld()
    expect(finding(await examine(world, 'webhook'), 'private_networks')).toMatchObject({ status: 'ok' })
    expect((await channelsOf(world)).get('webhook')).toMatchObject({ hasAdapter: true, isLive: true, quota: null })
    for (const name of ['sms', 'nothing', '__proto__']) {
      expect(await world.api.call('POST', `/api/v1/channels/${name}/doctor`, {})).toMatchObject({ status: 404 })
    }
    const reader = createApi(world.url, readOnlyKey)
    expect(await reader.call('POST', '/api/v1/channels/lark/doctor', {})).toMatchObject({ status: 403 })
    expect(await reader.call('GET', '/api/v1/channels')).toMatchObject({ status: 200 })
    expect(await world.api.call('POST', '/api/v1/channels/lark/doctor', { replace: 1 })).toMatchObject({ status: 422 })
  })
})

describe('Lark over the long connection', () => {
  it('tells how the connection is, and what the platform counts', async () => {
    await using world = await startWorld({
      change: ({ tenants: [tenant] }) => {
        if (tenant?.channels.lark !== undefined) tenant.channels.lark.connection = 'long-connection'
      },
    })
    await expect
      .poll(async () => finding(await examine(world, 'lark'), 'connection'), { timeout: 10_000 })
      .toMatchObject({ status: 'failed', code: '403' })
    const down = await examine(world, 'lark')
    expect(finding(down, 'connection_at_platform')).toMatchObject({ status: 'failed' })
    expect(finding(down, 'card_callback')).toMatchObject({ status: 'failed' })
    world.sandbox.configureApp(appId, { connection: 'long-connection' })
    await world.sandbox.waitFor(({ longConnections }) => longConnections.online(appId) === 1, 20_000)
    await expect
      .poll(async () => finding(await examine(world, 'lark'), 'connection'), { timeout: 10_000 })
      .toMatchObject({ status: 'ok' })
    const up = await examine(world, 'lark')
    for (const id of ['connection_at_platform', 'card_callback']) {
      expect(finding(up, id), id).toMatchObject({ status: 'ok' })
    }
    expect(names(up.findings)).not.toContain('encrypt_key')
    const { reachedBy, connection, takesActions } = (await channelsOf(world)).get('lark') ?? {}
    expect({ reachedBy, takesActions }).toEqual({ reachedBy: 'long-connection', takesActions: true })
    expect(connection).toMatchObject({ status: 'open', since: expect.stringMatching(/^20/) })
  })
})

describe('DingTalk over HTTP', () => {
  let world: World
  beforeAll(async () => {
    world = await startWorld({ dingtalk: 'http' })
    const isRegistered = (key: string): boolean =>
      world.sandbox.dingtalk.callbackRoute(key, `countersign-${key}`) !== undefined
    await vi.waitFor(
      () => expect(Object.values(dingtalkApps).every((app) => isRegistered(app.appKey))).toBe(true),
      10_000,
    )
  })
  afterAll(() => world[Symbol.asyncDispose]())

  const change = (
    settings: Parameters<World['sandbox']['dingtalk']['configureApp']>[1],
    key: string = appKey,
  ): void => {
    const app = world.sandbox.dingtalk.app(key)
    const before = Object.fromEntries(Object.keys(settings).map((name) => [name, Reflect.get(app, name)]))
    undoing.push(() => world.sandbox.dingtalk.configureApp(key, before))
    world.sandbox.dingtalk.configureApp(key, settings)
  }
  const untold = [
    'permission.open_app_api_base unknown',
    'permission.Contact.User.Read unknown',
    'card_template_variables unknown',
    'redirect_url unknown',
  ]

  it.each(['dingtalk', 'dingtalkExclusive'])(
    '%s: a fresh app lacks only what nobody can ask, and proof',
    async (name) => {
      const report = await examine(world, name)
      const unproven = ['callback_reached', 'message_reached', 'recent_deliveries', 'visible_range']
      const proof = unproven.map((id) => `${id} unknown`)
      expect(notOk(report).sort()).toEqual([...untold, ...proof].sort())
      expect(finding(report, 'callback_registration')).toMatchObject({ status: 'ok' })
    },
  )

  it('a tap, a word and a known account prove the rest', async () => {
    const nodes = [{ name: 'Owners', approvers: ['wang', 'grace'], rule: 'any' as const }]
    await world.api.submit({ nodes })
    await world.drain()
    const card = world.sandbox.chat('grace').findLast((message) => message.card !== undefined)
    await world.sandbox.press('grace', card?.messageId ?? '', 'Approve')
    await world.sandbox.say('wang', '帮助')
    expect(notOk(await examine(world, 'dingtalk')).sort()).toEqual([...untold].sort())
  })

  it.each([
    ['credentials', { appSecret: 'changed' }, 'failed', 'invalidClientIdOrSecret'],
    ['app_published', { isPublished: false }, 'failed', 'authFailed'],
    ['robot', { robotCode: 'dinganotherrobot0001' }, 'failed', 'invalidParameter.robotCode.notExsit'],
    ['work_notifications', { agentId: '3309999' }, 'warning', '40056'],
  ] as const)('names %s when the console has %j', async (id, settings, status, code) => {
    change(settings)
    const found = finding(await examine(world, 'dingtalk'), id)
    expect(found).toMatchObject({ status, code })
    expect(found.fix).toBeTruthy()
    expect(found.link).toMatch(/^https:\/\/open-dev\.dingtalk\.com\//)
  })

  const permissionDenied = 'Forbidden.AccessDenied.AccessTokenPermissionDenied'
  it.each([
    ['dingtalk', 'Card.Instance.Write', permissionDenied],
    ['dingtalk', 'qyapi_robot_sendmsg', permissionDenied],
    ['dingtalk', 'qyapi_base', '60011'],
    ['dingtalk', 'qyapi_get_member', '60011'],
    ['dingtalk', 'qyapi_get_member_by_mobile', '60011'],
    ['dingtalkExclusive', 'qyapi_get_department_list', '60011'],
    ['dingtalkExclusive', 'qyapi_get_department_member', '60011'],
  ] as const)('%s: names the right %s when it is not granted', async (edition, key, code) => {
    const app = dingtalkApps[edition]
    const { scopes } = world.sandbox.dingtalk.app(app.appKey)
    change({ scopes: scopes.filter((scope) => scope !== key) }, app.appKey)
    const found = finding(await examine(world, edition), `permission.${key}`)
    expect(found).toMatchObject({ status: 'failed', code })
    expect(found.link).toContain(`appscope/apply?content=${app.appKey}%23${key}`)
  })

  it('does not ask of one edition what only the other needs', async () => {
    const { scopes } = world.sandbox.dingtalk.app(appKey)
    change({ scopes: scopes.filter((scope) => !scope.startsWith('qyapi_get_department')) })
    const found = finding(await examine(world, 'dingtalk'), 'permission.qyapi_get_department_list')
    expect(found).toMatchObject({ status: 'ok', optional: true })
  })

  it('reads refusals that the old host wraps just as well', async () => {
    world.sandbox.dingtalk.settings.oldHostRefusals = 'wrapped'
    undoing.push(() => {
      world.sandbox.dingtalk.settings.oldHostRefusals = 'plain'
    })
    const { scopes } = world.sandbox.dingtalk.app(appKey)
    change({ scopes: scopes.filter((scope) => scope !== 'qyapi_get_member') })
    const found = finding(await examine(world, 'dingtalk'), 'permission.qyapi_get_member')
    expect(found).toMatchObject({ status: 'failed', code: '60011' })
  })

  it('names a template that is not published, and shows its card to nobody', async () => {
    const { settings } = (await world.server.context.store.stores.tenants.channel('acme', 'dingtalk')) ?? {}
    const { cardTemplateId } = settings as { cardTemplateId: string }
    const messages = () => ['wang', 'grace'].map((uid) => world.sandbox.chat(uid).length)
    const before = messages()
    expect(finding(await examine(world, 'dingtalk'), 'card_template')).toMatchObject({ status: 'ok' })
    expect(messages()).toEqual(before)
    world.sandbox.dingtalk.publishTemplate(appKey, cardTemplateId, false)
    undoing.push(() => world.sandbox.dingtalk.publishTemplate(appKey, cardTemplateId, true))
    const found = finding(await examine(world, 'dingtalk'), 'card_template')
    expect(found).toMatchObject({ status: 'failed', code: 'param.templateUnpublished' })
  })

  it('asks once for all who want to know at the same time', async () => {
    const before = world.sandbox.dingtalk.usage(appKey).calls
    const reports = await Promise.all(Array.from({ length: 10 }, () => examine(world, 'dingtalk')))
    expect(new Set(reports.map(({ at }) => at)).size).toBe(1)
    expect(world.sandbox.dingtalk.usage(appKey).calls - before).toBe(4)
  })

  it('names who is outside of the visible range', async () => {
    world.sandbox.configurePerson('wang', { availableTo: false })
    undoing.push(() => world.sandbox.configurePerson('wang', { availableTo: true }))
    const found = finding(await examine(world, 'dingtalk'), 'visible_range')
    expect(found).toMatchObject({ status: 'failed', code: '50002' })
    expect(found.evidence).toContain('wang')
  })

  it('leaves a callback address of another host alone until it is told to replace it', async () => {
    const other = 'https://other.example/callbacks/card'
    await registerElsewhere(world, other)
    const found = finding(await examine(world, 'dingtalk'), 'callback_registration')
    expect(found).toMatchObject({ status: 'failed' })
    // In the words of where it is read: the command line and the console have others.
    expect(found.fix).toContain('replaceCallback')
    expect(found.fix).not.toContain('--replace-callback')
    expect(found.evidence).toContain(other)
    const { callbackRegistration } = (await channelsOf(world)).get('dingtalk') ?? {}
    expect(callbackRegistration).toMatchObject({ state: 'taken', url: other })
    const metrics = await (await fetch(`${world.url}/metrics`)).text()
    expect(metrics).toContain('countersign_callback_registrations{channel="dingtalk",state="taken"} 1')
    const ready: unknown = await (await fetch(`${world.url}/readyz`)).json()
    const taken = { channel: 'dingtalk', callbackRegistration: { state: 'taken', code: null } }
    expect(ready).toMatchObject({ channels: expect.arrayContaining([expect.objectContaining(taken)]) })
    expect(JSON.stringify(ready)).not.toContain(other)
    const replaced = await examine(world, 'dingtalk', { replaceCallback: true })
    expect(finding(replaced, 'callback_registration')).toMatchObject({ status: 'ok' })
    expect(finding(replaced, 'callback_registration').evidence).toContain(`no longer to ${other}`)
    const [entry] = await world.server.context.store.stores.audit.entriesAbout('acme', 'channel:dingtalk')
    expect(entry).toMatchObject({ actor: 'key:tests', action: 'channel.callback_replaced' })
    expect(entry?.detail).toContain(other)
    expect((await channelsOf(world)).get('dingtalk')?.callbackRegistration).toMatchObject({ state: 'registered' })
    const route = world.sandbox.dingtalk.callbackRoute(appKey, `countersign-${appKey}`)
    expect(route?.callbackUrl).toBe(`${world.url}/callbacks/dingtalk/${appKey}/card`)
  })

  it('names calls that run out, and asks nothing more that would cost one', async () => {
    const { callMeter } = world.server.context
    const app = { tenantId: 'acme', channel: 'dingtalk', appId: appKey } as const
    for (let n = 0; n < 5_000; n += 1) callMeter.count(app)
    const before = world.sandbox.dingtalk.usage(appKey).calls
    const report = await examine(world, 'dingtalk')
    expect(finding(report, 'quota')).toMatchObject({ status: 'failed' })
    for (const id of ['card_template', 'robot', 'work_notifications', 'callback_registration']) {
      expect(finding(report, id)).toMatchObject({ status: 'unknown' })
    }
    expect(world.sandbox.dingtalk.usage(appKey).calls).toBe(before)
    expect((await channelsOf(world)).get('dingtalk')?.quota).toMatchObject({ quota: 5_000, warning: 90 })
  })
})

describe('DingTalk over Stream', () => {
  it('tells how the connection is, and names an organisation that the app is not of', async () => {
    await using world = await startWorld({
      dingtalk: 'stream',
      change: ({ tenants: [tenant] }) => {
        if (tenant?.channels.dingtalk !== undefined) tenant.channels.dingtalk.corpId = 'dingsomebodyelse0001'
      },
    })
    await world.sandbox.waitFor(({ dingtalk }) => dingtalk.connections(appKey).length === 1, 10_000)
    const report = await examine(world, 'dingtalk')
    expect(finding(report, 'connection')).toMatchObject({ status: 'ok' })
    expect(names(report.findings)).not.toContain('callback_registration')
    expect(finding(report, 'internal_organisation')).toMatchObject({ status: 'failed', code: 'unauthorized.client' })
    expect((await channelsOf(world)).get('dingtalk')).toMatchObject({
      reachedBy: 'stream',
      callbackRegistration: null,
      connection: { status: 'open', reason: null },
    })
  })
})

describe('pnpm cli doctor', () => {
  let world: World
  beforeAll(async () => {
    world = await startWorld({ dingtalk: 'stream' })
  })
  afterAll(() => world[Symbol.asyncDispose]())

  /** What else a test does with each line, as it comes. */
  let onLine = (): void => undefined

  async function cli(...words: string[]): Promise<{ code: number; out: string; complaints: string }> {
    const out: string[] = []
    const complaints: string[] = []
    writeFileSync(join(world.dataDir, '.env'), `DATA_DIR=${world.dataDir}\nPUBLIC_URL=${world.url}\n`)
    const code = await runCli(['doctor', ...words], {
      folder: world.dataDir,
      variables: {},
      out(line) {
        out.push(line)
        onLine()
      },
      complain: (line) => void complaints.push(line),
    })
    return { code, out: out.join('\n'), complaints: complaints.join('\n') }
  }

  it('prints every channel that is on, and ends well when nothing failed', async () => {
    const { code, out, complaints } = await cli()
    expect({ code, complaints }).toEqual({ code: 0, complaints: '' })
    for (const name of ['dingtalk', 'dingtalkExclusive', 'feishu', 'lark', 'webhook']) {
      expect(out).toContain(`acme ${name}: `)
    }
    expect(out).toMatch(/^ {2}ok {7}Credentials {2,}credentials\n {11}POST/m)
    expect(out).toMatch(/^ {2}unknown {2}Connection of this host {2,}connection\n {11}The command line holds no/m)
  })

  it('ends with 1 when something failed, and says what to do', async () => {
    world.sandbox.configureApp(appId, { isPublished: false })
    const { code, out, complaints } = await cli('--tenant', 'acme', '--channel', 'lark')
    world.sandbox.configureApp(appId, { isPublished: true })
    expect(code).toBe(1)
    expect(complaints).toBe('failed: acme lark')
    expect(out).toMatch(/^ {2}FAILED {3}App published {2,}app_published$/m)
    expect(out).toContain('→ Create a version of the app')
    expect(out).not.toContain('feishu')
  })

  it('prints each finding as it is made, before the next is asked for', async () => {
    const callsBefore: number[] = []
    onLine = () => void callsBefore.push(world.sandbox.wire.length)
    undoing.push(() => {
      onLine = () => undefined
    })
    const before = world.sandbox.wire.length
    await cli('--channel', 'lark')
    // The name of the channel comes first of all, the log-in before the rights are asked for.
    expect(callsBefore[0]).toBe(before)
    expect(new Set(callsBefore).size).toBeGreaterThan(3)
  })

  it('prints the same as JSON', async () => {
    const { code, out } = await cli('--json', '--channel', 'lark')
    expect(code).toBe(0)
    const [report] = JSON.parse(out) as (DoctorReport & { tenant: string })[]
    expect(report).toMatchObject({ tenant: 'acme', channel: 'lark' })
    expect(finding(report as DoctorReport, 'credentials')).toMatchObject({ status: 'ok', code: null })
  })

  it('refuses what there is not', async () => {
    expect(await cli('--tenant', 'nobody')).toMatchObject({ code: 1, complaints: 'there is no such tenant' })
    expect(await cli('--channel', 'sms')).toMatchObject({ code: 1, complaints: 'there is no such channel' })
    expect((await cli('--channel', 'pigeon')).complaints).toContain('--channel must be one of lark')
  })
})

/** Another host of the same organisation has registered first. */
async function registerElsewhere(world: World, callbackUrl: string): Promise<void> {
  const { apiUrl } = world.sandbox.dingtalk
  const post = async (path: string, body: object, headers = {}): Promise<{ accessToken?: string }> => {
    const options = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } }
    const answer = await fetch(`${apiUrl}${path}`, { ...options, body: JSON.stringify(body) })
    return (await answer.json()) as { accessToken?: string }
  }
  const { appSecret } = dingtalkApps.dingtalk
  const { accessToken = '' } = await post('/v1.0/oauth2/accessToken', { appKey, appSecret })
  const registration = { callbackRouteKey: `countersign-${appKey}`, callbackUrl, forceUpdate: true }
  await post('/v1.0/card/callbacks/register', registration, { 'x-acs-dingtalk-access-token': accessToken })
}
