import { expect, it } from 'vitest'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import { insertTicket, ticketOf } from '#server/db/_fixtures.ts'
import { seedTenant } from '#server/delivery/_world.ts'
import { redeemOneTimeLink } from '#server/session/one-time-link.ts'
import { type By, changePerson, createPerson } from './change.ts'
import { issueLoginLink } from './login-link.ts'
import { personDetail } from './view.ts'

const at = Date.parse('2026-11-02T09:00:00Z')
const by: By = { admin: { tenantId: 'acme', uid: 'alice' }, at }
const plain = { roles: ['user' as const], locale: null, timeZone: null, email: null, mobile: null, employeeId: null }

/** Alice administers, of the provisioning file. Bob is bound to Lark by hand, Carol by the file. */
async function acme(database: TestDatabase): Promise<void> {
  const people = [{ uid: 'alice' }, { uid: 'bob' }, { uid: 'carol' }]
  await seedTenant(database, { people, enabled: ['lark'] })
  await seedTenant(database, { id: 'beta', people, enabled: ['lark'] })
  const { db } = database
  await db.updateTable('users').set({ roles: '["admin"]' }).where('uid', '=', 'alice').execute()
  await db.updateTable('users').set({ provisioned: 0 }).where('uid', '=', 'bob').execute()
  await db.updateTable('user_channels').set({ provisioned: 0 }).where('uid', '=', 'bob').execute()
}

const session = (id: string, uid: string) => ({
  ...{ tenantId: 'acme', id, uid, channel: null, refreshHash: 'r', previousHash: null, rotatedAt: at },
  ...{
    createdAt: at,
    expiresAt: at + 60_000,
    revokedAt: null,
    userAgent: null,
    platformUserId: null,
    secondFactorAt: null,
    way: null,
  },
})

const audited = async ({ stores }: TestDatabase): Promise<string[]> =>
  (await stores.audit.list('acme', { action: 'user.' }, { limit: 20 })).items.map(
    ({ action, target, detail }) => `${action} ${target} ${detail}`,
  )

