import { setTimeout as sleep } from 'node:timers/promises'
import { isAbortedTransactionError, Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import { AppError } from '#server/errors.ts'
import { deferAppends } from './audit-store.ts'
import { migrate } from './migrate.ts'
import type { Database } from './schema.ts'
import type { OpenedStore } from './sqlite-store.ts'
import type { Stores } from './stores.ts'
import { createStores, type StoresDeps } from './stores-over.ts'

const poolSize = 20
// A start that cannot connect is refused within five seconds, all told.
const timeoutsMs = { connect: 3_000, statement: 5_000, lock: 2_000, idleInTransaction: 10_000, keepAlive: 10_000 }
/**
 * A work that met a deadlock, a serialization failure or a lost connection before its commit is done anew: so often, and
 * not once so much time has passed that the caller's own deadline must be near.
 */
const retryPausesMs = [10, 20, 40, 80]
const retryWithinMs = 4_000
/** Any number, the same in every release: whoever migrates holds this advisory lock. */
const migrationLock = 7_303_014

export type PostgresStoreOptions = Omit<StoresDeps, 'engine'>

/**
 * The connection was lost while a unit of work committed: it may be in the database or not. Whoever gets this looks
 * before doing anything again; unique keys make a repetition harmless.
 */
export class CommitOutcomeUnknown extends AppError {
  override name = 'CommitOutcomeUnknown'

  constructor(cause: unknown) {
    super('unavailable', 'the database was lost while it committed; the outcome is unknown', { cause })
  }
}

/** Connects, migrates, and makes sure that a commit of this server means what it says. */
export async function openPostgresStore(databaseUrl: string, options: PostgresStoreOptions): Promise<OpenedStore> {
  const pool = createPool(databaseUrl)
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })
  try {
    await refuseUndurable(pool)
    await migratePostgres(pool)
    return storeOver(pool, db, { ...options, engine: 'postgres' })
  } catch (error) {
    await pool.end()
    throw error
  }
}

function createPool(databaseUrl: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: poolSize,
    application_name: 'countersign',
    connectionTimeoutMillis: timeoutsMs.connect,
    statement_timeout: timeoutsMs.statement,
    lock_timeout: timeoutsMs.lock,
    idle_in_transaction_session_timeout: timeoutsMs.idleInTransaction,
    keepAlive: true,
    keepAliveInitialDelayMillis: timeoutsMs.keepAlive,
    types: { getTypeParser },
  })
  // A client whose backend dies emits `error`, in use or not, and without a listener that ends the process. Whoever
  // waits for a query of it is told by that query.
  pool.on('connect', (client) => client.on('error', ignore))
  pool.on('error', ignore)
  return pool
}

const ignore = (): void => undefined

