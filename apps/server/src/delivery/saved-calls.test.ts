import { type SavingStep, savingSteps } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { onSqlite, type TestDatabase } from '#server/db/_engines.ts'
import { chinaMonth } from '#server/quota/month.ts'
import { remind } from '#server/tickets/lifecycle.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { FakeChannel } from './_fake-channel.ts'
import { FakeSharedChannel } from './_fake-shared-channel.ts'
import { emailOf, HandClock, hour, second, seedTenant, submitTicket, tap, testWorker } from './_world.ts'

/* What is done without while calls are running out, and that the delivery log says so. */

const both = { nodes: [{ name: 'DBA', approvers: ['alice', 'carol'], rule: 'all' as const }] }
const addsDan = { module: 'data_export', enabled: true, roles: [], additionalUsers: ['dan'] }

async function logOf({ stores }: TestDatabase, ticket: Ticket): Promise<string[]> {
  const all = await stores.notices.deliveries('acme', ticket.id)
  return all.map(({ recipient, event, state, attempts }) => [recipient, event, state, attempts.at(-1)?.code].join(' '))
}

onSqlite((engine) => {
  const start = async <Kind extends FakeChannel>(
    channel: Kind,
    steps: readonly SavingStep[],
    unbound: readonly string[] = [],
  ) => {
    const database = await engine.open()
    const people = ['alice', 'bob', 'carol', 'dan'].map((uid) => ({
      uid,
      channels: unbound.includes(uid) ? [] : [channel.name],
    }))
    const rules = (['pending', 'approved'] as const).map((event) => ({ ...addsDan, event }))
    await seedTenant(database, { people, enabled: [channel.name], rules })
    const clock = new HandClock()
    const savings = new Set<SavingStep>(steps)
    const meter = { savings: async () => savings }
    const worker = await testWorker({ store: database.store, channels: [channel], clock, meter })
    const remindAll = (ticket: Ticket): Promise<unknown> =>
      database.store.run((tx) =>
        remind(tx, { tenantId: 'acme', ticketId: ticket.id, actor: 'bob', via: 'api', at: clock.at }),
      )
    const dispose = async (): Promise<void> => {
      await worker[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    }
    return { database, clock, savings, worker, channel, remindAll, [Symbol.asyncDispose]: dispose }
  }

  describe('on a card that many share', () => {
    it('changes that follow each other cost one update', async () => {
      await using world = await start(new FakeSharedChannel(), ['mergeUpdates'])
      const { database, clock, worker, channel } = world
      const nodes = [{ name: 'DBA', approvers: ['alice', 'carol', 'dan'], rule: 'all' as const }]
      const ticket = await submitTicket(database.store, clock.at, { nodes })
      await worker.drain()
      for (const uid of ['alice', 'carol']) {
        clock.advance(5 * second)
        await tap(database.store, ticket, uid, 'approve', clock.at, 'dingtalk')
        await worker.drain()
      }
      expect(channel.counted).toEqual(['create'])
      expect(await logOf(database, ticket)).toContain('dan pending sent quota_saved')
      clock.advance(10 * second)
      await worker.drain()
      expect(channel.counted).toEqual(['create', 'renew'])
      expect(channel.cardOf('dan')?.nodes[0]?.approvers.map(({ decision }) => decision)).toEqual([
        'approve',
        'approve',
        null,
      ])
      await tap(database.store, ticket, 'dan', 'approve', clock.at, 'dingtalk')
      await worker.drain()
      expect(channel.cardOf('bob')).toMatchObject({ status: 'approved' })
    })

    it('nobody is reminded in words', async () => {
      await using world = await start(new FakeSharedChannel(), ['reminders'])
      const { database, clock, worker, channel, remindAll } = world
      const ticket = await submitTicket(database.store, clock.at, both)
      await worker.drain()
      clock.advance(2 * hour)
      await remindAll(ticket)
      await worker.drain()
      expect(channel.counted).not.toContain('say')
      expect(await logOf(database, ticket)).toContain('alice reminded suppressed quota_saved')
      expect(await database.stores.notices.nextDueAt()).toBeNull()
    })

    it('news for others than the submitter and those who must act is not told', async () => {
      await using world = await start(new FakeSharedChannel(), ['onlookers'], ['bob'])
      const { database, clock, worker, channel } = world
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      expect(channel.cardOf('dan')).toMatchObject({ status: 'pending' })
      await tap(database.store, ticket, 'alice', 'approve', clock.at, 'dingtalk')
      await worker.drain()
      expect(channel.counted).toEqual(['create'])
      const log = await logOf(database, ticket)
      expect(log).toEqual(
        expect.arrayContaining([
          'alice pending suppressed quota_saved',
          'dan pending suppressed quota_saved',
          'dan approved suppressed quota_saved',
        ]),
      )
    })

    it('an outcome reaches the submitter, and with them whoever else has the card', async () => {
      await using world = await start(new FakeSharedChannel(), ['onlookers'])
      const { database, clock, worker, channel } = world
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      await tap(database.store, ticket, 'alice', 'approve', clock.at, 'dingtalk')
      await worker.drain()
      expect(channel.counted).toEqual(['create', 'renew'])
      for (const uid of ['bob', 'dan']) expect(channel.cardOf(uid)).toMatchObject({ status: 'approved' })
    })

    it('one message in words takes the place of new cards, for those who must act alone', async () => {
      await using world = await start(new FakeSharedChannel(), ['cards'])
      const { database, clock, worker, channel } = world
      const ticket = await submitTicket(database.store, clock.at, both)
      await worker.drain()
      expect(channel.calls.at(-1)).toMatchObject({ kind: 'tell', to: `ou_${emailOf('alice')} ou_${emailOf('carol')}` })
      for (const uid of ['alice', 'carol']) await tap(database.store, ticket, uid, 'approve', clock.at, null)
      await worker.drain()
      expect(channel.counted).toEqual(['tell'])
      const log = await logOf(database, ticket)
      expect(log).toEqual(
        expect.arrayContaining(['bob pending suppressed quota_saved', 'bob approved suppressed quota_saved']),
      )
      expect(log.every((line) => line.endsWith('quota_saved'))).toBe(true)
      expect(await database.stores.notices.nextDueAt()).toBeNull()
    })

    it('a card that is already there still shows the outcome while no new ones are made', async () => {
      await using world = await start(new FakeSharedChannel(), [])
      const { database, clock, worker, channel, savings } = world
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      savings.add('cards').add('onlookers').add('reminders')
      await tap(database.store, ticket, 'alice', 'approve', clock.at, 'dingtalk')
      await worker.drain()
      expect(channel.counted).toEqual(['create', 'renew'])
      expect(channel.cardOf('bob')).toMatchObject({ status: 'approved' })
    })

    it('in the end everything waits for the next month, and is then as it should be', async () => {
      await using world = await start(new FakeSharedChannel(), savingSteps)
      const { database, clock, worker, channel, savings } = world
      const waiting = await submitTicket(database.store, clock.at, both)
      const settled = await submitTicket(database.store, clock.at)
      await worker.drain()
      await tap(database.store, settled, 'alice', 'approve', clock.at, null)
      await worker.drain()
      expect(channel.counted).toEqual([])
      expect(await logOf(database, waiting)).toContain('alice pending queued quota_saved')
      const { endsAt } = chinaMonth(clock.at)
      expect(await database.stores.notices.nextDueAt()).toBe(endsAt)
      clock.at = endsAt
      savings.clear()
      await worker.drain()
      expect(channel.counted).toEqual(['create', 'create'])
      expect(channel.cardOf('alice')).toMatchObject({ decision: 'tap' })
      expect(await logOf(database, settled)).toContain('bob approved sent 0')
    })
  })

  describe('on cards of one person each', () => {
    it('reminders, news for others and quick successions are saved', async () => {
      await using world = await start(new FakeChannel(), ['mergeUpdates', 'reminders', 'onlookers'])
      const { database, clock, worker, channel, remindAll } = world
      const ticket = await submitTicket(database.store, clock.at, both)
      await worker.drain()
      expect(channel.calls.filter(({ kind }) => kind === 'send').map(({ to }) => to)).toEqual(
        ['alice', 'carol'].map((uid) => `ou_${emailOf(uid)}`),
      )
      clock.advance(2 * hour)
      await remindAll(ticket)
      await tap(database.store, ticket, 'alice', 'approve', clock.at)
      await worker.drain()
      expect(channel.callsOf('update')).toEqual([])
      clock.advance(10 * second)
      await worker.drain()
      expect(channel.callsOf('update').map(({ to }) => to)).toEqual([`ou_${emailOf('carol')}`])
      const log = await logOf(database, ticket)
      expect(log).toEqual(
        expect.arrayContaining([
          'alice pending suppressed quota_saved',
          'carol pending updated 0',
          'dan pending suppressed quota_saved',
          'carol reminded suppressed quota_saved',
        ]),
      )
    })

    it('words take the place of the card, and nothing follows them', async () => {
      await using world = await start(new FakeChannel(), ['cards'])
      const { database, clock, worker, channel } = world
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      expect(channel.said.map(({ to }) => to)).toEqual([`ou_${emailOf('alice')}`])
      expect(channel.said[0]?.text).toContain(`#${ticket.number}`)
      await tap(database.store, ticket, 'alice', 'approve', clock.at, null)
      await worker.drain()
      expect(channel.calls.filter(({ kind }) => kind !== 'resolve')).toHaveLength(1)
      expect(await logOf(database, ticket)).toContain('bob approved suppressed quota_saved')
      expect(await database.stores.notices.nextDueAt()).toBeNull()
    })

    it('everything waits for the next month, answers of the bot are not given', async () => {
      await using world = await start(new FakeChannel(), ['everything'])
      const { database, clock, worker, channel } = world
      const at = clock.at
      await database.store.run(({ chat }) =>
        chat.queueReply({
          tenantId: 'acme',
          channel: 'lark',
          platformUserId: 'ou_x',
          text: 'hello',
          messageId: 'm',
          at,
        }),
      )
      const ticket = await submitTicket(database.store, at)
      await worker.drain()
      expect(channel.calls).toEqual([])
      expect(await database.stores.notices.nextDueAt()).toBe(chinaMonth(at).endsAt)
      expect(await logOf(database, ticket)).toContain('alice pending queued quota_saved')
    })
  })
})
