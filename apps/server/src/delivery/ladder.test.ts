import { describe, expect, it } from 'vitest'
import { ChannelError } from '#server/channels/channel-error.ts'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import { change, remind } from '#server/tickets/lifecycle.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { FakeChannel } from './_fake-channel.ts'
import { FakeSharedChannel } from './_fake-shared-channel.ts'
import { HandClock, hour, minute, type SeedPerson, seedTenant, submitTicket, tap, testWorker } from './_world.ts'

/* Reminders that come by themselves, step by step, while somebody who was asked does not decide. */

const reminders = [
  { after: 'PT4H', buzz: false },
  { after: 'PT8H', buzz: true },
]
const people: SeedPerson[] = [{ uid: 'alice' }, { uid: 'bob' }, { uid: 'carol' }, { uid: 'dan' }]
const both = { nodes: [{ name: 'DBA', approvers: ['alice', 'carol'], rule: 'all' as const }] }
const twoSteps = {
  nodes: [
    { name: 'Owner', approvers: ['alice'], rule: 'any' as const },
    { name: 'DBA', approvers: ['alice', 'carol'], rule: 'any' as const },
  ],
}

const eventsOf = (lark: FakeChannel, uid: string): string[] => lark.cardsOf(uid).map(({ event }) => event)

async function reminded({ stores }: TestDatabase, ticket: Ticket, uid = 'alice') {
  const all = await stores.notices.deliveries('acme', ticket.id)
  const own = all.filter(({ recipient, event }) => recipient === uid && event === 'reminded')
  return own.map(({ state, attempts }) => [state, attempts.at(-1)?.code])
}

