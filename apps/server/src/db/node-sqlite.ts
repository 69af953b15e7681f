import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { QueryResult } from 'kysely'
import { LRUCache } from 'lru-cache'

/*
 * `node:sqlite` as Kysely and the write queue need it. One connection, synchronous throughout: a statement has ended when
 * `execute` returns.
 */

/** Earlier releases can corrupt a WAL database (https://sqlite.org/wal.html#walresetbug). */
const oldestSqlite = [3, 51, 3] as const
/** How long to wait for another process that writes to the same file. */
const busyTimeoutMs = 5_000
/**
 * Pages in the WAL before they are copied into the database; at 16 MB. The more there are, the more often has a page been
 * written anew meanwhile, and is copied once for many writes.
 */
const checkpointPages = 4_000
/** Kibibytes per connection. */
const cacheKib = 64 * 1_024
/** The WAL file is cut back to this after a checkpoint. */
const journalSizeLimitBytes = 64 * 1_024 * 1_024
/** Statements with a variable number of values would otherwise pile up. */
const preparedStatements = 500

export interface SqliteQuery {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

interface Prepared {
  statement: StatementSync
  returnsRows: boolean
}

export interface SqliteConnection extends Disposable {
  /** Throws on a parameter that is no primitive. */
  execute<Row>(query: SqliteQuery): QueryResult<Row>
  /** Runs statements that take no values and return nothing. */
  exec(sql: string): void
  /** False also after SQLite has rolled back by itself, as it does on a full disk. */
  readonly isTransaction: boolean
  /** For the online backup of `node:sqlite`, which wants the object itself. */
  readonly database: DatabaseSync
}

/**
 * Opens the file with every pragma that durability rests on. The level of `synchronous` is a property of the connection,
 * not of the file, and builds differ in what they set after reopening; it is therefore set and read back every time.
 */
export function openSqlite(file: string, options: { readOnly: boolean }): SqliteConnection {
  const database = new DatabaseSync(file, {
    readOnly: options.readOnly,
    timeout: busyTimeoutMs,
    enableForeignKeyConstraints: true,
    enableDoubleQuotedStringLiterals: false,
    allowExtension: false,
    defensive: true,
  })
  try {
    refuseOldSqlite(String(pragma(database, 'select sqlite_version() as value', 'value')))
    if (!options.readOnly) expectPragma(database, 'journal_mode', 'wal', 'wal')
    expectPragma(database, 'synchronous', 'full', 2)
    database.exec(`
      pragma trusted_schema = off;
      pragma temp_store = memory;
      pragma cache_size = -${cacheKib};
      pragma wal_autocheckpoint = ${checkpointPages};
      pragma journal_size_limit = ${journalSizeLimitBytes};
    `)
  } catch (error) {
    database.close()
    throw error
  }
  return connectionOver(database)
}

function connectionOver(database: DatabaseSync): SqliteConnection {
  const prepared = new LRUCache<string, Prepared>({ max: preparedStatements })
  const prepare = (sql: string): Prepared => {
    const known = prepared.get(sql)
    if (known !== undefined) return known
    const statement = database.prepare(sql)
    const fresh = { statement, returnsRows: statement.columns().length > 0 }
    prepared.set(sql, fresh)
    return fresh
  }
  return {
    database,
    get isTransaction() {
      return database.isTransaction
    },
    exec: (sql) => database.exec(sql),
    execute<Row>({ sql, parameters }: SqliteQuery): QueryResult<Row> {
      const { statement, returnsRows } = prepare(sql)
      const values = bindable(parameters, sql)
      // The row type is the query's own promise, as everywhere in Kysely.
      if (returnsRows) return { rows: statement.all(...values) as Row[] }
      const { changes } = statement.run(...values)
      return { numAffectedRows: BigInt(changes), rows: [] }
    },
    [Symbol.dispose]() {
      prepared.clear()
      if (database.isOpen) database.close()
    },
  }
}

/**
 * `node:sqlite` takes a leading object, a Date for example, as named parameters: it would vanish, the other values would
 * move up by one, and a wrong row would be stored without an error.
 */
function bindable(parameters: readonly unknown[], sql: string): SQLInputValue[] {
  for (const value of parameters) {
    if (!isBindable(value)) throw new TypeError(`cannot bind ${describe(value)} as a value of: ${sql}`)
  }
  return parameters as SQLInputValue[]
}

function isBindable(value: unknown): value is SQLInputValue {
  return typeof value === 'string' || typeof value === 'number' || value === null || typeof value === 'bigint'
}

function describe(value: unknown): string {
  return typeof value === 'object' ? `an object (${value?.constructor?.name ?? 'no class'})` : `a ${typeof value}`
}

function pragma(database: DatabaseSync, sql: string, column: string): unknown {
  return database.prepare(sql).get()?.[column]
}

function expectPragma(database: DatabaseSync, name: string, set: string, expected: string | number): void {
  database.exec(`pragma ${name} = ${set}`)
  const actual = pragma(database, `pragma ${name}`, name)
  if (actual !== expected) throw new Error(`SQLite runs with ${name} = ${actual} and not ${expected}: not durable`)
}

/** @internal exported for its test */
export function refuseOldSqlite(version: string): void {
  const parts = version.split('.').map(Number)
  const firstOther = oldestSqlite.findIndex((part, index) => parts[index] !== part)
  const isOlder = firstOther !== -1 && (parts[firstOther] ?? 0) < (oldestSqlite[firstOther] ?? 0)
  if (isOlder) throw new Error(`SQLite ${version} can corrupt its log; ${oldestSqlite.join('.')} or later is needed`)
}

/** Primary result codes (https://sqlite.org/rescode.html) that say something about the host, not about the statement. */
const hostFaults = new Map<number, string>([
  [5, 'the database is locked by another process'],
  [8, 'the database is read-only'],
  [10, 'the disk failed'],
  [11, 'the database file is damaged'],
  [13, 'the disk is full'],
  [14, 'the database file cannot be opened'],
])

/** What is wrong with the host when a statement failed through no fault of its own; null for every other error. */
export function sqliteHostFault(error: unknown): string | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null
  return hostFaults.get(error.errcode & 0xff) ?? null
}
