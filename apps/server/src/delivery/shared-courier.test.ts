import { describe, expect, it } from 'vitest'
import { ChannelError } from '#server/channels/channel-error.ts'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import { remind } from '#server/tickets/lifecycle.ts'
import { FakeSharedChannel, refusal } from './_fake-shared-channel.ts'
import { emailOf, HandClock, hour, minute, second, seedTenant, submitTicket, tap, testWorker } from './_world.ts'

/* One card per ticket, shown to all who are told of it. */

const uids = ['alice', 'bob', 'carol', 'dan']
const people = uids.map((uid) => ({ uid, channels: ['dingtalk'] as const }))
const silence = new ChannelError('retry', 'timeout', 'no answer', { outcomeUnknown: true })
const both = { nodes: [{ name: 'DBA', approvers: ['alice', 'carol'], rule: 'any' as const }] }
const twoSteps = {
  nodes: [
    { name: 'Owner', approvers: ['alice'], rule: 'any' as const },
    { name: 'DBA', approvers: ['carol'], rule: 'any' as const },
  ],
}

async function statesOf({ stores }: TestDatabase, ticketId: string): Promise<[string, string, string][]> {
  const all = await stores.notices.deliveries('acme', ticketId)
  return all.map(({ recipient, event, state }) => [recipient, event, state])
}

