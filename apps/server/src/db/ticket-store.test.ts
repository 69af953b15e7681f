import fc from 'fast-check'
import { expect, it } from 'vitest'
import { involvement } from '#server/tickets/involvement.ts'
import { type Ticket, transition } from '#server/tickets/ticket.ts'
import { onEveryEngine, type TestDatabase } from './_engines.ts'
import { addTenant, content, insertTicket, ticketOf } from './_fixtures.ts'

async function save(database: TestDatabase, before: Ticket, after: Ticket): Promise<Ticket> {
  await database.store.run((tx) => tx.tickets.save(before, after))
  return after
}

function decide(ticket: Ticket, actor: string, action: 'approve' | 'reject', at: number): Ticket {
  return transition(ticket, { type: 'decide', actor, action, via: 'h5', comment: null, at })
}

onEveryEngine((engine) => {
  it('gives a ticket back as it was stored', async () => {
    await using database = await engine.open()
    await addTenant(database)
    const ticket = ticketOf({
      number: 1001,
      externalId: 'exp-1',
      template: 'export',
      apiKeyName: 'ci',
      callbackUrl: 'https://example.com/hook',
      surfaces: ['card', 'h5-phone'],
      rejectWhenQuorumImpossible: true,
      cc: ['dan', 'erin'],
      content: {
        ...content,
        title: 'Zürich 导出 🚀',
        url: 'https://example.com',
        dueAt: 1_800_000_000_000,
        executesOnApproval: true,
      },
      createdAt: 1_790_000_000_123,
      updatedAt: 1_790_000_000_123,
    })
    await insertTicket(database, ticket)
    expect(await database.stores.tickets.find('acme', ticket.id)).toEqual(ticket)
    const after = await save(database, ticket, decide(ticket, 'alice', 'approve', 1_790_000_001_000))
    expect(await database.store.run((tx) => tx.tickets.lock('acme', ticket.id))).toEqual(after)
  })

  it('finds no ticket of another tenant', async () => {
    await using database = await engine.open()
    const ticket = await insertTicket(database, ticketOf({ number: 1 }))
    expect(await database.stores.tickets.find('other', ticket.id)).toBeNull()
    expect(await database.store.run((tx) => tx.tickets.lock('other', ticket.id))).toBeNull()
    expect((await database.stores.tickets.list('other', {}, { limit: 10 })).items).toEqual([])
    expect(await database.stores.tickets.history('other', ticket.id)).toEqual([])
  })

  it('numbers tickets from 1001 without gaps or doubles, each tenant for itself', async () => {
    await using database = await engine.open()
    await addTenant(database, 'acme')
    await addTenant(database, 'beta')
    const numbers = await Promise.all(
      Array.from({ length: 40 }, (_, n) => database.store.run((tx) => tx.tickets.nextNumber(n % 2 ? 'acme' : 'beta'))),
    )
    const expected = Array.from({ length: 20 }, (_, n) => 1_001 + n)
    expect(numbers.filter((_, n) => n % 2 === 1).toSorted((a, b) => a - b)).toEqual(expected)
    expect(numbers.filter((_, n) => n % 2 === 0).toSorted((a, b) => a - b)).toEqual(expected)
    await expect(database.store.run((tx) => tx.tickets.nextNumber('nobody'))).rejects.toThrow('no tenant nobody')
  })

  it('refuses a save over a version that somebody else has saved', async () => {
    await using database = await engine.open()
    const ticket = await insertTicket(database, ticketOf({ number: 1 }))
    const first = await save(database, ticket, decide(ticket, 'alice', 'approve', 2_000))
    const second = save(database, ticket, decide(ticket, 'carol', 'reject', 2_001))
    await expect(second).rejects.toMatchObject({ code: 'version_conflict' })
    expect(await database.stores.tickets.find('acme', ticket.id)).toEqual(first)
    expect(await database.stores.tickets.counts('acme', 'carol')).toMatchObject({ pending: 0, done: 1 })
  })

  it('stores a change of content, cc and callback address', async () => {
    await using database = await engine.open()
    const ticket = await insertTicket(database, ticketOf({ number: 7, cc: ['dan'] }))
    const changed = transition(
      { ...ticket, cc: ['erin'], callbackUrl: 'https://example.com/x' },
      {
        type: 'change',
        actor: 'bob',
        via: 'api',
        comment: null,
        at: 3_000,
        content: { ...content, title: 'Other', risk: 'high' },
        contentHash: 'sha256:x',
      },
    )
    await save(database, ticket, changed)
    expect(await database.stores.tickets.find('acme', ticket.id)).toEqual(changed)
    expect((await database.stores.tickets.list('acme', { q: 'other' }, { limit: 5 })).items).toEqual([changed])
    expect((await database.stores.tickets.list('acme', { q: 'export' }, { limit: 5 })).items).toEqual([])
    expect((await database.stores.tickets.listForPerson('acme', 'dan', 'cc', { limit: 5 })).items).toEqual([])
    expect((await database.stores.tickets.listForPerson('acme', 'erin', 'cc', { limit: 5 })).items).toEqual([changed])
    const readdressed = { ...changed, version: changed.version + 1, callbackUrl: null }
    await save(database, changed, readdressed)
    expect((await database.stores.tickets.find('acme', ticket.id))?.callbackUrl).toBeNull()
  })

  it('finds an earlier submission by either key, the idempotency key first', async () => {
    await using database = await engine.open()
    await addTenant(database, 'acme')
    const byKey = ticketOf({ number: 1 })
    const byExternalId = ticketOf({ number: 2, externalId: 'e' })
    await database.store.run(async (tx) => {
      await tx.tickets.insert(byKey, { externalId: null, idempotencyKey: 'k', requestHash: 'h1' })
      await tx.tickets.insert(byExternalId, { externalId: 'e', idempotencyKey: null, requestHash: 'h2' })
    })
    const find = (externalId: string | null, idempotencyKey: string | null, tenantId = 'acme') =>
      database.stores.tickets.findSubmission(tenantId, { externalId, idempotencyKey, requestHash: '' })
    expect(await find(null, 'k')).toEqual({ ticket: byKey, requestHash: 'h1' })
    expect(await find('e', null)).toEqual({ ticket: byExternalId, requestHash: 'h2' })
    expect(await find('e', 'k')).toEqual({ ticket: byKey, requestHash: 'h1' })
    expect(await find('e', 'other')).toEqual({ ticket: byExternalId, requestHash: 'h2' })
    expect(await find('other', 'other')).toBeNull()
    expect(await find(null, null)).toBeNull()
    expect(await find('e', 'k', 'other')).toBeNull()
  })

  it('keeps one ticket of ten submissions with the same key that come at once', async () => {
    await using database = await engine.open()
    await addTenant(database)
    const submissions = await Promise.all(
      Array.from({ length: 10 }, () =>
        database.store.run(async (tx) => {
          const keys = { externalId: 'e', idempotencyKey: 'k', requestHash: 'h' }
          const earlier = await tx.tickets.findSubmission('acme', keys)
          if (earlier !== null) return earlier.ticket.id
          const ticket = ticketOf({ number: await tx.tickets.nextNumber('acme'), externalId: 'e' })
          await tx.tickets.insert(ticket, keys)
          return ticket.id
        }),
      ),
    )
    expect(new Set(submissions).size).toBe(1)
    expect((await database.stores.tickets.list('acme', {}, { limit: 20 })).items).toHaveLength(1)
  })

  it('tells the history in the order in which it happened', async () => {
    await using database = await engine.open()
    const one = await insertTicket(database, ticketOf({ number: 1 }))
    const two = await insertTicket(database, ticketOf({ number: 2 }))
    const entry = (actor: string) =>
      ({
        at: 5,
        actor,
        action: 'comment',
        via: 'h5',
        comment: 'hm',
        node: null,
        contentVersion: 1,
        transfer: null,
      }) as const
    await database.store.run(async (tx) => {
      for (const actor of ['a', 'b', 'c']) await tx.tickets.appendHistory('acme', one.id, entry(actor))
      await tx.tickets.appendHistory('acme', two.id, entry('d'))
    })
    const told = [entry('a'), entry('b'), entry('c')]
    expect(await database.stores.tickets.history('acme', one.id)).toEqual(told)
    const all = await database.stores.tickets.historyOf('acme', [one.id, two.id, 'none'])
    expect(all).toEqual(
      new Map([
        [one.id, told],
        [two.id, [entry('d')]],
        ['none', []],
      ]),
    )
    expect(await database.stores.tickets.historyOf('acme', [])).toEqual(new Map())
  })

  it('takes no second decision of a person on the same content, whatever the code above says', async () => {
    await using database = await engine.open()
    const { id } = await insertTicket(database, ticketOf({ number: 1 }))
    const decision = (action: 'approve' | 'reject', contentVersion: number) => () =>
      database.store.run((tx) =>
        tx.tickets.appendHistory('acme', id, {
          at: 5,
          actor: 'alice',
          action,
          via: 'h5',
          comment: null,
          node: 0,
          contentVersion,
          transfer: null,
        }),
      )
    await decision('approve', 1)()
    await expect(decision('reject', 1)()).rejects.toThrow(/unique/i)
    await decision('approve', 2)()
    expect(await database.stores.tickets.history('acme', id)).toHaveLength(2)
  })

  it('keeps every person’s lists equal to their involvement, over any run of events', async () => {
    await using database = await engine.open()
    const people = ['alice', 'bob', 'carol', 'dan', 'erin']
    const person = fc.constantFrom(...people)
    const node = fc.record({
      approvers: fc.uniqueArray(person, { minLength: 1 }),
      rule: fc.constantFrom('any' as const, 'all' as const),
    })
    const step = fc.oneof(
      fc.record({ type: fc.constant('decide' as const), actor: person }),
      fc.record({ type: fc.constant('change' as const), cc: fc.uniqueArray(person) }),
    )
    const flow = fc.record({
      nodes: fc.array(node, { minLength: 1, maxLength: 3 }),
      cc: fc.uniqueArray(person),
      steps: fc.array(step, { maxLength: 8 }),
    })
    let number = 0
    await fc.assert(
      fc.asyncProperty(flow, async ({ nodes, cc, steps }) => {
        number += 1
        let ticket = ticketOf({
          number,
          cc,
          nodes: nodes.map((each, n) => ({ ...each, name: `n${n}`, decisions: [] })),
        })
        await insertTicket(database, ticket)
        for (const [index, next] of steps.entries()) {
          if (ticket.status !== 'pending') break
          const at = 2_000 + index
          const awaits = ticket.nodes[ticket.currentNode]
          if (next.type === 'change') {
            const said = { ...content, title: `${index}` }
            ticket = await save(
              database,
              ticket,
              transition(
                { ...ticket, cc: next.cc },
                { type: 'change', actor: 'bob', via: 'api', comment: null, at, content: said, contentHash: `${index}` },
              ),
            )
          } else if (
            awaits?.approvers.includes(next.actor) &&
            !awaits.decisions.some(({ uid }) => uid === next.actor)
          ) {
            ticket = await save(database, ticket, decide(ticket, next.actor, 'approve', at))
          }
        }
        const rows = await database.db
          .selectFrom('ticket_people')
          .select(['uid', 'tab'])
          .where('ticket_id', '=', ticket.id)
          .execute()
        const sorted = (entries: { uid: string; tab: string }[]) =>
          entries.map(({ uid, tab }) => `${uid} ${tab}`).toSorted()
        expect(sorted(rows)).toEqual(sorted(involvement(ticket)))
      }),
      { numRuns: 40 },
    )
  }, 60_000)
})
