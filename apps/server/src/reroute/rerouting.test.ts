import { describe, expect, it } from 'vitest'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import type { Store, Stores } from '#server/db/stores.ts'
import { submitTicket, tap } from '#server/delivery/_world.ts'
import { changePerson } from '#server/people/change.ts'
import { change, decide } from '#server/tickets/lifecycle.ts'
import { isNodeComplete, type Ticket } from '#server/tickets/ticket.ts'
import { ask, by, clock, disable, office, rerouting } from './_office.ts'

const find = async ({ stores }: TestDatabase, { id }: Ticket): Promise<Ticket> => {
  const ticket = await stores.tickets.find('acme', id)
  if (ticket === null) throw new Error('the ticket is gone')
  return ticket
}
const transfersOf = async ({ stores }: TestDatabase, { id }: Ticket) =>
  (await stores.tickets.history('acme', id)).filter(({ action }) => action === 'transfer')
const deliveriesOf = async ({ stores }: TestDatabase, { id }: Ticket) =>
  (await stores.notices.deliveries('acme', id)).map((each) => `${each.recipient} ${each.event} ${each.state}`)
const approvers = async (database: TestDatabase, ticket: Ticket) =>
  (await find(database, ticket)).nodes.map((node) => node.approvers)

/** One after another, in this order. */
async function asks(count: number, one: (n: number) => Promise<Ticket>): Promise<Ticket[]> {
  const tickets: Ticket[] = []
  for (let n = 0; n < count; n += 1) tickets.push(await one(n))
  return tickets
}

/** A store that breaks off at the n-th unit of work from now on, as if the process had died there. */
function dyingAfter(store: Store, units: number): Store {
  let left = units
  return new Proxy(store, {
    get(target, name) {
      if (name !== 'run') return Reflect.get(target, name)
      return async (work: (tx: Stores) => Promise<unknown>) => {
        left -= 1
        if (left >= 0) return target.run(work)
        // Dies with its work half done: nothing of it is to be seen.
        return target.run(async (tx) => {
          await work(tx)
          throw new Died()
        })
      }
    },
  })
}
class Died extends Error {}

/** Fails once, at this unit of work: a fault of the moment. */
function stumblingAt(store: Store, unit: number): Store {
  let done = 0
  return new Proxy(store, {
    get(target, name) {
      if (name !== 'run') return Reflect.get(target, name)
      return async (work: (tx: Stores) => Promise<unknown>) => {
        done += 1
        if (done === unit) throw new Error('a fault of the moment')
        return target.run(work)
      }
    },
  })
}

