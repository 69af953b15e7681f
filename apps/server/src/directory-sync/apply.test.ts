import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { DirectoryPerson } from '#server/channels/channel-directory.ts'
import { onEveryEngine, plainSealer, type TestDatabase } from '#server/db/_engines.ts'
import { seedTenant } from '#server/delivery/_world.ts'
import type { By } from '#server/people/change.ts'
import { at, inDirectory } from './_world.ts'
import { type ApplyDeps, applySync } from './apply.ts'
import { loadPlan } from './load.ts'
import type { SyncPlan } from './plan.ts'
import { viewDirectory } from './view.ts'

const by: By = { admin: { tenantId: 'acme', uid: 'alice' }, at }
const from = { tenantId: 'acme', channel: 'dingtalk', appId: 'app-1' } as const
const left: string[] = []
const deps: ApplyDeps = { sealer: plainSealer, leaveAccount: async (_tx, { uid }) => void left.push(uid) }
const everything = { create: true, change: true, bind: true, disable: true, leaveOut: [] }

async function acme(database: TestDatabase): Promise<void> {
  await seedTenant(database, {
    people: [
      { uid: 'alice', roles: ['admin'], channels: [] },
      { uid: 'bob', channels: [] },
      { uid: 'carol', channels: [] },
      { uid: 'dan', channels: [] },
    ],
  })
  const users = database.db.updateTable('users').set({ provisioned: 0 })
  await users.execute()
  for (const [uid, employee_id] of [
    ['bob', 'E1'],
    ['carol', 'E2'],
    ['dan', 'E3'],
  ] as const) {
    await database.db.updateTable('users').set({ employee_id }).where('uid', '=', uid).execute()
  }
}

/** As a reading leaves it. */
async function readDirectory(
  { store }: TestDatabase,
  people: readonly DirectoryPerson[],
  id = 'read-1',
): Promise<void> {
  const read = { ...from, id, startedBy: 'alice', startedAt: at, departments: null }
  const progress = { departmentsFound: 1, departmentsRead: 1, calls: 1, isWhole: true }
  await store.run(async ({ directoryReads }) => {
    expect(await directoryReads.begin(read, at + 1)).toBe(true)
    await directoryReads.advance(read, progress, people, at)
    expect(await directoryReads.end(read, { state: 'read', missing: [], failure: null }, at)).toBe(true)
  })
}

const planning = { readId: 'read-1', uidFrom: 'employeeId' as const, resolutions: {} as Record<string, string> }
const plan = ({ stores }: TestDatabase, more: Partial<typeof planning> = {}): Promise<SyncPlan> =>
  loadPlan(stores, from, { ...planning, ...more }, at)
const apply = ({ store }: TestDatabase, digest: string, more: object = {}) =>
  store.run((tx) => applySync(deps, tx, by, from, { ...planning, ...everything, digest, ...more }))

/** All that tells whose account is whose, and what is known of people. */
async function state({ db }: TestDatabase) {
  const [users, bindings, identities, audit] = await Promise.all([
    db.selectFrom('users').selectAll().orderBy('tenant_id').orderBy('uid').execute(),
    db.selectFrom('user_channels').selectAll().orderBy('uid').execute(),
    db.selectFrom('identities').select(['uid', 'channel', 'platform_user_id']).orderBy('uid').execute(),
    db.selectFrom('audit').select('action').execute(),
  ])
  return { users, bindings, identities, audit: audit.length }
}

const codeOf = async (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => null,
    (error: { code?: unknown }) => error.code ?? error,
  )

