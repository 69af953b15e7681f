import { describe, expect, it } from 'vitest'
import { ChannelError } from '#server/channels/channel-error.ts'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import { defaultTexts } from '#server/texts/_default-texts.ts'
import type { TextRenderer } from '#server/texts/text-renderer.ts'
import { FakeMessenger } from './_fake-messenger.ts'
import { bindRobots, robotOf } from './_robots.ts'
import { HandClock, hour, minute, seedTenant, submitTicket, type TestWorkerOptions, tap, testWorker } from './_world.ts'

/* Telling people through channels that take no answer back. */

const silence = new ChannelError('retry', 'no_answer', 'no answer', { outcomeUnknown: true })
const messengers = [{ name: 'wecomRobot', canBundle: true, hasOwnHosts: false }] as const
const channelNames = ['lark', 'wecomRobot'] as const
const both = { nodes: [{ name: 'DBA', approvers: ['alice', 'carol'], rule: 'all' as const }] }

const people = ['alice', 'bob', 'carol'].map((uid) => ({ uid, channels: [] }))

onEveryEngine((engine) => {
  const open = async (robots: Readonly<Record<string, string>> = { alice: robotOf('ops') }, provisioned: 0 | 1 = 1) => {
    const database = await engine.open({ messengers, channelNames: [...channelNames] })
    await seedTenant(database, { people, enabled: ['wecomRobot'] })
    await bindRobots(database, robots, provisioned)
    return database
  }
  const start = async (database: TestDatabase, more: Partial<TestWorkerOptions> = {}) => {
    const robot = new FakeMessenger()
    const clock = new HandClock()
    const worker = await testWorker({ store: database.store, channels: [], messengers: [robot], clock, ...more })
    return { robot, clock, worker }
  }
  const told = async ({ stores }: TestDatabase, ticketId: string) =>
    (await stores.notices.deliveries('acme', ticketId)).map(({ recipient, event, state, attempts }) => [
      recipient,
      event,
      state,
      attempts.map(({ code }) => code).join(' '),
    ])

  describe('a message', () => {
    it('tells of a ticket once, with a link and in words, and stays as it was sent', async () => {
      await using database = await open()
      const { robot, clock, worker } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      expect(robot.titles).toEqual([`#${ticket.number} ${ticket.content.title}: your decision is needed`])
      expect(robot.received[0]?.letter).toMatchObject({
        to: { uid: 'alice', name: 'alice' },
        address: { url: robotOf('ops') },
        isOperators: true,
        content: {
          kind: 'notice',
          item: { ticket: { number: ticket.number, link: expect.stringMatching(/index\/\?t=acme&ticket=/) } },
          audience: { intended: [{ uid: 'alice', name: 'alice' }], reached: [{ uid: 'alice', name: 'alice' }] },
        },
        at: clock.at,
      })
      await tap(database.store, ticket, 'alice', 'approve', clock.at)
      clock.advance(hour)
      await worker.drain()
      expect(robot.calls).toHaveLength(1)
      expect((await told(database, ticket.id))[0]).toEqual(['alice', 'pending', 'sent', '0'])
      expect(await database.stores.notices.nextDueAt()).toBeNull()
    })

    it('is not sent again when its ticket moved on while it was on its way', async () => {
      await using database = await open()
      const { robot, clock, worker } = await start(database)
      await using _ = worker
      const { promise: until, resolve } = Promise.withResolvers<void>()
      robot.faults.push({ kind: 'hang', until })
      const ticket = await submitTicket(database.store, clock.at)
      const drained = worker.drain()
      await expect.poll(() => robot.calls.length).toBe(1)
      await tap(database.store, ticket, 'alice', 'approve', clock.at)
      resolve()
      await drained
      clock.advance(hour)
      await worker.drain()
      expect(robot.calls).toHaveLength(1)
      expect((await told(database, ticket.id))[0]).toEqual(['alice', 'pending', 'sent', '0'])
    })

    it('that asks for what is decided already is not sent', async () => {
      await using database = await open()
      const { robot, clock, worker } = await start(database)
      await using _ = worker
      robot.faults.push({ kind: 'refuse', error: new ChannelError('retry', '-1', 'busy') })
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      await tap(database.store, ticket, 'alice', 'approve', clock.at)
      clock.advance(hour)
      await worker.drain()
      expect(robot.received).toEqual([])
      expect((await told(database, ticket.id))[0]).toEqual(['alice', 'pending', 'suppressed', '-1 superseded'])
    })

    it('that may have arrived is not sent again where the receiver knows no key, and the log says so', async () => {
      await using database = await open()
      const { robot, clock, worker } = await start(database)
      await using _ = worker
      robot.faults.push({ kind: 'lose-answer', error: silence })
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      clock.advance(hour)
      await worker.drain()
      expect(robot.received).toHaveLength(1)
      expect((await told(database, ticket.id))[0]).toEqual(['alice', 'pending', 'failed', 'outcome_unknown'])
    })

    it('that could not be put into words is tried again, since nothing of it has left', async () => {
      await using database = await open()
      let faults = 1
      const texts: TextRenderer = {
        async render(tenantId, request) {
          faults -= 1
          if (faults >= 0) throw new Error('no words')
          return defaultTexts.render(tenantId, request)
        },
      }
      const { robot, clock, worker } = await start(database, { texts })
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      clock.advance(minute)
      await worker.drain()
      expect(robot.received).toHaveLength(1)
      expect((await told(database, ticket.id))[0]).toEqual(['alice', 'pending', 'sent', 'internal 0'])
    })

    it('to an address that a person typed and may not use is not sent', async () => {
      await using database = await open({ alice: robotOf('typed') }, 0)
      const { robot, clock, worker } = await start(database)
      await using _ = worker
      robot.refuseAddress = () => 'must be at the platform'
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      expect(robot.calls).toEqual([])
      expect((await told(database, ticket.id))[0]).toEqual(['alice', 'pending', 'failed', 'address_not_allowed'])
    })
  })

  describe('a group', () => {
    it('is told of a notice once, however many of its people are told', async () => {
      await using database = await open({ alice: robotOf('ops'), carol: robotOf('ops') })
      const { robot, clock, worker } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, both)
      await worker.drain()
      expect(robot.received).toHaveLength(1)
      expect(await told(database, ticket.id)).toEqual([
        ['alice', 'pending', 'sent', '0'],
        ['carol', 'pending', 'sent', '0'],
      ])
      const [, carols] = await database.stores.notices.deliveries('acme', ticket.id)
      expect(carols?.attempts[0]?.message).toBe('ok; in one message with 1 other')
    })

    it('is told for the others when the first of them is no longer asked', async () => {
      await using database = await open({ alice: robotOf('ops'), carol: robotOf('ops') })
      const { robot, clock, worker } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, both)
      await tap(database.store, ticket, 'alice', 'approve', clock.at)
      await worker.drain()
      expect(robot.received.map(({ letter }) => letter.to.uid)).toEqual(['carol'])
      expect(await told(database, ticket.id)).toEqual([
        ['alice', 'pending', 'suppressed', 'superseded'],
        ['carol', 'pending', 'sent', '0'],
      ])
    })

    it('is told for the others when the first of them has left', async () => {
      await using database = await open({ alice: robotOf('ops'), carol: robotOf('ops') })
      const { robot, clock, worker } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, both)
      await database.db.deleteFrom('user_channels').where('uid', '=', 'alice').execute()
      await worker.drain()
      expect(robot.received.map(({ letter }) => letter.to.uid)).toEqual(['carol'])
      expect(await told(database, ticket.id)).toEqual([
        ['alice', 'pending', 'failed', 'not_bound'],
        ['carol', 'pending', 'sent', '0'],
      ])
    })
  })

  it('to somebody whose host hangs does not hold up those to other hosts', async () => {
    const hooks = [{ name: 'webhook', canBundle: false, hasOwnHosts: true }] as const
    await using database = await engine.open({ messengers: hooks, channelNames: ['webhook'] })
    await seedTenant(database, { people, enabled: [] })
    const row = { tenant_id: 'acme', channel: 'webhook', provisioned: 1, updated_at: 0 } as const
    const hookOf = (uid: string) => ({ ...row, uid, address: JSON.stringify({ url: `https://${uid}.example/in` }) })
    await database.db
      .insertInto('user_channels')
      .values([hookOf('alice'), hookOf('carol')])
      .execute()
    const hook = new FakeMessenger({ name: 'webhook', canBundle: false, knowsKeys: true })
    const { promise: until, resolve } = Promise.withResolvers<void>()
    hook.faultFor = ({ at }) => (at.includes('alice') ? { kind: 'hang', until } : null)
    const { clock, worker } = await start(database, { messengers: [hook] })
    await using _ = worker
    for (let n = 0; n < 40; n += 1) await submitTicket(database.store, clock.at, both)
    const drained = worker.drain()
    await expect.poll(() => hook.received.length, { timeout: 10_000 }).toBe(40)
    expect(hook.received.every(({ at }) => at.includes('carol'))).toBe(true)
    resolve()
    await drained
    expect(hook.received).toHaveLength(80)
  })

  it('waits as long as a robot wants silence, and says so', async () => {
    await using database = await open()
    const { robot, clock, worker } = await start(database)
    await using _ = worker
    const tooFast = { retryAfterMs: 10 * minute, scope: 'receiver' } as const
    robot.faults.push({ kind: 'refuse', error: new ChannelError('rate_limited', '410100', 'too fast', tooFast) })
    const ticket = await submitTicket(database.store, clock.at)
    await worker.drain()
    const [waiting] = await database.stores.notices.deliveries('acme', ticket.id)
    expect(waiting).toMatchObject({ state: 'queued', waitsFor: 'rate_limit' })
    expect(waiting?.dueAt).toBeGreaterThanOrEqual(clock.at + 10 * minute)
    clock.advance(10 * minute + 1_000)
    await worker.drain()
    expect(robot.received).toHaveLength(1)
    expect(await told(database, ticket.id)).toEqual([['alice', 'pending', 'sent', '410100 0']])
    expect((await database.stores.notices.deliveries('acme', ticket.id))[0]).toMatchObject({ waitsFor: null })
  })
})
