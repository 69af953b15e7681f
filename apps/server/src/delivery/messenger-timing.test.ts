import { describe, expect, it } from 'vitest'
import { ChannelError } from '#server/channels/channel-error.ts'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import { FakeMessenger } from './_fake-messenger.ts'
import { bindRobots, robotOf } from './_robots.ts'
import { HandClock, hour, minute, type SeedPerson, seedTenant, submitTicket, tap, testWorker } from './_world.ts'

/* Quiet hours, summaries and the ladder on channels that only tell, where one message may tell many things or many people. */

const messengers = [{ name: 'wecomRobot', canBundle: true, hasOwnHosts: false }] as const
const channelNames = ['lark', 'wecomRobot'] as const
const both = { nodes: [{ name: 'DBA', approvers: ['alice', 'carol'], rule: 'all' as const }] }
const asleep = { timeZone: 'Asia/Singapore', quiet: { from: '22:00', to: '08:00' } }
/** 23:00 in Singapore. */
const late = Date.parse('2026-11-02T15:00:00Z')
const morning = Date.parse('2026-11-03T00:00:00Z')

onEveryEngine((engine) => {
  const start = async (
    people: readonly SeedPerson[],
    robots: Readonly<Record<string, string>>,
    more: Partial<Parameters<typeof seedTenant>[1]> = {},
  ) => {
    const database = await engine.open({ messengers, channelNames: [...channelNames] })
    const bound = people.map((person) => ({ ...person, channels: [] }))
    await seedTenant(database, { people: bound, enabled: ['wecomRobot'], ...more })
    await bindRobots(database, robots)
    const robot = new FakeMessenger()
    const clock = new HandClock(late)
    const worker = await testWorker({ store: database.store, channels: [], messengers: [robot], clock })
    return { database, robot, clock, worker }
  }
  const told = async ({ stores }: TestDatabase, ticketId: string) =>
    (await stores.notices.deliveries('acme', ticketId)).map(({ recipient, event, state, waitsFor }) => [
      recipient,
      event,
      state,
      waitsFor,
    ])

  describe('a group’s robot', () => {
    it('speaks once, as soon as one of the group may be told', async () => {
      const people = [{ uid: 'alice', ...asleep }, { uid: 'bob' }, { uid: 'carol' }]
      const group = { alice: robotOf('ops'), carol: robotOf('ops') }
      const { database, robot, clock, worker } = await start(people, group)
      await using _ = database
      await using __ = worker
      const ticket = await submitTicket(database.store, clock.at, both)
      await worker.drain()
      expect(robot.received.map(({ letter }) => letter.to.uid)).toEqual(['carol'])
      expect(await told(database, ticket.id)).toEqual([
        ['alice', 'pending', 'sent', null],
        ['carol', 'pending', 'sent', null],
      ])
      clock.at = morning
      await worker.drain()
      expect(robot.calls).toHaveLength(1)
    })

    it('waits for the first morning where all of the group sleep', async () => {
      const people = [{ uid: 'alice', ...asleep }, { uid: 'bob' }, { uid: 'carol', ...asleep, timeZone: 'Asia/Tokyo' }]
      const group = { alice: robotOf('ops'), carol: robotOf('ops') }
      const { database, robot, clock, worker } = await start(people, group)
      await using _ = database
      await using __ = worker
      const ticket = await submitTicket(database.store, clock.at, both)
      await worker.drain()
      expect(await told(database, ticket.id)).toEqual([
        ['alice', 'pending', 'queued', 'quiet_hours'],
        ['carol', 'pending', 'queued', 'quiet_hours'],
      ])
      clock.at = morning - hour
      await worker.drain()
      expect(robot.received).toHaveLength(1)
      expect((await told(database, ticket.id)).map(([, , state]) => state)).toEqual(['sent', 'sent'])
    })

    it('goes on without one of the group who does not want it any more', async () => {
      const people = [{ uid: 'alice' }, { uid: 'bob' }, { uid: 'carol' }]
      const group = { alice: robotOf('ops'), carol: robotOf('ops') }
      const { database, robot, clock, worker } = await start(people, group)
      await using _ = database
      await using __ = worker
      robot.faults.push({ kind: 'refuse', error: new ChannelError('retry', '-1', 'busy') })
      const ticket = await submitTicket(database.store, clock.at, both)
      await worker.drain()
      await database.db.updateTable('user_channels').set({ enabled: 0 }).where('uid', '=', 'alice').execute()
      clock.advance(minute)
      await worker.drain()
      expect(robot.received.map(({ letter }) => letter.to.uid)).toEqual(['carol'])
      expect((await told(database, ticket.id)).map(([uid, , state]) => [uid, state])).toEqual([
        ['alice', 'suppressed'],
        ['carol', 'sent'],
      ])
    })
  })

  describe('a summary', () => {
    it('tells in one message of all that it has held, without what is over', async () => {
      const { database, robot, clock, worker } = await start([{ uid: 'alice' }, { uid: 'bob' }], {
        alice: robotOf('a'),
      })
      await using _ = database
      await using __ = worker
      await database.db.updateTable('user_channels').set({ mode: 'digest' }).execute()
      const tickets = [
        await submitTicket(database.store, clock.at),
        await submitTicket(database.store, clock.at + 1),
        await submitTicket(database.store, clock.at + 2),
      ] as const
      await tap(database.store, tickets[1], 'alice', 'approve', clock.at + 3)
      await worker.drain()
      expect(robot.calls).toEqual([])
      expect((await told(database, tickets[0].id))[0]).toEqual(['alice', 'pending', 'queued', 'digest'])
      clock.at = Date.parse('2026-11-03T09:00:00Z')
      await worker.drain()
      expect(robot.received).toHaveLength(1)
      expect(robot.received[0]?.letter.content).toMatchObject({ kind: 'bundle', count: 2 })
    })
  })

  describe('the ladder', () => {
    it('reminds plainly where nothing can be made urgent, and not of a step that is over, also among others', async () => {
      const reminders = [{ after: 'PT1H', buzz: true }]
      const robots = { alice: robotOf('a') }
      const { database, robot, clock, worker } = await start([{ uid: 'alice' }, { uid: 'bob' }], robots, { reminders })
      await using _ = database
      await using __ = worker
      const nodes = [
        { name: 'Owner', approvers: ['alice'], rule: 'any' as const },
        { name: 'DBA', approvers: ['alice'], rule: 'any' as const },
      ]
      const moved = await submitTicket(database.store, clock.at, { nodes })
      const open = await submitTicket(database.store, clock.at)
      await worker.drain()
      clock.advance(30 * minute)
      await tap(database.store, moved, 'alice', 'approve', clock.at)
      await worker.drain()
      robot.received.length = 0
      clock.advance(30 * minute)
      await worker.drain()
      expect(robot.titles).toEqual([expect.stringContaining(`#${open.number} `)])
      const [, reminder] = await database.stores.notices.deliveries('acme', open.id)
      expect(reminder?.attempts.at(-1)?.message).toContain('a plain reminder: wecomRobot has no urgent messages')
      expect((await told(database, moved.id)).map(([, event, state]) => [event, state])).toEqual([
        ['pending', 'sent'],
        ['reminded', 'suppressed'],
        ['pending', 'sent'],
        ['reminded', 'queued'],
      ])
    })
  })
})
