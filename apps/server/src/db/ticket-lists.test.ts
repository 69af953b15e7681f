import { expect, it } from 'vitest'
import { transition } from '#server/tickets/ticket.ts'
import { onEveryEngine, type TestDatabase } from './_engines.ts'
import { addPeople, content, insertTicket, ticketOf } from './_fixtures.ts'
import { encodeCursor } from './cursor.ts'

async function insertMany(database: TestDatabase, count: number): Promise<void> {
  await database.store.run(async (tx) => {
    for (let n = 1; n <= count; n += 1) {
      const at = 1_000 + Math.floor(n / 3)
      const ticket = ticketOf({ number: n, createdAt: at, updatedAt: at })
      await tx.tickets.insert(ticket, { externalId: null, idempotencyKey: null, requestHash: '' })
    }
  })
}

async function walk(
  next: (cursor: string | undefined) => Promise<{ items: { number: number }[]; nextCursor: string | null }>,
) {
  const pages: number[][] = []
  let cursor: string | undefined
  do {
    const page = await next(cursor)
    pages.push(page.items.map(({ number }) => number))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined && pages.length < 100)
  return pages
}

onEveryEngine((engine) => {
  it('walks the tenant’s list page by page, newest first, missing none and repeating none', async () => {
    await using database = await engine.open()
    await insertMany(database, 25)
    const pages = await walk((cursor) => database.stores.tickets.list('acme', {}, { limit: 10, cursor }))
    expect(pages.map((page) => page.length)).toEqual([10, 10, 5])
    expect(pages.flat()).toEqual(Array.from({ length: 25 }, (_, n) => 25 - n))
    const whole = await database.stores.tickets.list('acme', {}, { limit: 25 })
    expect(whole.nextCursor).toBeNull()
  })

  it('walks a person’s list in the same way, although many tickets came at the same time', async () => {
    await using database = await engine.open()
    await insertMany(database, 25)
    const next = (cursor: string | undefined) =>
      database.stores.tickets.listForPerson('acme', 'alice', 'pending', { limit: 4, cursor })
    const pages = await walk(next)
    expect(pages.flat().toSorted((a, b) => b - a)).toEqual(Array.from({ length: 25 }, (_, n) => 25 - n))
    const times = pages.flat().map((number) => Math.floor(number / 3))
    expect(times).toEqual(times.toSorted((a, b) => b - a))
  })

  it('stays in place while tickets come in above the cursor', async () => {
    await using database = await engine.open()
    await insertMany(database, 6)
    const list = (cursor?: string) =>
      database.stores.tickets.listForPerson('acme', 'alice', 'pending', { limit: 3, cursor })
    const first = await list()
    await insertTicket(database, ticketOf({ number: 99, createdAt: 9_000, updatedAt: 9_000 }))
    const second = await list(first.nextCursor ?? undefined)
    const numbers = [...first.items, ...second.items].map(({ number }) => number)
    expect(numbers.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('moves a ticket to the top of the list it enters, and leaves it in place elsewhere', async () => {
    await using database = await engine.open()
    const old = await insertTicket(database, ticketOf({ number: 1, createdAt: 1_000, updatedAt: 1_000 }))
    await insertTicket(database, ticketOf({ number: 2, createdAt: 2_000, updatedAt: 2_000 }))
    const decided = transition(old, {
      type: 'decide',
      actor: 'alice',
      action: 'approve',
      via: 'h5',
      comment: null,
      at: 3_000,
    })
    await database.store.run((tx) => tx.tickets.save(old, decided))
    const numbers = async (uid: string, tab: 'pending' | 'done' | 'submitted') =>
      (await database.stores.tickets.listForPerson('acme', uid, tab, { limit: 9 })).items.map(({ number }) => number)
    expect(await numbers('alice', 'pending')).toEqual([2])
    expect(await numbers('alice', 'done')).toEqual([1])
    expect(await numbers('carol', 'done')).toEqual([1])
    expect(await numbers('bob', 'submitted')).toEqual([2, 1])
  })

  it('filters by status, module, approver, submitter and external id', async () => {
    await using database = await engine.open()
    const one = await insertTicket(database, ticketOf({ number: 1, externalId: 'e1' }))
    const two = await insertTicket(
      database,
      ticketOf({
        number: 2,
        content: { ...content, module: 'perm_apply', submitter: 'dan' },
        nodes: [{ name: 'x', rule: 'any', approvers: ['erin'], decisions: [] }],
      }),
    )
    const withdrawn = transition(two, { type: 'withdraw', actor: 'dan', via: 'h5', comment: null, at: 5_000 })
    await database.store.run((tx) => tx.tickets.save(two, withdrawn))
    const numbers = async (filter: Parameters<typeof database.stores.tickets.list>[1]) =>
      (await database.stores.tickets.list('acme', filter, { limit: 9 })).items.map(({ number }) => number)
    expect(await numbers({ status: 'pending' })).toEqual([1])
    expect(await numbers({ status: 'withdrawn' })).toEqual([2])
    expect(await numbers({ module: 'perm_apply' })).toEqual([2])
    expect(await numbers({ approver: 'alice' })).toEqual([1])
    expect(await numbers({ approver: 'erin' })).toEqual([2])
    expect(await numbers({ approver: 'bob' })).toEqual([])
    expect(await numbers({ submitter: 'dan' })).toEqual([2])
    expect(await numbers({ externalId: one.externalId ?? '' })).toEqual([1])
    expect(await numbers({ status: 'pending', submitter: 'dan' })).toEqual([])
    expect(await numbers({})).toEqual([2, 1])
  })

  it('searches for the name of whoever submitted it, as they are called now', async () => {
    await using database = await engine.open()
    await addPeople(database, ['u17'])
    await database.db.updateTable('users').set({ name: 'Bea Müller' }).where('uid', '=', 'u17').execute()
    await insertTicket(database, ticketOf({ number: 1_041, content: { ...content, submitter: 'u17' } }))
    await insertTicket(database, ticketOf({ number: 1_042 }))
    const { tickets } = database.stores
    for (const q of ['bea', 'MÜLLER'.toLowerCase(), 'u17']) {
      const all = await tickets.list('acme', { q }, { limit: 9 })
      expect(all.items.map(({ number }) => number)).toEqual([1_041])
      const mine = await tickets.listForPerson('acme', 'alice', 'pending', { limit: 9, q })
      expect(mine.items.map(({ number }) => number)).toEqual([1_041])
    }
  })

  it('searches for text as it is typed, in any case, and for a number', async () => {
    await using database = await engine.open()
    const titles = ['Export 100% of Orders', 'Export 100 orders', 'a_b', 'axb', 'C:\\temp', 'ÄRGER 导出']
    for (const [index, title] of titles.entries()) {
      await insertTicket(
        database,
        ticketOf({ number: 1_041 + index, externalId: `EXT-${index}`, content: { ...content, title } }),
      )
    }
    const found = async (q: string) => {
      const all = (await database.stores.tickets.list('acme', { q }, { limit: 9 })).items
      const mine = (await database.stores.tickets.listForPerson('acme', 'alice', 'pending', { limit: 9, q })).items
      expect(mine.map(({ number }) => number).toSorted()).toEqual(all.map(({ number }) => number).toSorted())
      return all.map(({ content: { title } }) => title).toReversed()
    }
    expect(await found('100%')).toEqual(['Export 100% of Orders'])
    expect(await found('EXPORT')).toEqual(['Export 100% of Orders', 'Export 100 orders'])
    expect(await found('a_b')).toEqual(['a_b'])
    expect(await found('\\temp')).toEqual(['C:\\temp'])
    expect(await found('ärger')).toEqual(['ÄRGER 导出'])
    expect(await found('导出')).toEqual(['ÄRGER 导出'])
    expect(await found('ext-3')).toEqual(['axb'])
    expect(await found('#1043')).toEqual(['a_b'])
    expect(await found('1043')).toEqual(['a_b'])
    expect(await found("' or 1=1 --")).toEqual([])
  })

  it('finds the few among many, wherever they stand, and each of them once', async () => {
    await using database = await engine.open()
    await database.store.run(async (tx) => {
      for (let n = 1; n <= 11_500; n += 1) {
        const said = n % 2_300 === 7 ? { ...content, title: 'needle', module: 'rare' } : content
        const ticket = ticketOf({ number: n, createdAt: n, updatedAt: n, content: said, contentHash: 'x' })
        await tx.tickets.insert(ticket, { externalId: null, idempotencyKey: null, requestHash: '' })
      }
    })
    const { tickets } = database.stores
    const rare = [9_207, 6_907, 4_607, 2_307, 7]
    for (const limit of [1, 2, 5, 50]) {
      const byModule = await walk((cursor) => tickets.list('acme', { module: 'rare' }, { limit, cursor }))
      expect(byModule.flat()).toEqual(rare)
      const byText = await walk((cursor) => tickets.list('acme', { q: 'NEEDLE' }, { limit, cursor }))
      expect(byText.flat()).toEqual(rare)
      const mine = await walk((cursor) =>
        tickets.listForPerson('acme', 'alice', 'pending', { limit, cursor, q: 'needle' }),
      )
      expect(mine.flat()).toEqual(rare)
    }
    expect(await tickets.list('acme', { q: 'hay' }, { limit: 5 })).toEqual({ items: [], nextCursor: null })
    expect(await tickets.list('other', { q: 'needle' }, { limit: 5 })).toEqual({ items: [], nextCursor: null })
  }, 120_000)

  it.each([
    'x',
    '',
    '%%%',
    Buffer.from('[]').toString('base64url'),
    Buffer.from('{"a":1}').toString('base64url'),
    encodeCursor(['1']),
    encodeCursor([1.5]),
    encodeCursor([1, 'a', 'b']),
  ])('refuses a cursor it did not make: %s', async (cursor) => {
    await using database = await engine.open()
    const refusal = { code: 'invalid_cursor', status: 422 }
    await expect(database.stores.tickets.list('acme', {}, { limit: 1, cursor })).rejects.toMatchObject(refusal)
    await expect(
      database.stores.tickets.listForPerson('acme', 'alice', 'pending', { limit: 1, cursor }),
    ).rejects.toMatchObject(refusal)
  })

  it('counts each list, up to a thousand', async () => {
    await using database = await engine.open()
    await insertMany(database, 1_003)
    expect(await database.stores.tickets.counts('acme', 'alice')).toEqual({
      pending: 1_000,
      done: 0,
      submitted: 0,
      cc: 0,
    })
    expect(await database.stores.tickets.counts('acme', 'bob')).toEqual({
      pending: 0,
      done: 0,
      submitted: 1_000,
      cc: 0,
    })
    expect(await database.stores.tickets.counts('other', 'bob')).toEqual({ pending: 0, done: 0, submitted: 0, cc: 0 })
  }, 30_000)
})
