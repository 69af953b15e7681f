import { describe, expect, it } from 'vitest'
import { seedTenant, submitTicket, tap } from '#server/delivery/_world.ts'
import { withdraw } from '#server/tickets/lifecycle.ts'
import { onEveryEngine, type TestDatabase } from './_engines.ts'
import type { ClaimedDelivery, DeliveryRecord, DeliveryResult } from './stores.ts'

const t0 = Date.parse('2026-11-02T09:00:00Z')
const leaseMs = 30_000
const nobodyElse = { related: [], owners: [], dueAt: null, ladder: [] }
const noRoom = new Map<string, number>()

async function claim(database: TestDatabase, now: number, owner = 'one', more: Partial<{ limit: number }> = {}) {
  const options = { limit: 100, leaseMs, now, perLane: 100, room: noRoom, ...more }
  return database.store.run((tx) => tx.notices.claim(owner, options))
}

function report(database: TestDatabase, delivery: ClaimedDelivery, result: DeliveryResult, now: number, owner = 'one') {
  return database.store.run((tx) => tx.notices.report(owner, delivery, result, now))
}

const delivered = (shownVersion: number, state: 'sent' | 'updated' = 'sent'): DeliveryResult => ({
  kind: 'delivered',
  state,
  shownVersion,
  message: { id: 'om_1' },
  code: '0',
  text: 'ok',
})

const brief = ({ recipient, channel, event, state, attempts }: DeliveryRecord) => ({
  recipient,
  channel,
  event,
  state,
  codes: attempts.map(({ code }) => code),
})

