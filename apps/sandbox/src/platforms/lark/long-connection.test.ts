import { EventDispatcher, LoggerLevel, WSClient } from '@larksuiteoapi/node-sdk'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { approvalCard, createTestWorld, larkApp, larkSecret, type TestWorld } from '#sandbox/_world.ts'

const quiet = { error() {}, warn() {}, info() {}, debug() {}, trace() {} }
type Handler = (data: Record<string, unknown>) => unknown

/** The official client, connected; closed again by `using`. */
async function officialClient(world: TestWorld, handlers: Record<string, Handler>): Promise<Disposable> {
  world.sandbox.configureApp(larkApp, { connection: 'long-connection' })
  const ready = Promise.withResolvers<void>()
  const client = new WSClient({
    appId: larkApp,
    appSecret: larkSecret,
    domain: world.sandbox.baseUrl('lark'),
    logger: quiet,
    loggerLevel: LoggerLevel.error,
    // What comes between the handshake and this is lost on the official client.
    onReady: () => ready.resolve(),
  })
  await client.start({ eventDispatcher: new EventDispatcher({}).register(handlers) })
  await ready.promise
  return { [Symbol.dispose]: () => client.close({ force: true }) }
}

describe('the gateway of the long connection, with the official client', () => {
  it('brings an event, and takes the answer', async () => {
    await using world = await createTestWorld()
    const seen: unknown[] = []
    using _client = await officialClient(world, { 'im.message.receive_v1': (data) => void seen.push(data) })
    const { event } = await world.sandbox.say('alice', 'pending')
    expect(event.state).toBe('delivered')
    expect(seen).toMatchObject([{ message: { content: '{"text":"pending"}', chat_type: 'p2p' } }])
    expect(world.received).toEqual([])
  })

  it('brings a tap, and shows the answer on the card', async () => {
    await using world = await createTestWorld()
    using _client = await officialClient(world, {
      'card.action.trigger': () => ({
        toast: { type: 'success', content: 'Done' },
        card: { type: 'raw', data: approvalCard('Approved') },
      }),
    })
    const messageId = await world.sendCard('alice', approvalCard())
    const pressed = await world.sandbox.press('alice', messageId, 'approve')
    expect(pressed).toMatchObject({ outcome: 'answered', toast: { type: 'success', text: 'Done' } })
    expect(world.sandbox.message(messageId).card).toEqual(approvalCard('Approved'))
  })

  it('sends what is long in parts, which the client joins', async () => {
    await using world = await createTestWorld()
    world.sandbox.longConnections.settings.partBytes = 50
    const seen: unknown[] = []
    using _client = await officialClient(world, { 'im.message.receive_v1': (data) => void seen.push(data) })
    expect((await world.sandbox.say('alice', '同意 1042')).event.state).toBe('delivered')
    expect(seen).toMatchObject([{ message: { content: '{"text":"同意 1042"}' } }])
  })

  it('as a `card` frame a tap is lost on the official client: the person sees an error', async () => {
    await using world = await createTestWorld()
    world.sandbox.longConnections.settings.cardFrames = 'card'
    using _client = await officialClient(world, { 'card.action.trigger': () => ({}) })
    const messageId = await world.sendCard('alice', approvalCard())
    const pressed = await world.sandbox.press('alice', messageId, 'approve')
    expect(pressed).toMatchObject({ outcome: 'failed', error: { number: 200340 } })
  })

  it('delivers an event again that nobody took, with the same id', async () => {
    await using world = await createTestWorld()
    world.sandbox.configureApp(larkApp, { connection: 'long-connection' })
    const { event } = await world.sandbox.say('alice', 'pending')
    expect(event.state).toBe('retrying')
    const seen: unknown[] = []
    using _client = await officialClient(world, { 'im.message.receive_v1': (data) => void seen.push(data) })
    await world.sandbox.advance(15_000)
    expect(event.state).toBe('delivered')
    expect(seen).toMatchObject([{ event_id: event.eventId }])
  })

  it('counts who is online for the doctor', async () => {
    await using world = await createTestWorld()
    using _client = await officialClient(world, {})
    const { body } = await world.call('GET', '/open-apis/event/v1/connection')
    expect(body.data).toEqual({ online_instance_cnt: 1 })
  })
})

describe('the address to connect to', () => {
  it('is for those who know the secret of an app that uses it', async () => {
    await using world = await createTestWorld()
    const ask = (AppID: string, AppSecret: string) =>
      world.call('POST', '/callback/ws/endpoint', { AppID, AppSecret }, null)
    expect((await ask(larkApp, larkSecret)).body.code).toBe(403)
    world.sandbox.configureApp(larkApp, { connection: 'long-connection' })
    expect((await ask(larkApp, 'wrong')).body.code).toBe(514)
    expect((await ask('cli_ffffffffffffffff', larkSecret)).body.code).toBe(514)
    const { body } = await ask(larkApp, larkSecret)
    expect(body.data).toMatchObject({ ClientConfig: { PingInterval: 120 } })
  })

  it('is good for one connection', async () => {
    await using world = await createTestWorld()
    world.sandbox.configureApp(larkApp, { connection: 'long-connection' })
    const asked = { AppID: larkApp, AppSecret: larkSecret }
    const { body } = await world.call('POST', '/callback/ws/endpoint', asked, null)
    const url = String(body.data?.URL)
    const outcome = (): Promise<string> =>
      new Promise((resolve) => {
        const socket = new WebSocket(url)
        socket.on('open', () => resolve('open'))
        socket.on('unexpected-response', (_request, response) => {
          resolve(`${response.statusCode} ${response.headers['handshake-msg']}`)
          socket.terminate()
        })
        socket.on('error', () => undefined)
      })
    expect(await outcome()).toBe('open')
    expect(await outcome()).toBe('403 invalid ticket')
  })
})
