import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apps, startWorld, type World } from '../_world.ts'

/* The main job where no platform can reach the host: everything comes over connections that the host opens itself. */

const { appId } = apps.lark

/** The host has no address that anybody could call, and no keys for callbacks. */
async function startUnreachable(databaseUrl?: string): Promise<World> {
  const world = await startWorld({
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    change: ({ tenants: [tenant] }) => {
      for (const settings of [tenant?.channels.lark, tenant?.channels.feishu]) {
        if (settings === undefined) continue
        settings.connection = 'long-connection'
        delete settings.encryptKey
        delete settings.verificationToken
      }
    },
  })
  for (const app of [apps.lark, apps.feishu]) {
    world.sandbox.configureApp(app.appId, { callbackUrl: '', connection: 'long-connection' })
  }
  // Switched on in the platform's console only now: the host's first try may have come too early.
  await online(world, apps.lark.appId)
  await online(world, apps.feishu.appId)
  return world
}

const online = (world: World, app: string, count = 1): Promise<boolean> =>
  world.sandbox.waitFor(({ longConnections }) => longConnections.online(app) === count, 20_000)

interface Readiness {
  status: string
  channels: { channel: string; takesActions: boolean; connection?: { state: string; since: string; reason: string } }[]
}
const readiness = async ({ url }: World): Promise<Readiness> => JSON.parse(await (await fetch(`${url}/readyz`)).text())

let world: World
beforeAll(async () => {
  world = await startUnreachable()
})
afterAll(() => world[Symbol.asyncDispose]())

describe('without a public address', () => {
  it('a ticket is approved by one tap in Lark, and every card turns', async () => {
    const ticket = await world.api.submit({ nodes: [{ name: 'Owner', approvers: ['alice', 'carol'] }] })
    await world.drain()
    const tap = await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Approve')
    expect(tap).toMatchObject({ outcome: 'answered', status: 200, toast: { type: 'success' } })
    expect((await world.api.get(ticket.id)).history.at(-1)).toMatchObject({ actor: 'alice', via: 'card:lark' })
    await world.drain()
    expect(JSON.stringify(world.card('carol', ticket).card)).toContain('Alice Tan')
    expect(world.sandbox.wire.filter(({ direction, method }) => direction === 'out' && method !== 'WS')).toEqual([])
  })

  it('a ticket is rejected in Feishu with its reason', async () => {
    const ticket = await world.api.submit({ nodes: [{ name: '负责人', approvers: ['chen'] }] })
    await world.drain()
    const options = { formValues: { reason: '范围太大' } }
    const tap = await world.sandbox.press('chen', world.card('chen', ticket).messageId, '拒绝', options)
    expect(tap.toast?.type).toBe('success')
    expect((await world.api.get(ticket.id)).history.at(-1)).toMatchObject({ action: 'reject', comment: '范围太大' })
  })

  it('the bot reads messages, in parts too, and answers', async () => {
    const ticket = await world.api.submit()
    world.sandbox.longConnections.settings.partBytes = 64
    const { event } = await world.sandbox.say('alice', `approve ${ticket.number}`)
    world.sandbox.longConnections.settings.partBytes = 60_000
    expect(event.state).toBe('delivered')
    await world.drain()
    expect((await world.api.get(ticket.id)).history.at(-1)).toMatchObject({ via: 'chatbot:lark' })
    expect(world.sandbox.chat('alice').at(-1)?.content).toContain('Approved')
  })

  it('a tap that comes as a `card` frame counts the same', async () => {
    world.sandbox.longConnections.settings.cardFrames = 'card'
    const ticket = await world.api.submit()
    await world.drain()
    const tap = await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Approve')
    world.sandbox.longConnections.settings.cardFrames = 'event'
    expect(tap.toast?.type).toBe('success')
    expect((await world.api.get(ticket.id)).status).toBe('approved')
  })

  it('an event that comes twice at once is handled once', async () => {
    const nodes = [{ name: 'Owner', approvers: ['alice', 'carol'], rule: 'all' as const }]
    const ticket = await world.api.submit({ nodes })
    await world.drain()
    world.sandbox.faults.set({ kind: 'callback-duplicated', times: 1 })
    const tap = await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Approve')
    expect(tap.toast?.type).toBe('success')
    expect(tap.duplicates).toMatchObject([{ status: 200, answer: tap.answer }])
    const { history } = await world.api.get(ticket.id)
    expect(history.filter(({ action }) => action === 'approve')).toHaveLength(1)
  })

  it('nothing is taken over HTTP that is not signed', async () => {
    const body = JSON.stringify({ schema: '2.0', header: { app_id: appId }, event: {} })
    const headers = { 'content-type': 'application/json' }
    const { status } = await fetch(`${world.url}/callbacks/lark/${appId}`, { method: 'POST', headers, body })
    expect(status).toBe(401)
  })

  it('health and metrics tell how each connection is', async () => {
    const { status, channels } = await readiness(world)
    expect(status).toBe('ready')
    expect(channels).toMatchObject([
      { channel: 'feishu', takesActions: true, connection: { state: 'open', reason: null } },
      { channel: 'lark', takesActions: true, connection: { state: 'open', reason: null } },
    ])
    const metrics = await (await fetch(`${world.url}/metrics`)).text()
    expect(metrics).toContain('countersign_connections{channel="lark",state="open"} 1')
  })
})