onEveryEngine((engine) => {
  describe('announcing', () => {
    it('queues one delivery per recipient and enabled channel to which they are bound', async () => {
      await using database = await engine.open()
      await seedTenant(database, {
        people: [
          { uid: 'alice', channels: ['lark', 'feishu'] },
          { uid: 'bob' },
          { uid: 'carol', channels: ['feishu'] },
        ],
        enabled: ['lark', 'feishu'],
      })
      const ticket = await submitTicket(database.store, t0, {
        nodes: [{ name: 'A', approvers: ['alice', 'carol'], rule: 'all' }],
      })
      const list = await database.stores.notices.deliveries('acme', ticket.id)
      expect(list.map(brief)).toEqual([
        { recipient: 'alice', channel: 'feishu', event: 'pending', state: 'queued', codes: [] },
        { recipient: 'alice', channel: 'lark', event: 'pending', state: 'queued', codes: [] },
        { recipient: 'carol', channel: 'feishu', event: 'pending', state: 'queued', codes: [] },
      ])
      expect(list.map(({ dueAt }) => dueAt)).toEqual([t0, t0, t0])
    })

    it('says why somebody cannot be reached, instead of dropping them', async () => {
      await using database = await engine.open()
      await seedTenant(database, {
        people: [
          { uid: 'bob' },
          { uid: 'off', disabled: true },
          { uid: 'loose', channels: [] },
          { uid: 'dark', channels: ['feishu'] },
          { uid: 'mailer', channels: ['email'] },
        ],
        enabled: ['lark', 'email'],
        disabled: ['feishu'],
      })
      const ticket = await submitTicket(database.store, t0, {
        nodes: [{ name: 'A', approvers: ['loose', 'dark', 'mailer'], rule: 'any' }],
      })
      await database.store.run((tx) =>
        tx.notices.announce({
          tenantId: 'acme',
          ticketId: ticket.id,
          module: 'data_export',
          event: 'reminded',
          key: 'reminded:1',
          recipients: ['off', 'ghost'],
          onlookers: [],
          ...nobodyElse,
          at: t0 + 1,
        }),
      )
      const list = await database.stores.notices.deliveries('acme', ticket.id)
      expect(list.map(({ recipient, channel, state, dueAt }) => [recipient, channel, state, dueAt])).toEqual([
        ['loose', 'none', 'failed', null],
        ['dark', 'none', 'failed', null],
        ['mailer', 'none', 'failed', null],
        ['off', 'none', 'failed', null],
        ['ghost', 'none', 'failed', null],
      ])
      expect(list.flatMap(({ attempts }) => attempts)).toEqual([
        { at: t0, code: 'no_channel', message: 'loose is bound to no enabled channel' },
        { at: t0, code: 'no_channel', message: 'dark is bound to no enabled channel' },
        { at: t0, code: 'no_channel', message: 'mailer is bound to no enabled channel' },
        { at: t0 + 1, code: 'no_channel', message: 'off is disabled' },
        { at: t0 + 1, code: 'no_channel', message: 'no person of this tenant has the uid ghost' },
      ])
    })

    it('obeys the rule of module and event: its channels, its additional users, and its switch', async () => {
      await using database = await engine.open()
      await seedTenant(database, {
        people: [
          { uid: 'alice', channels: ['lark', 'feishu'] },
          { uid: 'bob' },
          { uid: 'dan' },
          { uid: 'eve', channels: ['feishu'] },
        ],
        enabled: ['lark', 'feishu'],
        rules: [
          {
            module: 'data_export',
            event: 'pending',
            enabled: true,
            channels: ['lark'],
            roles: [],
            additionalUsers: ['dan', 'eve'],
          },
          { module: 'data_export', event: 'approved', enabled: false, roles: [], additionalUsers: ['dan'] },
        ],
      })
      const ticket = await submitTicket(database.store, t0)
      await tap(database.store, ticket, 'alice', 'approve', t0 + 5)
      expect((await database.stores.notices.deliveries('acme', ticket.id)).map(brief)).toEqual([
        { recipient: 'alice', channel: 'lark', event: 'pending', state: 'suppressed', codes: ['superseded'] },
        { recipient: 'dan', channel: 'lark', event: 'pending', state: 'suppressed', codes: ['superseded'] },
        { recipient: 'eve', channel: 'none', event: 'pending', state: 'failed', codes: ['no_channel'] },
        { recipient: 'bob', channel: 'none', event: 'approved', state: 'suppressed', codes: ['rule_off'] },
      ])
    })

    it('tells those beside the default role whom the rule names by role, each once', async () => {
      await using database = await engine.open()
      const roles = ['related', 'data_owner', 'dba', 'admin'] as const
      const rule = { module: 'data_export', event: 'pending', enabled: true, additionalUsers: ['fred'] } as const
      await seedTenant(database, {
        people: [
          { uid: 'alice', roles: ['dba'] },
          { uid: 'bob' },
          { uid: 'carol', roles: ['user', 'admin'] },
          { uid: 'dan', roles: ['security_admin'] },
          { uid: 'eve', roles: ['admin'], disabled: true },
          { uid: 'fred' },
          { uid: 'gina' },
          { uid: 'hugo' },
        ],
        rules: [{ ...rule, roles: [...roles], additionalUsers: ['fred'] }],
      })
      const ticket = await submitTicket(database.store, t0, { cc: ['gina', 'fred'], owners: ['hugo', 'alice'] })
      const told = await database.stores.notices.deliveries('acme', ticket.id)
      expect(told.map(({ recipient }) => recipient)).toEqual(['alice', 'gina', 'fred', 'hugo', 'carol'])
      await tap(database.store, ticket, 'alice', 'approve', t0 + 5)
      const later = await database.stores.notices.deliveries('acme', ticket.id)
      expect(later.filter(({ event }) => event === 'approved').map(({ recipient }) => recipient)).toEqual(['bob'])
    })

    it('changes nothing when the same notice is announced again', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people: [{ uid: 'alice' }, { uid: 'bob' }, { uid: 'loose', channels: [] }] })
      const ticket = await submitTicket(database.store, t0)
      const notice = {
        tenantId: 'acme',
        ticketId: ticket.id,
        module: 'data_export',
        event: 'reminded' as const,
        key: 'reminded:7',
        recipients: ['alice', 'loose'],
        onlookers: [],
        ...nobodyElse,
        at: t0 + 7,
      }
      await database.store.run((tx) => tx.notices.announce(notice))
      const before = await database.stores.notices.deliveries('acme', ticket.id)
      await database.store.run((tx) => tx.notices.announce({ ...notice, at: t0 + 9 }))
      expect(await database.stores.notices.deliveries('acme', ticket.id)).toEqual(before)
      expect(before).toHaveLength(3)
      expect(await database.stores.notices.lastReminders('acme', ticket.id)).toEqual(
        new Map([
          ['alice', t0 + 7],
          ['loose', t0 + 7],
        ]),
      )
    })

    it('commits and rolls back with the change it tells of', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people: [{ uid: 'alice' }, { uid: 'bob' }] })
      const ticket = await submitTicket(database.store, t0)
      const failing = database.store.run(async (tx) => {
        await withdraw(tx, {
          tenantId: 'acme',
          ticketId: ticket.id,
          actor: 'bob',
          via: 'api',
          at: t0 + 1,
          comment: null,
        })
        throw new Error('and then the power went')
      })
      await expect(failing).rejects.toThrow('the power went')
      expect((await database.stores.notices.deliveries('acme', ticket.id)).map(brief)).toEqual([
        { recipient: 'alice', channel: 'lark', event: 'pending', state: 'queued', codes: [] },
      ])
    })

    it('queues the outcome for the callback address under its host', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people: [{ uid: 'alice' }, { uid: 'bob' }] })
      const ticket = await submitTicket(database.store, t0, { callbackUrl: 'https://source.example:8443/done?x=1' })
      await tap(database.store, ticket, 'alice', 'approve', t0 + 5)
      const list = await database.stores.notices.deliveries('acme', ticket.id)
      expect(list.map(brief)).toContainEqual({
        recipient: 'source.example:8443',
        channel: 'callback',
        event: 'approved',
        state: 'queued',
        codes: [],
      })
    })
  })

  describe('leasing', () => {
    it('gives each due delivery to one owner, and to another when the lease has ended', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people: [{ uid: 'alice' }, { uid: 'bob' }] })
      const ticket = await submitTicket(database.store, t0)
      expect(await claim(database, t0 - 1)).toEqual([])
      const [first] = await claim(database, t0)
      expect(first).toMatchObject({
        ticketId: ticket.id,
        recipient: 'alice',
        tries: 0,
        message: null,
        firstTriedAt: null,
      })
      expect(await claim(database, t0 + leaseMs - 1, 'two')).toEqual([])
      const [second] = await claim(database, t0 + leaseMs, 'two')
      expect(second).toMatchObject({ id: first?.id, tries: 1, firstTriedAt: t0 })
      if (first === undefined || second === undefined) throw new Error('nothing was claimed')
      expect(await report(database, first, delivered(1), t0 + leaseMs + 1, 'one')).toBe(false)
      expect(await report(database, second, delivered(1), t0 + leaseMs + 2, 'two')).toBe(true)
      const [record] = await database.stores.notices.deliveries('acme', ticket.id)
      expect(record).toMatchObject({
        state: 'sent',
        dueAt: null,
        attempts: [{ at: t0 + leaseMs + 2, code: '0', message: 'ok' }],
      })
      expect(await database.stores.notices.nextDueAt()).toBeNull()
    })

    it('takes no more of a lane than there is room for, and of a full one nothing', async () => {
      await using database = await engine.open()
      for (const id of ['acme', 'beta', 'gamma']) {
        await seedTenant(database, { id, people: [{ uid: 'alice' }, { uid: 'bob' }] })
        for (let n = 0; n < 6; n += 1)
          await submitTicket(database.store, t0 + (id === 'acme' ? 0 : 50), { tenantId: id })
      }
      const room = new Map([
        ['acme/lark', 0],
        ['beta/lark', 1],
      ])
      const options = { limit: 32, leaseMs, now: t0 + 100, perLane: 4, room }
      const claimed = await database.store.run((tx) => tx.notices.claim('one', options))
      expect(
        Object.entries(Object.groupBy(claimed, ({ tenantId }) => tenantId))
          .map(([id, all]) => [id, all?.length])
          .sort(),
      ).toEqual([
        ['beta', 1],
        ['gamma', 4],
      ])
    })

    it('hands back what was released without an attempt, and what is to be retried with one', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people: [{ uid: 'alice' }, { uid: 'bob' }] })
      const ticket = await submitTicket(database.store, t0)
      const [once] = await claim(database, t0)
      if (once === undefined) throw new Error('nothing was claimed')
      await report(database, once, { kind: 'released', dueAt: t0 + 70 }, t0 + 10)
      const [record] = await database.stores.notices.deliveries('acme', ticket.id)
      expect(record).toMatchObject({ state: 'queued', dueAt: t0 + 70, attempts: [] })
      const [twice] = await claim(database, t0 + 70)
      if (twice === undefined) throw new Error('nothing was claimed')
      expect(twice).toMatchObject({ tries: 0, firstTriedAt: null })
      const retry = {
        kind: 'retry',
        dueAt: t0 + 5_000,
        code: '500',
        text: 'x'.repeat(2_000),
        counted: true,
        firstTriedAt: t0 + 70,
      } as const
      await report(database, twice, retry, t0 + 80)
      const [later] = await database.stores.notices.deliveries('acme', ticket.id)
      expect(later).toMatchObject({ state: 'queued', dueAt: t0 + 5_000, attempts: [{ at: t0 + 80, code: '500' }] })
      expect(later?.attempts[0]?.message).toHaveLength(500)
      expect(await claim(database, t0 + 5_000)).toMatchObject([{ tries: 1, firstTriedAt: t0 + 70 }])
      expect(await database.stores.notices.countByState()).toEqual({ sending: 1 })
    })
  })

  describe('refreshing cards', () => {
    const people = [{ uid: 'alice' }, { uid: 'bob' }, { uid: 'carol' }, { uid: 'dan' }]

    async function dueTimes(database: TestDatabase, ticketId: string): Promise<Record<string, number | null>> {
      const rows = await database.stores.notices.deliveries('acme', ticketId)
      return Object.fromEntries(rows.map(({ recipient, event, dueAt }) => [`${recipient} ${event}`, dueAt]))
    }

    it('makes every card due at once, and the tapped one a little later', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const ticket = await submitTicket(database.store, t0, {
        nodes: [{ name: 'A', approvers: ['alice', 'carol'], rule: 'any' }],
      })
      for (const delivery of await claim(database, t0)) await report(database, delivery, delivered(1), t0 + 1)
      await tap(database.store, ticket, 'alice', 'approve', t0 + 100)
      expect(await dueTimes(database, ticket.id)).toEqual({
        'alice pending': t0 + 4_100,
        'carol pending': t0 + 100,
        'bob approved': t0 + 100,
      })
      expect(await claim(database, t0 + 100)).toMatchObject([
        { recipient: expect.stringMatching(/bob|carol/), wantedVersion: 2 },
        { recipient: expect.stringMatching(/bob|carol/), wantedVersion: 2 },
      ])
    })

    it('suppresses what is still queued for people who are no longer asked, and keeps it for those who are', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const ticket = await submitTicket(database.store, t0, {
        nodes: [{ name: 'A', approvers: ['alice', 'carol', 'dan'], rule: { quorum: 2 } }],
      })
      await tap(database.store, ticket, 'alice', 'approve', t0 + 100)
      expect((await database.stores.notices.deliveries('acme', ticket.id)).map(brief)).toEqual([
        { recipient: 'alice', channel: 'lark', event: 'pending', state: 'suppressed', codes: ['superseded'] },
        { recipient: 'carol', channel: 'lark', event: 'pending', state: 'queued', codes: [] },
        { recipient: 'dan', channel: 'lark', event: 'pending', state: 'queued', codes: [] },
      ])
    })

    it('lets a card that is being sent right now end in the true state', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const ticket = await submitTicket(database.store, t0, {
        nodes: [{ name: 'A', approvers: ['alice', 'carol'], rule: 'any' }],
      })
      const claimed = await claim(database, t0)
      await tap(database.store, ticket, 'alice', 'approve', t0 + 100)
      for (const delivery of claimed) expect(await report(database, delivery, delivered(1), t0 + 200)).toBe(true)
      const again = await claim(database, t0 + 200)
      expect(
        again.map(({ recipient, event, wantedVersion, shownVersion }) => ({
          recipient,
          event,
          wantedVersion,
          shownVersion,
        })),
      ).toEqual(
        expect.arrayContaining([
          { recipient: 'alice', event: 'pending', wantedVersion: 2, shownVersion: 1 },
          { recipient: 'carol', event: 'pending', wantedVersion: 2, shownVersion: 1 },
          { recipient: 'bob', event: 'approved', wantedVersion: 2, shownVersion: 0 },
        ]),
      )
      for (const delivery of again) await report(database, delivery, delivered(2, 'updated'), t0 + 300)
      expect(await database.stores.notices.nextDueAt()).toBeNull()
    })

    it('keeps a send whose outcome is unknown, since a card may be on the phone', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const ticket = await submitTicket(database.store, t0, {
        nodes: [{ name: 'A', approvers: ['alice', 'carol'], rule: 'any' }],
      })
      for (const delivery of await claim(database, t0)) {
        const firstTriedAt = delivery.recipient === 'carol' ? t0 : null
        await report(
          database,
          delivery,
          { kind: 'retry', dueAt: t0 + 5_000, code: 'x', text: 'x', counted: true, firstTriedAt },
          t0 + 1,
        )
      }
      await tap(database.store, ticket, 'alice', 'approve', t0 + 100)
      const list = (await database.stores.notices.deliveries('acme', ticket.id)).map(({ recipient, state }) => [
        recipient,
        state,
      ])
      expect(list).toEqual([
        ['alice', 'suppressed'],
        ['carol', 'queued'],
        ['bob', 'queued'],
      ])
    })

    it('tries a card again whose last update failed, but not one that is no more', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const ticket = await submitTicket(database.store, t0, {
        nodes: [{ name: 'A', approvers: ['alice', 'carol', 'dan'], rule: 'all' }],
      })
      for (const delivery of await claim(database, t0)) await report(database, delivery, delivered(1), t0 + 1)
      const second = await tap(database.store, ticket, 'alice', 'approve', t0 + 100, null)
      for (const delivery of await claim(database, t0 + 100)) {
        const kind = delivery.recipient === 'dan' ? 'suppressed' : 'failed'
        await report(database, delivery, { kind, code: '230031', text: 'too old' }, t0 + 101)
      }
      await tap(database.store, second, 'carol', 'approve', t0 + 200, null)
      expect(await dueTimes(database, ticket.id)).toEqual({
        'alice pending': t0 + 200,
        'carol pending': t0 + 200,
        'dan pending': null,
      })
    })
  })
})
