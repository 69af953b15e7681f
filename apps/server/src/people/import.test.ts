import { describe, expect, it } from 'vitest'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import { seedTenant } from '#server/delivery/_world.ts'
import { applyImport } from './apply-import.ts'
import type { By } from './change.ts'
import { peopleCsv } from './export.ts'
import { planImport, viewPlan } from './plan-import.ts'
import { readCsv } from './read-csv.ts'

const at = Date.parse('2026-11-02T09:00:00Z')
const by: By = { admin: { tenantId: 'acme', uid: 'alice' }, at }
const uids = (csv: string) => readCsv(csv).rows.map(({ cells }) => cells.uid)
const codes = (csv: string) => readCsv(csv).errors.map(({ line, column, code }) => [line, column, code])

describe('a file of people', () => {
  it('may have a byte order mark, Excel’s semicolons or tabs, and Windows line ends', () => {
    for (const csv of [
      'uid,name\nbob,"Miller, Bob"\n',
      '\uFEFFuid,name\r\nbob,"Miller, Bob"\r\n\r\n',
      'uid;name\r\nbob;Miller, Bob\r\n',
      'sep=;\r\nuid;name\r\nbob;Miller, Bob\r\n',
      'UID\tName\nbob\tMiller, Bob',
    ]) {
      expect(readCsv(csv)).toMatchObject({ rows: [{ cells: { uid: 'bob', name: 'Miller, Bob' } }], errors: [] })
    }
    expect(readCsv('time zone,uid,NAME,employee_id\nAsia/Tokyo,b,B,7').rows[0]?.cells).toEqual({
      timeZone: 'Asia/Tokyo',
      uid: 'b',
      name: 'B',
      employeeId: '7',
    })
  })

  it('names the line of what cannot be read', () => {
    expect(codes('')).toEqual([[1, null, 'empty']])
    expect(codes('uid,name\n')).toEqual([[1, null, 'empty']])
    expect(codes('uid,colour,uid\nbob,red,bob')).toEqual([
      [1, 'colour', 'column_unknown'],
      [1, 'uid', 'column_repeated'],
      [1, 'name', 'column_missing'],
    ])
    expect(codes('uid,name\nbob\ncarol,Carol,more')).toEqual([
      [2, null, 'cells'],
      [3, null, 'cells'],
    ])
    expect(codes('uid,name\nbob,"Bob\ncarol,Carol')[0]?.[2]).toBe('not_csv')
    expect(codes(`uid,name\n${'x'.repeat(1024 * 1024)}`)).toEqual([[1, null, 'too_large']])
  })

  it('has at most 5,000 people', () => {
    const file = (count: number): string =>
      `uid,name\n${Array.from({ length: count }, (_, index) => `p${index},P`).join('\n')}`
    expect(uids(file(5_000))).toHaveLength(5_000)
    expect(codes(file(5_001))).toEqual([[1, null, 'too_many_rows']])
  })
})

async function acme(database: TestDatabase): Promise<void> {
  await seedTenant(database, { people: [{ uid: 'alice' }, { uid: 'bob' }, { uid: 'carol' }] })
  await database.db.updateTable('users').set({ roles: '["admin"]' }).where('uid', '=', 'alice').execute()
  await database.db.updateTable('users').set({ provisioned: 0 }).where('uid', '=', 'bob').execute()
}

const preview = async ({ stores }: TestDatabase, csv: string) =>
  viewPlan(await planImport(stores, by.admin, csv, at), 0)
const audited = async ({ stores }: TestDatabase) =>
  (await stores.audit.list('acme', { action: 'user.import' }, { limit: 20 })).items

