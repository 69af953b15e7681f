import type { CoverageQuery, NotificationRule } from '@countersign/contracts'
import { expect, it } from 'vitest'
import { ChannelError } from '#server/channels/channel-error.ts'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import { FakeChannel } from '#server/delivery/_fake-channel.ts'
import { HandClock, minute, seedTenant, submitTicket, testWorker } from '#server/delivery/_world.ts'
import { cover } from './cover.ts'

const rule = (change: Partial<NotificationRule>): NotificationRule => ({
  module: 'data_export',
  event: 'pending',
  enabled: true,
  roles: [],
  additionalUsers: [],
  ...change,
})

async function addTemplate(
  { db }: TestDatabase,
  nodes: { name: string; rule: unknown; approvers: string[] }[],
  id = 'export-default',
): Promise<void> {
  const template = JSON.stringify({ id, module: 'data_export', nodes })
  const place = { tenant_id: 'acme', id, module: 'data_export', position: 0, provisioned: 1 } as const
  await db
    .insertInto('approval_templates')
    .values({ ...place, template })
    .execute()
}

const ask = (database: TestDatabase, query: Partial<CoverageQuery> = {}) =>
  cover(database.stores, 'acme', { module: 'data_export', event: 'pending', ...query }, 1_000)

onEveryEngine((engine) => {
  it('tells through what each approver of a template is told, the unreachable first, and why', async () => {
    await using database = await engine.open()
    await seedTenant(database, {
      enabled: ['lark'],
      disabled: ['feishu'],
      people: [
        { uid: 'alice', channels: ['lark', 'feishu'] },
        { uid: 'bound-to-disabled', channels: ['feishu'] },
        { uid: 'by-sms', channels: ['sms'] },
        { uid: 'gone', disabled: true },
        { uid: 'unbound', channels: [] },
      ],
    })
    const approvers = ['alice', 'bound-to-disabled', 'by-sms', 'gone', 'nobody', 'unbound']
    await addTemplate(database, [{ name: 'DBA', rule: 'any', approvers }])
    const coverage = await ask(database, { template: 'export-default' })
    expect(coverage).toMatchObject({ module: 'data_export', template: 'export-default', isOn: true, unreachable: 5 })
    const why = coverage.people.map(({ uid, problems }) => [uid, ...problems.map((p) => `${p.channel}: ${p.reason}`)])
    expect(why).toEqual([
      ['bound-to-disabled', 'feishu: channel_not_enabled'],
      ['by-sms', 'sms: no_adapter'],
      ['gone', 'null: disabled'],
      ['nobody', 'null: unknown_person'],
      ['unbound', 'null: not_bound'],
      ['alice', 'feishu: channel_not_enabled'],
    ])
    expect(coverage.people.at(-1)).toMatchObject({
      isReachable: true,
      through: [{ channel: 'lark', isProven: false }],
    })
  })

  it('knows which steps cannot be passed, and takes the submitter out of the approvers', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people: [{ uid: 'alice' }, { uid: 'bob' }, { uid: 'deaf', channels: [] }] })
    await addTemplate(database, [
      { name: 'any', rule: 'any', approvers: ['alice', 'deaf'] },
      { name: 'all', rule: 'all', approvers: ['alice', 'deaf'] },
      { name: 'two of three', rule: { quorum: 2 }, approvers: ['alice', 'bob', 'deaf'] },
      { name: 'nobody', rule: 'any', approvers: ['deaf'] },
    ])
    const stuck = (coverage: Awaited<ReturnType<typeof ask>>) =>
      coverage.nodes.filter(({ isStuck }) => isStuck).map(({ name }) => name)
    expect(stuck(await ask(database))).toEqual(['all', 'nobody'])
    expect(stuck(await ask(database, { submitter: 'bob' }))).toEqual(['all', 'two of three', 'nobody'])
    const draft = await ask(database, { approvers: ['deaf'] })
    expect(draft.nodes).toEqual([{ name: '', rule: 'any', approvers: ['deaf'], isStuck: true }])
  })

  it('goes by the rule: its channels, whom it adds, and that it is off', async () => {
    await using database = await engine.open()
    await seedTenant(database, {
      enabled: ['lark', 'feishu'],
      people: [{ uid: 'alice' }, { uid: 'bob' }, { uid: 'dan', channels: ['feishu'] }],
      rules: [
        rule({ channels: ['feishu'], additionalUsers: ['dan'] }),
        rule({ event: 'approved', additionalUsers: ['dan'] }),
        rule({ event: 'rejected', enabled: false }),
      ],
    })
    await addTemplate(database, [{ name: 'DBA', rule: 'any', approvers: ['alice'] }])
    const pending = await ask(database)
    expect(pending.people.map(({ uid, isReachable }) => [uid, isReachable])).toEqual([
      ['alice', false],
      ['dan', true],
    ])
    expect(pending.people[0]?.problems).toEqual([{ channel: 'lark', reason: 'not_in_rule', code: null, at: null }])
    const approved = await ask(database, { event: 'approved' })
    expect([approved.people.map(({ uid }) => uid), approved.needsSubmitter]).toEqual([['dan'], true])
    const named = await ask(database, { event: 'approved', submitter: 'bob' })
    expect([named.people.map(({ uid }) => uid), named.needsSubmitter]).toEqual([['bob', 'dan'], false])
    expect(await ask(database, { event: 'rejected', submitter: 'bob' })).toMatchObject({ isOn: false, people: [] })
  })

  it('knows who has ticked nothing, and whom a rule adds by role', async () => {
    await using database = await engine.open()
    await seedTenant(database, {
      people: [{ uid: 'alice' }, { uid: 'chen' }, { uid: 'dan' }],
      rules: [rule({ roles: ['dba', 'related'] })],
    })
    const { db } = database
    await db.updateTable('user_channels').set({ enabled: 0 }).where('uid', '=', 'alice').execute()
    await db.updateTable('users').set({ roles: '["dba"]' }).where('uid', '=', 'chen').execute()
    const { people } = await ask(database, { approvers: ['alice'], cc: ['dan'] })
    expect(people.map(({ uid, isReachable }) => [uid, isReachable])).toEqual([
      ['alice', false],
      ['chen', true],
      ['dan', true],
    ])
    expect(people[0]?.problems).toEqual([{ channel: 'lark', reason: 'switched_off', code: null, at: null }])
  })

  it('knows whom the platform does not know, until they are bound by another address', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people: [{ uid: 'alice' }, { uid: 'bob' }] })
    const clock = new HandClock()
    const lark = new FakeChannel()
    lark.strangers.add('alice@acme.test')
    await using worker = await testWorker({ store: database.store, channels: [lark], clock })
    await submitTicket(database.store, clock.at)
    await worker.drain()
    const draft = { approvers: ['alice'] }
    expect((await ask(database, draft)).people).toEqual([
      {
        uid: 'alice',
        name: 'alice',
        isReachable: false,
        through: [],
        problems: [
          { channel: 'lark', reason: 'not_found', code: 'person_not_found', at: new Date(clock.at).toISOString() },
        ],
      },
    ])
    await database.db
      .updateTable('user_channels')
      .set({ address: '{"email":"alice@new.test"}', updated_at: clock.at + 1 })
      .where('uid', '=', 'alice')
      .execute()
    expect((await ask(database, draft)).people[0]).toMatchObject({
      isReachable: true,
      through: [{ channel: 'lark', isProven: false }],
    })
  })

  it('knows whom the last message did not reach for good, until one does', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people: [{ uid: 'alice' }, { uid: 'bob' }] })
    const clock = new HandClock()
    const lark = new FakeChannel()
    lark.faults.push({ kind: 'refuse', error: new ChannelError('rejected', '230013', 'the bot cannot reach them') })
    await using worker = await testWorker({ store: database.store, channels: [lark], clock })
    await submitTicket(database.store, clock.at)
    await worker.drain()
    const draft = { approvers: ['alice'] }
    const [unreached] = (await ask(database, draft)).people
    expect(unreached?.isReachable).toBe(false)
    expect(unreached?.problems).toMatchObject([{ channel: 'lark', reason: 'last_failed', code: '230013' }])
    clock.advance(minute)
    await submitTicket(database.store, clock.at)
    await worker.drain()
    expect((await ask(database, draft)).people).toMatchObject([
      { isReachable: true, through: [{ channel: 'lark', isProven: true }], problems: [] },
    ])
  })

  it('agrees with what a real ticket then does', async () => {
    await using database = await engine.open()
    await seedTenant(database, {
      enabled: ['lark', 'feishu'],
      people: [{ uid: 'alice', channels: ['lark', 'feishu'] }, { uid: 'bob' }, { uid: 'deaf', channels: [] }],
      rules: [rule({ channels: ['feishu'], additionalUsers: ['bob'] })],
    })
    const { people } = await ask(database, { approvers: ['alice', 'deaf'] })
    const ticket = await submitTicket(database.store, 1_000, {
      nodes: [{ name: 'DBA', approvers: ['alice', 'deaf'], rule: 'any' }],
    })
    const deliveries = await database.stores.notices.deliveries('acme', ticket.id)
    const queued = deliveries
      .filter(({ state }) => state === 'queued')
      .map(({ recipient, channel }) => [recipient, channel])
    expect(people.flatMap(({ uid, through }) => through.map(({ channel }) => [uid, channel]))).toEqual(queued)
    const failed = deliveries.filter(({ state }) => state === 'failed').map(({ recipient }) => recipient)
    expect(people.filter(({ isReachable }) => !isReachable).map(({ uid }) => uid)).toEqual(failed.toSorted())
  })

  it('knows no template of another module, and none that is not there', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people: [{ uid: 'alice' }] })
    await addTemplate(database, [{ name: 'DBA', rule: 'any', approvers: ['alice'] }])
    await expect(ask(database, { template: 'nope' })).rejects.toMatchObject({ code: 'not_found' })
    await expect(ask(database, { template: 'export-default', module: 'nddl' })).rejects.toMatchObject({
      code: 'not_found',
    })
    expect(await ask(database, { module: 'nddl' })).toMatchObject({ template: null, people: [], nodes: [] })
  })
})
