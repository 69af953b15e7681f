import { expect, it } from 'vitest'
import { FakeChannel } from '#server/delivery/_fake-channel.ts'
import type { Channel, Connection, ConnectionState, Listener } from './channel.ts'
import { type Connections, createConnections } from './connections.ts'

/** A channel that connects, and shows how often it was connected and closed. */
class ConnectingChannel extends FakeChannel {
  opened = 0
  closed = 0
  state: ConnectionState = { status: 'connecting', since: 1, reason: null }
  listener: Listener | null = null

  connect(listener: Listener): Connection {
    this.opened += 1
    this.listener = listener
    const { channel } = { channel: this }
    return {
      get state() {
        return channel.state
      },
      [Symbol.asyncDispose]: async () => {
        channel.closed += 1
      },
    }
  }
}

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** Runs one look at the channels, as the timer does. */
async function connections(list: () => Promise<Channel[]>): Promise<Connections> {
  const made = createConnections({ channels: { connecting: list }, receive: async () => ({}), log: silent })
  made.start()
  await new Promise((resolve) => setImmediate(resolve))
  return made
}

it('every channel that wants a connection has one, others none', async () => {
  const lark = new ConnectingChannel()
  const called = new FakeChannel('acme', 'feishu')
  await using made = await connections(async () => [lark])
  expect([lark.opened, made.stateOf(lark)?.status, made.stateOf(called)]).toEqual([1, 'connecting', null])
  expect(made.count()).toEqual([{ channel: 'lark', status: 'connecting', count: 1 }])
})

it('all are closed at the end', async () => {
  const [one, other] = [new ConnectingChannel('acme'), new ConnectingChannel('beta')]
  const made = await connections(async () => [one, other])
  one.state = { ...one.state, status: 'open' }
  other.state = { ...other.state, status: 'open' }
  expect(made.count()).toEqual([{ channel: 'lark', status: 'open', count: 2 }])
  await made[Symbol.asyncDispose]()
  expect([one.closed, other.closed]).toEqual([1, 1])
})

it('a channel switched off is disconnected, and one that changed is connected anew', async () => {
  const [old, changed] = [new ConnectingChannel(), new ConnectingChannel()]
  let list: Channel[] = [old]
  await using made = await connections(async () => list)
  list = [changed]
  made.refresh()
  await expect.poll(() => [old.closed, changed.opened]).toEqual([1, 1])
  list = []
  made.refresh()
  await expect.poll(() => changed.closed).toBe(1)
})

it('what is connected stays so while the database cannot be read', async () => {
  const lark = new ConnectingChannel()
  let list = async (): Promise<Channel[]> => [lark]
  await using made = await connections(() => list())
  list = () => Promise.reject(new Error('away'))
  made.refresh()
  await new Promise((resolve) => setImmediate(resolve))
  expect([lark.opened, lark.closed]).toEqual([1, 0])
})
