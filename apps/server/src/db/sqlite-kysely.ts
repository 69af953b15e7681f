import {
  type CompiledQuery,
  type DatabaseConnection,
  DefaultQueryExecutor,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  Transaction,
} from 'kysely'
import type { SqliteConnection } from './node-sqlite.ts'
import type { Database } from './schema.ts'
import type { WriteQueue } from './write-queue.ts'

/*
 * Kysely over one writing and one reading connection to the same file. Outside a unit of work a SELECT goes to the reader,
 * which never waits and never sees what is not committed; everything else queues up for the writer.
 */

const adapter = new SqliteAdapter()
const compiler = new SqliteQueryCompiler()

type Execute = <Row>(query: CompiledQuery<Row>) => QueryResult<Row> | Promise<QueryResult<Row>>

/** A connection object over a function, as Kysely wants one. */
class FunctionConnection implements DatabaseConnection {
  readonly execute: Execute

  constructor(execute: Execute) {
    this.execute = execute
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    return this.execute(query as CompiledQuery<Row>)
  }

  /** All at once: SQLite hands rows over synchronously, and a half-read statement would hold a snapshot open. */
  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(query)
  }
}

/** Skips the asynchronous steps of acquiring and releasing a connection that is always at hand. */
class DirectExecutor extends DefaultQueryExecutor {
  readonly #connection: FunctionConnection

  constructor(connection: FunctionConnection) {
    super(compiler, adapter, { provideConnection: (consumer) => consumer(connection) })
    this.#connection = connection
  }

  override executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    return this.#connection.executeQuery(query)
  }
}

/** A Kysely transaction whose every statement goes to `execute`. Cheap: one is made for each unit of work. */
export function transactionOver(execute: Execute): Transaction<Database> {
  return new Transaction<Database>({
    config: { dialect },
    dialect,
    driver: refusingDriver,
    executor: new DirectExecutor(new FunctionConnection(execute)),
  })
}

const refuse = (): never => {
  throw new Error('a unit of work begins and ends by UnitOfWork.run alone')
}
const refusingDriver: Driver = {
  init: async () => undefined,
  acquireConnection: refuse,
  beginTransaction: refuse,
  commitTransaction: refuse,
  rollbackTransaction: refuse,
  releaseConnection: refuse,
  destroy: async () => undefined,
}
const dialect: Dialect = {
  createAdapter: () => adapter,
  createDriver: () => refusingDriver,
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => compiler,
}

/** For statements outside a unit of work; `db.transaction()` becomes a unit of work of its own. */
export function kyselyOver(reader: SqliteConnection, writes: WriteQueue): Kysely<Database> {
  const execute: Execute = (query) =>
    isRead(query) ? reader.execute(query) : writes.run(async (write) => write(query))
  const queuedDialect: Dialect = { ...dialect, createDriver: () => new QueuedDriver(execute, writes) }
  return new Kysely<Database>({ dialect: queuedDialect })
}

function isRead({ query, sql }: CompiledQuery): boolean {
  return query.kind === 'SelectQueryNode' || (query.kind === 'RawNode' && /^\s*(select|explain)\b/i.test(sql))
}

/** A connection that becomes a unit of work between `begin` and `commit` or `rollback`. */
class QueuedConnection extends FunctionConnection {
  transaction: { execute: Execute; end: (error: Error | null) => void; ended: Promise<void> } | null = null

  constructor(execute: Execute) {
    super((query) => (this.transaction === null ? execute(query) : this.transaction.execute(query)))
  }
}

class RolledBack extends Error {}

class QueuedDriver implements Driver {
  readonly #execute: Execute
  readonly #writes: WriteQueue

  constructor(execute: Execute, writes: WriteQueue) {
    this.#execute = execute
    this.#writes = writes
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<QueuedConnection> {
    return new QueuedConnection(this.#execute)
  }

  async beginTransaction(connection: QueuedConnection): Promise<void> {
    await new Promise<void>((begun, failed) => {
      const ended = this.#writes.run(async (write) => {
        await new Promise<void>((resolve, reject) => {
          const end = (error: Error | null): void => (error === null ? resolve() : reject(error))
          connection.transaction = { execute: async (query) => write(query), end, ended }
          begun()
        })
      })
      ended.catch(failed)
    })
  }

  async commitTransaction(connection: QueuedConnection): Promise<void> {
    const { transaction } = connection
    connection.transaction = null
    transaction?.end(null)
    await transaction?.ended
  }

  async rollbackTransaction(connection: QueuedConnection): Promise<void> {
    const { transaction } = connection
    connection.transaction = null
    transaction?.end(new RolledBack('rolled back'))
    await transaction?.ended.catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error
    })
  }

  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}