onEveryEngine((engine) => {
  describe('what waits for somebody who is disabled', () => {
    it('goes to the successor, with its history, audit, cards and notices, in one unit of work', async () => {
      await using database = await engine.open()
      await office(database, [{ uid: 'zoe' }])
      const { store, stores, db } = database
      const { at } = clock()
      await db
        .insertInto('notification_rules')
        .values({
          tenant_id: 'acme',
          module: 'data_export',
          event: 'pending',
          enabled: 1,
          channels: null,
          roles: '[]',
          additional_users: '["zoe"]',
          provisioned: 0,
        })
        .execute()
      const ticket = await ask(store, at, ['alice', 'frank'])
      // Alice has her card by now; Frank's is still to be sent.
      await db
        .updateTable('deliveries')
        .set({ state: 'sent', message: '"om_1"', shown_version: 1, due_at: null })
        .where('recipient', '=', 'alice')
        .execute()
      await disable(store, at, 'alice', ['carol'])
      await rerouting(store, clock()).drain()

      const after = await find(database, ticket)
      expect(after.nodes).toEqual([
        { name: 'DBA', rule: 'any', approvers: ['carol', 'frank'], decisions: [], former: ['alice'] },
      ])
      expect([after.version, after.contentVersion, after.contentHash]).toEqual([2, 1, ticket.contentHash])
      expect(await transfersOf(database, ticket)).toEqual([
        expect.objectContaining({
          actor: 'eve',
          via: 'console',
          node: 0,
          comment: 'has left',
          transfer: { from: 'alice', to: ['carol'] },
        }),
      ])
      const audited = await stores.audit.list('acme', { action: 'ticket.transfer' }, { limit: 9 })
      expect(audited.items.map(({ actor, detail }) => [actor, JSON.parse(detail)])).toMatchObject([
        ['eve', { from: 'alice', to: 'carol', version: 2, contentHash: ticket.contentHash }],
      ])
      // Carol is asked, and nobody else anew: not Zoe either, whom the rule adds.
      expect(await deliveriesOf(database, ticket)).toEqual(
        expect.arrayContaining([
          'alice pending sent',
          'frank pending queued',
          'zoe pending queued',
          'carol pending queued',
        ]),
      )
      expect(await deliveriesOf(database, ticket)).toHaveLength(4)
      const card = db.selectFrom('deliveries').select(['wanted_version', 'due_at']).where('recipient', '=', 'alice')
      expect(await card.executeTakeFirst()).toEqual({ wanted_version: 2, due_at: after.updatedAt })
      expect((await stores.tickets.counts('acme', 'alice')).pending).toBe(0)
      expect((await stores.tickets.counts('acme', 'carol')).pending).toBe(1)
      expect(await stores.reroutes.find('acme', 'alice')).toMatchObject({ isRunning: false, moved: 1 })
      expect((await stores.audit.verify('acme')).ok).toBe(true)
    })

    it('is not asked of them any more where the request has not been sent', async () => {
      await using database = await engine.open()
      await office(database)
      const { store } = database
      const ticket = await ask(store, clock().at, ['alice'], 'any')
      await disable(store, clock().at, 'alice', ['carol', 'dan'])
      await rerouting(store, clock()).drain()
      expect((await deliveriesOf(database, ticket)).sort()).toEqual([
        'alice pending suppressed',
        'carol pending queued',
        'dan pending queued',
      ])
    })

    it('goes at later steps too, without a word before their turn; the submitter gets none of it', async () => {
      await using database = await engine.open()
      await office(database)
      const { store } = database
      const nodes = [
        { name: 'First', approvers: ['frank'], rule: 'any' as const },
        { name: 'Second', approvers: ['alice', 'frank'], rule: 'all' as const },
      ]
      const ticket = await submitTicket(store, clock().at, { nodes })
      const carols = await submitTicket(store, clock().at, { submitter: 'carol', nodes })
      await disable(store, clock().at, 'alice', ['carol'])
      await rerouting(store, clock()).drain()
      expect(await approvers(database, ticket)).toEqual([['frank'], ['carol', 'frank']])
      expect(await approvers(database, carols)).toEqual([['frank'], ['alice', 'frank']])
      expect(await deliveriesOf(database, ticket)).toEqual(['frank pending queued'])
      await tap(store, await find(database, ticket), 'frank', 'approve', clock().at + 5)
      expect(await deliveriesOf(database, ticket)).toContain('carol pending queued')
    })

    it('comes back with a changed content, and goes again, as long as they are disabled', async () => {
      await using database = await engine.open()
      await office(database)
      const { store } = database
      const hands = clock()
      const nodes = [
        { name: 'First', approvers: ['alice'], rule: 'any' as const },
        { name: 'Second', approvers: ['frank'], rule: 'any' as const },
      ]
      const ticket = await submitTicket(store, hands.at, { nodes })
      await tap(store, ticket, 'alice', 'approve', hands.at)
      await disable(store, hands.at, 'alice', ['carol'])
      const worker = rerouting(store, hands)
      await worker.drain()
      // Her approval stays as it was made.
      expect(await approvers(database, ticket)).toEqual([['alice'], ['frank']])
      hands.advance(60_000)
      const act = { tenantId: 'acme', ticketId: ticket.id, actor: 'bob', via: 'api', at: hands.at } as const
      await store.run((tx) => change(tx, { ...act, change: { title: 'Another one' } }))
      await worker.drain()
      expect(await approvers(database, ticket)).toEqual([['carol'], ['frank']])
      expect(await deliveriesOf(database, ticket)).toContain('carol pending queued')
    })

    it('stops once they are enabled; another order takes the place of the first', async () => {
      await using database = await engine.open()
      await office(database)
      const { store, stores } = database
      const { at } = clock()
      const ticket = await ask(store, at, ['alice'])
      await disable(store, at, 'alice', ['carol'])
      await store.run((tx) => changePerson(tx, by(at), 'alice', { disabled: false }))
      await rerouting(store, clock()).drain()
      expect(await approvers(database, ticket)).toEqual([['alice']])
      expect(await stores.reroutes.find('acme', 'alice')).toBeNull()
      await disable(store, at, 'alice', ['carol'])
      const first = await stores.reroutes.find('acme', 'alice')
      await store.run((tx) => changePerson(tx, by(at), 'alice', { disabled: false }))
      await disable(store, at, 'alice', ['dan'])
      // Somebody still at work on the first one changes nothing.
      expect(await store.run((tx) => tx.reroutes.hold(first ?? { tenantId: 'acme', uid: 'alice', revision: '' }))).toBe(
        false,
      )
      await rerouting(store, clock()).drain()
      expect(await approvers(database, ticket)).toEqual([['dan']])
    })

    it('is not decided by an order of an earlier time, however they came back', async () => {
      await using database = await engine.open()
      await office(database)
      const { store, stores, db } = database
      const hands = clock()
      const ticket = await ask(store, hands.at, ['alice'])
      const switchTo = (disabled: 0 | 1) =>
        db.updateTable('users').set({ disabled }).where('uid', '=', 'alice').execute()
      await disable(store, hands.at, 'alice', ['carol'])
      await switchTo(0)
      await rerouting(store, hands).drain()
      expect(await stores.reroutes.find('acme', 'alice')).toBeNull()
      // Disabled anew and followed by nobody: what was said then holds no more.
      await disable(store, hands.at, 'alice', ['carol'])
      await switchTo(0)
      await disable(store, hands.at, 'alice', [])
      expect(await stores.reroutes.find('acme', 'alice')).toBeNull()
      await rerouting(store, hands).drain()
      expect(await approvers(database, ticket)).toEqual([['alice']])
    })

    it('survives a crash at any point: every ticket goes once, and is counted once', async () => {
      await using database = await engine.open()
      await office(database)
      const { store, stores } = database
      const hands = clock()
      const tickets = await asks(56, () => ask(store, hands.at, ['alice', 'frank'], 'all'))
      await disable(store, hands.at, 'alice', ['carol'])
      // The first unit is the claim; the lease of each dead one has to end before the next goes on.
      for (const units of [1, 20, 40]) {
        const worker = rerouting(dyingAfter(store, units), hands, `dead-${units}`)
        await expect(worker.drain()).rejects.toBeInstanceOf(Died)
        hands.advance(61_000)
      }
      await rerouting(store, hands, 'alive').drain()
      for (const ticket of tickets) {
        expect(await transfersOf(database, ticket)).toHaveLength(1)
        expect((await deliveriesOf(database, ticket)).filter((each) => each === 'carol pending queued')).toHaveLength(1)
      }
      expect(await stores.reroutes.find('acme', 'alice')).toMatchObject({ isRunning: false, moved: 56 })
      expect((await stores.audit.verify('acme')).ok).toBe(true)
    })

    it('forgets no ticket that failed for a moment, when whoever was at it dies afterwards', async () => {
      await using database = await engine.open()
      await office(database)
      const { store, stores } = database
      const hands = clock()
      const tickets = await asks(56, () => ask(store, hands.at, ['alice']))
      await disable(store, hands.at, 'alice', ['carol'])
      // One fails, the others of its batch are seen to and noted as such, and then comes the end.
      const worker = rerouting(dyingAfter(stumblingAt(store, 5), 53), hands, 'dead')
      await expect(worker.drain()).rejects.toBeInstanceOf(Died)
      hands.advance(61_000)
      await rerouting(store, hands, 'alive').drain()
      for (const ticket of tickets) expect(await transfersOf(database, ticket)).toHaveLength(1)
      expect(await stores.reroutes.find('acme', 'alice')).toMatchObject({ isRunning: false, moved: 56 })
    })

    it('is handed on by one instance at a time, and goes on from where another was stopped', async () => {
      await using database = await engine.open()
      await office(database)
      const { store, stores } = database
      const hands = clock()
      await asks(54, () => ask(store, hands.at, ['alice']))
      await disable(store, hands.at, 'alice', ['carol'])
      const lease = { now: hands.at, leaseMs: 60_000 }
      expect(await store.run((tx) => tx.reroutes.claim('one', lease))).not.toBeNull()
      expect(await store.run((tx) => tx.reroutes.claim('two', lease))).toBeNull()
      hands.advance(60_001)
      const first = rerouting(store, hands, 'one')
      first.start()
      await first[Symbol.asyncDispose]()
      await rerouting(store, hands, 'two').drain()
      expect(await stores.reroutes.find('acme', 'alice')).toMatchObject({ isRunning: false, moved: 54 })
    })
  })

  it('decisions and re-routing race on two instances: none is lost, doubled or made by who had no place', async () => {
    await using database = await engine.open()
    await office(database)
    const { store } = database
    const other = engine.name === 'postgres' ? await database.openAgain() : store
    const hands = clock()
    const rules = ['all', 'any', { quorum: 2 }] as const
    const tickets = await asks(24, (n) => ask(store, hands.at, ['alice', 'frank', 'dan'], rules[n % 3] ?? 'any'))
    await disable(store, hands.at, 'alice', ['carol'])
    const say = async (at: Store, ticket: Ticket, actor: string) => {
      const { contentHash, id: ticketId } = ticket
      const said = { action: 'approve', contentHash, comment: null, surface: 'card', confirmed: false } as const
      const command = {
        ...said,
        tenantId: 'acme',
        ticketId,
        actor,
        via: 'card:lark',
        tappedChannel: null,
        at: hands.at,
      } as const
      const { ok } = await at.run((tx) => decide(tx, command))
      return ok ? [`${ticketId} ${actor}`] : []
    }
    const [decided] = await Promise.all([
      // Alice's taps were on their way when she was disabled: each comes before or after her place has gone.
      Promise.all(
        tickets.flatMap((ticket, n) => {
          const [one, two] = n % 2 === 0 ? [store, other] : [other, store]
          return [say(one, ticket, 'alice'), say(two, ticket, 'frank'), say(one, ticket, 'carol')]
        }),
      ),
      rerouting(store, hands, 'one').drain(),
      rerouting(other, hands, 'two').drain(),
    ])
    hands.advance(61_000)
    await rerouting(other, hands, 'three').drain()
    const taken = new Set(decided.flat())
    let moved = 0
    for (const { id } of tickets) {
      const ticket = await find(database, { id } as Ticket)
      const history = await database.stores.tickets.history('acme', id)
      const [node] = ticket.nodes
      if (node === undefined) throw new Error('a ticket without a step')
      const approvals = history.filter(({ action }) => action === 'approve').map(({ actor }) => `${id} ${actor}`)
      expect(node.decisions.map(({ uid }) => `${id} ${uid}`).sort()).toEqual(approvals.sort())
      expect(new Set(approvals)).toEqual(new Set([...taken].filter((each) => each.startsWith(id))))
      expect(node.decisions.every(({ uid }) => node.approvers.includes(uid))).toBe(true)
      expect(ticket.status).toBe(isNodeComplete(node) ? 'approved' : 'pending')
      // Her place has gone, unless she had decided or there was nothing more to decide.
      if (ticket.status === 'pending') expect(node.approvers.includes('alice')).toBe(approvals.includes(`${id} alice`))
      const transfers = history.filter(({ action }) => action === 'transfer')
      expect(transfers.length).toBe(node.former?.includes('alice') === true ? 1 : 0)
      moved += transfers.length
    }
    expect(await database.stores.reroutes.find('acme', 'alice')).toMatchObject({ moved })
    expect((await database.stores.audit.verify('acme')).ok).toBe(true)
  })
})
