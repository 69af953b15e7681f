import { describe, expect, it } from 'vitest'
import type { Connection, ConnectionState, Listener } from '#server/channels/channel.ts'
import { appId, fixture, receivedAt } from '../_callback.ts'
import { type FakeGateway, startFakeGateway } from './_fake-gateway.ts'
import { type LongConnectionDeps, openLongConnection } from './long-connection.ts'

type Received = Parameters<Listener['receive']>[0]

interface Client extends AsyncDisposable {
  connection: Connection
  received: Received[]
  states: ConnectionState[]
  failures: unknown[]
  /** Resolves once the connection is, or has been, as told. */
  was(status: ConnectionState['status'], reason?: string | null): Promise<void>
}

function connect(
  gateway: FakeGateway,
  receive: (inbound: Received) => Promise<unknown> = async () => ({ ok: true }),
  deps: Partial<LongConnectionDeps> = {},
): Client {
  const looks: (() => void)[] = []
  const app = { appId, appSecret: 'app-secret', openUrl: gateway.openUrl }
  const listener: Listener = {
    receive: (inbound) => {
      client.received.push(inbound)
      return receive(inbound)
    },
    changed: (state) => {
      client.states.push(state)
      for (const look of looks) look()
    },
    failed: (error) => void client.failures.push(error),
  }
  const connection = openLongConnection(app, listener, { now: () => receivedAt, random: () => 0, ...deps })
  const client: Client = {
    connection,
    received: [],
    states: [],
    failures: [],
    was: (status, reason) =>
      new Promise((resolve) => {
        const isSo = (state: ConnectionState): boolean =>
          state.status === status && (reason === undefined || state.reason === reason)
        const look = (): void => {
          if (client.states.some(isSo)) resolve()
        }
        looks.push(look)
        look()
      }),
    [Symbol.asyncDispose]: () => Promise.resolve(connection[Symbol.asyncDispose]()),
  }
  return client
}

const tap = (): Record<string, unknown> => {
  const body = fixture('card-action')
  return { ...body, header: { ...(body.header as object), create_time: `${receivedAt}000` } }
}

describe('a long connection', () => {
  it('asks for its address with id and secret, and is open', async () => {
    await using gateway = await startFakeGateway()
    await using client = connect(gateway)
    expect(client.connection.state).toMatchObject({ status: 'connecting', reason: null })
    await client.was('open')
    expect(gateway.asked).toEqual([{ AppID: appId, AppSecret: 'app-secret' }])
    expect(client.connection.state).toEqual({ status: 'open', since: receivedAt, reason: null })
  })

  it.each(['event', 'card'])('takes a tap that comes as `%s`, and gives the answer back', async (type) => {
    await using gateway = await startFakeGateway()
    await using client = connect(gateway)
    await client.was('open')
    expect(await gateway.push(tap(), { type })).toEqual({ code: 200, data: { ok: true } })
    expect(client.received).toMatchObject([{ kind: 'action', comment: null }])
  })

  it('reports what could not be handled, so that it is delivered again', async () => {
    await using gateway = await startFakeGateway()
    await using client = connect(gateway, () => Promise.reject(new Error('the database is away')))
    await client.was('open')
    expect(await gateway.push(tap())).toEqual({ code: 500, data: undefined })
    expect(client.failures).toHaveLength(1)
    expect(client.connection.state.status).toBe('open')
  })

  it('believes nothing of another app, too old, or not to be read, and goes on', async () => {
    await using gateway = await startFakeGateway()
    await using client = connect(gateway)
    await client.was('open')
    const header = tap().header as object
    const old = String((receivedAt - 6 * 60_000) * 1_000)
    for (const bad of [
      'no json',
      {},
      { ...tap(), header: { ...header, app_id: 'cli_fedcba9876543210' } },
      { ...tap(), header: { ...header, create_time: old } },
      `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`,
    ]) {
      expect(await gateway.push(bad)).toEqual({ code: 200, data: {} })
    }
    expect(client.failures).toHaveLength(5)
    expect(client.received).toEqual([])
    await gateway.push(tap())
    expect(client.received).toHaveLength(1)
  })

  it('connects again when the platform closes, with a new address each time', async () => {
    await using gateway = await startFakeGateway()
    await using client = connect(gateway)
    await client.was('open')
    gateway.sockets[0]?.close(1001)
    await client.was('down', 'closed 1001')
    await gateway.connections(2)
    expect(gateway.asked).toHaveLength(2)
    expect(await gateway.push(tap())).toMatchObject({ code: 200 })
  })

  it('notices a platform that has fallen silent, and connects again', async () => {
    await using gateway = await startFakeGateway()
    gateway.answersPings = false
    await using client = connect(gateway, undefined, { pongWithinMs: 50 })
    await client.was('down', 'no pong')
    gateway.answersPings = true
    await gateway.connections(2)
  })

  it('says why it cannot connect, and tries again: an administrator may mend it', async () => {
    await using gateway = await startFakeGateway()
    const lead = gateway.answer
    gateway.answer = () => ({ code: 514, msg: 'auth failed' })
    await using client = connect(gateway)
    await client.was('down', '514')
    gateway.answer = lead
    await client.was('open')
  })

  it('does not follow an encrypted platform to an address without encryption', async () => {
    const { findEndpoint } = await import('./endpoint.ts')
    const http = { request: async () => ({ code: 0, data: { URL: 'ws://203.0.113.1/x', ClientConfig: {} } }) }
    const app = { appId, appSecret: 's', openUrl: 'https://open.feishu.cn' }
    await expect(findEndpoint(app, http as never)).rejects.toMatchObject({ code: 'insecure_endpoint' })
  })

  it('lets what is under way be answered when it is closed, and then is down for good', async () => {
    await using gateway = await startFakeGateway()
    const { promise, resolve } = Promise.withResolvers<unknown>()
    await using client = connect(gateway, () => promise)
    await client.was('open')
    const answered = gateway.push(tap())
    await expect.poll(() => client.received.length).toBe(1)
    const closed = client.connection[Symbol.asyncDispose]()
    resolve({ late: true })
    expect(await answered).toEqual({ code: 200, data: { late: true } })
    await closed
    expect(client.connection.state).toMatchObject({ status: 'down', reason: 'closed by us' })
    expect(gateway.sockets).toHaveLength(1)
  })

  it('is closed at once while it waits for its address', async () => {
    await using gateway = await startFakeGateway()
    gateway.answer = () => new Promise(() => undefined)
    const client = connect(gateway)
    await expect.poll(() => gateway.asked.length).toBe(1)
    await client.connection[Symbol.asyncDispose]()
    expect(client.connection.state.status).toBe('down')
  })
})
