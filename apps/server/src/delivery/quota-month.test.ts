import type { SaveCallsFrom } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { onSqlite, type TestDatabase } from '#server/db/_engines.ts'
import { type CallMeter, createCallMeter } from '#server/quota/call-meter.ts'
import { chinaMonth } from '#server/quota/month.ts'
import { callQuota } from '#server/quota/usage.ts'
import { remind } from '#server/tickets/lifecycle.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { FakeSharedChannel } from './_fake-shared-channel.ts'
import { HandClock, hour, second, seedTenant, submitTicket, tap, testWorker } from './_world.ts'

/* A month of 200 tickets on a platform that counts calls. The figures stand in docs/performance.md. */

const tickets = 200
/** Between two submissions: 200 of them fill the month. */
const apartMs = 3.5 * hour

/** Every second ticket has two approvers who must all agree, every third a second node, every fifth is reminded of. */
const nodesOf = (n: number) => [
  { name: 'Owner', approvers: n % 2 === 0 ? ['alice', 'carol'] : ['alice'], rule: 'all' as const },
  ...(n % 3 === 0 ? [{ name: 'DBA', approvers: ['dan'], rule: 'any' as const }] : []),
]

interface Month extends AsyncDisposable {
  database: TestDatabase
  channel: FakeSharedChannel
  clock: HandClock
  submitted: Ticket[]
  meter: CallMeter
  drain(): Promise<void>
}

async function startMonth(database: TestDatabase, quota: number, saveCallsFrom?: SaveCallsFrom): Promise<Month> {
  const people = ['alice', 'bob', 'carol', 'dan'].map((uid) => ({ uid, channels: ['dingtalk'] as const }))
  await seedTenant(database, { people, enabled: ['dingtalk'] })
  const clock = new HandClock(chinaMonth(Date.parse('2026-11-15T00:00:00Z')).startsAt)
  const channel = new FakeSharedChannel()
  const limits = callQuota(quota, saveCallsFrom)
  if (limits !== null) channel.callQuota = limits
  const silent = (): void => undefined
  const log = { warn: silent, error: silent }
  const meter = createCallMeter({ store: database.store, quotaOf: async () => limits, log, now: clock.now })
  const { tenantId, name, appId } = channel
  channel.meter = (calls) => {
    for (let n = 0; n < calls; n += 1) meter.count({ tenantId, channel: name, appId })
  }
  const worker = await testWorker({ store: database.store, channels: [channel], clock, meter })
  const dispose = async (): Promise<void> => {
    await worker[Symbol.asyncDispose]()
    await meter[Symbol.asyncDispose]()
  }
  const drain = (): Promise<void> => worker.drain()
  return { database, channel, clock, submitted: [], meter, drain, [Symbol.asyncDispose]: dispose }
}

async function live({ database: { store }, clock, submitted, drain }: Month): Promise<void> {
  const month = chinaMonth(clock.at)
  for (let n = 0; n < tickets; n += 1) {
    const nodes = nodesOf(n)
    const ticket = await submitTicket(store, clock.at, { nodes })
    submitted.push(ticket)
    await drain()
    clock.advance(hour)
    if (n % 5 === 0) {
      const act = { tenantId: 'acme', ticketId: ticket.id, actor: 'bob', via: 'api', at: clock.at } as const
      await store.run((tx) => remind(tx, act))
      await drain()
    }
    for (const uid of nodes.flatMap(({ approvers }) => approvers)) {
      clock.advance(5 * second)
      await tap(store, ticket, uid, 'approve', clock.at, null)
      await drain()
    }
    clock.at = Math.min(month.startsAt + (n + 1) * apartMs, month.endsAt - hour)
    await drain()
  }
}

async function callsOf({ channel, meter }: Month): Promise<number | undefined> {
  return (await meter.usage(channel))?.calls
}

/** Tickets in whose delivery log something stands that was done without. */
async function savedIn({ database, submitted }: Month): Promise<number> {
  let saved = 0
  for (const ticket of submitted) {
    const all = await database.stores.notices.deliveries('acme', ticket.id)
    if (all.some(({ attempts }) => attempts.some(({ code }) => code === 'quota_saved'))) saved += 1
  }
  return saved
}

const callsByKind = ({ channel }: Month): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(channel.counted, (kind) => kind)].map(([kind, all]) => [kind, all.length]))

onSqlite((engine) => {
  describe('a month of 200 tickets', () => {
    it('stays far inside the 5,000 calls of DingTalk Standard, with nothing done without', {
      timeout: 300_000,
    }, async () => {
      await using database = await engine.open()
      await using month = await startMonth(database, 5_000)
      await live(month)
      expect(await callsOf(month)).toBe(694)
      expect(callsByKind(month)).toEqual({ create: 200, renew: 300, add: 67, say: 60 })
      expect(await savedIn(month)).toBe(0)
    })

    it('stays inside a quota too small for it, tells of all that it does without, and every ticket is decided', {
      timeout: 300_000,
    }, async () => {
      await using database = await engine.open()
      await using month = await startMonth(database, 300)
      await live(month)
      expect(await callsOf(month)).toBe(297)
      expect(callsByKind(month)).toEqual({ create: 91, renew: 113, add: 31, say: 21, tell: 10 })
      expect(await savedIn(month)).toBe(135)
      const { items } = await database.stores.tickets.list('acme', { status: 'approved' }, { limit: 500 })
      expect(items).toHaveLength(tickets)
      month.clock.at = chinaMonth(month.clock.at).endsAt
      await month.drain()
      expect(await database.stores.notices.nextDueAt()).toBeNull()
      // What had waited: cards that tell the submitter the outcome.
      expect(await callsOf(month)).toBe(104)
    })
  })
})
