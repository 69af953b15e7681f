import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { HandClock, seedTenant, submitTicket, tap } from '#server/delivery/_world.ts'
import { remind } from '#server/tickets/lifecycle.ts'
import { onEveryEngine, type TestDatabase } from './_engines.ts'
import type { ClaimedDelivery, DeliveryResult } from './stores.ts'

/* The row that carries one card to many, when several things happen at once. */

const leaseMs = 30_000
const options = { limit: 10, leaseMs, perLane: 10, room: new Map<string, number>() }
const people = ['alice', 'bob', 'carol'].map((uid) => ({ uid, channels: ['dingtalk'] as const }))
const twoSteps = {
  nodes: [
    { name: 'Owner', approvers: ['alice'], rule: 'any' as const },
    { name: 'DBA', approvers: ['carol'], rule: 'any' as const },
  ],
}

async function claimCarrier({ store }: TestDatabase, now: number, owner = 'one'): Promise<ClaimedDelivery> {
  const [carrier, ...more] = await store.run((tx) => tx.notices.claim(owner, { ...options, now }))
  if (carrier === undefined || more.length > 0) throw new Error('exactly the carrier was to be due')
  return carrier
}

const reportOf = ({ store }: TestDatabase, carrier: ClaimedDelivery, result: DeliveryResult, now: number) =>
  store.run((tx) => tx.notices.report('one', carrier, result, now))

const carried = (shownVersion: number): DeliveryResult => ({
  ...{ kind: 'delivered', state: 'sent', shownVersion, message: { card: 'c' }, code: 'ok', text: 'carried' },
})

/** What became of alice's and bob's part of the first card. */
async function settleAll({ store, stores }: TestDatabase, carrier: ClaimedDelivery, now: number): Promise<void> {
  const all = await stores.notices.shared(carrier)
  const outcomes = all.map(({ id }) => ({
    ...({
      id,
      kind: 'delivered',
      state: 'sent',
      shownVersion: 1,
      message: { card: 'c' },
      code: 'ok',
      text: 'ok',
    } as const),
  }))
  expect(await store.run((tx) => tx.notices.reportShared('one', carrier, outcomes, now))).toBe(true)
}

onEveryEngine((engine) => {
  describe('a carrier', () => {
    it('is due again for a reminder that commits while its sending is being reported', async () => {
      await using database = await engine.open()
      const clock = new HandClock()
      await seedTenant(database, { people, enabled: ['dingtalk'] })
      const ticket = await submitTicket(database.store, clock.at)
      const carrier = await claimCarrier(database, clock.at)
      await settleAll(database, carrier, clock.at)
      const [reminded, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const act = { tenantId: 'acme', ticketId: ticket.id, actor: 'bob', via: 'api', at: clock.at } as const
      const reminding = database.store.run(async (tx) => {
        await remind(tx, act)
        reminded.resolve()
        await go.promise
      })
      await reminded.promise
      const reporting = reportOf(database, carrier, carried(1), clock.at)
      if (engine.name === 'postgres') await expect.poll(() => waitingForLock(database)).toBe(1)
      go.resolve()
      await reminding
      expect(await reporting).toBe(true)
      expect(await database.stores.notices.nextDueAt()).toBe(clock.at)
    })

    it('that fails for good leaves those in the queue who came while it was being tried', async () => {
      await using database = await engine.open()
      const clock = new HandClock()
      await seedTenant(database, { people, enabled: ['dingtalk'] })
      const ticket = await submitTicket(database.store, clock.at, twoSteps)
      const carrier = await claimCarrier(database, clock.at)
      await tap(database.store, ticket, 'alice', 'approve', clock.at, null)
      await reportOf(database, carrier, { kind: 'failed', code: 'timeout', text: 'no answer' }, clock.at)
      const all = await database.stores.notices.deliveries('acme', ticket.id)
      expect(all.find(({ recipient }) => recipient === 'carol')).toMatchObject({ state: 'queued', dueAt: clock.at })
      expect(await claimCarrier(database, clock.at)).toMatchObject({ tries: 0 })
    })

    it('holds nobody for the morning whose request came to nothing meanwhile', async () => {
      await using database = await engine.open()
      const clock = new HandClock()
      await seedTenant(database, { people, enabled: ['dingtalk'] })
      const ticket = await submitTicket(database.store, clock.at)
      const carrier = await claimCarrier(database, clock.at)
      const [asked] = await database.stores.notices.shared(carrier)
      await tap(database.store, ticket, 'alice', 'approve', clock.at, null)
      const held = [
        { id: asked?.id ?? '', kind: 'held' as const, dueAt: clock.at + 1_000, waitsFor: 'quiet_hours' as const },
      ]
      expect(await database.store.run((tx) => tx.notices.reportShared('one', carrier, held, clock.at))).toBe(true)
      const all = await database.stores.notices.deliveries('acme', ticket.id)
      expect(all.find(({ id }) => id === asked?.id)).toMatchObject({ state: 'suppressed', dueAt: null })
    })

    it('is kept by whoever still works on it, and by nobody else', async () => {
      await using database = await engine.open()
      const clock = new HandClock()
      await seedTenant(database, { people, enabled: ['dingtalk'] })
      await submitTicket(database.store, clock.at)
      const carrier = await claimCarrier(database, clock.at)
      clock.advance(leaseMs - 1_000)
      const keep = (owner: string) =>
        database.store.run((tx) => tx.notices.noteTried(owner, carrier, [], { now: clock.at, leaseMs }))
      expect(await keep('two')).toBe(false)
      expect(await keep('one')).toBe(true)
      clock.advance(leaseMs - 1_000)
      expect(await database.store.run((tx) => tx.notices.claim('two', { ...options, now: clock.at }))).toEqual([])
      clock.advance(1_000)
      expect(await claimCarrier(database, clock.at, 'two')).toMatchObject({ id: carrier.id })
    })
  })
})

/** Transactions of this database that wait for another one to end. */
async function waitingForLock({ db }: TestDatabase): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    select count(*) as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(db)
  return Number(rows[0]?.count)
}
