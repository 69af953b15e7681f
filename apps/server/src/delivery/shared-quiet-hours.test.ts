import { describe, expect, it } from 'vitest'
import { ChannelError } from '#server/channels/channel-error.ts'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import { remind } from '#server/tickets/lifecycle.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { FakeSharedChannel } from './_fake-shared-channel.ts'
import { HandClock, hour, minute, type SeedPerson, seedTenant, submitTicket, tap, testWorker } from './_world.ts'
import { leaseMs } from './lane.ts'

/* One card for many of whom some are asleep: it waits for nobody but them, and comes to each of them. */

/** 23:00 in Singapore. */
const late = Date.parse('2026-11-02T15:00:00Z')
const morning = Date.parse('2026-11-03T00:00:00Z')
const asleep = { timeZone: 'Asia/Singapore', quiet: { from: '22:00', to: '08:00' } }
const channels = ['dingtalk'] as const
const awake = (uid: string): SeedPerson => ({ uid, channels })
const sleeping = (uid: string): SeedPerson => ({ uid, channels, ...asleep })
const both = { nodes: [{ name: 'DBA', approvers: ['alice', 'carol'], rule: 'any' as const }] }

async function states({ stores }: TestDatabase, ticket: Ticket) {
  const all = await stores.notices.deliveries('acme', ticket.id)
  return all.map(({ recipient, event, state, waitsFor }) => [recipient, event, state, waitsFor])
}