describe('a connection that breaks', () => {
  it('is made again by itself, and the host stays ready meanwhile', async () => {
    world.sandbox.longConnections.cut(appId)
    await online(world, appId, 0)
    const { status, channels } = await readiness(world)
    expect(status).toBe('ready')
    expect(channels.find(({ channel }) => channel === 'lark')?.connection?.state).not.toBe('open')
    await online(world, appId)
    const ticket = await world.api.submit()
    await world.drain()
    const tap = await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Approve')
    expect(tap.toast?.type).toBe('success')
  })

  it('in the middle of a tap leaves the decision made once, and the card true', async () => {
    const ticket = await world.api.submit()
    await world.drain()
    world.sandbox.longConnections.cut(appId, { atNextFrame: true })
    const tap = await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Approve')
    expect(tap.outcome).toBe('failed')
    await online(world, appId)
    await expect.poll(async () => (await world.api.get(ticket.id)).status).toBe('approved')
    const again = await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Approve')
    expect(again.toast?.type).toBe('info')
    const { history } = await world.api.get(ticket.id)
    expect(history.filter(({ action }) => action === 'approve')).toHaveLength(1)
    expect(JSON.stringify(world.card('alice', ticket).card)).not.toContain('"type":"callback"')
  })

  it('in the middle of a message: the platform delivers it again, and it is answered once', async () => {
    const ticket = await world.api.submit()
    await world.drain()
    world.sandbox.longConnections.cut(appId, { atNextFrame: true })
    const { event } = await world.sandbox.say('alice', `approve ${ticket.number}`)
    expect(event.state).toBe('retrying')
    await online(world, appId)
    await world.sandbox.advance(15_000)
    expect(event.state).toBe('delivered')
    await world.drain()
    const texts = world.sandbox.chat('alice').filter(({ from, msgType }) => from === 'bot' && msgType === 'text')
    expect(texts.filter(({ content }) => content.includes(`#${ticket.number} `))).toHaveLength(1)
    const { history } = await world.api.get(ticket.id)
    expect(history.filter(({ action }) => action === 'approve')).toHaveLength(1)
  })
})

describe('an app whose secret is wrong', () => {
  it('says so in the health report, and the other channel works', async () => {
    await using own = await startWorld({
      change: ({ tenants: [tenant] }) => {
        const settings = tenant?.channels.lark
        if (settings !== undefined) Object.assign(settings, { connection: 'long-connection', appSecret: 'wrong' })
      },
    })
    own.sandbox.configureApp(appId, { connection: 'long-connection' })
    await expect
      .poll(async () => (await readiness(own)).channels.find(({ channel }) => channel === 'lark')?.connection?.reason, {
        timeout: 10_000,
      })
      .toBe('514')
    const ticket = await own.api.submit({ nodes: [{ name: '负责人', approvers: ['chen'] }] })
    await own.drain()
    const tap = await own.sandbox.press('chen', own.card('chen', ticket).messageId, '同意')
    expect(tap.toast?.type).toBe('success')
  })
})
