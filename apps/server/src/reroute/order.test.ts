import { expect, it } from 'vitest'
import { onEveryEngine } from '#server/db/_engines.ts'
import { submitTicket } from '#server/delivery/_world.ts'
import { changePerson } from '#server/people/change.ts'
import { ask, by, clock, disable, office, rerouting } from './_office.ts'
import { countStuckAfter } from './count-stuck.ts'
import { rerouteOneTicket } from './one-ticket.ts'
import { checkSuccessors } from './order.ts'
import { personReroute, viewStuck } from './view.ts'

onEveryEngine((engine) => {
  it('disabling asks who takes over where nobody else can complete something; to say that nobody does is enough', async () => {
    await using database = await engine.open()
    await office(database)
    const { store, stores } = database
    const { at } = clock()
    const off = (uid: string, reroute?: { to: string[]; scope: 'open' }) =>
      store.run((tx) =>
        changePerson(tx, by(at), uid, { disabled: true, ...(reroute === undefined ? {} : { reroute }) }),
      )
    await ask(store, at, ['alice', 'frank'])
    await ask(store, at, ['frank', 'dan'], 'all')
    // Frank can do it.
    await off('alice')
    // With Alice gone, both need Frank.
    await expect(off('frank')).rejects.toMatchObject({ code: 'successor_required', status: 409 })
    expect((await stores.people.row('acme', 'frank'))?.disabled).toBe(0)
    await off('frank', { to: [], scope: 'open' })
    expect(await stores.reroutes.find('acme', 'frank')).toBeNull()
    const enableToo = { disabled: false, reroute: { to: ['dan'], scope: 'open' as const } }
    const refused = { code: 'invalid_request', errors: [{ path: 'reroute' }] }
    await expect(store.run((tx) => changePerson(tx, by(at), 'frank', enableToo))).rejects.toMatchObject(refused)
  })

  it('a successor is somebody who is there, not the person themself, and not whoever names while another could', async () => {
    await using database = await engine.open()
    await office(database, [{ uid: 'gone', disabled: true }])
    const { store, stores, db } = database
    const { at } = clock()
    const named = (to: string[]) => disable(store, at, 'alice', to)
    await expect(named(['nobody', 'gone', 'alice', 'carol'])).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [{ path: 'reroute.to.0' }, { path: 'reroute.to.1' }, { path: 'reroute.to.2' }],
    })
    const own = { code: 'own_successor', status: 409 }
    await expect(named(['carol', 'eve'])).rejects.toMatchObject(own)
    expect((await stores.people.row('acme', 'alice'))?.disabled).toBe(0)
    // Max can be named by Eve, and once he is gone Eve has nobody who could name her.
    await named(['max'])
    await expect(
      checkSuccessors(stores, { tenantId: 'acme', actor: 'eve' }, ['eve'], { path: 'to', leaving: ['max'] }),
    ).resolves.toBeUndefined()
    await db.updateTable('users').set({ disabled: 1 }).where('uid', '=', 'max').execute()
    await store.run((tx) =>
      changePerson(tx, by(at), 'frank', { disabled: true, reroute: { to: ['eve'], scope: 'open' } }),
    )
    expect((await stores.reroutes.find('acme', 'frank'))?.successors).toEqual(['eve'])
  })

  it('what waits for a person is shown with where it goes, and what still names them for tickets to come', async () => {
    await using database = await engine.open()
    await office(database)
    const { store, stores, db } = database
    const { at } = clock()
    const nodes = [{ name: 'Owner', approvers: ['alice', 'frank'] }]
    const template = {
      id: 'export',
      module: 'data_export',
      nodes: nodes.map((node) => ({ ...node, rule: 'any' as const })),
    }
    await store.run((tx) =>
      tx.settings.putTemplates([
        {
          tenant_id: 'acme',
          id: 'export',
          module: 'data_export',
          template: JSON.stringify(template),
          position: 0,
          provisioned: 0,
        },
      ]),
    )
    await db
      .insertInto('notification_rules')
      .values({
        tenant_id: 'acme',
        module: 'data_export',
        event: 'approved',
        enabled: 1,
        channels: null,
        roles: '[]',
        additional_users: '["alice"]',
        provisioned: 0,
      })
      .execute()
    await ask(store, at, ['alice', 'frank'])
    const later = await submitTicket(store, at, {
      nodes: [
        { name: 'First', approvers: ['frank'], rule: 'any' },
        { name: 'Second', approvers: ['alice', 'dan'], rule: 'all' },
      ],
    })
    await disable(store, at, 'alice', ['carol'], 'stuck')
    expect(await personReroute(stores, 'acme', 'alice')).toMatchObject({
      waiting: 2,
      onlyThem: 1,
      tickets: [
        { id: later.id, step: 'Second', isNow: false, onlyThem: true },
        { step: 'DBA', isNow: true, onlyThem: false },
      ],
      order: {
        to: [{ uid: 'carol' }],
        scope: 'stuck',
        comment: 'has left',
        by: { uid: 'eve' },
        isRunning: true,
        moved: 0,
      },
      templates: [{ id: 'export' }],
      rules: [{ module: 'data_export', event: 'approved' }],
    })
    await rerouting(store, clock()).drain()
    // Only what nobody else could complete has gone.
    expect(await personReroute(stores, 'acme', 'alice')).toMatchObject({
      waiting: 1,
      onlyThem: 0,
      order: { isRunning: false, moved: 1 },
    })
    expect((await stores.tickets.find('acme', later.id))?.nodes[1]?.approvers).toEqual(['carol', 'dan'])
    await expect(personReroute(stores, 'beta', 'alice')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('tickets that nobody can complete are found page by page, and one of them gets other people', async () => {
    await using database = await engine.open()
    await office(database)
    const { store, stores } = database
    const { at } = clock()
    const both = await ask(store, at, ['alice', 'frank'], 'all')
    const carols = await ask(store, at, ['alice'], 'any', { submitter: 'carol' })
    await ask(store, at, ['alice', 'dan'])
    expect(await countStuckAfter(stores, 'acme', { leaving: ['alice', 'frank'], returning: [] })).toBe(2)
    await disable(store, at, 'alice', [])
    await disable(store, at, 'frank', [])
    const absent = await stores.reroutes.absent('acme')
    expect([...absent].sort()).toEqual(['alice', 'frank'])
    const first = await stores.reroutes.stuck('acme', absent, { limit: 1 })
    expect(first.items.map(({ id }) => id)).toEqual([carols.id])
    const second = await stores.reroutes.stuck('acme', absent, { limit: 1, cursor: first.nextCursor ?? '' })
    expect([second.items.map(({ id }) => id), second.nextCursor]).toEqual([[both.id], null])
    expect(await viewStuck(stores, 'acme', second.items, absent)).toMatchObject([
      {
        id: both.id,
        steps: [{ name: 'DBA', rule: 'all', isNow: true, missing: 2, absent: [{ uid: 'alice' }, { uid: 'frank' }] }],
      },
    ])
    expect(await countStuckAfter(stores, 'acme', { leaving: ['dan'], returning: ['frank'] })).toBe(1)

    const orderedBy = { tenantId: 'acme', actor: 'eve', via: 'console', at } as const
    const give = (id: string, to: string[]) => store.run((tx) => rerouteOneTicket(tx, orderedBy, id, { to }))
    await expect(give(carols.id, ['carol'])).rejects.toMatchObject({ code: 'reroute_impossible', status: 409 })
    await expect(give(carols.id, ['eve'])).rejects.toMatchObject({ code: 'own_successor' })
    await expect(give(carols.id, ['frank'])).rejects.toMatchObject({ code: 'invalid_request' })
    await expect(give('nothing', ['carol'])).rejects.toMatchObject({ code: 'ticket_not_found' })
    expect((await stores.tickets.find('acme', carols.id))?.version).toBe(1)
    // One for one: two people are needed, and one is not enough.
    expect((await give(both.id, ['carol'])).nodes[0]?.approvers).toEqual(['carol', 'frank'])
    expect((await give(both.id, ['carol', 'dan'])).nodes[0]?.approvers).toEqual(['carol', 'dan'])
    // Somebody can complete it now: nothing more is done, whoever is named.
    expect((await give(both.id, ['max'])).nodes[0]?.approvers).toEqual(['carol', 'dan'])
    const history = await stores.tickets.history('acme', both.id)
    expect(
      history.filter(({ action }) => action === 'transfer').map(({ actor, transfer }) => [actor, transfer]),
    ).toEqual([
      ['eve', { from: 'alice', to: ['carol'] }],
      ['eve', { from: 'frank', to: ['dan'] }],
    ])
    expect(await stores.reroutes.stuck('acme', new Set(), { limit: 9 })).toEqual({ items: [], nextCursor: null })
  })
})
