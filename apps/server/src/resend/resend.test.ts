import { describe, expect, it } from 'vitest'
import { ChannelError } from '#server/channels/channel-error.ts'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import type { DeliveryRecord } from '#server/db/stores.ts'
import { FakeChannel } from '#server/delivery/_fake-channel.ts'
import { FakeMessenger } from '#server/delivery/_fake-messenger.ts'
import { FakeSharedChannel } from '#server/delivery/_fake-shared-channel.ts'
import { HandClock, hour, minute, seedTenant, submitTicket, tap, testWorker } from '#server/delivery/_world.ts'
import type { User } from '#server/tickets/ports.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { cancelDelivery } from './cancel.ts'
import { resend } from './resend.ts'

/* Sending once more, and cancelling, with the real worker: one card per approver that works, one decision, whatever happens. */

const admin: User = {
  ...{ tenantId: 'acme', uid: 'root', name: 'Root', roles: ['admin'], locale: null, timeZone: null, disabled: false },
}
const people = [{ uid: 'alice' }, { uid: 'bob' }, { uid: 'carol' }]
const no = (code: string) => ({ kind: 'refuse', error: new ChannelError('rejected', code, code) }) as const

async function of({ stores }: TestDatabase, ticketId: string, recipient = 'alice'): Promise<DeliveryRecord[]> {
  return (await stores.notices.deliveries('acme', ticketId)).filter((each) => each.recipient === recipient)
}