onEveryEngine((engine) => {
  it('is shown before anything is written, then written as it was shown', async () => {
    await using database = await engine.open()
    await acme(database)
    const { store, stores } = database
    const csv = `uid;name;roles;locale;timeZone;email;mobile;disabled
bob;Bob Miller;dba user;EN;Asia/Singapore;bob@acme.test;'+6591234567;
dan;Dan Lim;;;;;;no
carol;carol;user;;;;;false
erin;Erin;security_admin;;;;;yes`
    const seen = await preview(database, csv)
    expect(seen).toMatchObject({ create: 2, change: 1, keep: 1, errors: [], errorCount: 0 })
    expect(seen.rows).toEqual([
      {
        ...{ line: 2, uid: 'bob', name: 'Bob Miller', action: 'change' },
        roles: ['dba', 'user'],
        changes: ['name', 'roles', 'locale', 'timeZone', 'email', 'mobile'],
        successors: [],
      },
      { line: 3, uid: 'dan', name: 'Dan Lim', action: 'create', roles: ['user'], changes: [], successors: [] },
      { line: 5, uid: 'erin', name: 'Erin', action: 'create', roles: ['security_admin'], changes: [], successors: [] },
    ])
    expect(await stores.people.row('acme', 'dan')).toBeNull()
    const { digest } = seen
    expect(await store.run((tx) => applyImport(tx, by, { csv, digest }))).toEqual({ create: 2, change: 1 })
    expect(await stores.people.row('acme', 'bob')).toMatchObject({
      ...{ name: 'Bob Miller', roles: '["dba","user"]', locale: 'en', mobile: '+6591234567', provisioned: 0 },
    })
    expect(await stores.people.row('acme', 'erin')).toMatchObject({ disabled: 1, roles: '["security_admin"]' })
    const details = (await audited(database)).map(({ detail }) => detail)
    expect(details[1]).toContain('dan(user) erin(security_admin)')
    expect(details[0]).toContain('bob(name,roles=dba+user,locale,timeZone,email,mobile)')
    expect(details.join()).not.toMatch(/acme\.test|6591234567/)
    // The same file again changes nothing.
    expect(await preview(database, csv)).toMatchObject({ create: 0, change: 0, keep: 4 })
  })

  it('is not written where something else was seen: another file, or people who changed since', async () => {
    await using database = await engine.open()
    await acme(database)
    const { store, stores } = database
    const csv = 'uid,name\nbob,Bobby\ndan,Dan'
    const { digest } = await preview(database, csv)
    const outdated = { code: 'preview_outdated', status: 409 }
    const other = csv.replace('Dan', 'Don')
    await expect(store.run((tx) => applyImport(tx, by, { csv: other, digest }))).rejects.toMatchObject(outdated)
    await database.db.updateTable('users').set({ email: 'b@acme.test' }).where('uid', '=', 'bob').execute()
    await expect(store.run((tx) => applyImport(tx, by, { csv, digest }))).rejects.toMatchObject(outdated)
    expect(await stores.people.row('acme', 'dan')).toBeNull()
    expect(await audited(database)).toEqual([])
  })

  it('names every bad cell by line and column, and nothing of the file is written', async () => {
    await using database = await engine.open()
    await acme(database)
    const { store, stores } = database
    const csv = `uid,name,roles,locale,timeZone,email,mobile,employeeId,disabled
dan,Dan,user,en,Asia/Singapore,dan@acme.test,+6591234567,E1,false
b ob,,boss,tlh,Mars/Base,nobody,6591234567,${'x'.repeat(129)},perhaps
dan,Dan again,,,,,,,
carol,Carol New,,,,,,,
alice,alice,admin,,,,,,yes`
    const { errors, digest } = await preview(database, csv)
    expect(errors.map(({ line, column, code }) => `${line} ${column} ${code}`)).toEqual([
      '3 uid uid_bad',
      '3 name name_bad',
      '3 roles role_unknown',
      '3 locale locale_unknown',
      '3 timeZone time_zone_unknown',
      '3 email email_bad',
      '3 mobile mobile_bad',
      '3 employeeId employee_id_bad',
      '3 disabled disabled_bad',
      '4 uid uid_repeated',
      '5 null provisioned',
      '6 null provisioned',
      '6 null last_administrator',
    ])
    const refused = { code: 'invalid_request', status: 422 }
    await expect(store.run((tx) => applyImport(tx, by, { csv, digest }))).rejects.toMatchObject(refused)
    expect(await stores.people.row('acme', 'dan')).toBeNull()
  })

  it('logs out whom it disables', async () => {
    await using database = await engine.open()
    await acme(database)
    const { store, stores } = database
    await stores.sessions.addSession({
      ...{ tenantId: 'acme', id: 's1', uid: 'bob', channel: null, refreshHash: 'r', previousHash: null, rotatedAt: at },
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
    const csv = 'uid,name,disabled\nbob,bob,yes'
    const { digest } = await preview(database, csv)
    await store.run((tx) => applyImport(tx, by, { csv, digest }))
    expect(await stores.sessions.listFor({ tenantId: 'acme', uid: 'bob' }, at)).toEqual([])
  })

  it('comes back as it was exported, and a spreadsheet takes nothing in it for a formula', async () => {
    await using database = await engine.open()
    await acme(database)
    const hostile = { name: '=HYPERLINK("https://evil","x")', mobile: '+6591234567', employee_id: '@SUM(1)' }
    await database.db.updateTable('users').set(hostile).where('uid', '=', 'bob').execute()
    const csv = peopleCsv(await database.stores.people.everyone('acme'))
    expect(csv.startsWith('\uFEFFuid,name,roles')).toBe(true)
    const cells = csv.split(/[\r\n]+/).flatMap((line) => line.split(','))
    expect(cells.filter((cell) => /^"?[=+@-]/.test(cell))).toEqual([])
    expect(csv).toContain("'+6591234567")
    expect(await preview(database, csv)).toMatchObject({ create: 0, change: 0, keep: 3, errors: [] })
  })
})
