import { expect, it } from 'vitest'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import { FakeChannel } from '#server/delivery/_fake-channel.ts'
import { FakeMessenger } from '#server/delivery/_fake-messenger.ts'
import { bindRobots, robotOf } from '#server/delivery/_robots.ts'
import { HandClock, hour, minute, seedTenant, silentLog, submitTicket, testWorker } from '#server/delivery/_world.ts'
import { createDailyReports } from './daily-report.ts'

const day = 24 * hour

/** Alice and Chen administer; Deaf, whom a template asks, has no address. It is 7:59 in Singapore. */
async function seed(database: TestDatabase): Promise<HandClock> {
  await seedTenant(database, {
    people: [
      { uid: 'alice' },
      { uid: 'chen' },
      { uid: 'bob' },
      { uid: 'deaf', channels: [] },
      { uid: 'left', disabled: true },
    ],
  })
  const { db } = database
  await db.updateTable('tenants').set({ time_zone: 'Asia/Singapore' }).execute()
  await db
    .updateTable('users')
    .set({ roles: '["user","admin"]' })
    .where('uid', 'in', ['alice', 'chen', 'left'])
    .execute()
  await db.updateTable('users').set({ roles: '["security_admin"]' }).where('uid', '=', 'bob').execute()
  await db.updateTable('users').set({ locale: 'zh-CN' }).where('uid', '=', 'chen').execute()
  await ask(database, ['bob', 'deaf'])
  return new HandClock(Date.parse('2026-11-27T23:59:00Z'))
}

async function ask({ db }: TestDatabase, approvers: string[]): Promise<void> {
  const template = JSON.stringify({ id: 't', module: 'nddl', nodes: [{ name: 'DBA', rule: 'any', approvers }] })
  await db
    .insertInto('approval_templates')
    .values({ tenant_id: 'acme', id: 't', module: 'nddl', template, position: 0, provisioned: 1 })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'id']).doUpdateSet({ template }))
    .execute()
}

function reporting(database: TestDatabase, clock: HandClock, store = database.store) {
  let committed = 0
  const reports = createDailyReports({
    store,
    timeZone: 'UTC',
    now: clock.now,
    log: silentLog,
    committed: () => {
      committed += 1
    },
  })
  return { runDue: () => reports.runDue(), committed: () => committed }
}