/** bigint holds epoch milliseconds and counters here, far below 2^53. */
const getTypeParser = ((oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 && format !== 'binary'
    ? Number
    : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser

/** An acknowledged decision must survive a power cut. */
async function refuseUndurable(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ fsync: string; commit: string }>(
    `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`,
  )
  const [settings] = rows
  if (settings?.fsync !== 'on') throw new Error(`PostgreSQL runs with fsync = ${settings?.fsync}: not durable`)
  if (settings.commit === 'off' || settings.commit === 'local') {
    throw new Error(`PostgreSQL runs with synchronous_commit = ${settings.commit}: not durable`)
  }
}

export function migratePostgres(pool: pg.Pool): Promise<string[]> {
  return migrate({
    engine: 'postgres',
    async exclusively(work) {
      const client = await pool.connect()
      try {
        await client.query('begin')
        // Waits as long as another instance migrates, whatever that takes.
        await client.query('set local statement_timeout = 0; set local lock_timeout = 0')
        await client.query('select pg_advisory_xact_lock($1)', [migrationLock])
        const result = await work({
          execute: async (sql) => void (await client.query(sql)),
          applied: async () =>
            (await client.query<{ name: string }>('select name from schema_migrations')).rows.map((row) => row.name),
          record: async (name) => void (await client.query('insert into schema_migrations (name) values ($1)', [name])),
        })
        await client.query('commit')
        client.release()
        return result
      } catch (error) {
        // The connection goes with its transaction.
        client.release(true)
        throw error
      }
    },
  })
}

function storeOver(pool: pg.Pool, db: Kysely<Database>, deps: StoresDeps): OpenedStore {
  const running = new Set<Promise<unknown>>()
  let closing: Promise<void> | null = null
  const close = async (): Promise<void> => {
    await Promise.allSettled(running)
    // Not `db.destroy()`, which leaves alone a pool that Kysely has not used.
    await pool.end()
  }
  const run = <Result>(work: (tx: Stores) => Promise<Result>): Promise<Result> => {
    if (closing !== null) return Promise.reject(new AppError('unavailable', 'the database is closed'))
    const result = withRetries(() => once(db, deps, work))
    running.add(result)
    const forget = (): void => void running.delete(result)
    result.then(forget, forget)
    return result
  }
  return {
    db,
    stores: createStores(db, deps),
    run,
    async checkHealth() {
      await db
        .insertInto('host_values')
        .values({ name: 'health', value: String(deps.now()) })
        .onConflict((conflict) => conflict.column('name').doUpdateSet((eb) => ({ value: eb.ref('excluded.value') })))
        .execute()
    },
    async backup() {
      throw new AppError('conflict', 'PostgreSQL is backed up with its own tools, for example pg_dump')
    },
    [Symbol.asyncDispose]() {
      closing ??= close()
      return closing
    },
  }
}

async function once<Result>(
  db: Kysely<Database>,
  deps: StoresDeps,
  work: (tx: Stores) => Promise<Result>,
): Promise<Result> {
  const tx = await db.startTransaction().execute()
  let result: Result
  try {
    result = await inside(tx, deps, work)
  } catch (error) {
    // When the connection is gone so is the transaction, and the driver drops the client.
    await tx.rollback().execute().catch(ignore)
    throw error
  }
  try {
    await tx.commit().execute()
  } catch (error) {
    await tx.rollback().execute().catch(ignore)
    throw isRefusal(error) ? error : new CommitOutcomeUnknown(error)
  }
  return result
}

async function inside<Result>(
  tx: Transaction<Database>,
  deps: StoresDeps,
  work: (stores: Stores) => Promise<Result>,
): Promise<Result> {
  const stores = createStores(tx, deps)
  const { audit, flush } = deferAppends(stores.audit)
  const result = await work({ ...stores, audit })
  await flush()
  return result
}

async function withRetries<Result>(attempt: () => Promise<Result>): Promise<Result> {
  const giveUpAt = performance.now() + retryWithinMs
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt()
    } catch (error) {
      const pauseMs = retryPausesMs[tries]
      const isWorthIt = isRetryable(error) || isLostConnection(error)
      if (!isWorthIt || pauseMs === undefined || performance.now() > giveUpAt) throw unavailable(error)
      // Those who got in each other's way do not come back together.
      await sleep(pauseMs * (0.5 + Math.random()))
    }
  }
}

function sqlState(error: unknown): string | null {
  return error instanceof pg.DatabaseError ? (error.code ?? null) : null
}

/**
 * Serialization failure and deadlock; and a submission or callback that met its twin, whom a fresh attempt will find.
 */
function isRetryable(error: unknown): boolean {
  const state = sqlState(error)
  if (state === '40001' || state === '40P01') return true
  return state === '23505' && error instanceof pg.DatabaseError && twins.has(error.constraint ?? '')
}

const twins: ReadonlySet<string> = new Set([
  'tickets_by_external_id',
  'tickets_by_idempotency_key',
  'inbound_callbacks_pkey',
])

/** The server has answered, and its answer is no. */
function isRefusal(error: unknown): boolean {
  if (isAbortedTransactionError(error)) return true
  const state = sqlState(error)
  return state !== null && !isLostConnection(error)
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: class 08, and the shutdowns of class 57. */
function isLostConnection(error: unknown): boolean {
  const state = sqlState(error)
  if (state !== null) return state.startsWith('08') || ['57P01', '57P02', '57P03'].includes(state)
  return error instanceof Error && (hasSocketCode(error) || lostMessages.test(error.message))
}

function hasSocketCode(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET)/.test(error.code)
}

/** `pg` gives these errors no code. */
const lostMessages =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/

/**
 * Lost connections, locks and statements that took too long, a full disk, too many connections (classes 53, 55, 57, 58)
 * become AppError('unavailable'); everything else stays as it is.
 */
export function unavailable(error: unknown): unknown {
  if (error instanceof AppError) return error
  const state = sqlState(error)
  const isHostFault = isLostConnection(error) || (state !== null && /^(53|55|57|58|40)/.test(state))
  return isHostFault ? new AppError('unavailable', 'the database cannot do this now', { cause: error }) : error
}
