import { describe, expect, it } from 'vitest'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { MessageContent } from '#server/channels/messenger.ts'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { ClockedLimiter } from './_clocked-limiter.ts'
import { FakeChannel } from './_fake-channel.ts'
import { FakeMessenger } from './_fake-messenger.ts'
import { bindRobots, robotOf } from './_robots.ts'
import {
  HandClock,
  hour,
  minute,
  second,
  seedTenant,
  submitTicket,
  type TestWorkerOptions,
  tap,
  testWorker,
} from './_world.ts'
import { robotRetry } from './backoff.ts'

/* Many notices at once: what a limit, a summary or quiet hours hold back for one person is told in one message. */

const twentyAMinute = [{ points: 20, seconds: 60 }]
const messengers = [
  { name: 'wecomRobot', canBundle: true, hasOwnHosts: false },
  { name: 'webhook', canBundle: false, hasOwnHosts: true },
] as const
const people = ['alice', 'bob', 'carol'].map((uid) => ({ uid, channels: [] }))

const countOf = (content: MessageContent): number => (content.kind === 'bundle' ? content.count : 1)

onEveryEngine((engine) => {
  const open = async (robots: Readonly<Record<string, string>> = { alice: robotOf('ops') }) => {
    const database = await engine.open({ messengers, channelNames: ['lark', 'wecomRobot', 'webhook'] })
    await seedTenant(database, { people, enabled: ['lark', 'wecomRobot'] })
    await bindRobots(database, robots)
    return database
  }
  const start = async (database: TestDatabase, more: Partial<TestWorkerOptions> = {}) => {
    const clock = more.clock ?? new HandClock()
    const robot = new FakeMessenger()
    robot.limits = { app: [], receiver: twentyAMinute, message: [] }
    const limiter = more.limiter ?? new ClockedLimiter(clock)
    const options = { store: database.store, channels: [], messengers: [robot], ...more, clock, limiter }
    return { robot, clock, limiter, worker: await testWorker(options) }
  }
  const submit = async (
    database: TestDatabase,
    count: number,
    at: number,
    approvers = ['alice'],
  ): Promise<Ticket[]> => {
    const tickets: Ticket[] = []
    for (let n = 0; n < count; n += 1) {
      tickets.push(await submitTicket(database.store, at, { nodes: [{ name: 'DBA', approvers, rule: 'all' }] }))
    }
    return tickets
  }
  const deliveriesOf = async ({ stores }: TestDatabase, tickets: readonly Ticket[], recipient = 'alice') => {
    const all = await Promise.all(tickets.map(({ id }) => stores.notices.deliveries('acme', id)))
    return all.flat().filter((delivery) => delivery.recipient === recipient)
  }

  describe('more than a robot takes', () => {
    it('is told in single messages up to the limit, and the rest in one with its number', async () => {
      await using database = await open()
      const { robot, clock, worker } = await start(database)
      await using _ = worker
      const tickets = await submit(database, 50, clock.at)
      await worker.drain()
      expect(robot.received).toHaveLength(20)
      const waiting = (await deliveriesOf(database, tickets)).filter(({ state }) => state === 'queued')
      expect(waiting).toHaveLength(30)
      for (const { waitsFor, dueAt } of waiting) {
        expect({ waitsFor, dueAt }).toEqual({ waitsFor: 'rate_limit', dueAt: clock.at + minute })
      }
      clock.advance(minute)
      await worker.drain()
      expect(robot.received).toHaveLength(21)
      const last = robot.received.at(-1)?.letter
      expect(last?.content).toMatchObject({ kind: 'bundle', count: 30 })
      expect(last?.words.title).toBe('30 notices about tickets')
      expect(last?.words.body).toContain('and 10 more')
      const all = await deliveriesOf(database, tickets)
      expect(
        all.every(({ state, attempts, waitsFor }) => state === 'sent' && attempts.length === 1 && waitsFor === null),
      ).toBe(true)
      const together = all.filter(({ attempts }) => attempts[0]?.message === 'ok; in one message with 29 others')
      expect(together).toHaveLength(30)
      expect(await database.stores.notices.nextDueAt()).toBeNull()
    })

    it('leaves out who is no longer asked by the time there is a place', async () => {
      await using database = await open()
      const { robot, clock, worker } = await start(database)
      await using _ = worker
      const tickets = await submit(database, 30, clock.at)
      await worker.drain()
      const before = await deliveriesOf(database, tickets)
      const waiting = tickets.filter((_ticket, index) => before[index]?.state === 'queued')
      for (const ticket of waiting.slice(0, 4)) await tap(database.store, ticket, 'alice', 'approve', clock.at)
      clock.advance(minute)
      await worker.drain()
      expect(robot.received.at(-1)?.letter.content).toMatchObject({ kind: 'bundle', count: 6 })
      const states = (await deliveriesOf(database, waiting)).map(({ state, attempts }) => [
        state,
        attempts.at(-1)?.code,
      ])
      expect(states.filter(([state, code]) => state === 'suppressed' && code === 'superseded')).toHaveLength(4)
      expect(states.filter(([state]) => state === 'sent')).toHaveLength(6)
    })

    it('for a group is told there once, whoever of its people each notice is for', async () => {
      await using database = await open({ alice: robotOf('ops'), carol: robotOf('ops') })
      const { robot, clock, worker } = await start(database)
      await using _ = worker
      const tickets = await submit(database, 40, clock.at, ['alice', 'carol'])
      await worker.drain()
      clock.advance(minute)
      await worker.drain()
      expect(robot.received).toHaveLength(21)
      expect(robot.received.at(-1)?.letter.content).toMatchObject({ kind: 'bundle', count: 20 })
      for (const uid of ['alice', 'carol']) {
        const all = await deliveriesOf(database, tickets, uid)
        expect(all.map(({ state }) => state)).toEqual(Array.from({ length: 40 }, () => 'sent'))
      }
    })

    it('is told for those of a group who are still asked, when the one who stood for them has decided meanwhile', async () => {
      await using database = await open({ alice: robotOf('ops'), carol: robotOf('ops') })
      const { robot, clock, worker } = await start(database)
      await using _ = worker
      const tickets = await submit(database, 30, clock.at, ['alice', 'carol'])
      await worker.drain()
      const before = await deliveriesOf(database, tickets)
      const waiting = tickets.filter((_ticket, index) => before[index]?.state === 'queued')
      expect(waiting).toHaveLength(10)
      for (const ticket of waiting.slice(0, 3)) await tap(database.store, ticket, 'alice', 'approve', clock.at)
      clock.advance(minute)
      await worker.drain()
      const told = robot.received.slice(20).map(({ letter }) => countOf(letter.content))
      expect(told.reduce((sum, count) => sum + count, 0)).toBe(10)
      const statesOf = async (uid: string) => (await deliveriesOf(database, waiting, uid)).map(({ state }) => state)
      expect((await statesOf('carol')).filter((state) => state === 'sent')).toHaveLength(10)
      expect((await statesOf('alice')).filter((state) => state === 'sent')).toHaveLength(7)
      expect(await database.stores.notices.nextDueAt()).toBeNull()
    })

    it('does not hold up another robot', async () => {
      await using database = await open({ alice: robotOf('ops'), carol: robotOf('quiet') })
      const { robot, clock, worker } = await start(database)
      await using _ = worker
      const blocked = { retryAfterMs: 10 * minute, scope: 'receiver' } as const
      robot.faultFor = ({ at }) =>
        at.includes('ops')
          ? { kind: 'refuse', error: new ChannelError('rate_limited', '410100', 'too fast', blocked) }
          : null
      const tickets = await submit(database, 15, clock.at, ['alice', 'carol'])
      await worker.drain()
      expect(robot.received.map(({ at }) => at)).toEqual(
        Array.from({ length: 15 }, () => JSON.stringify({ url: robotOf('quiet') })),
      )
      robot.faultFor = () => null
      clock.advance(9 * minute)
      await worker.drain()
      expect(robot.received).toHaveLength(15)
      clock.advance(minute + second)
      await worker.drain()
      expect(robot.received.at(-1)).toMatchObject({
        at: JSON.stringify({ url: robotOf('ops') }),
        letter: { content: { count: 15 } },
      })
      const all = await deliveriesOf(database, tickets)
      expect(all.every(({ state }) => state === 'sent')).toBe(true)
    })
  })

  it.each(['digest', 'quiet_hours'] as const)('what was held for %s comes in one message', async (waits_for) => {
    await using database = await open()
    const { robot, clock, worker } = await start(database)
    await using _ = worker
    const dueAt = clock.at + hour
    const tickets = await submit(database, 12, clock.at)
    await database.db.updateTable('deliveries').set({ due_at: dueAt, waits_for }).execute()
    await worker.drain()
    expect(robot.received).toEqual([])
    clock.advance(hour)
    await worker.drain()
    expect(robot.received.map(({ letter }) => countOf(letter.content))).toEqual([12])
    const all = await deliveriesOf(database, tickets)
    expect(all.map(({ state }) => state)).toEqual(Array.from({ length: 12 }, () => 'sent'))
  })

  describe('a message that tells of many', () => {
    const silence = new ChannelError('retry', 'no_answer', 'no answer', { outcomeUnknown: true })
    const heldTwelve = async (database: TestDatabase, clock: HandClock) => {
      const tickets = await submit(database, 12, clock.at)
      await database.db.updateTable('deliveries').set({ waits_for: 'digest' }).execute()
      return tickets
    }

    it('is tried again as a whole, with what has come since, when it surely did not arrive', async () => {
      await using database = await open()
      const { robot, clock, worker } = await start(database)
      await using _ = worker
      robot.faults.push({ kind: 'refuse', error: new ChannelError('retry', '-1', 'busy') })
      const tickets = await heldTwelve(database, clock)
      await worker.drain()
      expect(robot.received).toEqual([])
      clock.advance(minute)
      await worker.drain()
      expect(robot.received.map(({ letter }) => countOf(letter.content))).toEqual([12])
      const all = await deliveriesOf(database, tickets)
      expect(all.map(({ state, attempts }) => [state, attempts.map(({ code }) => code).join(' ')])).toEqual(
        Array.from({ length: 12 }, () => ['sent', '-1 0']),
      )
    })

    it('is sent again with the same key and nothing new, where its answer was lost and the receiver knows keys', async () => {
      await using database = await open()
      const clock = new HandClock()
      const robot = new FakeMessenger({ knowsKeys: true })
      const { worker } = await start(database, { clock, messengers: [robot], messageRetry: robotRetry })
      await using _ = worker
      robot.faults.push({ kind: 'lose-answer', error: silence })
      const tickets = await heldTwelve(database, clock)
      await worker.drain()
      const more = await submit(database, 1, clock.at)
      clock.advance(minute)
      await worker.drain()
      expect(robot.received.map(({ letter }) => countOf(letter.content))).toEqual([12, 1])
      expect(new Set(robot.calls.map(({ letter }) => letter.idempotencyKey)).size).toBe(2)
      const all = await deliveriesOf(database, [...tickets, ...more])
      expect(all.every(({ state }) => state === 'sent')).toBe(true)
    })

    it('is not sent again where its answer was lost and the receiver knows no keys; every delivery says so', async () => {
      await using database = await open()
      const { robot, clock, worker } = await start(database)
      await using _ = worker
      robot.faults.push({ kind: 'lose-answer', error: silence })
      const tickets = await heldTwelve(database, clock)
      await worker.drain()
      clock.advance(hour)
      await worker.drain()
      expect(robot.received).toHaveLength(1)
      const all = await deliveriesOf(database, tickets)
      expect(all.map(({ state, attempts }) => [state, attempts.map(({ code }) => code).join(' ')])).toEqual(
        Array.from({ length: 12 }, () => ['failed', 'outcome_unknown']),
      )
    })

    it.each([true, false])(
      'that an instance had begun when it died is not doubled, nor lost in silence (keys known: %s)',
      async (knowsKeys) => {
        await using database = await open()
        const clock = new HandClock()
        const robot = new FakeMessenger({ knowsKeys })
        const retry = knowsKeys ? { messageRetry: robotRetry } : {}
        const doomed = await start(database, { clock, messengers: [robot], owner: 'doomed', graceMs: 0, ...retry })
        const answer = Promise.withResolvers<void>()
        robot.faults.push({ kind: 'hang', until: answer.promise })
        const tickets = await heldTwelve(database, clock)
        void doomed.worker.drain()
        await expect.poll(() => robot.calls.length).toBe(1)
        await doomed.worker[Symbol.asyncDispose]()
        // It arrives all the same, and nobody hears of it.
        answer.resolve()
        await expect.poll(() => robot.received.length).toBe(1)

        const heir = await start(database, { clock, messengers: [robot], owner: 'heir', ...retry })
        await using _ = heir.worker
        await heir.worker.drain()
        expect(robot.calls).toHaveLength(1)
        clock.advance(minute)
        await heir.worker.drain()
        expect(robot.received).toHaveLength(1)
        const all = await deliveriesOf(database, tickets)
        const [state, code] = knowsKeys ? ['sent', '0'] : ['failed', 'outcome_unknown']
        expect(all.map((each) => [each.state, each.attempts.at(-1)?.code])).toEqual(
          Array.from({ length: 12 }, () => [state, code]),
        )
      },
    )

    it('that an instance had only claimed when it died is sent by the next', async () => {
      await using database = await open()
      const { robot, clock, worker } = await start(database)
      await using _ = worker
      const tickets = await heldTwelve(database, clock)
      const options = { limit: 32, leaseMs: 30 * second, now: clock.at, perLane: 4, room: new Map() }
      const claimed = await database.store.run((tx) => tx.notices.claim('dead', options))
      expect(claimed).toHaveLength(1)
      await worker.drain()
      expect(robot.calls).toEqual([])
      clock.advance(31 * second)
      await worker.drain()
      expect(robot.received.map(({ letter }) => countOf(letter.content))).toEqual([12])
      expect((await deliveriesOf(database, tickets)).every(({ state }) => state === 'sent')).toBe(true)
    })
  })

  it('two instances tell of each notice once', async () => {
    await using database = await open()
    const { robot, clock, limiter, worker } = await start(database)
    await using _ = worker
    const store = engine.name === 'postgres' ? await database.openAgain() : database.store
    const other = await testWorker({ store, channels: [], messengers: [robot], clock, limiter, owner: 'two' })
    await using __ = other
    const tickets = await submit(database, 200, clock.at)
    for (let minutes = 0; minutes < 3; minutes += 1) {
      await Promise.all([worker.drain(), other.drain()])
      clock.advance(minute)
    }
    const told = robot.received.flatMap(({ letter: { content } }) =>
      content.kind === 'bundle' ? [content.count] : [1],
    )
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(200)
    expect(told.length).toBeLessThanOrEqual(25)
    expect((await deliveriesOf(database, tickets)).every(({ state }) => state === 'sent')).toBe(true)
  })

  // The larger one where a transaction costs less: the machine that checks everything has other things to do.
  const size = engine.name === 'sqlite' ? 1_000 : 250
  it(`a burst of ${size} tickets reaches two robots, a web hook and a card channel, within limits and without a loss`, async () => {
    await using database = await open({ alice: robotOf('ops'), carol: robotOf('dba') })
    const hooks = { tenant_id: 'acme', provisioned: 1, updated_at: 0 } as const
    const address = JSON.stringify({ url: 'https://hooks.example/in', signatureMethod: 'NONE' })
    await database.db
      .insertInto('user_channels')
      .values([
        { ...hooks, uid: 'alice', channel: 'webhook', address },
        { ...hooks, uid: 'alice', channel: 'lark', address: '{"email":"alice@acme.test"}' },
      ])
      .execute()
    const hook = new FakeMessenger({ name: 'webhook', canBundle: false, knowsKeys: true })
    const robot = new FakeMessenger()
    robot.limits = { app: [], receiver: twentyAMinute, message: [] }
    const lark = new FakeChannel()
    const clock = new HandClock()
    const { worker } = await start(database, { clock, channels: [lark], messengers: [robot, hook] })
    await using _ = worker
    const sentAt: { at: string; when: number }[] = []
    robot.faultFor = ({ at }) => {
      sentAt.push({ at, when: clock.at })
      return null
    }
    const tickets = await submit(database, size, clock.at, ['alice', 'carol'])
    for (let minutes = 0; minutes < 5; minutes += 1) {
      await worker.drain()
      clock.advance(minute)
    }

    for (const name of ['ops', 'dba']) {
      const own = robot.received.filter(({ at }) => at.includes(name))
      const told = own.reduce((sum, { letter }) => sum + countOf(letter.content), 0)
      expect({ name, told, messages: own.length }).toEqual({ name, told: size, messages: 21 })
      const times = sentAt.filter(({ at }) => at.includes(name)).map(({ when }) => when)
      for (const begin of times) {
        expect(times.filter((when) => when >= begin && when < begin + minute).length).toBeLessThanOrEqual(20)
      }
    }
    expect(new Set(hook.received.map(({ letter }) => letter.idempotencyKey)).size).toBe(size)
    expect(lark.cardsOf('alice')).toHaveLength(size)
    const states = await database.stores.notices.countByState()
    expect(states).toEqual({ sent: 4 * size })
    expect(tickets).toHaveLength(size)
  }, 120_000)
})
