import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { onEveryEngine, onPostgres, onSqlite, plainSealer, testAuditKeys } from './_engines.ts'
import { migrate } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import type { Migration } from './migrations/migration.ts'
import { openSqlite } from './node-sqlite.ts'
import { openStore } from './open.ts'
import { migrateSqlite, sqliteMigrationTarget } from './sqlite-store.ts'

onEveryEngine((engine) => {
  it('migrates once when ten instances start at the same time', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'countersign-test-'))
    const databaseUrl = await engine.emptyDatabase()
    const open = () =>
      openStore({
        dataDir,
        databaseUrl,
        auditKeys: testAuditKeys,
        sealer: plainSealer,
        now: () => 0,
        newId: () => 'id',
        channelNames: [],
        sharedChannels: [],
        timeZone: 'UTC',
      })
    const stores = await Promise.all(Array.from({ length: 10 }, open))
    const [first] = stores
    const applied = await sql<{ name: string }>`select name from schema_migrations order by name`.execute(
      first?.db ?? raise(),
    )
    expect(applied.rows.map(({ name }) => name)).toEqual(migrations.map(({ name }) => name))
    for (const store of stores) await store[Symbol.asyncDispose]()
    rmSync(dataDir, { recursive: true })
  }, 30_000)

  it('refuses a database that a later release has migrated, and leaves it as it is', async () => {
    await using database = await engine.open()
    await sql`insert into schema_migrations (name) values ('999-later')`.execute(database.db)
    await expect(database.openAgain()).rejects.toThrow('migrated by a newer version of Countersign (999-later)')
    await database.db.insertInto('host_values').values({ name: 'a', value: 'b' }).execute()
  })

  it('keeps what is stored when it is opened again', async () => {
    await using database = await engine.open()
    await database.db.insertInto('host_values').values({ name: 'a', value: 'b' }).execute()
    await database.store[Symbol.asyncDispose]()
    const again = await database.openAgain()
    expect(await again.db.selectFrom('host_values').selectAll().execute()).toEqual([{ name: 'a', value: 'b' }])
  })
})

const raise = (): never => {
  throw new Error('no store was opened')
}

const broken: Migration = { name: '002-broken', up: () => ['create table second (a integer)', 'create table oops ('] }
const first: Migration = { name: '001-first', up: () => ['create table first (a integer)'] }
const mended: Migration = { name: '002-broken', up: () => ['create table second (a integer)'] }

it('keeps nothing of a migration that fails, and everything of those before it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-test-'))
  {
    using connection = openSqlite(join(directory, 'test.db'), { readOnly: false })
    const target = sqliteMigrationTarget(connection)
    await expect(migrate(target, [first, broken])).rejects.toThrow()
    const tables = { sql: `select name from sqlite_schema where type = 'table' order by name`, parameters: [] }
    expect(connection.execute(tables).rows).toEqual([{ name: 'first' }, { name: 'schema_migrations' }])
    expect(await migrate(target, [first, mended])).toEqual(['002-broken'])
    expect(await migrate(target, [first, mended])).toEqual([])
  }
  rmSync(directory, { recursive: true })
})

onSqlite((engine) => {
  it('has nothing left to do on a database that is up to date', async () => {
    await using database = await engine.open()
    using connection = openSqlite(database.file, { readOnly: false })
    expect(await migrateSqlite(connection)).toEqual([])
  })

  it('copies itself to a file while work goes on', async () => {
    await using database = await engine.open()
    const work = Array.from({ length: 50 }, (_, n) =>
      database.store.run((tx) =>
        tx.audit.append({ tenantId: 'acme', at: n, actor: 'a', action: 'a', target: 't', detail: {} }),
      ),
    )
    await Promise.all(work.slice(0, 20))
    const copy = `${database.file}.backup`
    await database.store.backup(copy)
    await Promise.all(work)
    await expect(database.store.backup(copy)).rejects.toMatchObject({ code: 'conflict' })
    using connection = openSqlite(copy, { readOnly: false })
    expect(connection.execute({ sql: 'pragma integrity_check', parameters: [] }).rows).toEqual([
      { integrity_check: 'ok' },
    ])
    const [row] = connection.execute<{ n: number }>({ sql: 'select count(*) as n from audit', parameters: [] }).rows
    expect(row?.n).toBeGreaterThanOrEqual(20)
  })
})

onPostgres((engine) => {
  it('says that PostgreSQL is backed up with its own tools', async () => {
    await using database = await engine.open()
    await expect(database.store.backup('/nowhere')).rejects.toThrow('pg_dump')
  })
})
