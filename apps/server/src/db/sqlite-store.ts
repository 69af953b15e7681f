import { existsSync } from 'node:fs'
import { backup } from 'node:sqlite'
import type { Kysely } from 'kysely'
import { AppError } from '#server/errors.ts'
import type { AuditHeads } from './audit-store.ts'
import { type MigrationTarget, migrate } from './migrate.ts'
import { openSqlite, type SqliteConnection } from './node-sqlite.ts'
import type { Database } from './schema.ts'
import { kyselyOver, transactionOver } from './sqlite-kysely.ts'
import type { Store, Stores } from './stores.ts'
import { createStores, type StoresDeps } from './stores-over.ts'
import { createWriteQueue, type Write, type WriteQueueOptions } from './write-queue.ts'

/** A store, and the connection under it for tests and tools. */
export interface OpenedStore extends Store {
  readonly db: Kysely<Database>
}

export type SqliteStoreOptions = Omit<StoresDeps, 'engine'> & Pick<WriteQueueOptions, 'stuckAfterMs'>

/** Opens and migrates the file. One process at a time is meant to write to it; others may, and are waited for. */
export async function openSqliteStore(file: string, options: SqliteStoreOptions): Promise<OpenedStore> {
  const writer = openSqlite(file, { readOnly: false })
  try {
    await migrateSqlite(writer)
    return storeOver(writer, openSqlite(file, { readOnly: true }), { ...options, engine: 'sqlite' })
  } catch (error) {
    writer[Symbol.dispose]()
    throw error
  }
}

export function migrateSqlite(connection: SqliteConnection): Promise<string[]> {
  return migrate(sqliteMigrationTarget(connection))
}

/** @internal exported for its test */
export function sqliteMigrationTarget(connection: SqliteConnection): MigrationTarget {
  const names = { sql: 'select name from schema_migrations', parameters: [] }
  const record = 'insert into schema_migrations (name) values (?)'
  return {
    engine: 'sqlite',
    async exclusively(work) {
      connection.exec('begin immediate')
      try {
        const result = await work({
          execute: async (sql) => connection.exec(sql),
          applied: async () => connection.execute<{ name: string }>(names).rows.map((row) => row.name),
          record: async (name) => void connection.execute({ sql: record, parameters: [name] }),
        })
        connection.exec('commit')
        return result
      } catch (error) {
        if (connection.isTransaction) connection.exec('rollback')
        throw error
      }
    },
  }
}

function storeOver(
  writer: SqliteConnection,
  reader: SqliteConnection,
  options: StoresDeps & Pick<WriteQueueOptions, 'stuckAfterMs'>,
): OpenedStore {
  const heads = auditHeads(writer)
  const writes = createWriteQueue(writer, {
    ...(options.stuckAfterMs === undefined ? {} : { stuckAfterMs: options.stuckAfterMs }),
    onBegin: heads.forgetIfStale,
    onRollback: heads.forget,
  })
  const db = kyselyOver(reader, writes)
  const storesOver = (write: Write): Stores => createStores(transactionOver(write), options, heads.map)
  return {
    db,
    stores: createStores(db, options),
    run: (work) => writes.run((write) => work(storesOver(write))),
    async checkHealth() {
      await db
        .insertInto('host_values')
        .values({ name: 'health', value: String(options.now()) })
        .onConflict((conflict) => conflict.column('name').doUpdateSet((eb) => ({ value: eb.ref('excluded.value') })))
        .execute()
    },
    async backup(file) {
      if (existsSync(file)) throw new AppError('conflict', `${file} exists already`)
      await backup(reader.database, file)
    },
    async [Symbol.asyncDispose]() {
      await writes[Symbol.asyncDispose]()
      reader[Symbol.dispose]()
      writer[Symbol.dispose]()
    },
  }
}

/**
 * The end of each tenant's audit chain, kept so that it need not be read before every entry. `data_version` tells when
 * another process has committed to the file.
 */
function auditHeads(writer: SqliteConnection): { map: AuditHeads; forget(): void; forgetIfStale(): void } {
  const map: AuditHeads = new Map()
  let version: number | undefined
  return {
    map,
    forget: () => map.clear(),
    forgetIfStale() {
      const present = writer.execute<{ data_version: number }>(dataVersion).rows[0]?.data_version
      if (present !== version) map.clear()
      version = present
    },
  }
}

const dataVersion = { sql: 'pragma data_version', parameters: [] }
