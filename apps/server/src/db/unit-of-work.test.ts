import { expect, it } from 'vitest'
import { decide } from '#server/tickets/lifecycle.ts'
import { onEveryEngine } from './_engines.ts'
import { addPeople, addTenant, insertTicket, ticketOf } from './_fixtures.ts'
import type { Stores } from './stores.ts'

const host = (name: string) => ({ name, value: 'x' })

onEveryEngine((engine) => {
  it('keeps all of a unit of work or nothing', async () => {
    await using database = await engine.open()
    await addTenant(database)
    const failed = database.store.run(async (tx) => {
      await tx.tickets.insert(ticketOf({ id: 't1', number: 1 }), {
        externalId: null,
        idempotencyKey: null,
        requestHash: '',
      })
      await tx.audit.append({ tenantId: 'acme', at: 1, actor: 'bob', action: 'a', target: 't', detail: {} })
      throw new Error('no')
    })
    await expect(failed).rejects.toThrow('no')
    expect(await database.stores.tickets.find('acme', 't1')).toBeNull()
    expect(await database.stores.audit.head('acme')).toBeNull()
    expect(await database.stores.tickets.counts('acme', 'alice')).toMatchObject({ pending: 0 })
  })

  it('shows nobody outside what is not committed', async () => {
    await using database = await engine.open()
    await addTenant(database)
    await database.store.run(async (tx) => {
      await tx.tickets.insert(ticketOf({ id: 't1', number: 1 }), {
        externalId: null,
        idempotencyKey: null,
        requestHash: '',
      })
      expect(await tx.tickets.find('acme', 't1')).not.toBeNull()
      expect(await database.stores.tickets.find('acme', 't1')).toBeNull()
    })
    expect(await database.stores.tickets.find('acme', 't1')).not.toBeNull()
  })

  it('reads outside while a unit of work takes its time', async () => {
    await using database = await engine.open()
    const begun = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const slow = database.store.run(async () => {
      begun.resolve()
      await goOn.promise
    })
    await begun.promise
    expect(await database.stores.tenants.tenants()).toEqual([])
    goOn.resolve()
    await slow
  })

  it('lets a transaction of Kysely commit, and roll back', async () => {
    await using database = await engine.open()
    await database.db.transaction().execute((tx) => tx.insertInto('host_values').values(host('a')).execute())
    const failed = database.db.transaction().execute(async (tx) => {
      await tx.insertInto('host_values').values(host('b')).execute()
      throw new Error('no')
    })
    await expect(failed).rejects.toThrow('no')
    expect(await database.db.selectFrom('host_values').select('name').execute()).toEqual([{ name: 'a' }])
  })

  it('takes one decision of a hundred that come at once on one node', async () => {
    await using database = await engine.open()
    await addTenant(database)
    const approvers = Array.from({ length: 100 }, (_, index) => `approver${index}`)
    await addPeople(database, [...approvers, 'bob'])
    const nodes = [{ name: 'DBA', rule: 'any' as const, approvers, decisions: [] }]
    const ticket = await insertTicket(database, ticketOf({ number: 1, nodes }))
    const decision = (actor: string, index: number) => (tx: Stores) =>
      decide(tx, {
        tenantId: 'acme',
        ticketId: ticket.id,
        actor,
        action: index % 2 === 0 ? 'approve' : 'reject',
        contentHash: ticket.contentHash,
        comment: 'because',
        surface: 'card',
        confirmed: false,
        via: 'card:lark',
        tappedChannel: 'lark',
        at: 2_000 + index,
      })
    const outcomes = await Promise.all(approvers.map((actor, index) => database.store.run(decision(actor, index))))
    const won = outcomes.filter((outcome) => outcome.ok)
    expect(won).toHaveLength(1)
    const after = await database.stores.tickets.find('acme', ticket.id)
    const winner = after?.nodes[0]?.decisions[0]?.uid
    for (const outcome of outcomes) {
      if (!outcome.ok)
        expect(outcome.refusal).toMatchObject({ reason: `already_${after?.status}`, by: { uid: winner } })
    }
    expect(after).toEqual(won[0]?.ticket)
    const history = await database.stores.tickets.history('acme', ticket.id)
    expect(history.map(({ actor }) => actor)).toEqual([winner])
    expect(await database.stores.audit.verify('acme')).toEqual({ ok: true, entries: 100 })
  }, 30_000)

  it('finishes what runs before it closes, and takes nothing after', async () => {
    await using database = await engine.open()
    await addTenant(database)
    const running = Array.from({ length: 20 }, (_, n) =>
      database.store.run((tx) =>
        tx.audit.append({ tenantId: 'acme', at: n, actor: 'a', action: 'a', target: 't', detail: {} }),
      ),
    )
    await database.store[Symbol.asyncDispose]()
    await Promise.all(running)
    await expect(database.store.run(async () => 1)).rejects.toMatchObject({ code: 'unavailable' })
    const again = await database.openAgain()
    expect(await again.stores.audit.verify('acme')).toEqual({ ok: true, entries: 20 })
  })

  it('checks its health by writing', async () => {
    await using database = await engine.open({ now: () => 42 })
    await database.store.checkHealth()
    await database.store.checkHealth()
    expect(await database.db.selectFrom('host_values').selectAll().execute()).toEqual([{ name: 'health', value: '42' }])
    await database.store[Symbol.asyncDispose]()
    await expect(database.store.checkHealth()).rejects.toThrow()
  })
})
