import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import {
  createDingtalkWorld,
  type DingtalkWorld,
  standardApp,
  standardSecret,
} from '#sandbox/platforms/dingtalk/_world.ts'
import { CARD_TOPIC } from './gateway.ts'

const cardSubscription = [{ type: 'CALLBACK', topic: CARD_TOPIC }]

async function open(world: DingtalkWorld, more: object = {}) {
  const response = await fetch(`${world.sandbox.dingtalk.apiUrl}/v1.0/gateway/connections/open`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      clientId: standardApp,
      clientSecret: standardSecret,
      subscriptions: cardSubscription,
      ...more,
    }),
  })
  return {
    status: response.status,
    body: (await response.json()) as { endpoint: string; ticket: string; code?: string },
  }
}

/** A client that collects frames and acknowledges nothing by itself. */
async function connect(world: DingtalkWorld, ticket?: string) {
  const { body } = await open(world)
  const socket = new WebSocket(`${body.endpoint}?ticket=${ticket ?? body.ticket}`)
  const frames: { type: string; headers: Record<string, string>; data: string }[] = []
  socket.on('message', (data) => frames.push(JSON.parse(String(data))))
  const opened = await new Promise<'open' | number>((resolve) => {
    socket.on('open', () => resolve('open'))
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
  })
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  return { socket, frames, opened, closed, ticket: body.ticket }
}

describe('the Stream gateway', () => {
  it('opens for the right secret and what it subscribes to', async () => {
    await using world = await createDingtalkWorld()
    expect(await open(world, { clientSecret: 'wrong' })).toMatchObject({ status: 401, body: { code: 'authFailed' } })
    expect((await open(world, { subscriptions: [] })).status).toBe(400)
    expect((await open(world)).body.endpoint).toMatch(/^ws:\/\/.+\/dingtalk\/stream\/connect$/)
  })

  it('takes a ticket once and for 90 seconds', async () => {
    await using world = await createDingtalkWorld()
    const first = await connect(world)
    expect(first.opened).toBe('open')
    expect((await connect(world, first.ticket)).opened).toBe(401)
    const late = (await open(world)).body.ticket
    await world.sandbox.advance(90_000)
    expect((await connect(world, late)).opened).toBe(401)
  })

  it('lets a click fail when nobody is connected, and when nobody answers in two seconds', async () => {
    await using world = await createDingtalkWorld()
    await world.sendCard(['wang'], { callbackType: 'STREAM' })
    const press = () => world.sandbox.press('wang', world.cardOf('wang').messageId, 'approve')
    expect(await press()).toMatchObject({ outcome: 'failed', error: { reason: 'no connection is open' } })
    const { frames } = await connect(world)
    expect(await press()).toMatchObject({ error: { reason: 'no acknowledgement within 2000 ms' } })
    expect(frames).toMatchObject([
      { type: 'CALLBACK', headers: { topic: CARD_TOPIC, contentType: 'application/json' } },
    ])
  }, 10_000)

  it('fails a click whose connection breaks before the answer', async () => {
    await using world = await createDingtalkWorld()
    await world.sendCard(['wang'], { callbackType: 'STREAM' })
    const { closed } = await connect(world)
    world.sandbox.faults.set({ kind: 'connection-cut', times: 1 })
    const result = await world.sandbox.press('wang', world.cardOf('wang').messageId, 'approve')
    expect(result).toMatchObject({ outcome: 'failed', error: { reason: 'the connection broke' } })
    expect(await closed).toBe(1006)
  })

  it('tells a client to leave, gives it nothing new, and closes after the grace', async () => {
    await using world = await createDingtalkWorld({ dingtalk: { streamGraceMs: 20 } })
    await world.sendCard(['wang'], { callbackType: 'STREAM' })
    const { frames, closed } = await connect(world)
    world.sandbox.dingtalk.disconnect(standardApp)
    const result = await world.sandbox.press('wang', world.cardOf('wang').messageId, 'approve')
    expect(result).toMatchObject({ error: { reason: 'no connection is open' } })
    await closed
    expect(frames).toMatchObject([{ type: 'SYSTEM', headers: { topic: 'disconnect' } }])
  })

  it('shows a failure when the acknowledgement says that nobody handles the topic', async () => {
    await using world = await createDingtalkWorld()
    await world.sendCard(['wang'], { callbackType: 'STREAM' })
    const { socket } = await connect(world)
    socket.on('message', (data) => {
      const { headers } = JSON.parse(String(data)) as { headers: { messageId: string } }
      socket.send(JSON.stringify({ code: 404, headers: { messageId: headers.messageId }, message: 'no', data: '{}' }))
    })
    const result = await world.sandbox.press('wang', world.cardOf('wang').messageId, 'approve')
    expect(result).toMatchObject({ outcome: 'failed', error: { reason: 'acknowledged with code 404' } })
  })

  it('drops a client that answers no pings', async () => {
    await using world = await createDingtalkWorld()
    const { closed, frames } = await connect(world)
    const [connection] = world.sandbox.dingtalk.connections(standardApp)
    expect(await connection?.ping(Date.now(), 10)).toBe(true)
    expect(await connection?.ping(Date.now(), 10)).toBe(false)
    expect(frames).toMatchObject([{ headers: { topic: 'ping' } }, { headers: { topic: 'ping' } }])
    connection?.cut()
    await closed
  })
})
