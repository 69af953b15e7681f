import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { onEveryEngine, onSqlite, type TestDatabase } from '#server/db/_engines.ts'
import { hour, minute, second, seedTenant, submitTicket, tap } from '#server/delivery/_world.ts'
import { decide, submitTrial, withdraw } from '#server/tickets/lifecycle.ts'
import { trialTicket } from '#server/tickets/trial.ts'
import { overviewOf } from './overview.ts'

/* What waits, how long approvals take, by step and person, and how deliveries fare. */

const t0 = Date.parse('2026-11-02T09:00:00Z')
const day = 24 * hour
const people = ['alice', 'bob', 'carol', 'dan'].map((uid) => ({ uid }))
const all = { days: 7 } as const

async function opened(database: TestDatabase) {
  await seedTenant(database, { people, enabled: ['lark'] })
  await seedTenant(database, { id: 'beta', people, enabled: ['lark'] })
  const look = (now: number, query: Parameters<typeof overviewOf>[2] = all, tenantId = 'acme') =>
    overviewOf({ stores: database.stores, timeZone: 'UTC', now }, tenantId, query)
  return { store: database.store, look }
}

onEveryEngine((engine) => {
  it('counts no trial, and nothing that was done with one', async () => {
    await using database = await engine.open()
    const { store, look } = await opened(database)
    const words = { title: 'Trial', description: '', step: 'You' }
    const before = await look(t0 + hour)
    await store.run(async (tx) => {
      for (const number of [1_001, 1_002]) {
        const trial = { tenantId: 'acme', id: `trial-${number}`, number, uid: 'alice', words, at: t0 }
        await submitTrial(tx, trialTicket(trial), 'lark')
      }
      const { contentHash } = trialTicket({
        tenantId: 'acme',
        id: 'trial-1001',
        number: 1_001,
        uid: 'alice',
        words,
        at: t0,
      })
      const tapped = {
        tenantId: 'acme',
        ticketId: 'trial-1001',
        actor: 'alice',
        action: 'approve',
        contentHash,
      } as const
      const asked = {
        comment: null,
        surface: 'card',
        confirmed: false,
        via: 'card:lark',
        tappedChannel: 'lark',
      } as const
      expect(await decide(tx, { ...tapped, ...asked, at: t0 + second })).toMatchObject({ ok: true })
    })
    expect(await look(t0 + hour)).toEqual(before)
  })

  it('counts what waits by age, module and person, and what is overdue', async () => {
    await using database = await engine.open()
    const { store, look } = await opened(database)
    const now = t0 + 3 * day
    await submitTicket(store, t0, { nodes: [{ name: 'A', approvers: ['alice'], rule: 'any' }] })
    await submitTicket(store, now - 2 * hour, {
      nodes: [{ name: 'A', approvers: ['alice', 'carol'], rule: 'all' }],
      dueAt: new Date(now - minute).toISOString(),
    })
    const module = 'schema_change'
    await submitTicket(store, now - minute, { module, nodes: [{ name: 'A', approvers: ['dan'], rule: 'any' }] })
    await submitTicket(store, now - minute, { tenantId: 'beta' })
    const { waiting } = await look(now)
    expect(waiting).toEqual({
      total: 3,
      overdue: 1,
      oldestAt: new Date(t0).toISOString(),
      ages: [
        { age: 'hour', count: 1 },
        { age: 'day', count: 1 },
        { age: 'three_days', count: 1 },
        { age: 'week', count: 0 },
        { age: 'older', count: 0 },
      ],
      modules: [
        { module: 'data_export', count: 2 },
        { module, count: 1 },
      ],
      people: [
        { uid: 'alice', count: 2, since: new Date(t0).toISOString() },
        { uid: 'carol', count: 1, since: new Date(now - 2 * hour).toISOString() },
        { uid: 'dan', count: 1, since: new Date(now - minute).toISOString() },
      ],
    })
    expect((await look(now, { days: 7, module })).waiting).toMatchObject({ total: 1, overdue: 0 })
  })

  it('says how many came in and were settled on each day of the tenant, and how long it took', async () => {
    await using database = await engine.open()
    const { store, look } = await opened(database)
    // Half past three in the afternoon in Singapore is a day later than in UTC half of the time.
    await database.db.updateTable('tenants').set({ time_zone: 'Asia/Singapore' }).where('id', '=', 'acme').execute()
    const lateInSingapore = Date.parse('2026-11-02T15:50:00Z')
    const first = await submitTicket(store, lateInSingapore)
    const second_ = await submitTicket(store, lateInSingapore)
    const third = await submitTicket(store, lateInSingapore)
    await tap(store, first, 'alice', 'approve', lateInSingapore + 5 * minute)
    await tap(store, second_, 'alice', 'reject', lateInSingapore + 20 * minute)
    await store.run((tx) =>
      withdraw(tx, {
        tenantId: 'acme',
        ticketId: third.id,
        actor: 'bob',
        via: 'h5',
        comment: null,
        at: lateInSingapore + 20 * minute,
      }),
    )
    const { days, settled, timeZone } = await look(Date.parse('2026-11-03T12:00:00Z'))
    expect(timeZone).toBe('Asia/Singapore')
    expect(days.map((one) => one.day)).toEqual([
      ...['2026-10-28', '2026-10-29', '2026-10-30', '2026-10-31', '2026-11-01'],
      ...['2026-11-02', '2026-11-03'],
    ])
    const pace = (ms: number) => ({ medianMs: ms, p90Ms: ms })
    expect(days.at(-2)).toEqual({
      ...{ day: '2026-11-02', submitted: 3, approved: 1, rejected: 0, ended: 0 },
      ...pace(5 * minute),
    })
    expect(days.at(-1)).toEqual({
      ...{ day: '2026-11-03', submitted: 0, approved: 0, rejected: 1, ended: 1 },
      ...pace(20 * minute),
    })
    expect(settled).toEqual({ count: 2, medianMs: 5 * minute, p90Ms: 20 * minute })
  })

  it('measures a decision from when its step began: after the step before, or after a change of the content', async () => {
    await using database = await engine.open()
    const { store, look } = await opened(database)
    const nodes = [
      { name: 'Owner', approvers: ['alice'], rule: 'any' as const },
      { name: 'DBA', approvers: ['carol', 'dan'], rule: 'all' as const },
    ]
    let ticket = await submitTicket(store, t0, { nodes })
    ticket = await tap(store, ticket, 'alice', 'approve', t0 + hour)
    ticket = await tap(store, ticket, 'carol', 'approve', t0 + hour + minute)
    await tap(store, ticket, 'dan', 'approve', t0 + hour + 3 * minute)
    const { nodes: steps, people: deciders } = await look(t0 + day)
    expect(steps).toEqual([
      { module: 'data_export', name: 'Owner', decisions: 1, medianMs: hour, p90Ms: hour },
      { module: 'data_export', name: 'DBA', decisions: 2, medianMs: minute, p90Ms: 3 * minute },
    ])
    expect(deciders.find(({ uid }) => uid === 'carol')).toMatchObject({ approved: 1, rejected: 0, medianMs: minute })
    expect((await look(t0 + day, { days: 7, module: 'schema_change' })).people).toEqual([])
    expect((await look(t0 + day, all, 'beta')).people).toEqual([])
    // Before the days that were asked for.
    expect((await look(t0 + 9 * day)).people).toEqual([])
  })

  it('names who approves one after the other without time to read, before everybody else', async () => {
    await using database = await engine.open()
    const { store, look } = await opened(database)
    const nodes = [{ name: 'DBA', approvers: ['alice', 'carol'], rule: 'all' as const }]
    for (let index = 0; index < 6; index += 1) {
      const ticket = await submitTicket(store, t0 + index * second, { nodes })
      const carols = await tap(store, ticket, 'carol', 'approve', t0 + hour + index * 2 * second)
      await tap(store, carols, 'alice', 'approve', t0 + 2 * hour + index * minute)
    }
    const { people: deciders } = await look(t0 + day)
    expect(
      deciders.map(({ uid, hasty, longestRun, isRubberStamp }) => ({ uid, hasty, longestRun, isRubberStamp })),
    ).toEqual([
      { uid: 'carol', hasty: 5, longestRun: 5, isRubberStamp: true },
      { uid: 'alice', hasty: 0, longestRun: 0, isRubberStamp: false },
    ])
  })

  it('counts deliveries by channel, and what the platforms answered to those that failed', async () => {
    await using database = await engine.open()
    const { store, look } = await opened(database)
    await submitTicket(store, t0)
    await submitTicket(store, t0)
    await submitTicket(store, t0, { tenantId: 'beta' })
    const [first] = await database.db
      .selectFrom('deliveries')
      .select('id')
      .where('tenant_id', '=', 'acme')
      .orderBy('id')
      .execute()
    const id = first?.id ?? ''
    await database.db.updateTable('deliveries').set({ state: 'failed' }).where('id', '=', id).execute()
    const attempt = { tenant_id: 'acme', delivery_id: id, at: t0, message: '' }
    await database.db
      .insertInto('delivery_attempts')
      .values([
        { ...attempt, seq: 1, code: '99991400' },
        { ...attempt, seq: 2, code: '230013' },
      ])
      .execute()
    const { channels, failures } = await look(t0 + minute)
    expect(channels).toEqual([{ channel: 'lark', waiting: 1, sent: 0, failed: 1, suppressed: 0 }])
    expect(failures).toEqual([{ channel: 'lark', code: '230013', count: 1 }])
  })

  it('is empty, and whole, where nothing ever happened', async () => {
    await using database = await engine.open()
    const { look } = await opened(database)
    const figures = await look(t0, { days: 30 })
    expect(figures.days).toHaveLength(30)
    expect(figures.days.every((one) => one.submitted === 0 && one.medianMs === null)).toBe(true)
    expect(figures).toMatchObject({
      settled: { count: 0, medianMs: null },
      people: [],
      nodes: [],
      channels: [],
      partial: [],
    })
  })
})

onSqlite((engine) => {
  it('reads no ticket to count what came in and was settled', async () => {
    await using database = await engine.open()
    const plan = async (where: ReturnType<typeof sql<boolean>>, columns: ReturnType<typeof sql>): Promise<string> => {
      const { rows } = await sql<{ detail: string }>`explain query plan select ${columns}, count(*) from tickets
        where tenant_id = 'acme' and ${where} group by ${columns}`.execute(database.db)
      return rows.map(({ detail }) => detail).join('\n')
    }
    expect(await plan(sql`created_at >= 5`, sql`created_at / 900000`)).toContain('COVERING INDEX tickets_by_submission')
    expect(await plan(sql`decided_at >= 5`, sql`decided_at / 900000, status`)).toContain(
      'COVERING INDEX tickets_by_settlement',
    )
  })
})
