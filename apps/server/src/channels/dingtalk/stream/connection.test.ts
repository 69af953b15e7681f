import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CallbackRefused, type ConnectionState } from '#server/channels/channel.ts'
import { Gateway } from './_gateway.ts'
import { StreamConnection, type StreamOptions, usualStreamTimings } from './connection.ts'
import { CARD_TOPIC, ROBOT_TOPIC, readFrame } from './frames.ts'
import type { Pushed } from './session.ts'

let gateway: Gateway
let connection: StreamConnection | null = null
beforeEach(async () => {
  gateway = await Gateway.start()
})
afterEach(async () => {
  await connection?.[Symbol.asyncDispose]()
  connection = null
  await gateway[Symbol.asyncDispose]()
})

const quick = { ...usualStreamTimings, firstWaitMs: 5, longestWaitMs: 40, patienceMs: 1_000, closeWithinMs: 200 }

interface Opened {
  states: ConnectionState[]
  failures: unknown[]
  /** Resolves when the connection has been in this state so often. */
  reached(state: ConnectionState['status'], times?: number): Promise<ConnectionState>
}

function open(handle: StreamOptions['handle'], changes: Partial<StreamOptions> = {}): Opened {
  const states: ConnectionState[] = []
  const failures: unknown[] = []
  let waiting: (() => void)[] = []
  connection = new StreamConnection({
    ...{ appKey: 'app-key', appSecret: 'app-secret', apiUrl: gateway.url, handle, timings: quick },
    ...{ now: Date.now, random: () => 1 },
    failed: (error) => void failures.push(error),
    changed: (state) => {
      states.push(state)
      const woken = waiting
      waiting = []
      for (const wake of woken) wake()
    },
    ...changes,
  })
  return {
    states,
    failures,
    async reached(state, times = 1) {
      for (;;) {
        const found = states.filter((each) => each.status === state)[times - 1]
        if (found !== undefined) return found
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    },
  }
}

const nothing = async (): Promise<null> => null

describe('a connection to the platform', () => {
  it('asks for card taps and robot messages, and comes up with the ticket it was given', async () => {
    const { reached, states } = open(nothing)
    expect(connection?.state).toMatchObject({ status: 'connecting', reason: null })
    await reached('open')
    expect(gateway.opened[0]).toMatchObject({
      clientId: 'app-key',
      clientSecret: 'app-secret',
      subscriptions: [
        { type: 'CALLBACK', topic: ROBOT_TOPIC },
        { type: 'CALLBACK', topic: CARD_TOPIC },
      ],
    })
    expect(states).toHaveLength(1)
  })

  it('acknowledges a tap with its answer, once the handler is done and not before', async () => {
    const decided = Promise.withResolvers<object>()
    const pushed: Pushed[] = []
    const { reached } = open((each) => {
      pushed.push(each)
      return decided.promise
    })
    await reached('open')
    let isAcked = false
    const acked = gateway.push({ type: 'CALLBACK', topic: CARD_TOPIC, data: { userId: 'alice' } }).then((ack) => {
      isAcked = true
      return ack
    })
    // The answer to a later ping passes the tap: it is the decision that is waited for.
    const ping = await gateway.push({ type: 'SYSTEM', topic: 'ping', data: { opaque: 'x1' } })
    expect(ping).toMatchObject({ code: 200, message: 'OK', data: '{"opaque":"x1"}' })
    expect(isAcked).toBe(false)
    decided.resolve({ userPrivateData: { cardParamMap: { feedback: 'done' } } })
    const { code, data, headers } = await acked
    expect(code).toBe(200)
    expect(JSON.parse(data)).toEqual({ response: { userPrivateData: { cardParamMap: { feedback: 'done' } } } })
    expect(headers).toEqual({ messageId: pushed[0]?.messageId, contentType: 'application/json' })
    expect(pushed).toEqual([{ kind: 'card', messageId: 'message-1', data: '{"userId":"alice"}' }])
  })

  it('tells messages from taps, and answers with null where there is nothing to say', async () => {
    const kinds: string[] = []
    const { reached } = open(async ({ kind }) => void kinds.push(kind))
    await reached('open')
    const ack = await gateway.push({ type: 'CALLBACK', topic: ROBOT_TOPIC, data: { msgId: 'm' } })
    expect(ack).toMatchObject({ code: 200, data: '{"response":null}' })
    expect(kinds).toEqual(['message'])
  })

  it.each([
    ['CALLBACK', '/v1.0/graph/api/invoke', 404],
    ['CALLBACK', 'toString', 404],
    ['SOMETHING', CARD_TOPIC, 404],
    ['EVENT', '*', 200],
  ])('says about %s %s what the protocol has for it (%i)', async (type, topic, code) => {
    const { reached } = open(() => expect.fail('nothing of ours'))
    await reached('open')
    expect(await gateway.push({ type, topic })).toMatchObject({ code })
  })

  it('does not acknowledge a failure as done, and says what failed', async () => {
    const errors = [new CallbackRefused('malformed', 'bad_json', 'not JSON'), new Error('the database is away')]
    const { reached, failures } = open(() => Promise.reject(errors.shift()))
    await reached('open')
    expect(await gateway.push({ type: 'CALLBACK', topic: CARD_TOPIC })).toMatchObject({ code: 400 })
    expect(await gateway.push({ type: 'CALLBACK', topic: CARD_TOPIC })).toMatchObject({ code: 500 })
    expect(failures).toHaveLength(2)
  })

  it('survives what is no frame', async () => {
    const { reached } = open(nothing)
    await reached('open')
    for (const text of ['', '{', '[]', '{"type":"SYSTEM"}', '{"type":"CALLBACK","headers":{}}']) {
      gateway.sockets[0]?.send(text)
    }
    expect(await gateway.push({ type: 'SYSTEM', topic: 'ping' })).toMatchObject({ code: 200 })
  })

  it('reads the frames of the platform', () => {
    const text = readFileSync(new URL('../fixtures/stream-card-callback.json', import.meta.url), 'utf8')
    expect(readFrame(text)).toMatchObject({ type: 'CALLBACK', headers: { topic: CARD_TOPIC } })
  })
})

describe('a connection that is lost', () => {
  it('is made anew after a cut, and says why it was down', async () => {
    const { reached, states } = open(nothing)
    await reached('open')
    gateway.sockets[0]?.terminate()
    await reached('open', 2)
    expect(states.map(({ status }) => status)).toEqual(['open', 'down', 'connecting', 'open'])
    expect(states[1]?.reason).toContain('closed')
    expect(await gateway.push({ type: 'SYSTEM', topic: 'ping' })).toMatchObject({ code: 200 })
  })

  it('waits longer after each failure, up to a limit, and tells the platform’s own code', async () => {
    gateway.refuse = { status: 401, body: { code: 'authFailed', message: '鉴权失败', requestid: '1' } }
    const { reached, states } = open(nothing)
    const fifth = await reached('down', 5)
    expect(fifth.reason).toBe('authFailed')
    const times = states.filter(({ status }) => status === 'connecting').map(({ since }) => since)
    const started = states[0]?.since ?? 0
    // 5, 10, 20 and 40 ms of waiting at the least, less a millisecond of rounding for each.
    expect((times[3] ?? 0) - started).toBeGreaterThanOrEqual(71)
    gateway.refuse = null
    await reached('open')
  })

  it('is noticed when it is dead without a word', async () => {
    gateway.autoPong = false
    const { reached } = open(nothing, { timings: { ...quick, pingEveryMs: 10, silentAfterMs: 60 } })
    await reached('open')
    expect((await reached('down')).reason).toBe('silent')
    gateway.autoPong = true
    await reached('open', 2)
  })

  it('stays up as long as pings are answered', async () => {
    const { reached, states } = open(nothing, { timings: { ...quick, pingEveryMs: 5, silentAfterMs: 400 } })
    await reached('open')
    const pinged = new Promise<void>((resolve) => {
      let pings = 0
      gateway.sockets[0]?.on('ping', () => {
        pings += 1
        if (pings === 20) resolve()
      })
    })
    await pinged
    expect(states.map(({ status }) => status)).toEqual(['open'])
  })
})

describe('a connection that the platform wants to end', () => {
  it('is replaced first, and what is under way is still answered on the old one', async () => {
    const decided = Promise.withResolvers<object>()
    const { reached, states } = open(({ kind }) => (kind === 'card' ? decided.promise : nothing()))
    await reached('open')
    const [old] = gateway.sockets
    const tap = gateway.push({ type: 'CALLBACK', topic: CARD_TOPIC }, old)
    void gateway.push({ type: 'SYSTEM', topic: 'disconnect', data: { reason: 'restart' } }, old)
    await gateway.connections(2)
    expect(gateway.closeCodes).toEqual([])
    expect(await gateway.push({ type: 'CALLBACK', topic: ROBOT_TOPIC })).toMatchObject({ code: 200 })
    const closed = new Promise((resolve) => old?.once('close', resolve))
    decided.resolve({ done: true })
    expect(await tap).toMatchObject({ code: 200, data: '{"response":{"done":true}}' })
    expect(await closed).toBe(1_000)
    expect(states.map(({ status }) => status)).toEqual(['open'])
  })
})

describe('closing', () => {
  it('answers what is under way, closes, and does not come back', async () => {
    const decided = Promise.withResolvers<object>()
    const { reached } = open(() => decided.promise)
    await reached('open')
    const tap = gateway.push({ type: 'CALLBACK', topic: CARD_TOPIC })
    await gateway.push({ type: 'SYSTEM', topic: 'ping' })
    const closed = new Promise((resolve) => gateway.sockets[0]?.once('close', resolve))
    const disposed = connection?.[Symbol.asyncDispose]()
    decided.resolve({ done: true })
    expect(await tap).toMatchObject({ code: 200 })
    await disposed
    expect(await closed).toBe(1_000)
    expect(connection?.state).toMatchObject({ status: 'down', reason: 'stopped' })
    expect(gateway.opened).toHaveLength(1)
  })

  it('ends a wait for the next try', async () => {
    gateway.refuse = { status: 500, body: { code: 'system.busy' } }
    const { reached } = open(nothing, { timings: { ...quick, firstWaitMs: 600_000, longestWaitMs: 600_000 } })
    await reached('down')
    await connection?.[Symbol.asyncDispose]()
    expect(connection?.state.reason).toBe('stopped')
  })

  it('does not wait for ever for the other side', async () => {
    const { reached } = open(() => new Promise(() => undefined), {
      timings: { ...quick, patienceMs: 10, closeWithinMs: 10 },
    })
    await reached('open')
    void gateway.push({ type: 'CALLBACK', topic: CARD_TOPIC })
    await gateway.push({ type: 'SYSTEM', topic: 'ping' })
    gateway.sockets[0]?.pause()
    await connection?.[Symbol.asyncDispose]()
    expect(connection?.state.status).toBe('down')
  })
})