onEveryEngine((engine) => {
  const start = async (database: TestDatabase, owner = 'one', dingtalk = new FakeSharedChannel()) => {
    const clock = new HandClock()
    const worker = await testWorker({ store: database.store, channels: [dingtalk], clock, owner })
    return { clock, dingtalk, worker }
  }

  describe('a card that many share', () => {
    it('is made by one call for approvers and submitter, and shows the outcome to all by one more', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people, enabled: ['dingtalk'] })
      const { clock, dingtalk, worker } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, both)
      await worker.drain()
      expect(dingtalk.counted).toEqual(['create'])
      expect(dingtalk.cardOf('alice')).toMatchObject({ decision: 'tap', status: 'pending' })
      expect(dingtalk.cardOf('carol')).toMatchObject({ decision: 'tap' })
      expect(dingtalk.cardOf('bob')).toMatchObject({ decision: 'none', status: 'pending' })
      await tap(database.store, ticket, 'alice', 'approve', clock.at, 'dingtalk')
      await worker.drain()
      expect(dingtalk.counted).toEqual(['create', 'renew'])
      for (const uid of ['alice', 'carol', 'bob']) {
        expect(dingtalk.cardOf(uid)).toMatchObject({ status: 'approved', decision: 'none', outcome: { by: 'alice' } })
      }
      expect(await statesOf(database, ticket.id)).toEqual([
        ['alice', 'pending', 'updated'],
        ['carol', 'pending', 'updated'],
        ['bob', 'pending', 'updated'],
        ['bob', 'approved', 'updated'],
      ])
      expect(await database.stores.notices.nextDueAt()).toBeNull()
      expect(await database.stores.notices.countByState()).toEqual({ updated: 4 })
    })

    it('is shown to the next approver by the same call that brings it up to date', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people, enabled: ['dingtalk'] })
      const { clock, dingtalk, worker } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, twoSteps)
      await worker.drain()
      expect(dingtalk.cardOf('carol')).toBeUndefined()
      await tap(database.store, ticket, 'alice', 'approve', clock.at, 'dingtalk')
      await worker.drain()
      expect(dingtalk.counted).toEqual(['create', 'add'])
      expect(dingtalk.cardOf('carol')).toMatchObject({ decision: 'tap' })
      expect(dingtalk.cardOf('alice')).toMatchObject({ decision: 'none', mine: 'approve' })
      expect(dingtalk.said).toEqual([])
    })

    it('that asks somebody again does so in the words of the tenant, with the link whatever those say', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people, enabled: ['dingtalk'] })
      const place = { kind: 'reminded', channel: 'dingtalk', locale: 'en' } as const
      const own = { title: 'unused', body: '{{ recipient }}: {{ title }} is getting cold.' }
      await database.stores.texts.put('acme', place, own, 'alice', 0)
      const { clock, dingtalk, worker } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, { title: 'Read [all](https://evil.example)' })
      await worker.drain()
      const act = { tenantId: 'acme', ticketId: ticket.id, actor: 'bob', via: 'api', at: clock.at } as const
      await database.store.run((tx) => remind(tx, act))
      await worker.drain()
      expect(dingtalk.said.map(({ text }) => text)).toEqual([
        `alice: Read [all](https://evil.example) is getting cold.\n${dingtalk.cardOf('alice')?.link}`,
      ])
    })

    it('that asks somebody again tells them in words, since a changed card makes no sound', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people, enabled: ['dingtalk'] })
      const { clock, dingtalk, worker } = await start(database)
      await using _ = worker
      const nodes = twoSteps.nodes.map((node) => ({ ...node, approvers: ['alice'] }))
      const ticket = await submitTicket(database.store, clock.at, { nodes })
      await worker.drain()
      await tap(database.store, ticket, 'alice', 'approve', clock.at, 'dingtalk')
      await worker.drain()
      expect(dingtalk.counted).toEqual(['create', 'renew', 'say'])
      expect(dingtalk.said).toMatchObject([{ to: `ou_${emailOf('alice')}` }])
      expect(dingtalk.said[0]?.text).toContain(`#${ticket.number}`)
      clock.advance(2 * hour)
      const act = { tenantId: 'acme', ticketId: ticket.id, actor: 'bob', via: 'api', at: clock.at } as const
      await database.store.run((tx) => remind(tx, act))
      await worker.drain()
      expect(dingtalk.counted).toEqual(['create', 'renew', 'say', 'say'])
      expect(await database.stores.notices.nextDueAt()).toBeNull()
    })

    it('is not sent to a submitter alone before there is anything to say, but tells them the outcome', async () => {
      await using database = await engine.open()
      const others = people.map((person) => (person.uid === 'bob' ? person : { ...person, channels: [] }))
      await seedTenant(database, { people: others, enabled: ['dingtalk'] })
      const { clock, dingtalk, worker } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at)
      await worker.drain()
      expect(dingtalk.counted).toEqual([])
      await tap(database.store, ticket, 'alice', 'reject', clock.at, null)
      await worker.drain()
      expect(dingtalk.counted).toEqual(['create'])
      expect(dingtalk.cardOf('bob')).toMatchObject({ event: 'rejected', status: 'rejected' })
    })

    it('of a ticket that is settled before it could be sent asks nobody any more', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people, enabled: ['dingtalk'] })
      const { clock, dingtalk, worker } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, both)
      await tap(database.store, ticket, 'alice', 'approve', clock.at, null)
      await worker.drain()
      expect(dingtalk.counted).toEqual(['create'])
      expect(dingtalk.cardOf('alice')).toBeUndefined()
      expect(dingtalk.cardOf('bob')).toMatchObject({ status: 'approved' })
      expect(await statesOf(database, ticket.id)).toEqual([
        ['alice', 'pending', 'suppressed'],
        ['carol', 'pending', 'suppressed'],
        ['bob', 'pending', 'suppressed'],
        ['bob', 'approved', 'sent'],
      ])
    })
  })

  describe('when something goes wrong', () => {
    it('an answer that was lost is asked for again under the same name, before the card goes to anybody else', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people, enabled: ['dingtalk'] })
      const { clock, dingtalk, worker } = await start(database)
      await using _ = worker
      dingtalk.faults.push({ kind: 'lose-answer', error: silence })
      const ticket = await submitTicket(database.store, clock.at, twoSteps)
      await worker.drain()
      await tap(database.store, ticket, 'alice', 'approve', clock.at, null)
      for (let n = 0; n < 3; n += 1) {
        await worker.drain()
        clock.advance(10 * second)
      }
      expect(dingtalk.counted).toEqual(['create', 'create', 'add'])
      expect(dingtalk.shown.size).toBe(1)
      expect(dingtalk.cardOf('carol')).toMatchObject({ decision: 'tap' })
      expect(dingtalk.cardOf('alice')).toMatchObject({ decision: 'none' })
    })

    it('whom the platform does not know is reported, and the others get the card', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people, enabled: ['dingtalk'] })
      const { clock, dingtalk, worker } = await start(database)
      await using _ = worker
      dingtalk.strangers.add(emailOf('carol'))
      const ticket = await submitTicket(database.store, clock.at, both)
      await worker.drain()
      expect(await statesOf(database, ticket.id)).toEqual([
        ['alice', 'pending', 'sent'],
        ['carol', 'pending', 'failed'],
        ['bob', 'pending', 'sent'],
      ])
      expect(dingtalk.cardOf('alice')).toBeDefined()
    })

    it('whom the card does not reach is tried again alone, and given up when the platform says so', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people, enabled: ['dingtalk'] })
      const { clock, dingtalk, worker } = await start(database)
      await using _ = worker
      dingtalk.unreachable.set(`ou_${emailOf('carol')}`, refusal('retry'))
      dingtalk.unreachable.set(`ou_${emailOf('bob')}`, refusal('rejected'))
      const ticket = await submitTicket(database.store, clock.at, both)
      await worker.drain()
      expect(await statesOf(database, ticket.id)).toEqual([
        ['alice', 'pending', 'sent'],
        ['carol', 'pending', 'queued'],
        ['bob', 'pending', 'failed'],
      ])
      dingtalk.unreachable.clear()
      clock.advance(minute)
      await worker.drain()
      expect(dingtalk.calls.at(-1)).toMatchObject({ kind: 'add', to: `ou_${emailOf('carol')}` })
      expect(dingtalk.cardOf('carol')).toMatchObject({ decision: 'tap' })
      expect((await statesOf(database, ticket.id))[1]).toEqual(['carol', 'pending', 'sent'])
    })

    it('a platform that refuses for good leaves everybody failed, with its reason', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people, enabled: ['dingtalk'] })
      const { clock, dingtalk, worker } = await start(database)
      await using _ = worker
      dingtalk.faultFor = () => ({ kind: 'refuse', error: refusal('rejected') })
      const ticket = await submitTicket(database.store, clock.at, both)
      await worker.drain()
      const all = await database.stores.notices.deliveries('acme', ticket.id)
      expect(all.map(({ state, attempts }) => [state, attempts.map(({ code }) => code)])).toEqual([
        ['failed', ['rejected']],
        ['failed', ['rejected']],
        ['failed', ['rejected']],
      ])
      expect(await database.stores.notices.nextDueAt()).toBeNull()
    })

    it('tells when it will be tried again', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people, enabled: ['dingtalk'] })
      const { clock, dingtalk, worker } = await start(database)
      await using _ = worker
      dingtalk.faults.push({ kind: 'refuse', error: refusal('retry') })
      const ticket = await submitTicket(database.store, clock.at, both)
      await worker.drain()
      const all = await database.stores.notices.deliveries('acme', ticket.id)
      expect(all.map(({ state, dueAt, attempts }) => [state, dueAt, attempts.length])).toEqual(
        ['alice', 'carol', 'bob'].map(() => ['queued', clock.at + 5 * second, 1]),
      )
    })

    it('a card that is gone is made anew for whoever is still to be told', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people, enabled: ['dingtalk'] })
      const { clock, dingtalk, worker } = await start(database)
      await using _ = worker
      const ticket = await submitTicket(database.store, clock.at, twoSteps)
      await worker.drain()
      const isGone = (): void => {
        dingtalk.shown.clear()
        dingtalk.faults.push({ kind: 'refuse', error: new ChannelError('gone', 'param.cardNotExist', 'no such card') })
      }
      isGone()
      await tap(database.store, ticket, 'alice', 'approve', clock.at, 'dingtalk')
      await worker.drain()
      expect(dingtalk.counted).toEqual(['create', 'add', 'create'])
      expect(dingtalk.cardOf('carol')).toMatchObject({ decision: 'tap' })
      expect(dingtalk.cardOf('alice')).toBeUndefined()
      isGone()
      await tap(database.store, ticket, 'carol', 'reject', clock.at, 'dingtalk')
      await worker.drain()
      expect(dingtalk.cardOf('bob')).toMatchObject({ status: 'rejected' })
      expect(await database.stores.notices.nextDueAt()).toBeNull()
    })

    it('a card that was made before shows the ticket as it is, also where a repeated send changes nothing', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people, enabled: ['dingtalk'] })
      const { clock, dingtalk, worker } = await start(database)
      await using _ = worker
      dingtalk.ignoresRepeats = true
      dingtalk.faults.push({ kind: 'lose-answer', error: silence })
      const ticket = await submitTicket(database.store, clock.at, both)
      await worker.drain()
      clock.advance(second)
      await tap(database.store, ticket, 'alice', 'approve', clock.at, null)
      clock.advance(10 * second)
      await worker.drain()
      for (const uid of ['alice', 'carol', 'bob']) expect(dingtalk.cardOf(uid)).toMatchObject({ status: 'approved' })
    })

    it('nobody counts as told by a card that was made for others and reached none of them', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people, enabled: ['dingtalk'] })
      const { clock, dingtalk, worker } = await start(database)
      await using _ = worker
      for (const uid of ['alice', 'bob']) dingtalk.unreachable.set(`ou_${emailOf(uid)}`, refusal('rejected'))
      const ticket = await submitTicket(database.store, clock.at, twoSteps)
      await worker.drain()
      await tap(database.store, ticket, 'alice', 'approve', clock.at, null)
      await worker.drain()
      expect(dingtalk.cardOf('carol')).toMatchObject({ decision: 'tap' })
    })

    it('whom the card has missed is not taken for reached by another instance', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people, enabled: ['dingtalk'] })
      const { clock, dingtalk, worker } = await start(database)
      for (const uid of uids) dingtalk.unreachable.set(`ou_${emailOf(uid)}`, refusal('retry'))
      const ticket = await submitTicket(database.store, clock.at, both)
      await worker.drain()
      await worker[Symbol.asyncDispose]()
      dingtalk.unreachable.clear()
      clock.advance(minute)
      await using heir = await testWorker({ store: database.store, channels: [dingtalk], clock, owner: 'two' })
      await heir.drain()
      for (const uid of ['alice', 'carol', 'bob']) expect(dingtalk.cardOf(uid)).toMatchObject({ number: ticket.number })
    })

    it('the card of a worker that died is taken over, and made once', async () => {
      await using database = await engine.open()
      await seedTenant(database, { people, enabled: ['dingtalk'] })
      const { clock, dingtalk, worker } = await start(database)
      const ticket = await submitTicket(database.store, clock.at, both)
      const { promise, resolve } = Promise.withResolvers<void>()
      clock.advance(second)
      dingtalk.faults.push({ kind: 'hang', until: promise })
      worker.start()
      await expect.poll(() => dingtalk.counted).toEqual(['create'])
      const heir = await testWorker({ store: database.store, channels: [dingtalk], clock, owner: 'two' })
      clock.advance(minute)
      await heir.drain()
      expect(dingtalk.counted).toEqual(['create', 'create'])
      resolve()
      await worker[Symbol.asyncDispose]()
      await heir.drain()
      await heir[Symbol.asyncDispose]()
      expect(dingtalk.shown.size).toBe(1)
      expect(new Set((await statesOf(database, ticket.id)).map(([, , state]) => state))).toEqual(new Set(['sent']))
      expect(dingtalk.cardOf('carol')).toMatchObject({ decision: 'tap' })
    })
  })
})
