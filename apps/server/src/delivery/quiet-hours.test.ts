import { describe, expect, it } from 'vitest'
import { ChannelError } from '#server/channels/channel-error.ts'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import { change, remind } from '#server/tickets/lifecycle.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { FakeChannel } from './_fake-channel.ts'
import { HandClock, hour, minute, type SeedPerson, seedTenant, submitTicket, tap, testWorker } from './_world.ts'

/* Nobody is woken, and nobody is forgotten: what waits for somebody's morning, and what does not. */

const singapore = 'Asia/Singapore'
const night = { from: '22:00', to: '08:00' }
/** 23:00 in Singapore. */
const late = Date.parse('2026-11-02T15:00:00Z')
const morning = Date.parse('2026-11-03T00:00:00Z')

const alice: SeedPerson = { uid: 'alice', timeZone: singapore, quiet: night }
const people: SeedPerson[] = [
  alice,
  { uid: 'bob' },
  { uid: 'carol' },
  { uid: 'dan', timeZone: singapore, quiet: night },
]
const both = { nodes: [{ name: 'DBA', approvers: ['alice', 'carol'], rule: 'any' as const }] }

async function told({ stores }: TestDatabase, ticket: Ticket) {
  const all = await stores.notices.deliveries('acme', ticket.id)
  return all.map(({ recipient, event, state, waitsFor, dueAt }) => [recipient, event, state, waitsFor, dueAt])
}

const lastCode = async ({ stores }: TestDatabase, ticket: Ticket, uid: string): Promise<string | undefined> =>
  (await stores.notices.deliveries('acme', ticket.id)).findLast(({ recipient }) => recipient === uid)?.attempts.at(-1)
    ?.code