onEveryEngine((engine) => {
  it('administrators are told of tickets that nobody can complete, though everybody can be told', async () => {
    await using database = await engine.open()
    const clock = await seed(database)
    const { db, store } = database
    await ask(database, ['bob'])
    const nodes = [{ name: 'DBA', approvers: ['chen', 'bob'], rule: 'all' as const }]
    await submitTicket(store, clock.at, { submitter: 'alice', nodes })
    await db.updateTable('users').set({ disabled: 1 }).where('uid', '=', 'chen').execute()
    const lark = new FakeChannel()
    await using worker = await testWorker({ store, channels: [lark], clock })
    const { runDue } = reporting(database, clock)
    clock.advance(minute)
    await runDue()
    await worker.drain()
    expect(lark.said.map(({ text }) => text).join()).toContain('Pending tickets that nobody can complete: 1.')
  })

  it('administrators are told from 8 in the morning of their tenant who cannot be told, each in their language', async () => {
    await using database = await engine.open()
    const clock = await seed(database)
    const lark = new FakeChannel()
    await using worker = await testWorker({ store: database.store, channels: [lark], clock })
    const { runDue, committed } = reporting(database, clock)
    await runDue()
    await worker.drain()
    expect(lark.said).toEqual([])
    clock.advance(minute)
    await runDue()
    await worker.drain()
    expect(committed()).toBe(1)
    expect(lark.said.toSorted((a, b) => (a.to < b.to ? -1 : 1))).toEqual([
      {
        to: 'ou_alice@acme.test',
        text: 'acme: who cannot be told of tickets\n• deaf: no address on any channel\nhttp://localhost:8080/console/',
      },
      {
        to: 'ou_chen@acme.test',
        text: 'acme：无法收到工单通知的人员\n• deaf：没有任何渠道的地址\nhttp://localhost:8080/console/',
      },
    ])
    clock.advance(hour)
    await runDue()
    await worker.drain()
    expect(lark.said).toHaveLength(2)
  })

  it('are told again the next day, then that it is over, and then nothing', async () => {
    await using database = await engine.open()
    const clock = await seed(database)
    const lark = new FakeChannel()
    await using worker = await testWorker({ store: database.store, channels: [lark], clock })
    const { runDue } = reporting(database, clock)
    clock.advance(minute)
    const toldOn = async (): Promise<string[]> => {
      clock.advance(day)
      const before = lark.said.length
      await runDue()
      await worker.drain()
      return lark.said
        .slice(before)
        .flatMap(({ to, text }) => (to.includes('alice') ? [text.split('\n')[1] ?? ''] : []))
    }
    expect(await toldOn()).toEqual(['• deaf: no address on any channel'])
    expect(await toldOn()).toEqual(['• deaf: no address on any channel'])
    await database.db
      .insertInto('user_channels')
      .values({
        tenant_id: 'acme',
        uid: 'deaf',
        channel: 'lark',
        address: '{"email":"deaf@acme.test"}',
        provisioned: 0,
        updated_at: 0,
      })
      .execute()
    expect(await toldOn()).toEqual(['• deaf: can be told again'])
    expect(await toldOn()).toEqual([])
  })

  it('are not told that somebody can be told again who is not asked any more', async () => {
    await using database = await engine.open()
    const clock = await seed(database)
    const lark = new FakeChannel()
    await using worker = await testWorker({ store: database.store, channels: [lark], clock })
    const { runDue } = reporting(database, clock)
    clock.advance(minute)
    await runDue()
    await ask(database, ['bob'])
    clock.advance(day)
    await runDue()
    await worker.drain()
    expect(lark.said).toHaveLength(2)
  })

  it('are told once, however many instances look at the same moment', async () => {
    await using database = await engine.open()
    const clock = await seed(database)
    clock.advance(minute)
    const instances = [database.store]
    for (let more = 0; more < (engine.name === 'postgres' ? 3 : 0); more += 1)
      instances.push(await database.openAgain())
    const looking = instances.flatMap((store) => [reporting(database, clock, store), reporting(database, clock, store)])
    await Promise.all(looking.map(({ runDue }) => runDue()))
    expect(looking.reduce((sum, { committed }) => sum + committed(), 0)).toBe(1)
    expect(await database.stores.notices.countByState()).toEqual({ queued: 2 })
  })

  it('are told nothing where the tenant has switched it off, or nobody is unreachable', async () => {
    await using database = await engine.open()
    const clock = await seed(database)
    clock.advance(minute)
    await database.db.updateTable('tenants').set({ coverage_report: 0 }).execute()
    await reporting(database, clock).runDue()
    expect(await database.stores.reports.latest('acme')).toBeNull()
    await database.db.updateTable('tenants').set({ coverage_report: 1 }).execute()
    await ask(database, ['bob'])
    await reporting(database, clock).runDue()
    expect(await database.stores.reports.latest('acme')).toEqual({
      day: '2026-11-28',
      report: { unreachable: [], recovered: [] },
    })
    expect(await database.stores.notices.countByState()).toEqual({})
  })

  it('an administrator whom nothing reaches leaves a delivery that says so', async () => {
    await using database = await engine.open()
    const clock = await seed(database)
    await database.db.deleteFrom('user_channels').where('uid', '=', 'chen').execute()
    clock.advance(minute)
    await reporting(database, clock).runDue()
    const rows = await database.db.selectFrom('deliveries').select(['recipient', 'channel', 'state', 'event']).execute()
    expect(rows.toSorted((a, b) => (a.recipient < b.recipient ? -1 : 1))).toEqual([
      { recipient: 'alice', channel: 'lark', state: 'queued', event: 'report' },
      { recipient: 'chen', channel: 'none', state: 'failed', event: 'report' },
    ])
  })

  it('goes out by itself on a channel with shared cards', async () => {
    await using database = await engine.open()
    const clock = await seed(database)
    const { db } = database
    await db.updateTable('channels').set({ name: 'dingtalk' }).where('name', '=', 'lark').execute()
    await db.updateTable('user_channels').set({ channel: 'dingtalk' }).execute()
    const dingtalk = new FakeChannel('acme', 'dingtalk')
    await using worker = await testWorker({ store: database.store, channels: [dingtalk], clock })
    clock.advance(minute)
    await reporting(database, clock).runDue()
    await worker.drain()
    expect(dingtalk.said).toHaveLength(2)
    expect(await database.stores.notices.countByState()).toEqual({ sent: 2 })
  })

  it('is told once to administrators who share a group, and never in one message with tickets', async () => {
    const messengers = [{ name: 'wecomRobot', canBundle: true, hasOwnHosts: false }] as const
    await using database = await engine.open({ messengers, channelNames: ['lark', 'wecomRobot'] })
    const clock = await seed(database)
    const { db, store, stores } = database
    await db.updateTable('channels').set({ name: 'wecomRobot' }).where('name', '=', 'lark').execute()
    await db.deleteFrom('user_channels').execute()
    await bindRobots(database, { alice: robotOf('ops'), chen: robotOf('ops'), bob: robotOf('other') })
    const robot = new FakeMessenger()
    await using worker = await testWorker({ store, channels: [], messengers: [robot], clock })
    clock.advance(minute)
    await submitTicket(store, clock.at, {
      submitter: 'chen',
      nodes: [{ name: 'DBA', approvers: ['alice'], rule: 'any' }],
    })
    await reporting(database, clock).runDue()
    await db.updateTable('deliveries').set({ waits_for: 'quiet_hours' }).where('state', '=', 'queued').execute()
    await worker.drain()
    const reports = robot.received.filter(({ letter }) => letter.content.kind === 'report')
    expect(reports.map(({ at, letter }) => [at, letter.to.uid, letter.words])).toEqual([
      [
        JSON.stringify({ url: robotOf('ops') }),
        'alice',
        { title: 'acme: who cannot be told of tickets', body: '• deaf: no address on any channel' },
      ],
    ])
    expect(robot.received.map(({ letter }) => letter.content.kind).toSorted()).toEqual(['notice', 'report'])
    expect(await stores.notices.countByState()).toEqual({ sent: 2, suppressed: 1 })
  })
})
