import { describe, expect, it } from 'vitest'
import { ChannelError } from '#server/channels/channel-error.ts'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import type { Store } from '#server/db/stores.ts'
import { FakeChannel } from './_fake-channel.ts'
import { emailOf, HandClock, hour, minute, second, seedTenant, submitTicket, tap, testWorker } from './_world.ts'
import { createOutboundLimiter } from './rate-limit.ts'

const people = [{ uid: 'alice' }, { uid: 'bob' }, { uid: 'carol' }, { uid: 'dan' }]
const twoApprovers = { nodes: [{ name: 'DBA', approvers: ['alice', 'carol'], rule: 'any' as const }] }

const outOfOrder = new ChannelError('retry', '500', 'out of order')
const silence = new ChannelError('retry', 'timeout', 'no answer', { outcomeUnknown: true })

async function deliveriesOf({ stores }: Pick<TestDatabase, 'stores'>, ticketId: string) {
  return stores.notices.deliveries('acme', ticketId)
}

async function codesOf(database: TestDatabase, ticketId: string, recipient = 'alice'): Promise<string[]> {
  const all = await deliveriesOf(database, ticketId)
  return all.filter((each) => each.recipient === recipient).flatMap(({ attempts }) => attempts.map(({ code }) => code))
}

onEveryEngine((engine) => {
  describe('the life of a card', () => {
    it('reaches every approver, and shows the outcome to all and to the submitter', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const clock = new HandClock()
      const lark = new FakeChannel()
      await using worker = await testWorker({ store: database.store, channels: [lark], clock })
      const ticket = await submitTicket(database.store, clock.at, twoApprovers)
      await worker.drain()
      expect(lark.cardsOf('alice')).toMatchObject([
        { event: 'pending', status: 'pending', decision: 'tap', ticketId: ticket.id },
      ])
      expect(lark.cardsOf('carol')).toHaveLength(1)
      await tap(database.store, ticket, 'alice', 'approve', clock.at)
      await worker.drain()
      expect(lark.cardsOf('carol')).toMatchObject([{ status: 'approved', decision: 'none', outcome: { by: 'alice' } }])
      expect(lark.cardsOf('bob')).toMatchObject([{ event: 'approved', status: 'approved' }])
      expect(lark.cardsOf('alice')).toMatchObject([{ status: 'pending' }])
      clock.advance(4 * second)
      await worker.drain()
      expect(lark.cardsOf('alice')).toMatchObject([{ status: 'approved', decision: 'none' }])
      expect((await deliveriesOf(database, ticket.id)).map(({ recipient, state }) => [recipient, state])).toEqual([
        ['alice', 'updated'],
        ['carol', 'updated'],
        ['bob', 'sent'],
      ])
      expect(await database.stores.notices.nextDueAt()).toBeNull()
    })

    it('looks a person up on the platform once and remembers them', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const clock = new HandClock()
      const lark = new FakeChannel()
      await using worker = await testWorker({ store: database.store, channels: [lark], clock })
      await submitTicket(database.store, clock.at)
      await worker.drain()
      await submitTicket(database.store, clock.at)
      await worker.drain()
      expect(lark.callsOf('resolve').map(({ about }) => about)).toEqual([emailOf('alice')])
      expect(lark.cardsOf('alice')).toHaveLength(2)
    })

    it('says so when nobody on the platform has that address, or when somebody else has the account', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const clock = new HandClock()
      const lark = new FakeChannel()
      lark.strangers.add(emailOf('alice'))
      lark.resolve = async (addresses) =>
        addresses.map((address) => (JSON.stringify(address).includes('alice') ? null : 'ou_same'))
      await using worker = await testWorker({ store: database.store, channels: [lark], clock })
      const ticket = await submitTicket(database.store, clock.at, {
        nodes: [{ name: 'DBA', approvers: ['alice', 'carol'], rule: 'any' }],
      })
      await worker.drain()
      const other = await submitTicket(database.store, clock.at, {
        nodes: [{ name: 'DBA', approvers: ['dan'], rule: 'any' }],
      })
      await worker.drain()
      expect(await codesOf(database, ticket.id)).toEqual(['person_not_found'])
      expect(await codesOf(database, other.id, 'dan')).toEqual(['account_taken'])
    })

    it('never sends a request that was overtaken by the decision', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const clock = new HandClock()
      const lark = new FakeChannel()
      await using worker = await testWorker({ store: database.store, channels: [lark], clock })
      const ticket = await submitTicket(database.store, clock.at, twoApprovers)
      await tap(database.store, ticket, 'alice', 'reject', clock.at)
      await worker.drain()
      expect(lark.messages.size).toBe(1)
      expect(lark.cardsOf('bob')).toMatchObject([{ event: 'rejected', status: 'rejected' }])
    })

    it('never sends a request that was overtaken between claim and call', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const clock = new HandClock()
      const lark = new FakeChannel()
      const ticket = await submitTicket(database.store, clock.at, twoApprovers)
      let isFirst = true
      const store: Store = {
        ...database.store,
        run: async (work) => {
          const result = await database.store.run(work)
          if (isFirst) {
            isFirst = false
            await tap(database.store, ticket, 'alice', 'approve', clock.at)
          }
          return result
        },
      }
      await using worker = await testWorker({ store, channels: [lark], clock })
      await worker.drain()
      expect(lark.cardsOf('alice')).toEqual([])
      expect(lark.cardsOf('carol')).toEqual([])
      expect(await codesOf(database, ticket.id, 'carol')).toEqual(['superseded'])
    })

    it('ends in the true state when the decision falls while the card is on its way', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const clock = new HandClock()
      const lark = new FakeChannel()
      const onItsWay = Promise.withResolvers<void>()
      lark.faults.push({ kind: 'hang', until: onItsWay.promise }, { kind: 'hang', until: onItsWay.promise })
      await using worker = await testWorker({ store: database.store, channels: [lark], clock })
      const ticket = await submitTicket(database.store, clock.at, twoApprovers)
      const drained = worker.drain()
      await until(() => lark.callsOf('send').length === 2)
      await tap(database.store, ticket, 'alice', 'approve', clock.at)
      onItsWay.resolve()
      await drained
      expect(lark.cardsOf('alice')).toMatchObject([{ status: 'approved' }])
      expect(lark.cardsOf('carol')).toMatchObject([{ status: 'approved' }])
    })

    it('says so when the channel was switched off after the notice was queued', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const clock = new HandClock()
      await using worker = await testWorker({ store: database.store, channels: [], clock })
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      expect(await codesOf(database, ticket.id)).toEqual(['channel_not_enabled'])
    })
  })

  describe('a platform in trouble', () => {
    it('tries again by the schedule, and keeps the platform’s own codes', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const clock = new HandClock()
      const lark = new FakeChannel()
      lark.faults.push({ kind: 'refuse', error: outOfOrder }, { kind: 'refuse', error: outOfOrder })
      await using worker = await testWorker({ store: database.store, channels: [lark], clock })
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      clock.advance(5 * second - 1)
      await worker.drain()
      expect(lark.callsOf('send')).toHaveLength(1)
      clock.advance(1)
      await worker.drain()
      expect(lark.callsOf('send')).toHaveLength(2)
      clock.advance(30 * second)
      await worker.drain()
      expect(lark.cardsOf('alice')).toHaveLength(1)
      expect(await codesOf(database, ticket.id)).toEqual(['500', '500', '0'])
    })

    it('gives up after the last try, and says with which code', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const clock = new HandClock()
      const lark = new FakeChannel()
      lark.faultFor = () => ({ kind: 'refuse', error: outOfOrder })
      await using worker = await testWorker({ store: database.store, channels: [lark], clock })
      const ticket = await submitTicket(database.store, clock.at)
      for (let n = 0; n < 12; n += 1) {
        await worker.drain()
        clock.advance(6 * hour)
      }
      expect(lark.callsOf('send')).toHaveLength(8)
      expect(await deliveriesOf(database, ticket.id)).toMatchObject([{ state: 'failed', dueAt: null }])
      expect(await codesOf(database, ticket.id)).toEqual(Array.from({ length: 8 }, () => '500'))
    })

    it('repeats a send of unknown outcome with the same key, so that the person gets one card', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const clock = new HandClock()
      const lark = new FakeChannel()
      lark.faults.push({ kind: 'lose-answer', error: silence })
      await using worker = await testWorker({ store: database.store, channels: [lark], clock })
      const ticket = await submitTicket(database.store, clock.at)
      clock.advance(1)
      await worker.drain()
      clock.advance(5 * second)
      await worker.drain()
      const keys = new Set(lark.callsOf('send').map(({ about }) => about))
      expect(lark.callsOf('send')).toHaveLength(2)
      expect(keys.size).toBe(1)
      expect([...keys][0]?.length).toBeLessThanOrEqual(50)
      expect(lark.cardsOf('alice')).toHaveLength(1)
      expect(await codesOf(database, ticket.id)).toEqual(['timeout', '0'])
    })

    it('brings a card up to date that had arrived unnoticed before the decision', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const clock = new HandClock()
      const lark = new FakeChannel()
      lark.faultFor = (call) =>
        call.to.includes('carol') && call.kind === 'send' && clock.at === start
          ? { kind: 'lose-answer', error: silence }
          : null
      const start = clock.at
      await using worker = await testWorker({ store: database.store, channels: [lark], clock })
      const ticket = await submitTicket(database.store, clock.at, twoApprovers)
      await worker.drain()
      clock.advance(1 * second)
      await tap(database.store, ticket, 'alice', 'approve', clock.at)
      clock.advance(9 * second)
      await worker.drain()
      expect(lark.cardsOf('carol')).toMatchObject([{ status: 'approved', decision: 'none' }])
      expect((await deliveriesOf(database, ticket.id)).find(({ recipient }) => recipient === 'carol')).toMatchObject({
        state: 'updated',
        dueAt: null,
      })
    })

    it('does not repeat a send of unknown outcome once the platform has forgotten the key', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const clock = new HandClock()
      const lark = new FakeChannel()
      lark.faults.push({ kind: 'lose-answer', error: silence })
      await using worker = await testWorker({ store: database.store, channels: [lark], clock })
      const ticket = await submitTicket(database.store, clock.at)
      clock.advance(1)
      await worker.drain()
      clock.advance(hour)
      await worker.drain()
      expect(lark.callsOf('send')).toHaveLength(1)
      expect(await codesOf(database, ticket.id)).toEqual(['timeout', 'outcome_unknown'])
      expect(await deliveriesOf(database, ticket.id)).toMatchObject([{ state: 'failed' }])
    })

    it('keeps silent for the whole app until the reset a 429 names', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const clock = new HandClock()
      const lark = new FakeChannel()
      lark.faults.push({
        kind: 'refuse',
        error: new ChannelError('rate_limited', '99991400', 'too often', { retryAfterMs: 7_000 }),
      })
      await using limiter = await createOutboundLimiter({ databaseUrl: null })
      const paused: number[] = []
      const heard = { ...limiter, pause: async (_app: unknown, ms: number) => void paused.push(ms) }
      await using worker = await testWorker({ store: database.store, channels: [lark], clock, limiter: heard })
      const first = await submitTicket(database.store, clock.at)
      await worker.drain()
      expect(paused).toEqual([7_000])
      await submitTicket(database.store, clock.at)
      clock.advance(6_999)
      await worker.drain()
      expect(lark.callsOf('send')).toHaveLength(1)
      clock.advance(501)
      await worker.drain()
      expect(lark.cardsOf('alice')).toHaveLength(2)
      expect(await codesOf(database, first.id)).toEqual(['99991400', '0'])
    })

    it('is asked rarely while our credentials are refused, and hears from us again', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const clock = new HandClock()
      const lark = new FakeChannel()
      lark.faults.push({ kind: 'refuse', error: new ChannelError('auth', '10014', 'app secret invalid') })
      await using worker = await testWorker({ store: database.store, channels: [lark], clock })
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      clock.advance(9 * minute)
      await worker.drain()
      expect(lark.callsOf('send')).toHaveLength(1)
      clock.advance(minute)
      await worker.drain()
      expect(await codesOf(database, ticket.id)).toEqual(['10014', '0'])
    })

    it('is not bothered again about a card that was recalled', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const clock = new HandClock()
      const lark = new FakeChannel()
      await using worker = await testWorker({ store: database.store, channels: [lark], clock })
      const ticket = await submitTicket(database.store, clock.at, twoApprovers)
      await worker.drain()
      lark.faultFor = (call) =>
        call.kind === 'update' ? { kind: 'refuse', error: new ChannelError('gone', '230011', 'recalled') } : null
      await tap(database.store, ticket, 'alice', 'approve', clock.at, null)
      await worker.drain()
      clock.advance(10 * hour)
      await worker.drain()
      expect(lark.callsOf('update')).toHaveLength(2)
      const alice = (await deliveriesOf(database, ticket.id)).find(({ recipient }) => recipient === 'alice')
      expect(alice).toMatchObject({ state: 'suppressed', dueAt: null })
      expect(alice?.attempts.at(-1)).toMatchObject({
        code: '230011',
        message: expect.stringContaining('the card is no more'),
      })
    })

    it('does not lose a delivery to a fault of our own', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const clock = new HandClock()
      const lark = new FakeChannel()
      let faults = 1
      const send = lark.send.bind(lark)
      lark.send = (outgoing) => {
        faults -= 1
        if (faults >= 0) throw new TypeError('cannot read properties of undefined')
        return send(outgoing)
      }
      const errors: string[] = []
      const log = {
        info: () => undefined,
        warn: () => undefined,
        error: (...said: unknown[]) => void errors.push(String(said[1])),
      }
      await using worker = await testWorker({ store: database.store, channels: [lark], clock, log })
      const ticket = await submitTicket(database.store, clock.at)
      clock.advance(1)
      await worker.drain()
      clock.advance(5 * second)
      await worker.drain()
      expect(await codesOf(database, ticket.id)).toEqual(['internal', '0'])
      expect(errors).toEqual(['a delivery failed unexpectedly'])
    })
  })

  describe('limits', () => {
    it('never has more than four calls in flight to an app that hangs, and goes on with the others', async () => {
      await using database = await engine.open()
      const clock = new HandClock()
      const dead = new FakeChannel('dead')
      const fine = new FakeChannel('fine')
      for (const id of ['dead', 'fine']) await seedTenant(database, { id, people })
      const never = Promise.withResolvers<void>()
      dead.faultFor = () => ({ kind: 'hang', until: never.promise })
      const worker = await testWorker({ store: database.store, channels: [dead, fine], clock })
      for (let n = 0; n < 40; n += 1) await submitTicket(database.store, clock.at, { tenantId: 'dead' })
      for (let n = 0; n < 20; n += 1) await submitTicket(database.store, clock.at, { tenantId: 'fine' })
      const drained = worker.drain()
      await until(() => fine.messages.size === 20)
      expect(dead.inFlight).toBe(4)
      dead.faultFor = () => null
      never.resolve()
      await drained
      expect(dead.messages.size).toBe(40)
      expect(dead.mostInFlight).toBeLessThanOrEqual(12)
      await worker[Symbol.asyncDispose]()
    })

    it('holds cards back that would exceed the platform’s limit per person, without an attempt', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const clock = new HandClock()
      const lark = new FakeChannel()
      lark.limits = { app: [], receiver: [{ points: 5, seconds: 1 }], message: [] }
      await using worker = await testWorker({ store: database.store, channels: [lark], clock })
      const tickets: string[] = []
      for (let n = 0; n < 5; n += 1) tickets.push((await submitTicket(database.store, clock.at)).id)
      const startedAt = performance.now()
      await worker.drain()
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990)
      expect(lark.cardsOf('alice')).toHaveLength(5)
      for (const id of tickets) expect(await codesOf(database, id)).toEqual(['0'])
    })
  })

  describe('shutting down', () => {
    it('waits for what is running and starts nothing more', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const clock = new HandClock()
      const lark = new FakeChannel()
      const answer = Promise.withResolvers<void>()
      lark.faults.push({ kind: 'hang', until: answer.promise })
      const worker = await testWorker({ store: database.store, channels: [lark], clock })
      worker.start()
      const ticket = await submitTicket(database.store, clock.at)
      worker.wake()
      await until(() => lark.inFlight === 1)
      const stopped = worker[Symbol.asyncDispose]()
      expect(worker.isRunning).toBe(false)
      const later = await submitTicket(database.store, clock.at)
      worker.wake()
      answer.resolve()
      await stopped
      expect(await deliveriesOf(database, ticket.id)).toMatchObject([{ state: 'sent' }])
      expect(await deliveriesOf(database, later.id)).toMatchObject([{ state: 'queued', dueAt: clock.at }])
    })

    it('leaves a call that does not end to the next instance, which repeats it with the same key', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const clock = new HandClock()
      const lark = new FakeChannel()
      const never = Promise.withResolvers<void>()
      lark.faults.push({ kind: 'hang', until: never.promise })
      const stopping = await testWorker({ store: database.store, channels: [lark], clock, owner: 'old', graceMs: 20 })
      const ticket = await submitTicket(database.store, clock.at)
      clock.advance(1)
      stopping.start()
      await until(() => lark.inFlight === 1)
      await stopping[Symbol.asyncDispose]()
      expect(await deliveriesOf(database, ticket.id)).toMatchObject([{ state: 'queued', dueAt: clock.at }])
      await using next = await testWorker({ store: database.store, channels: [lark], clock, owner: 'new' })
      await next.drain()
      never.resolve()
      await until(() => lark.inFlight === 0)
      expect(await codesOf(database, ticket.id)).toEqual(['interrupted', '0'])
      expect(lark.cardsOf('alice')).toHaveLength(1)
    })

    it('delivers by itself what another instance has queued, once started', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people })
      const lark = new FakeChannel()
      const clock = new HandClock()
      await using worker = await testWorker({ store: database.store, channels: [lark], clock })
      worker.start()
      await submitTicket(database.store, clock.at)
      await until(() => lark.cardsOf('alice').length === 1)
    })
  })

  it('survives a database that refuses for a while', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people })
    const clock = new HandClock()
    const lark = new FakeChannel()
    let isDown = true
    const store: Store = {
      ...database.store,
      run: (work) => (isDown ? Promise.reject(new Error('no connection')) : database.store.run(work)),
    }
    await using worker = await testWorker({ store, channels: [lark], clock })
    const ticket = await submitTicket(database.store, clock.at)
    await expect(worker.drain()).rejects.toThrow('no connection')
    isDown = false
    await worker.drain()
    expect(await deliveriesOf(database, ticket.id)).toMatchObject([{ state: 'sent' }])
  })
})

/** Waits for something that happens by itself; the test's own time limit ends the wait. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}