onEveryEngine((engine) => {
  it('writes what was shown, and the accounts of the directory are whose it was shown', async () => {
    await using database = await engine.open()
    await acme(database)
    await readDirectory(database, [
      inDirectory('a1', { employeeId: 'E1', name: 'Bob B.' }),
      inDirectory('a9', { employeeId: 'E9', name: 'New One', email: 'new@acme.test' }),
    ])
    const before = await state(database)
    const { digest, rows } = await plan(database)
    expect(rows).toHaveLength(2)
    expect(await state(database)).toEqual(before)
    expect(await apply(database, digest)).toEqual({ created: 1, changed: 1, bound: 1, disabled: 0, left: 0 })
    const { directory, audit } = database.stores
    expect(await directory.findByPlatformId('acme', 'dingtalk', 'a9')).toMatchObject({ uid: 'E9', roles: ['user'] })
    expect(await directory.findByPlatformId('acme', 'dingtalk', 'a1')).toMatchObject({ uid: 'bob', name: 'Bob B.' })
    expect(
      (await plan(database)).rows.every(
        ({ isNew, changes, binding }) => !isNew && changes.length === 0 && binding === null,
      ),
    ).toBe(true)
    const entries = (await audit.list('acme', { action: 'user.sync' }, { limit: 9 })).items.map(({ detail }) =>
      JSON.parse(detail),
    )
    expect(entries.map(({ created, changed, bound }) => created ?? changed ?? bound).sort()).toEqual([
      'E9(user)',
      'bob',
      'bob(name)',
    ])
  })

  it('writes only what is selected', async () => {
    await using database = await engine.open()
    await acme(database)
    await readDirectory(database, [
      inDirectory('a1', { employeeId: 'E1', name: 'Bob B.' }),
      inDirectory('a2', { employeeId: 'E2' }),
      inDirectory('a9', { employeeId: 'E9' }),
    ])
    const only = { create: false, change: false, bind: true, disable: false, leaveOut: ['a2'] }
    expect(await apply(database, (await plan(database)).digest, only)).toMatchObject({
      created: 0,
      changed: 0,
      bound: 1,
    })
    const { identities, users } = await state(database)
    expect(identities).toEqual([{ uid: 'bob', channel: 'dingtalk', platform_user_id: 'a1' }])
    expect(users.map(({ name }) => name)).toEqual(['alice', 'bob', 'carol', 'dan'])
  })

  it('writes what is too much for once part by part, each as it is shown', async () => {
    await using database = await engine.open()
    await acme(database)
    await readDirectory(
      database,
      ['E1', 'E5', 'E6', 'E7'].map((employeeId) => inDirectory(`a-${employeeId}`, { employeeId, name: employeeId })),
    )
    const part = async () => {
      const { digest } = await plan(database)
      const few = { ...deps, most: { written: 2, disabled: 1 } }
      return database.store.run((tx) => applySync(few, tx, by, from, { ...planning, ...everything, digest }))
    }
    expect(await part()).toEqual({ created: 2, changed: 0, bound: 0, disabled: 0, left: 2 })
    expect(await part()).toEqual({ created: 1, changed: 1, bound: 1, disabled: 0, left: 0 })
    expect(await part()).toMatchObject({ created: 0, left: 0 })
  })

  it('writes nothing once anything is not as it was shown', async () => {
    await using database = await engine.open()
    await acme(database)
    await readDirectory(database, [inDirectory('a1', { employeeId: 'E1' }), inDirectory('a9', { employeeId: 'E9' })])
    const { digest } = await plan(database)
    const { db, store } = database
    await db.updateTable('users').set({ employee_id: 'E1' }).where('uid', '=', 'dan').execute()
    const before = await state(database)
    expect(await codeOf(apply(database, digest))).toBe('preview_outdated')
    expect(await state(database)).toEqual(before)
    // Of another tenant, another channel or another app it is as if nothing was read.
    for (const other of [{ tenantId: 'beta' }, { channel: 'dingtalkExclusive' as const }, { appId: 'app-2' }]) {
      expect(await codeOf(loadPlan(store.stores, { ...from, ...other }, planning, at))).toBe('preview_outdated')
    }
    await readDirectory(database, [], 'read-2')
    expect(await codeOf(plan(database))).toBe('preview_outdated')
    expect(await store.stores.directoryReads.people('acme', 'read-1')).toEqual([])
  })

  it('writes nothing where somebody is bound to one of the accounts in the same moment', async () => {
    await using database = await engine.open()
    await acme(database)
    await readDirectory(database, [inDirectory('a1', { employeeId: 'E1' }), inDirectory('a9', { employeeId: 'E9' })])
    const { digest } = await plan(database)
    const { db, store } = database
    const before = await state(database)
    const racing = store.run((tx) => {
      const { bindAccounts } = tx.directoryReads
      const directoryReads: typeof tx.directoryReads = {
        ...tx.directoryReads,
        // A look-up, which no lock holds back, comes in between.
        async bindAccounts(tenantId, channel, bound, now) {
          const dan = { uid: 'dan', platformUserId: 'a9', addressDigest: 'x', replaces: null }
          expect(await bindAccounts(tenantId, channel, [dan], now)).toBe(true)
          return bindAccounts(tenantId, channel, bound, now)
        },
      }
      return applySync(deps, { ...tx, directoryReads }, by, from, { ...planning, ...everything, digest })
    })
    expect(await codeOf(racing)).toBe('preview_outdated')
    expect(await state(database)).toEqual(before)
    expect(await db.selectFrom('identities').selectAll().execute()).toEqual([])
  })

  it('moves an account only where an administrator said so, and writes down from whom', async () => {
    await using database = await engine.open()
    await acme(database)
    await readDirectory(database, [inDirectory('a1', { employeeId: 'E1' })])
    await apply(database, (await plan(database)).digest)
    await readDirectory(database, [inDirectory('a1', { employeeId: 'E2' })], 'read-2')
    const second = { readId: 'read-2' }
    const { rows, digest } = await plan(database, second)
    expect(rows).toMatchObject([{ conflict: 'different_people', candidates: ['bob', 'carol'] }])
    expect(await apply(database, digest, second)).toEqual({ created: 0, changed: 0, bound: 0, disabled: 0, left: 0 })

    left.length = 0
    const resolved = { ...second, resolutions: { a1: 'carol' } }
    const again = await plan(database, resolved)
    expect(await apply(database, again.digest, resolved)).toMatchObject({ bound: 1 })
    expect(left).toEqual(['bob'])
    const { directory, audit, people } = database.stores
    expect(await directory.findByPlatformId('acme', 'dingtalk', 'a1')).toMatchObject({ uid: 'carol' })
    expect(await people.bindings('acme', 'bob')).toEqual([])
    const about = await audit.entriesAbout('acme', 'user:carol')
    expect(about.map(({ action, detail }) => [action, JSON.parse(detail).takenFrom])).toEqual([['user.rebind', 'bob']])
  })

  it('disables who is gone as everywhere else: logged out, and never the last administrator', async () => {
    await using database = await engine.open()
    await acme(database)
    await readDirectory(database, [inDirectory('a1', { employeeId: 'E1' }), inDirectory('a2', { employeeId: 'E2' })])
    await apply(database, (await plan(database)).digest)
    await readDirectory(database, [inDirectory('a2', { employeeId: 'E2' })], 'read-2')
    const second = { readId: 'read-2' }
    const { digest } = await plan(database, second)
    expect(await apply(database, digest, { ...second, disable: false })).toMatchObject({ disabled: 0 })
    expect(await apply(database, digest, second)).toMatchObject({ disabled: 1 })
    expect((await database.stores.people.row('acme', 'bob'))?.disabled).toBe(1)
    const about = await database.stores.audit.entriesAbout('acme', 'user:bob')
    expect(about.map(({ action }) => action)).toEqual(['user.disable'])
  })

  it('all or nothing, and no account is ever two people’s or moves unasked', async () => {
    await using database = await engine.open()
    await acme(database)
    const { db, stores } = database
    const some = <Value>(...values: Value[]) => fc.option(fc.constantFrom(...values), { nil: null })
    const people = fc.uniqueArray(
      fc.record({
        platformUserId: fc.constantFrom('a1', 'a2', 'a3', 'a4', 'a5'),
        employeeId: some('E1', 'E2', 'E3', 'E4'),
        email: some('x@acme.test', 'y@acme.test'),
        mobile: some('+6590000001', '+6590000002'),
        isFrozen: fc.constantFrom(false, false, false, true),
      }),
      { selector: ({ platformUserId }) => platformUserId, maxLength: 5 },
    )
    const resolutions = fc.dictionary(fc.constantFrom('a1', 'a2', 'a3'), fc.constantFrom('bob', 'carol', 'dan', 'E4'))
    let number = 1
    await fc.assert(
      fc.asyncProperty(people, resolutions, fc.boolean(), async (found, said, isOutdated) => {
        number += 1
        const readId = `read-${number}`
        await readDirectory(
          database,
          found.map(({ platformUserId, ...given }) => inDirectory(platformUserId, given)),
          readId,
        )
        const given = { readId, resolutions: said }
        const { digest, rows } = await plan(database, given)
        const before = await state(database)
        const applied = await codeOf(apply(database, isOutdated ? 'other' : digest, given))
        const after = await state(database)
        if (isOutdated) {
          expect(applied).toBe('preview_outdated')
          expect(after).toEqual(before)
          return
        }
        expect(applied).toBeNull()
        const accounts = after.identities.map(({ platform_user_id: account }) => account)
        expect(new Set(accounts).size).toBe(accounts.length)
        for (const { uid, platform_user_id: had } of before.identities) {
          const has = after.identities.find((each) => each.uid === uid)?.platform_user_id ?? null
          const isSaid = Object.entries(said).some(([account, whose]) => account === had || whose === uid)
          if (has !== had) expect(isSaid).toBe(true)
        }
        for (const { uid, roles } of after.users) {
          const had = before.users.find((each) => each.uid === uid)
          expect(roles).toBe(had?.roles ?? '["user"]')
        }
        // What was shown is what was done: nothing of it is left but what is not clear.
        const again = await plan(database, given)
        const open = again.rows.filter(
          ({ isNew, changes, binding, conflict }) =>
            conflict === null && (isNew || changes.length > 0 || binding !== null),
        )
        expect(open.length).toBeLessThanOrEqual(
          rows.filter(({ conflict, notes }) => conflict !== null || notes.length > 0).length,
        )
      }),
      { numRuns: engine.name === 'sqlite' ? 120 : 40 },
    )
    expect(await stores.audit.verify('acme')).toMatchObject({ ok: true })
    expect(await db.selectFrom('directory_reads').select('id').execute()).toHaveLength(1)
  }, 120_000)

  it('a reading that nothing is heard of is shown as broken off, and gives way to another', async () => {
    await using database = await engine.open()
    await acme(database)
    const { store, stores } = database
    const read = { ...from, id: 'read-1', startedBy: 'alice', startedAt: at, departments: ['1'] }
    const channel = { tenantId: 'acme', name: 'dingtalk', appId: 'app-1' } as const
    const seen = async (now: number) => (await viewDirectory(stores, channel, null, now)).read
    await store.run((tx) => tx.directoryReads.begin(read, at))
    expect(await seen(at + 20_000)).toMatchObject({ state: 'reading', departments: ['1'] })
    expect(await seen(at + 31_000)).toMatchObject({ state: 'broken_off' })
    const next = { ...read, id: 'read-2', startedAt: at + 20_000 }
    expect(await store.run((tx) => tx.directoryReads.begin(next, at - 10_000))).toBe(false)
    expect(await store.run((tx) => tx.directoryReads.begin({ ...next, startedAt: at + 40_000 }, at + 10_000))).toBe(
      true,
    )
    // Whoever comes back late writes nothing any more.
    const progress = { departmentsFound: 1, departmentsRead: 1, calls: 1, isWhole: true }
    const late = await store.run((tx) => tx.directoryReads.advance(read, progress, [inDirectory('a1')], at + 41_000))
    expect(late).toBeNull()
    expect(await stores.directoryReads.people('acme', 'read-1')).toEqual([])
    expect((await viewDirectory(stores, { ...channel, appId: 'app-2' }, null, at)).read).toBeNull()
    await store.run((tx) => tx.directoryReads.forgetBefore(at + 50_000))
    expect(await seen(at)).toBeNull()
  })
})