onEveryEngine((engine) => {
  it('a person is added once, and changed field by field; the audit names fields and roles, never an address', async () => {
    await using database = await engine.open()
    await acme(database)
    const { store, stores } = database
    const dan = { ...plain, uid: 'dan', name: 'Dan', email: 'dan@acme.test', mobile: '+6591234567' }
    await store.run((tx) => createPerson(tx, by, dan))
    await expect(store.run((tx) => createPerson(tx, by, dan))).rejects.toMatchObject({ code: 'conflict' })
    await store.run((tx) => changePerson(tx, by, 'dan', { roles: ['dba', 'user'], email: 'd@acme.test', locale: 'ja' }))
    await store.run((tx) => changePerson(tx, by, 'dan', { mobile: null }))
    // Nothing differs: nothing is written.
    await store.run((tx) => changePerson(tx, by, 'dan', { name: 'Dan' }))
    const seen = await personDetail(stores, 'acme', 'dan', true)
    expect(seen).toMatchObject({ name: 'Dan', roles: ['dba', 'user'], locale: 'ja', provisioned: false })
    expect(seen.contact).toEqual({ email: 'd@acme.test', mobile: null, employeeId: null })
    expect((await personDetail(stores, 'acme', 'dan', false)).contact).toBeNull()
    const lines = await audited(database)
    expect(lines).toHaveLength(3)
    expect(lines[2]).toBe('user.create user:dan {"roles":"user"}')
    expect(lines[1]).toContain('"fields":"roles locale email"')
    expect(lines[1]).toContain('"roles":"dba user"')
    expect(lines.join()).not.toMatch(/acme\.test|6591234567/)
    await expect(personDetail(stores, 'beta', 'dan', true)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('whom the provisioning file writes is changed there', async () => {
    await using database = await engine.open()
    await acme(database)
    const refused = { code: 'provisioned', status: 409 }
    const { store } = database
    await expect(store.run((tx) => changePerson(tx, by, 'carol', { disabled: true }))).rejects.toMatchObject(refused)
    expect(await audited(database)).toEqual([])
  })

  it('a tenant keeps an active administrator, also when two are disabled at once', async () => {
    await using database = await engine.open()
    await acme(database)
    const { store, db } = database
    await db.updateTable('users').set({ roles: '["user"]' }).where('uid', '=', 'alice').execute()
    await store.run((tx) => createPerson(tx, by, { ...plain, uid: 'eve', name: 'Eve', roles: ['admin'] }))
    await store.run((tx) => createPerson(tx, by, { ...plain, uid: 'sue', name: 'Sue', roles: ['security_admin'] }))
    const last = { code: 'last_administrator', status: 409 }
    await expect(store.run((tx) => changePerson(tx, by, 'eve', { disabled: true }))).rejects.toMatchObject(last)
    await expect(store.run((tx) => changePerson(tx, by, 'eve', { roles: ['user'] }))).rejects.toMatchObject(last)
    // Others are no administrators, and may go.
    await store.run((tx) => changePerson(tx, by, 'sue', { disabled: true }))
    await store.run((tx) => changePerson(tx, by, 'bob', { roles: ['admin'] }))
    const both = await Promise.allSettled(
      ['eve', 'bob'].map((uid) => store.run((tx) => changePerson(tx, by, uid, { disabled: true }))),
    )
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await database.stores.people.activeWith('acme', 'admin')).toHaveLength(1)
  })

  it('whoever is disabled is logged out, and their link opens nothing, not even after they are enabled again', async () => {
    await using database = await engine.open()
    await acme(database)
    const { store, stores } = database
    await stores.sessions.addSession(session('s1', 'bob'))
    await stores.sessions.addSession(session('s2', 'alice'))
    const { link } = await store.run((tx) => issueLoginLink(tx, by, 'bob', 'https://host'))
    const secret = new URL(link).hash.slice('#link='.length)
    await store.run((tx) => changePerson(tx, by, 'bob', { disabled: true }))
    expect(await stores.sessions.listFor({ tenantId: 'acme', uid: 'bob' }, at)).toEqual([])
    expect(await stores.sessions.listFor({ tenantId: 'acme', uid: 'alice' }, at)).toHaveLength(1)
    const refused = { code: 'user_disabled' }
    await expect(store.run((tx) => issueLoginLink(tx, by, 'bob', 'https://host'))).rejects.toMatchObject(refused)
    await store.run((tx) => changePerson(tx, by, 'bob', { disabled: false }))
    await expect(redeemOneTimeLink(store, secret, at)).rejects.toMatchObject({ code: 'login_failed' })
    expect((await audited(database)).map((line) => line.split(' ')[0])).toEqual([
      'user.enable',
      'user.disable',
      'user.login_link',
    ])
  })

  it('a log-in link is for whom no platform knows: nobody logs in as an approver in their place', async () => {
    await using database = await engine.open()
    await acme(database)
    const { store, stores } = database
    const bound = await stores.directory.binding('acme', 'lark', 'bob')
    if (bound === null) throw new Error('bob is not bound')
    await stores.directory.remember('acme', bound, 'ou_bob', at)
    expect(await personDetail(stores, 'acme', 'bob', true)).toMatchObject({
      logsInByPlatform: true,
      bindings: [{ channel: 'lark', account: 'known', channelEnabled: true, provisioned: false }],
    })
    const refused = { code: 'logs_in_by_platform', status: 409 }
    await expect(store.run((tx) => issueLoginLink(tx, by, 'bob', 'https://host'))).rejects.toMatchObject(refused)

    await store.run((tx) => tx.settings.removeBinding({ tenant_id: 'acme', uid: 'bob', channel: 'lark' }))
    expect((await personDetail(stores, 'acme', 'bob', true)).bindings).toEqual([])
    const { link } = await store.run((tx) => issueLoginLink(tx, by, 'bob', 'https://host'))
    const secret = new URL(link).hash.slice('#link='.length)
    expect(await redeemOneTimeLink(store, secret, at)).toMatchObject({ tenantId: 'acme', uid: 'bob' })
  })

  it('an account that two people claim is shown to be contested on both pages', async () => {
    await using database = await engine.open()
    await acme(database)
    const { stores } = database
    for (const uid of ['bob', 'carol']) {
      const bound = await stores.directory.binding('acme', 'lark', uid)
      if (bound === null) throw new Error(`${uid} is not bound`)
      await stores.directory.remember('acme', bound, 'ou_same', at)
    }
    for (const uid of ['bob', 'carol']) {
      expect((await personDetail(stores, 'acme', uid, true)).bindings).toMatchObject([{ account: 'contested' }])
    }
    expect((await personDetail(stores, 'acme', 'alice', true)).bindings).toMatchObject([{ account: 'unknown' }])
  })

  it('what waits for a person is counted, and of it what nobody else could decide', async () => {
    await using database = await engine.open()
    await acme(database)
    const step = (approvers: string[]) => ({ name: 'A', rule: 'any' as const, approvers, decisions: [] })
    await insertTicket(database, ticketOf({ number: 1001, nodes: [step(['bob', 'carol'])] }))
    await insertTicket(database, ticketOf({ number: 1002, nodes: [step(['bob'])] }))
    await insertTicket(database, ticketOf({ number: 1003, nodes: [step(['carol']), step(['bob'])] }))
    await insertTicket(database, ticketOf({ number: 1004, status: 'approved', nodes: [step(['bob'])] }))
    // A name that only contains the uid is somebody else.
    await insertTicket(database, ticketOf({ number: 1005, nodes: [step(['bob2'])] }))
    const seen = () => personDetail(database.stores, 'acme', 'bob', true)
    expect(await seen()).toMatchObject({ waiting: 2, onlyThem: 2 })
    await database.db.updateTable('users').set({ disabled: 1 }).where('uid', '=', 'carol').execute()
    expect(await seen()).toMatchObject({ waiting: 2, onlyThem: 3 })
    expect(await personDetail(database.stores, 'beta', 'bob', true)).toMatchObject({ waiting: 0, onlyThem: 0 })
  })
})