onEveryEngine((engine) => {
  const start = async (database: TestDatabase, people: readonly SeedPerson[], at = late) => {
    await seedTenant(database, { people, enabled: channels })
    const clock = new HandClock(at)
    const dingtalk = new FakeSharedChannel()
    const worker = await testWorker({ store: database.store, channels: [dingtalk], clock })
    return { clock, dingtalk, worker }
  }

  describe('a shared card', () => {
    it('is shown to those who are awake, and in the morning to the others', async () => {
      await using database = await engine.open()
      const { clock, dingtalk, worker } = await start(database, [sleeping('alice'), awake('bob'), awake('carol')])
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, both)
      await worker.drain()
      expect(dingtalk.counted).toEqual(['create'])
      expect([dingtalk.cardOf('carol')?.status, dingtalk.cardOf('bob')?.status]).toEqual(['pending', 'pending'])
      expect(dingtalk.cardOf('alice')).toBeUndefined()
      expect(await states(database, ticket)).toEqual([
        ['alice', 'pending', 'queued', 'quiet_hours'],
        ['carol', 'pending', 'sent', null],
        ['bob', 'pending', 'sent', null],
      ])
      expect(await database.stores.notices.nextDueAt()).toBe(morning)
      clock.at = morning
      await worker.drain()
      expect(dingtalk.counted).toEqual(['create', 'add'])
      expect(dingtalk.cardOf('alice')).toMatchObject({ decision: 'tap' })
      expect((await states(database, ticket)).map(([, , state]) => state)).toEqual(['sent', 'sent', 'sent'])
      expect(await database.stores.notices.nextDueAt()).toBeNull()
    })

    it('for people who all sleep is made in the morning, by one call and for the submitter too', async () => {
      await using database = await engine.open()
      const { clock, dingtalk, worker } = await start(database, [sleeping('alice'), awake('bob'), sleeping('carol')])
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, both)
      await worker.drain()
      expect(dingtalk.calls).toEqual([])
      clock.at = morning
      await worker.drain()
      expect(dingtalk.counted.filter((kind) => kind !== 'add')).toEqual(['create'])
      for (const uid of ['alice', 'bob', 'carol']) expect(dingtalk.cardOf(uid)).toMatchObject({ status: 'pending' })
      await tap(database.store, ticket, 'alice', 'approve', clock.at, 'dingtalk')
      await worker.drain()
      for (const uid of ['alice', 'bob', 'carol']) expect(dingtalk.cardOf(uid)).toMatchObject({ status: 'approved' })
    })

    it('never comes to who slept through the whole of it, and tells the sleeping submitter the outcome', async () => {
      await using database = await engine.open()
      const { clock, dingtalk, worker } = await start(database, [sleeping('alice'), sleeping('bob'), awake('carol')])
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, both)
      await worker.drain()
      await tap(database.store, ticket, 'carol', 'approve', clock.at, 'dingtalk')
      await worker.drain()
      expect(dingtalk.cardOf('bob')).toBeUndefined()
      clock.at = morning
      await worker.drain()
      expect(dingtalk.cardOf('alice')).toBeUndefined()
      expect(dingtalk.cardOf('bob')).toMatchObject({ status: 'approved' })
      expect((await states(database, ticket)).map(([uid, event, state]) => [uid, event, state])).toEqual([
        ['alice', 'pending', 'suppressed'],
        ['carol', 'pending', 'updated'],
        ['bob', 'pending', 'suppressed'],
        ['bob', 'approved', 'sent'],
      ])
      expect(await database.stores.notices.nextDueAt()).toBeNull()
    })

    it('changes for all who have it while somebody else is waited for', async () => {
      await using database = await engine.open()
      const people = [awake('alice'), awake('bob'), sleeping('carol'), awake('dan')]
      const { clock, dingtalk, worker } = await start(database, people)
      await using _ = worker
      const all = { nodes: [{ name: 'DBA', approvers: ['alice', 'carol', 'dan'], rule: 'all' as const }] }
      const ticket = await submitTicket(database.store, clock.at, all)
      await worker.drain()
      await tap(database.store, ticket, 'alice', 'approve', clock.at, 'dingtalk')
      await worker.drain()
      expect(dingtalk.cardOf('dan')?.nodes[0]?.approvers[0]).toMatchObject({ decision: 'approve' })
      expect(dingtalk.cardOf('carol')).toBeUndefined()
      clock.at = morning
      await worker.drain()
      expect(dingtalk.cardOf('carol')).toMatchObject({ decision: 'tap' })
      expect(dingtalk.cardOf('carol')?.nodes[0]?.approvers[0]).toMatchObject({ decision: 'approve' })
    })

    it('that is late is made for the others, and waits for who sleeps by then', async () => {
      await using database = await engine.open()
      const people = [sleeping('alice'), awake('bob'), awake('carol')]
      const { clock, dingtalk, worker } = await start(database, people, late - hour - minute)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, both)
      clock.advance(2 * minute)
      await worker.drain()
      expect(dingtalk.cardOf('carol')).toMatchObject({ status: 'pending' })
      expect(dingtalk.cardOf('alice')).toBeUndefined()
      expect((await states(database, ticket))[0]).toEqual(['alice', 'pending', 'queued', 'quiet_hours'])
      clock.at = morning
      await worker.drain()
      expect(dingtalk.cardOf('alice')).toMatchObject({ decision: 'tap' })
    })

    it('that may have reached somebody before the night is brought to its end', async () => {
      await using database = await engine.open()
      const people = [sleeping('alice'), awake('bob'), awake('carol')]
      const { clock, dingtalk, worker } = await start(database, people, late - hour - minute)
      await using _ = worker
      const silence = new ChannelError('retry', 'timeout', 'no answer', { outcomeUnknown: true })
      dingtalk.faults.push({ kind: 'lose-answer', error: silence })
      await submitTicket(database.store, clock.at, both)
      await worker.drain()
      clock.advance(2 * minute)
      await worker.drain()
      expect(dingtalk.shown.size).toBe(1)
      for (const uid of ['alice', 'carol']) expect(dingtalk.cardOf(uid)).toMatchObject({ decision: 'tap' })
      expect(await database.stores.notices.nextDueAt()).toBeNull()
    })

    it('is not lost to anybody when the instance dies that was about to add them', async () => {
      await using database = await engine.open()
      const { clock, dingtalk, worker } = await start(database, [sleeping('alice'), awake('bob'), awake('carol')])
      await using _ = worker
      await submitTicket(database.store, clock.at, both)
      await worker.drain()
      clock.at = morning
      const options = { limit: 10, leaseMs, now: clock.at, perLane: 10, room: new Map<string, number>() }
      const claimed = await database.store.run((tx) => tx.notices.claim('dead', options))
      expect(claimed).toMatchObject([{ recipient: 'alice' }])
      await worker.drain()
      expect(dingtalk.cardOf('alice')).toBeUndefined()
      clock.advance(leaseMs)
      await worker.drain()
      expect(dingtalk.cardOf('alice')).toMatchObject({ decision: 'tap' })
      expect(dingtalk.counted).toEqual(['create', 'add'])
    })

    it('reminds in words, in the morning of each', async () => {
      await using database = await engine.open()
      const people = [sleeping('alice'), awake('bob'), awake('carol')]
      const { clock, dingtalk, worker } = await start(database, people, late - 2 * hour)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, both)
      await worker.drain()
      clock.at = late
      const act = { tenantId: 'acme', ticketId: ticket.id, actor: 'bob', via: 'api', at: clock.at } as const
      await database.store.run((tx) => remind(tx, act))
      await worker.drain()
      expect(dingtalk.said.map(({ to }) => to)).toEqual(['ou_carol@acme.test'])
      clock.at = morning
      await worker.drain()
      expect(dingtalk.said.map(({ to }) => to)).toEqual(['ou_carol@acme.test', 'ou_alice@acme.test'])
      expect(await database.stores.notices.nextDueAt()).toBeNull()
    })
  })
})