onEveryEngine((engine) => {
  const start = async (database: TestDatabase, at = late) => {
    const clock = new HandClock(at)
    const lark = new FakeChannel()
    const worker = await testWorker({ store: database.store, channels: [lark], clock })
    return { clock, lark, worker }
  }

  describe('in somebody’s quiet hours', () => {
    it('their card waits for the morning, those of others do not', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const { clock, lark, worker } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, both)
      await worker.drain()
      expect([lark.cardsOf('alice'), lark.cardsOf('carol')]).toMatchObject([[], [{ event: 'pending' }]])
      expect(await told(database, ticket)).toEqual([
        ['alice', 'pending', 'queued', 'quiet_hours', morning],
        ['carol', 'pending', 'sent', null, null],
      ])
      clock.at = morning - 1
      await worker.drain()
      expect(lark.cardsOf('alice')).toEqual([])
      clock.at = morning
      await worker.drain()
      expect(lark.cardsOf('alice')).toMatchObject([{ event: 'pending', decision: 'tap' }])
      expect(await told(database, ticket)).toMatchObject([
        ['alice', 'pending', 'sent', null, null],
        ['carol', 'pending', 'sent', null, null],
      ])
    })

    it('nothing comes of a request that is decided before they are over', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const { clock, lark, worker } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, both)
      await worker.drain()
      await tap(database.store, ticket, 'carol', 'approve', clock.at)
      clock.at = morning
      await worker.drain()
      expect(lark.cardsOf('alice')).toEqual([])
      expect(await lastCode(database, ticket, 'alice')).toBe('superseded')
      expect(await database.stores.notices.nextDueAt()).toBeNull()
    })

    it('a card that is there already tells the truth at once, without a sound', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const { clock, lark, worker } = await start(database, late - 2 * hour)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, both)
      await worker.drain()
      clock.at = late
      await tap(database.store, ticket, 'carol', 'approve', clock.at)
      await worker.drain()
      expect(lark.cardsOf('alice')).toMatchObject([{ status: 'approved', decision: 'none' }])
    })

    it('the submitter hears of the outcome in the morning', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const { clock, lark, worker } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, { submitter: 'dan', nodes: both.nodes })
      await tap(database.store, ticket, 'carol', 'approve', clock.at)
      await worker.drain()
      expect(lark.cardsOf('dan')).toEqual([])
      clock.at = morning
      await worker.drain()
      expect(lark.cardsOf('dan')).toMatchObject([{ event: 'approved', status: 'approved' }])
    })

    it('what must be answered before they are over comes at once, to whoever is to answer', async () => {
      await using database = await engine.open()
      const rule = {
        module: 'data_export',
        event: 'pending',
        enabled: true,
        roles: [],
        additionalUsers: ['dan'],
      } as const
      await seedTenant(database, { people, rules: [{ ...rule, roles: [], additionalUsers: ['dan'] }] })
      const { clock, lark, worker } = await start(database)
      await using _ = worker
      const dueAt = new Date(morning - hour).toISOString()
      await submitTicket(database.store, clock.at, { ...both, dueAt })
      const later = new Date(morning + hour).toISOString()
      await submitTicket(database.store, clock.at, { ...both, dueAt: later })
      await worker.drain()
      expect(lark.cardsOf('alice')).toMatchObject([{ dueAt: Date.parse(dueAt) }])
      expect(lark.cardsOf('dan')).toEqual([])
    })

    it('a card that could not be sent before they began is tried again in the morning', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const { clock, lark, worker } = await start(database, late - hour - minute)
      await using _ = worker
      const broken = { kind: 'refuse', error: new ChannelError('retry', '500', 'out of order') } as const
      lark.faults.push(broken, broken, broken)
      const ticket = await submitTicket(database.store, clock.at)
      for (const pause of [0, 6_000, 40_000, 3 * minute]) {
        clock.advance(pause)
        await worker.drain()
      }
      expect(lark.callsOf('send')).toHaveLength(3)
      expect(await told(database, ticket)).toEqual([['alice', 'pending', 'queued', 'quiet_hours', morning]])
      clock.at = morning
      await worker.drain()
      expect(lark.cardsOf('alice')).toHaveLength(1)
    })

    it('a ticket that changes twice asks once, about what it says in the end', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const { clock, lark, worker } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at)
      const act = { tenantId: 'acme', ticketId: ticket.id, actor: 'bob', via: 'api', at: clock.at } as const
      for (const title of ['Better', 'Best']) {
        await database.store.run((tx) => change(tx, { ...act, change: { title } }))
        await worker.drain()
      }
      clock.at = morning
      await worker.drain()
      expect(lark.cardsOf('alice')).toMatchObject([{ title: 'Best' }])
      expect((await told(database, ticket)).map(([, , state]) => state)).toEqual(['suppressed', 'suppressed', 'sent'])
    })

    it('a reminder of what they have not been asked yet is not needed', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const { clock, lark, worker } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, {
        nodes: [{ name: 'DBA', approvers: ['alice', 'carol'], rule: 'all' }],
      })
      await worker.drain()
      const act = { tenantId: 'acme', ticketId: ticket.id, actor: 'bob', via: 'api', at: clock.at + hour } as const
      expect(await database.store.run((tx) => remind(tx, act))).toEqual({ reminded: ['alice', 'carol'], tooSoon: [] })
      clock.at = morning
      await worker.drain()
      expect(lark.cardsOf('alice')).toMatchObject([{ event: 'pending' }])
      expect(lark.cardsOf('carol')).toMatchObject([{ event: 'pending' }, { event: 'reminded' }])
      expect(await lastCode(database, ticket, 'alice')).toBe('not_asked_yet')
    })

    it('those of the tenant’s time zone count for who has none of their own', async () => {
      await using database = await engine.open({ timeZone: singapore })
      await seedTenant(database, { people: [{ uid: 'alice', quiet: night }, { uid: 'bob' }] })
      const ticket = await submitTicket(database.store, late)
      expect(await told(database, ticket)).toEqual([['alice', 'pending', 'queued', 'quiet_hours', morning]])
      await database.db.updateTable('tenants').set({ time_zone: 'Asia/Tokyo' }).execute()
      const next = await submitTicket(database.store, late)
      expect(await told(database, next)).toEqual([['alice', 'pending', 'queued', 'quiet_hours', morning - hour]])
    })
  })

  describe('when somebody wants to be told at other times', () => {
    const wish = (database: TestDatabase, quiet_to: string) =>
      database.db.updateTable('notification_preferences').set({ quiet_to }).where('uid', '=', 'alice').execute()

    it('what is held for them comes as soon as they want it now, and no sooner', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const { clock, lark, worker } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, both)
      await wish(database, '07:00')
      await database.store.run((tx) => tx.notices.reconsider('acme', 'alice', clock.at))
      expect((await told(database, ticket))[0]).toEqual(['alice', 'pending', 'queued', 'quiet_hours', morning - hour])
      await wish(database, '09:00')
      await database.store.run((tx) => tx.notices.reconsider('acme', 'alice', clock.at))
      clock.at = morning
      await worker.drain()
      expect(lark.cardsOf('alice')).toEqual([])
      expect((await told(database, ticket))[0]).toEqual(['alice', 'pending', 'queued', 'quiet_hours', morning + hour])
      await database.db.deleteFrom('notification_preferences').execute()
      await database.store.run((tx) => tx.notices.reconsider('acme', 'alice', clock.at))
      await worker.drain()
      expect(lark.cardsOf('alice')).toHaveLength(1)
    })

    it('a summary that they give up comes at once', async () => {
      const messengers = [{ name: 'email', canBundle: true, hasOwnHosts: false }] as const
      await using database = await engine.open({ channelNames: ['email'], messengers })
      const reader: SeedPerson = { uid: 'alice', channels: ['email'], digest: ['email'] }
      await seedTenant(database, { people: [reader, { uid: 'bob' }], enabled: ['email'] })
      const ticket = await submitTicket(database.store, late)
      expect(await told(database, ticket)).toMatchObject([['alice', 'pending', 'queued', 'digest', late + 18 * hour]])
      await database.db.updateTable('user_channels').set({ mode: 'instant' }).execute()
      await database.store.run((tx) => tx.notices.reconsider('acme', 'alice', late + 1))
      expect((await told(database, ticket))[0]?.at(4)).toBe(late + 1)
    })
  })

  describe('channels that somebody has switched off', () => {
    it('are left out, and nobody is dropped silently', async () => {
      await using database = await engine.open()
      const chats = ['lark', 'feishu'] as const
      const picky: SeedPerson[] = [
        { uid: 'alice', channels: chats, off: ['feishu'] },
        { uid: 'bob' },
        { uid: 'carol', channels: chats, off: chats },
      ]
      await seedTenant(database, { people: picky, enabled: chats })
      const ticket = await submitTicket(database.store, late, both)
      const all = await database.stores.notices.deliveries('acme', ticket.id)
      expect(all.map(({ recipient, channel, state }) => [recipient, channel, state])).toEqual([
        ['alice', 'lark', 'queued'],
        ['carol', 'none', 'failed'],
      ])
      expect(all[1]?.attempts).toMatchObject([
        { code: 'no_channel', message: 'carol has switched off feishu, lark, and nothing else is left' },
      ])
    })

    it('while something waits do not bring it any more', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const { clock, lark, worker } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at)
      await database.db.updateTable('user_channels').set({ enabled: 0 }).where('uid', '=', 'alice').execute()
      clock.at = morning
      await worker.drain()
      expect(lark.cardsOf('alice')).toEqual([])
      expect(await lastCode(database, ticket, 'alice')).toBe('channel_off')
    })
  })

  describe('a daily summary', () => {
    const reader: SeedPerson = {
      uid: 'alice',
      timeZone: singapore,
      channels: ['lark', 'email'],
      digest: ['lark', 'email'],
    }
    const messengers = [{ name: 'email', canBundle: true, hasOwnHosts: false }] as const
    const names = { channelNames: ['lark', 'email'] as const, messengers }

    it('holds what only tells until the person’s time; a card, on which is decided, comes when the ticket does', async () => {
      await using database = await engine.open(names)
      await seedTenant(database, { people: [reader, { uid: 'bob' }], enabled: ['lark', 'email'] })
      const ticket = await submitTicket(database.store, late)
      expect(await told(database, ticket)).toEqual([
        ['alice', 'pending', 'queued', 'digest', Date.parse('2026-11-03T01:00:00Z')],
        ['alice', 'pending', 'queued', null, late],
      ])
    })

    it('keeps to the quiet hours, and is overtaken by what must be answered before', async () => {
      await using database = await engine.open(names)
      const sleeper = { ...reader, quiet: { from: '22:00', to: '10:00' }, digestAt: '07:30' }
      await seedTenant(database, { people: [sleeper, { uid: 'bob' }], enabled: ['email'] })
      const end = Date.parse('2026-11-03T02:00:00Z')
      const dueIn = (ms: number) => ({ dueAt: new Date(end + ms).toISOString() })
      expect(await told(database, await submitTicket(database.store, late))).toEqual([
        ['alice', 'pending', 'queued', 'digest', end],
      ])
      expect(await told(database, await submitTicket(database.store, late, dueIn(-minute)))).toEqual([
        ['alice', 'pending', 'queued', null, late],
      ])
      const noon = Date.parse('2026-11-03T04:00:00Z')
      // The summary of the next day would come too late; it is daytime.
      expect(await told(database, await submitTicket(database.store, noon, dueIn(6 * hour)))).toEqual([
        ['alice', 'pending', 'queued', null, noon],
      ])
    })
  })
})
