import { describe, expect, it } from 'vitest'
import { createTestWorld, type TestWorld } from '#sandbox/_world.ts'
import { signRobotMessage } from '#sandbox/platforms/dingtalk/signatures.ts'

const robot = 'db-changes-robot'
const signedRobot = 'db-changes-signed'
const secret = 'SECsandbox0000000000000000000000000000000000000000000000000000d1d1'
const text = (content = 'DMS: #1042 waits', more: object = {}) => ({ msgtype: 'text', text: { content }, ...more })

async function post({ sandbox }: TestWorld, body: unknown, { id = robot, query = '', type = 'application/json' } = {}) {
  const response = await fetch(sandbox.dingtalk.groupRobotUrl(id) + query, {
    method: 'POST',
    headers: { 'content-type': type },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  expect(response.status).toBe(200)
  return (await response.json()) as { errcode: unknown; errmsg: string }
}

describe('a custom group robot', () => {
  it('speaks in its group, where every member reads it', async () => {
    await using world = await createTestWorld()
    const { sandbox } = world
    expect(await post(world, text())).toEqual({ errcode: 0, errmsg: 'ok' })
    expect(sandbox.dingtalk.robotMessages(robot)).toMatchObject([
      { msgType: 'text', content: '{"content":"DMS: #1042 waits"}', from: { kind: 'robot', name: 'DMS 通知' } },
    ])
    expect(sandbox.groups.of('grace').map(({ title }) => title)).toEqual(['数据库变更群'])
    expect(sandbox.groups.messages('db-changes')).toEqual(sandbox.dingtalk.robotMessages(robot))
  })

  it('takes every message type when it is whole, and no other', async () => {
    await using world = await createTestWorld()
    const url = 'https://acme.example/'
    const card = { title: 'DMS', text: 'waits' }
    const messages: [object, number][] = [
      [{ msgtype: 'link', link: { title: 'DMS', text: 'x', messageUrl: url } }, 0],
      [{ msgtype: 'link', link: { title: 'DMS', text: 'x' } }, 40035],
      [{ msgtype: 'markdown', markdown: { title: 'DMS', text: '# x' } }, 0],
      [{ msgtype: 'actionCard', actionCard: { ...card, singleTitle: 'Open', singleURL: url } }, 0],
      [{ msgtype: 'actionCard', actionCard: { ...card, btns: [{ title: 'Open', actionURL: url }] } }, 0],
      [{ msgtype: 'actionCard', actionCard: { ...card, btns: [{ title: 'Open' }] } }, 40035],
      [{ msgtype: 'feedCard', feedCard: { links: [{ title: 'DMS', messageURL: url, picURL: url }] } }, 0],
      [{ msgtype: 'feedCard', feedCard: { links: [] } }, 40035],
      [{ msgtype: 'image', image: {} }, 400105],
      [text(' '), 40035],
      [{}, 40035],
    ]
    for (const [message, errcode] of messages) {
      expect(await post(world, message), JSON.stringify(message)).toMatchObject({ errcode })
    }
    expect(await post(world, 'text=x', { type: 'application/x-www-form-urlencoded' })).toMatchObject({ errcode: 43004 })
    expect(await post(world, '{"msgtype":')).toMatchObject({ errcode: 40035 })
  })

  it('says nothing without a keyword', async () => {
    await using world = await createTestWorld()
    expect(await post(world, text('#1042 waits'))).toEqual({ errcode: 310000, errmsg: 'keywords not in content' })
    expect(await post(world, { msgtype: 'markdown', markdown: { title: 'DMS', text: 'x' } })).toMatchObject({
      errcode: 0,
    })
  })

  it('demands the signature and its hour when it has a secret', async () => {
    await using world = await createTestWorld()
    const signed = (at: number, sign = signRobotMessage(String(at), secret)) =>
      post(world, text(), { id: signedRobot, query: `&timestamp=${at}&sign=${encodeURIComponent(sign)}` })
    const now = Date.now()
    expect(await signed(now)).toMatchObject({ errcode: 0 })
    expect(await signed(now, 'bm8=')).toEqual({ errcode: 310000, errmsg: 'sign not match' })
    expect(await signed(now - 3_700_000)).toEqual({ errcode: 310000, errmsg: 'invalid timestamp' })
    expect(await post(world, text(), { id: signedRobot })).toMatchObject({ errmsg: 'invalid timestamp' })
  })

  it('can be kept to addresses', async () => {
    await using world = await createTestWorld()
    world.sandbox.dingtalk.configureGroupRobot(robot, { allowedIps: ['10.0.0.0/8'] })
    expect((await post(world, text())).errmsg).toMatch(/^ip (127\.0\.0\.1|::1) not in whitelist$/)
    world.sandbox.dingtalk.configureGroupRobot(robot, { allowedIps: ['127.0.0.0/8'] })
    expect(await post(world, text())).toMatchObject({ errcode: 0 })
  })

  it('is silent for ten minutes after the twenty-first message of a minute', async () => {
    await using world = await createTestWorld()
    const { sandbox } = world
    for (let count = 0; count < 20; count += 1) expect(await post(world, text())).toMatchObject({ errcode: 0 })
    expect(await post(world, text())).toMatchObject({ errcode: 410100 })
    expect(sandbox.dingtalk.groupRobotBlockedUntil(robot)).toBeGreaterThan(sandbox.now() + 9 * 60_000)
    await sandbox.advance(9 * 60_000)
    sandbox.dingtalk.settings.groupRobotTooFast = 130101
    expect(await post(world, text())).toMatchObject({ errcode: 130101 })
    await sandbox.advance(60_000)
    expect(await post(world, text())).toMatchObject({ errcode: 0 })
    expect(sandbox.dingtalk.robotMessages(robot)).toHaveLength(21)
  })

  it('shows a message with a known msgUuid once', async () => {
    await using world = await createTestWorld()
    const same = text('DMS', { msgUuid: 'delivery-7' })
    expect(await post(world, same)).toMatchObject({ errcode: 0 })
    expect(await post(world, same)).toMatchObject({ errcode: 0 })
    expect(world.sandbox.dingtalk.robotMessages(robot)).toHaveLength(1)
  })

  it('calls members by mobile and user id; a markdown text must carry the name', async () => {
    await using world = await createTestWorld()
    const { userId } = world.sandbox.person('grace')
    await post(world, text('DMS', { at: { atMobiles: ['13700137000', '1'], atUserIds: [userId] } }))
    const markdown = { title: 'DMS', text: `@${userId} look` }
    await post(world, { msgtype: 'markdown', markdown, at: { atMobiles: ['13700137000'], atUserIds: [userId] } })
    await post(world, text('DMS', { at: { isAtAll: true } }))
    expect(world.sandbox.dingtalk.robotMessages(robot).map(({ mentions }) => mentions)).toEqual([
      { personIds: ['wang', 'grace'], isAll: false },
      { personIds: ['grace'], isAll: false },
      { personIds: [], isAll: true },
    ])
    const many = Array.from({ length: 51 }, (_, index) => String(index))
    expect(await post(world, text('DMS', { at: { atUserIds: many } }))).toMatchObject({ errcode: 40035 })
  })

  it('answers with the documented code for everything that can befall it', async () => {
    await using world = await createTestWorld()
    const { dingtalk, groups, faults } = world.sandbox
    const unknown = await fetch(`${dingtalk.oapiUrl}/robot/send?access_token=x`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(text()),
    })
    expect(await unknown.json()).toMatchObject({ errcode: 400101 })
    dingtalk.configureGroupRobot(robot, { state: 'stopped' })
    expect(await post(world, text())).toMatchObject({ errcode: 400102 })
    dingtalk.configureGroupRobot(robot, { state: 'removed' })
    expect(await post(world, text())).toMatchObject({ errcode: 400106 })
    dingtalk.configureGroupRobot(robot, { state: 'active', unsafeWords: ['casino', 'https://bad.example'] })
    expect(await post(world, text('DMS casino'))).toMatchObject({ errcode: 430102 })
    expect(await post(world, text('DMS https://bad.example/x'))).toMatchObject({ errcode: 430101 })
    expect(await post(world, text(`DMS${'长'.repeat(6_700)}`))).toMatchObject({ errcode: 460101 })
    groups.configure('db-changes', { state: 'dissolved' })
    expect(await post(world, text())).toMatchObject({ errcode: 400013 })
    groups.configure('db-changes', { state: 'active' })
    faults.set({ kind: 'server-error', times: 1 })
    expect(await post(world, text())).toMatchObject({ errcode: -1 })
    faults.set({ kind: 'rate-limited', times: 1 })
    expect(await post(world, text())).toMatchObject({ errcode: 410100 })
    dingtalk.settings.groupRobotErrcode = 'text'
    expect(await post(world, text())).toMatchObject({ errcode: '0' })
  })

  it('takes from what its organisation has a month for web hooks and pushes', async () => {
    await using world = await createTestWorld({ dingtalk: { monthlyPushes: { standard: 1, exclusive: 0 } } })
    expect(await post(world, text())).toMatchObject({ errcode: 0 })
    expect(await post(world, text())).toMatchObject({ errcode: 90020 })
  })
})
