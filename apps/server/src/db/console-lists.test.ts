import { expect, it } from 'vitest'
import { seedTenant, submitTicket, tap } from '#server/delivery/_world.ts'
import { AppError } from '#server/errors.ts'
import { onEveryEngine } from './_engines.ts'
import type { Page } from './stores.ts'

/* The lists of the desktop console: page by page, of one tenant only. */

const t0 = Date.parse('2026-11-02T09:00:00Z')

async function allPages<Item>(read: (cursor: string | undefined) => Promise<Page<Item>>): Promise<Item[][]> {
  const pages: Item[][] = []
  let cursor: string | undefined
  do {
    const page: Page<Item> = await read(cursor)
    pages.push(page.items)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return pages
}

onEveryEngine((engine) => {
  it('deliveries come newest first, in pages, with their ticket, by state, channel and recipient', async () => {
    await using database = await engine.open()
    const people = [
      { uid: 'alice', channels: ['lark', 'feishu'] as const },
      { uid: 'bob' },
      { uid: 'loose', channels: [] },
    ]
    await seedTenant(database, { people, enabled: ['lark', 'feishu'] })
    await seedTenant(database, { id: 'beta', people, enabled: ['lark'] })
    const first = await submitTicket(database.store, t0, { nodes: [{ name: 'A', approvers: ['alice'], rule: 'any' }] })
    const second = await submitTicket(database.store, t0 + 1, {
      nodes: [{ name: 'A', approvers: ['alice', 'loose'], rule: 'any' }],
    })
    const { notices } = database.stores
    const pages = await allPages((cursor) => notices.list('acme', {}, { limit: 2, cursor }))
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1])
    const all = pages.flat()
    expect(all.map(({ ticket }) => ticket?.number)).toEqual([second, second, second, first, first].map((t) => t.number))
    const failed = await notices.list('acme', { state: 'failed' }, { limit: 9 })
    expect(failed.items).toMatchObject([{ recipient: 'loose', channel: 'none', attempts: [{ code: 'no_channel' }] }])
    const some = await notices.list('acme', { channel: 'feishu', recipient: 'alice' }, { limit: 9 })
    expect(some.items.map(({ channel }) => channel)).toEqual(['feishu', 'feishu'])
    expect((await notices.list('beta', {}, { limit: 9 })).items).toEqual([])
  })

  it('deliveries are found by notice, ticket and time, with reports among them; a fingerprint tells of changes', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people: [{ uid: 'alice', roles: ['admin'] }, { uid: 'bob' }], enabled: ['lark'] })
    const { notices } = database.stores
    const first = await submitTicket(database.store, t0)
    const second = await submitTicket(database.store, t0 + 5)
    await tap(database.store, second, 'alice', 'approve', t0 + 9)
    await database.store.run((tx) =>
      tx.notices.announceReport({ tenantId: 'acme', key: 'report:2026-11-02', recipients: ['alice'], at: t0 + 20 }),
    )
    const listed = async (filter: Parameters<typeof notices.list>[1]) =>
      (await notices.list('acme', filter, { limit: 9 })).items.map(({ event, ticket, recipient }) => [
        ...[event, ticket?.number ?? null, recipient],
      ])
    expect(await listed({ event: 'report' })).toEqual([['report', null, 'alice']])
    expect(await listed({ ticket: `#${first.number}` })).toEqual([['pending', first.number, 'alice']])
    expect(await listed({ ticket: second.id, event: 'approved' })).toEqual([['approved', second.number, 'bob']])
    expect(await listed({ from: t0 + 9, to: t0 + 20 })).toEqual([['approved', second.number, 'bob']])
    expect(await listed({ ticket: '99999' })).toEqual([])
    expect(await listed({ isPosted: true })).toEqual([])
    expect([await notices.count('acme', {}, 9), await notices.count('acme', {}, 2)]).toEqual([4, 2])
    expect(await notices.count('beta', {}, 9)).toBe(0)

    const before = await notices.fingerprint('acme', {}, 9)
    expect(await notices.fingerprint('acme', {}, 9)).toBe(before)
    const elsewhere = await notices.fingerprint('acme', { event: 'report' }, 9)
    const options = { limit: 1, leaseMs: 1_000, now: t0 + 6, perLane: 1, room: new Map<string, number>() }
    await database.store.run((tx) => tx.notices.claim('one', options))
    expect(await notices.fingerprint('acme', {}, 9)).not.toBe(before)
    expect(await notices.fingerprint('acme', { event: 'report' }, 9)).toBe(elsewhere)
  })

  it('the audit comes newest first, by actor, target and the beginning of the action', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people: [{ uid: 'alice' }, { uid: 'bob' }], enabled: ['lark'] })
    const ticket = await submitTicket(database.store, t0)
    await tap(database.store, ticket, 'alice', 'approve', t0 + 5)
    const { audit } = database.stores
    const entries = (await allPages((cursor) => audit.list('acme', {}, { limit: 1, cursor }))).flat()
    expect(entries.map(({ action }) => action)).toEqual(['ticket.approve', 'ticket.submit'])
    const listed = async (filter: Parameters<typeof audit.list>[1]) =>
      (await audit.list('acme', filter, { limit: 9 })).items.map(({ actor, action }) => `${actor} ${action}`)
    expect(await listed({ actor: 'alice' })).toEqual(['alice ticket.approve'])
    expect(await listed({ action: 'ticket.sub' })).toEqual(['bob ticket.submit'])
    // A pattern is text: nothing begins with it.
    expect(await listed({ action: 'ticket_' })).toEqual([])
    expect(await listed({ target: `ticket:${ticket.id}` })).toHaveLength(2)
    expect(await listed({ from: t0 + 5 })).toEqual(['alice ticket.approve'])
    expect(await listed({ to: t0 + 5 })).toEqual(['bob ticket.submit'])
    expect(await database.stores.audit.list('beta', {}, { limit: 9 })).toEqual({ items: [], nextCursor: null })
  })

  it('people come by uid, found by name and role, with what they are bound to', async () => {
    await using database = await engine.open()
    await seedTenant(database, {
      people: [
        { uid: 'alice', channels: ['lark', 'feishu'] },
        { uid: 'bob', disabled: true },
        { uid: 'carol', channels: [] },
      ],
      enabled: ['lark'],
    })
    const { directory } = database.stores
    await database.db.updateTable('users').set({ roles: '["admin","user"]' }).where('uid', '=', 'carol').execute()
    await database.db.updateTable('user_channels').set({ enabled: 0 }).where('channel', '=', 'feishu').execute()
    const pages = await allPages((cursor) => directory.list('acme', {}, { limit: 2, cursor }))
    expect(pages.map((page) => page.map(({ uid }) => uid))).toEqual([['alice', 'bob'], ['carol']])
    expect(pages[0]?.[0]?.channels).toEqual([
      { channel: 'feishu', enabled: false },
      { channel: 'lark', enabled: true },
    ])
    expect(pages[0]?.[1]).toMatchObject({ disabled: true })
    const found = async (filter: Parameters<typeof directory.list>[1]) =>
      (await directory.list('acme', filter, { limit: 9 })).items.map(({ uid }) => uid)
    expect(await found({ role: 'admin' })).toEqual(['carol'])
    expect(await found({ q: 'ALI' })).toEqual(['alice'])
    expect(await found({ q: '%' })).toEqual([])
  })

  it('a cursor that no list made is refused', async () => {
    await using database = await engine.open()
    await seedTenant(database, { people: [{ uid: 'alice' }], enabled: ['lark'] })
    const { notices, audit, directory } = database.stores
    const page = { limit: 9, cursor: 'bm9uc2Vuc2U' }
    await expect(notices.list('acme', {}, page)).rejects.toThrow(AppError)
    await expect(audit.list('acme', {}, page)).rejects.toThrow(AppError)
    await expect(directory.list('acme', {}, page)).rejects.toThrow(AppError)
  })
})