onEveryEngine((engine) => {
  const start = async (database: TestDatabase, more: Partial<Parameters<typeof seedTenant>[1]> = {}) => {
    await seedTenant(database, { people, reminders, ...more })
    const clock = new HandClock()
    const lark = new FakeChannel()
    const worker = await testWorker({ store: database.store, channels: [lark], clock })
    const later = async (ms: number): Promise<void> => {
      clock.advance(ms)
      await worker.drain()
    }
    return { clock, lark, worker, later }
  }
  const remindNow = (database: TestDatabase, ticket: Ticket, at: number) =>
    database.store.run((tx) => remind(tx, { tenantId: 'acme', ticketId: ticket.id, actor: 'bob', via: 'api', at }))

  describe('the ladder', () => {
    it('reminds who has not decided, and makes the last step urgent on the card that they have', async () => {
      await using database = await engine.open()
      const { clock, lark, worker, later } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, both)
      await later(0)
      await tap(database.store, ticket, 'carol', 'approve', clock.at)
      await later(4 * hour - 1)
      expect(eventsOf(lark, 'alice')).toEqual(['pending'])
      await later(1)
      expect(eventsOf(lark, 'alice')).toEqual(['pending', 'reminded'])
      expect(eventsOf(lark, 'carol')).toEqual(['pending'])
      await later(4 * hour)
      expect(eventsOf(lark, 'alice')).toEqual(['pending', 'reminded'])
      const [asked] = [...lark.messages.values()].filter(({ to }) => to === 'ou_alice@acme.test')
      expect(lark.callsOf('buzz')).toEqual([{ kind: 'buzz', about: asked?.id, to: 'ou_alice@acme.test' }])
      expect(await reminded(database, ticket)).toEqual([
        ['sent', '0'],
        ['sent', '0'],
      ])
      const history = await database.stores.tickets.history('acme', ticket.id)
      expect(history.map(({ action }) => action)).toEqual(['submit', 'approve'])
      expect(await database.stores.notices.nextDueAt()).toBeNull()
    })

    it('says in the delivery log what it waits for', async () => {
      await using database = await engine.open()
      const { clock, worker } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at)
      const all = await database.stores.notices.deliveries('acme', ticket.id)
      expect(all.map(({ event, waitsFor, dueAt }) => [event, waitsFor, dueAt])).toEqual([
        ['pending', null, clock.at],
        ['reminded', 'ladder', clock.at + 4 * hour],
        ['reminded', 'ladder', clock.at + 8 * hour],
      ])
    })

    it('ends with the decision, the node or the content that it was about', async () => {
      await using database = await engine.open()
      const { clock, lark, worker, later } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, twoSteps)
      await later(2 * hour)
      const next = await tap(database.store, ticket, 'alice', 'approve', clock.at)
      await later(2 * hour)
      // The four hours of the second node are not over: alice is asked there too, but since two hours only.
      expect(eventsOf(lark, 'alice')).toEqual(['pending', 'pending'])
      const act = { tenantId: 'acme', ticketId: next.id, actor: 'bob', via: 'api', at: clock.at } as const
      const changed = await database.store.run((tx) => change(tx, { ...act, change: { title: 'Other' } }))
      await later(3 * hour)
      expect(eventsOf(lark, 'carol')).toEqual(['pending'])
      await later(hour)
      expect(eventsOf(lark, 'alice')).toEqual(['pending', 'pending', 'pending', 'reminded'])
      await tap(database.store, changed, 'alice', 'reject', clock.at)
      await later(24 * hour)
      expect(eventsOf(lark, 'alice')).toEqual(['pending', 'pending', 'pending', 'reminded'])
      expect(lark.callsOf('buzz')).toEqual([])
      expect(await database.stores.notices.nextDueAt()).toBeNull()
    })

    it('and a person’s reminders together come at most once an hour', async () => {
      await using database = await engine.open()
      const { clock, lark, worker, later } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at)
      await later(3 * hour + 30 * minute)
      expect(await remindNow(database, ticket, clock.at)).toEqual({ reminded: ['alice'], tooSoon: [] })
      await later(30 * minute)
      expect(eventsOf(lark, 'alice')).toEqual(['pending', 'reminded'])
      expect(await reminded(database, ticket)).toContainEqual(['suppressed', 'reminded_lately'])
      await later(4 * hour)
      expect(lark.callsOf('buzz')).toHaveLength(1)
      await expect(remindNow(database, ticket, clock.at + 59 * minute)).rejects.toMatchObject({
        code: 'remind_too_soon',
      })
      expect(await remindNow(database, ticket, clock.at + hour)).toEqual({ reminded: ['alice'], tooSoon: [] })
    })

    it('does not keep a person from reminding before its first step', async () => {
      await using database = await engine.open()
      const { clock, worker, later } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at)
      await later(minute)
      expect(await remindNow(database, ticket, clock.at)).toEqual({ reminded: ['alice'], tooSoon: [] })
    })

    it('counts from when the person is asked, and leaves them their night', async () => {
      await using database = await engine.open()
      const quiet = { timeZone: 'Asia/Singapore', quiet: { from: '19:00', to: '08:00' } }
      const { clock, worker } = await start(database, { people: [{ uid: 'alice', ...quiet }, { uid: 'bob' }] })
      await using _ = worker
      const steps = async () => {
        const ticket = await submitTicket(database.store, clock.at)
        const all = await database.stores.notices.deliveries('acme', ticket.id)
        return all.map(({ event, dueAt }) => [event, new Date(dueAt ?? 0).toISOString()])
      }
      // At 17:00 both steps fall into the night, and are one in the morning.
      expect(await steps()).toEqual([
        ['pending', '2026-11-02T09:00:00.000Z'],
        ['reminded', '2026-11-03T00:00:00.000Z'],
      ])
      // At 23:00 alice is asked in the morning, and has her four and eight hours from then.
      clock.at = Date.parse('2026-11-02T15:00:00Z')
      expect(await steps()).toEqual([
        ['pending', '2026-11-03T00:00:00.000Z'],
        ['reminded', '2026-11-03T04:00:00.000Z'],
        ['reminded', '2026-11-03T08:00:00.000Z'],
      ])
    })

    it('goes by the rule for reminders: its people, its channels, its switch, also when it is switched off later', async () => {
      await using database = await engine.open()
      const rule = {
        module: 'data_export',
        event: 'reminded',
        enabled: true,
        roles: [],
        additionalUsers: ['dan'],
      } as const
      const { clock, lark, worker, later } = await start(database, {
        rules: [{ ...rule, roles: [], additionalUsers: ['dan'] }],
      })
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at)
      await later(0)
      await later(4 * hour)
      expect([eventsOf(lark, 'alice'), eventsOf(lark, 'dan')]).toEqual([['pending', 'reminded'], ['reminded']])
      await database.db.updateTable('notification_rules').set({ enabled: 0 }).execute()
      await later(4 * hour)
      expect(await reminded(database, ticket)).toEqual([
        ['sent', '0'],
        ['suppressed', 'rule_off'],
      ])
    })
  })

  describe('an urgent step', () => {
    const onlyUrgent = [{ after: 'PT1H', buzz: true }]

    it('is a plain reminder where the platform refuses, and the log says why', async () => {
      await using database = await engine.open()
      const { clock, lark, worker, later } = await start(database, { reminders: onlyUrgent })
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at)
      await later(0)
      lark.faults.push({ kind: 'refuse', error: new ChannelError('rejected', '230023', 'too many unread') })
      await later(hour)
      expect(eventsOf(lark, 'alice')).toEqual(['pending', 'reminded'])
      const all = await database.stores.notices.deliveries('acme', ticket.id)
      expect(all[1]?.attempts).toMatchObject([
        { code: '0', message: 'ok (a plain reminder: the urgent message was refused (230023, too many unread))' },
      ])
    })

    it('is about a card also while that is being brought up to date', async () => {
      await using database = await engine.open()
      const { clock, lark, worker, later } = await start(database, { reminders: onlyUrgent })
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, both)
      await later(0)
      clock.advance(hour)
      await tap(database.store, ticket, 'carol', 'approve', clock.at)
      await worker.drain()
      expect(lark.callsOf('buzz')).toHaveLength(1)
      expect(eventsOf(lark, 'alice')).toEqual(['pending'])
    })

    it('is tried again while the platform is out of order', async () => {
      await using database = await engine.open()
      const { clock, lark, worker, later } = await start(database, { reminders: onlyUrgent })
      await using _ = worker
      await submitTicket(database.store, clock.at)
      await later(0)
      lark.faults.push({
        kind: 'refuse',
        error: new ChannelError('retry', 'timeout', 'no answer', { outcomeUnknown: true }),
      })
      await later(hour)
      await later(minute)
      expect(lark.callsOf('buzz')).toHaveLength(2)
      expect(eventsOf(lark, 'alice')).toEqual(['pending'])
    })

    it('is a plain reminder on a platform without urgent messages, and the log says so', async () => {
      await using database = await engine.open()
      const channels = ['dingtalk'] as const
      const own = people.map(({ uid }) => ({ uid, channels }))
      await seedTenant(database, { people: own, enabled: channels, reminders: onlyUrgent })
      const clock = new HandClock()
      const dingtalk = new FakeSharedChannel()
      await using worker = await testWorker({ store: database.store, channels: [dingtalk], clock })
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      clock.advance(hour)
      await worker.drain()
      expect(dingtalk.said).toMatchObject([{ to: 'ou_alice@acme.test' }])
      const all = await database.stores.notices.deliveries('acme', ticket.id)
      const reminder = all.find(({ event }) => event === 'reminded')
      expect(reminder?.state).toBe('sent')
      expect(reminder?.attempts[0]).toMatchObject({ code: 'no_buzz' })
      expect(reminder?.attempts[1]).toMatchObject({ code: '0' })
    })
  })
})