onEveryEngine((engine) => {
  const start = async (database: TestDatabase, channel = new FakeChannel()) => {
    const clock = new HandClock()
    const worker = await testWorker({ store: database.store, channels: [channel], clock })
    const deps = { store: database.store, now: clock.now }
    const again = (id: string, who = admin) => resend(deps, who, id)
    const cancel = (id: string, who = admin) => cancelDelivery(deps, who, id)
    return { clock, channel, worker, again, cancel }
  }
  const actionsOf = async (database: TestDatabase) =>
    (await database.stores.audit.list('acme', { action: 'delivery.' }, { limit: 20 })).items.map(
      ({ action, actor, target, detail }) => ({
        ...{ action, actor, target, detail: JSON.parse(detail) },
      }),
    )

  describe('sending once more', () => {
    it('a card that failed goes out under the same key once the fault is mended', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const { clock, channel, worker, again } = await start(database)
      await using _ = worker
      channel.faults.push(no('230013'))
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      const [failed] = await of(database, ticket.id)
      expect(failed).toMatchObject({ state: 'failed', attempts: [{ code: '230013' }] })
      expect(await again(failed?.id ?? '')).toEqual({ refusal: null, queued: failed?.id })
      await worker.drain()
      expect(await of(database, ticket.id)).toMatchObject([{ id: failed?.id, state: 'sent' }])
      expect(channel.cardsOf('alice')).toMatchObject([{ decision: 'tap' }])
      expect(new Set(channel.callsOf('send').map(({ about }) => about)).size).toBe(1)
      expect(await actionsOf(database)).toMatchObject([
        {
          ...{ action: 'delivery.resend', actor: 'root', target: `delivery:${failed?.id}` },
          detail: { recipient: 'alice', channel: 'lark', event: 'pending', ticket: ticket.number, way: 'again' },
        },
      ])
    })

    it('a card that was lost is sent anew, after the old one has lost its buttons; both end in the truth', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const { clock, channel, worker, again } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      const [old] = await of(database, ticket.id)
      channel.calls.length = 0
      const { queued } = await again(old?.id ?? '')
      expect(queued).not.toBe(old?.id)
      await worker.drain()
      expect(channel.calls.map(({ kind }) => kind)).toEqual(['update', 'send'])
      expect(channel.cardsOf('alice')).toMatchObject([{ decision: 'none', isReplaced: true }, { decision: 'tap' }])
      expect(await again(old?.id ?? '')).toEqual({ refusal: 'replaced', queued: null })
      await tap(database.store, ticket, 'alice', 'approve', clock.at)
      clock.advance(minute)
      await worker.drain()
      expect(channel.cardsOf('alice')).toMatchObject([{ status: 'approved' }, { status: 'approved' }])
      expect(await again(queued ?? '')).toEqual({ refusal: 'ticket_closed', queued: null })
      expect(await database.stores.notices.nextDueAt()).toBeNull()
    })

    it('asked for by two at once, one card is sent', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const { clock, channel, worker, again } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      const [old] = await of(database, ticket.id)
      const results = await Promise.all([again(old?.id ?? ''), again(old?.id ?? ''), again(old?.id ?? '')])
      expect(results.filter(({ queued }) => queued !== null)).toHaveLength(1)
      await worker.drain()
      expect(channel.cardsOf('alice').map(({ decision }) => decision)).toEqual(['none', 'tap'])
    })

    it('a decision that comes before the new card leaves nobody with two, and no card that asks', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const { clock, channel, worker, again } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      const [old] = await of(database, ticket.id)
      const { queued } = await again(old?.id ?? '')
      await tap(database.store, ticket, 'alice', 'approve', clock.at)
      clock.advance(minute)
      await worker.drain()
      expect(channel.cardsOf('alice')).toMatchObject([{ status: 'approved', decision: 'none' }])
      const all = await of(database, ticket.id)
      expect(all.find(({ id }) => id === queued)).toMatchObject({
        state: 'suppressed',
        attempts: [{ code: 'superseded' }],
      })
    })

    it('waits until the old card has been told, through whatever faults; then goes out even if it cannot be', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const { clock, channel, worker, again } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      const [old] = await of(database, ticket.id)
      await again(old?.id ?? '')
      const busy = new ChannelError('retry', '500', 'busy')
      channel.faults.push({ kind: 'refuse', error: busy }, no('230099'))
      await worker.drain()
      expect(channel.cardsOf('alice')).toHaveLength(1)
      clock.advance(hour)
      await worker.drain()
      expect(channel.cardsOf('alice').map(({ decision }) => decision)).toEqual(['tap', 'tap'])
      // However it is tapped, it counts once.
      await tap(database.store, ticket, 'alice', 'approve', clock.at)
      await expect(tap(database.store, ticket, 'alice', 'approve', clock.at)).rejects.toThrow(/refused: already/)
    })

    it('gives the old card its buttons back when the new one reaches nobody, or is cancelled', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const { clock, channel, worker, again, cancel } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      const [old] = await of(database, ticket.id)
      channel.faultFor = ({ kind }) => (kind === 'send' ? no('230053') : null)
      await again(old?.id ?? '')
      await worker.drain()
      expect(channel.cardsOf('alice')).toMatchObject([{ decision: 'tap' }])
      const unsent = (await of(database, ticket.id)).find(({ state }) => state === 'failed')
      const { queued } = await again(old?.id ?? '')
      expect(queued).not.toBeNull()
      expect(await cancel(queued ?? '')).toBeNull()
      await worker.drain()
      expect(channel.cardsOf('alice')).toMatchObject([{ decision: 'tap' }])
      expect(channel.cardsOf('alice')[0]).not.toHaveProperty('isReplaced')
      // The first that failed may go out after all, and again takes the place of the card that stands.
      channel.faultFor = () => null
      expect(await again(unsent?.id ?? '')).toEqual({ refusal: null, queued: unsent?.id })
      await worker.drain()
      expect(channel.cardsOf('alice').map(({ decision }) => decision)).toEqual(['none', 'tap'])
    })

    it('shows a card that many share to one of them again: it stays one card', async () => {
      await using database = await engine.open()
      const bound = people.map((person) => ({ ...person, channels: ['dingtalk'] as const }))
      await seedTenant(database, { people: bound, enabled: ['dingtalk'] })
      const dingtalk = new FakeSharedChannel()
      const { clock, worker, again } = await start(database, dingtalk)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, {
        nodes: [{ name: 'DBA', approvers: ['alice', 'carol'], rule: 'any' }],
      })
      await worker.drain()
      const [old] = await of(database, ticket.id)
      const { queued } = await again(old?.id ?? '')
      await worker.drain()
      expect(dingtalk.counted).toEqual(['create', 'add'])
      expect(dingtalk.callsOf('add')).toMatchObject([{ to: 'ou_alice@acme.test' }])
      expect(dingtalk.cardOf('alice')).toMatchObject({ decision: 'tap' })
      expect((await of(database, ticket.id)).map(({ id, state }) => [id, state])).toEqual([
        [old?.id, 'sent'],
        [queued, 'sent'],
      ])
      expect(dingtalk.said).toEqual([])
    })

    it('what only tells is told once more as another message', async () => {
      const bound = people.map((person) => ({ ...person, channels: ['email'] as const }))
      const messenger = new FakeMessenger({ name: 'email', knowsKeys: true })
      await using mailing = await engine.open({
        messengers: [{ name: 'email', canBundle: true, hasOwnHosts: false }],
        channelNames: ['email'],
      })
      await seedTenant(mailing, { people: bound, enabled: ['email'] })
      const clock = new HandClock()
      await using worker = await testWorker({ store: mailing.store, channels: [], messengers: [messenger], clock })
      const ticket = await submitTicket(mailing.store, clock.at)
      await worker.drain()
      const [old] = await of(mailing, ticket.id)
      await resend({ store: mailing.store, now: clock.now }, admin, old?.id ?? '')
      await worker.drain()
      expect(messenger.received).toHaveLength(2)
      expect(new Set(messenger.received.map(({ letter }) => letter.idempotencyKey)).size).toBe(2)
    })

    it('is not for another tenant', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      await seedTenant(database, { id: 'beta', people })
      const { clock, channel, worker, again, cancel } = await start(database)
      await using _ = worker
      channel.faults.push(no('230013'))
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      const [failed] = await of(database, ticket.id)
      const stranger = { ...admin, tenantId: 'beta' }
      expect(await again(failed?.id ?? '', stranger)).toEqual({ refusal: 'not_found', queued: null })
      expect(await cancel(failed?.id ?? '', stranger)).toBe('not_found')
      expect(await of(database, ticket.id)).toMatchObject([{ state: 'failed' }])
    })

    it.each([
      ['channels', { enabled: 0 }, 'channel_disabled'],
      ['users', { disabled: 1 }, 'person_disabled'],
      ['user_channels', { enabled: 0 }, 'switched_off'],
    ] as const)('is refused when %s become %o', async (table, changes, refusal) => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const { clock, channel, worker, again } = await start(database)
      await using _ = worker
      channel.faults.push(no('230013'))
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      await database.db
        .updateTable(table)
        .set(changes as never)
        .execute()
      const [failed] = await of(database, ticket.id)
      expect(await again(failed?.id ?? '')).toEqual({ refusal, queued: null })
      expect(await actionsOf(database)).toEqual([])
    })
  })

  describe('cancelling', () => {
    it('ends what is queued, says by whom, and leaves the rest alone', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const { clock, channel, worker, cancel } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, {
        nodes: [{ name: 'A', approvers: ['alice', 'carol'], rule: 'any' }],
      })
      const [alices] = await of(database, ticket.id)
      expect(await cancel(alices?.id ?? '')).toBeNull()
      expect(await cancel(alices?.id ?? '')).toBe('not_queued')
      await worker.drain()
      expect([channel.cardsOf('alice'), channel.cardsOf('carol')].map((cards) => cards.length)).toEqual([0, 1])
      expect(await of(database, ticket.id)).toMatchObject([
        { state: 'suppressed', attempts: [{ code: 'cancelled', message: 'by root' }] },
      ])
      const [carols] = await of(database, ticket.id, 'carol')
      expect(await cancel(carols?.id ?? '')).toBe('not_queued')
      expect(await actionsOf(database)).toMatchObject([{ action: 'delivery.cancel', target: `delivery:${alices?.id}` }])
    })

    it('comes too late for what a worker has taken, and for what may have arrived', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const { clock, channel, worker, cancel } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at)
      const [own] = await of(database, ticket.id)
      const { promise: until, resolve } = Promise.withResolvers<void>()
      const asked = Promise.withResolvers<void>()
      channel.faultFor = ({ kind }) => {
        if (kind !== 'send') return null
        asked.resolve()
        return { kind: 'hang', until }
      }
      const drained = worker.drain()
      await asked.promise
      expect(await cancel(own?.id ?? '')).toBe('under_way')
      resolve()
      await drained
      expect(channel.cardsOf('alice')).toHaveLength(1)

      const lost = new ChannelError('retry', 'timeout', 'no answer', { outcomeUnknown: true })
      channel.faultFor = ({ kind }) => (kind === 'send' ? { kind: 'lose-answer', error: lost } : null)
      const second = await submitTicket(database.store, clock.at)
      await worker.drain()
      const [unknown] = await of(database, second.id)
      expect(unknown).toMatchObject({ state: 'queued' })
      expect(await cancel(unknown?.id ?? '')).toBe('may_have_arrived')
    })

    it('and a worker that claims: one of them wins, whoever it is', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const clock = new HandClock()
      const tickets: Ticket[] = []
      for (let n = 0; n < 12; n += 1) tickets.push(await submitTicket(database.store, clock.at))
      const owns = await Promise.all(tickets.map(async ({ id }) => (await of(database, id))[0]))
      const options = { limit: 20, leaseMs: 30_000, now: clock.at, perLane: 20, room: new Map<string, number>() }
      const claims = database.store.run((tx) => tx.notices.claim('one', options))
      const deps = { store: database.store, now: clock.now }
      const cancels = await Promise.all(owns.map((own) => cancelDelivery(deps, admin, own?.id ?? '')))
      const taken = new Set((await claims).map(({ id }) => id))
      const after = await Promise.all(tickets.map(async ({ id }) => (await of(database, id))[0]))
      for (const [index, own] of owns.entries()) {
        const isCancelled = cancels[index] === null
        expect(taken.has(own?.id ?? '')).toBe(!isCancelled)
        expect(after[index]?.state).toBe(isCancelled ? 'suppressed' : 'sending')
      }
    })
  })
})
