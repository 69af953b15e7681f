import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CompiledQuery, QueryResult } from 'kysely'
import { AppError } from '#server/errors.ts'
import { type SqliteConnection, sqliteHostFault } from './node-sqlite.ts'

/*
 * Group commit. SQLite has one writer and every durable commit costs an fsync; so the works that wait are run one after
 * the other inside one transaction, each behind its own savepoint, and nobody is answered before the common commit.
 */

/** So that the first work of a batch does not wait long for the commit, nor the event loop for its turn. */
const maxBatch = 128
const defaults = { maxBatchMs: 20, stuckAfterMs: 5_000 }
/** On a slow disk a batch may last this many times as long as a commit does there, up to a limit. */
const batchPerCommit = 4
const longestBatchMs = 100

/** Runs one statement inside the work; refuses once the work is over. */
export type Write = <Row>(query: CompiledQuery<Row>) => QueryResult<Row>
type Work<Result> = (write: Write) => Promise<Result>

export interface WriteQueue extends AsyncDisposable {
  /** Resolves when the work is durable. An error of the work, or of the commit, means that nothing of it is kept. */
  run<Result>(work: Work<Result>): Promise<Result>
}

export interface WriteQueueOptions {
  /** A work that waits for anything but the database holds up every other; after this it is rolled back. */
  stuckAfterMs?: number
  /** A batch takes no further work after this. */
  maxBatchMs?: number
  /** Called after BEGIN, when the file is ours. */
  onBegin?: () => void
  /** Called whenever something that had been written was taken back. */
  onRollback?: () => void
}

interface Job {
  work: Work<unknown>
  resolve(value: unknown): void
  reject(error: unknown): void
}
type Outcome = { job: Job; ok: true; value: unknown } | { job: Job; ok: false; error: unknown }

const begin = { sql: 'begin immediate', parameters: [] }
const commit = { sql: 'commit', parameters: [] }
const rollback = { sql: 'rollback', parameters: [] }
const savepoint = { sql: 'savepoint work', parameters: [] }
const release = { sql: 'release work', parameters: [] }
const rollbackWork = { sql: 'rollback to work', parameters: [] }

export function createWriteQueue(connection: SqliteConnection, options: WriteQueueOptions = {}): WriteQueue {
  return new GroupCommit(connection, options)
}

/** Ends the wait for a work that does not end. One timer for all works: they run one after the other. */
class Watchdog {
  readonly #limitMs: number
  #timer: NodeJS.Timeout | null = null
  #since = 0
  #giveUp: ((error: Error) => void) | null = null

  constructor(limitMs: number) {
    this.#limitMs = limitMs
  }

  guard<Result>(work: Promise<Result>): Promise<Result> {
    this.#since = performance.now()
    this.#timer ??= setTimeout(() => this.#look(), this.#limitMs)
    return new Promise((resolve, reject) => {
      this.#giveUp = reject
      work.then(resolve, reject)
    })
  }

  rest(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#giveUp = null
  }

  #look(): void {
    const restMs = this.#since + this.#limitMs - performance.now()
    if (restMs <= 0) {
      const error = `a unit of work was not over after ${this.#limitMs} ms: it waits for something outside the database`
      this.#giveUp?.(new Error(error))
    }
    this.#timer = setTimeout(() => this.#look(), restMs > 0 ? restMs : this.#limitMs)
  }
}

class GroupCommit implements WriteQueue {
  readonly #connection: SqliteConnection
  readonly #options: WriteQueueOptions & typeof defaults
  readonly #watchdog: Watchdog
  #waiting: Job[] = []
  #draining: Promise<void> | null = null
  #isClosed = false
  /** How long the last commit took. */
  #commitMs = 0

  constructor(connection: SqliteConnection, options: WriteQueueOptions) {
    this.#connection = connection
    this.#options = { ...defaults, ...options }
    this.#watchdog = new Watchdog(this.#options.stuckAfterMs)
  }

  run<Result>(work: Work<Result>): Promise<Result> {
    if (this.#isClosed) return Promise.reject(new AppError('unavailable', 'the database is closed'))
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject })
      this.#draining ??= this.#drain()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    await this.#draining
  }

  /** Begins in the next turn of the event loop: all requests that came in with this one share its commit. */
  async #drain(): Promise<void> {
    do {
      await nextTurn()
      const jobs = this.#waiting
      this.#waiting = []
      for (let from = 0; from < jobs.length; ) {
        if (from > 0) await nextTurn()
        from += await this.#batch(jobs, from)
      }
    } while (this.#waiting.length > 0)
    this.#watchdog.rest()
    this.#draining = null
  }

  /** Runs jobs from the given place on, in one transaction; returns how many were settled. */
  async #batch(jobs: readonly Job[], from: number): Promise<number> {
    const outcomes: Outcome[] = []
    try {
      this.#connection.execute(begin)
    } catch (error) {
      return this.#fail(jobs.slice(from, from + maxBatch), error)
    }
    try {
      this.#options.onBegin?.()
      const startedAt = performance.now()
      for (const job of jobs.slice(from, from + maxBatch)) {
        outcomes.push(await this.#one(job))
        if (performance.now() - startedAt >= this.#batchMs()) break
      }
      const committedFrom = performance.now()
      this.#connection.execute(commit)
      this.#commitMs = performance.now() - committedFrom
    } catch (error) {
      this.#rollBack()
      // The job that failed together with the transaction has no outcome of its own.
      return this.#fail(jobs.slice(from, from + Math.max(1, outcomes.length + 1)), error)
    }
    for (const outcome of outcomes) {
      if (outcome.ok) outcome.job.resolve(outcome.value)
      else outcome.job.reject(unavailable(outcome.error))
    }
    return outcomes.length
  }

  /**
   * An error of the work is an outcome, answered after the commit like every other: it may rest on what an earlier work
   * of the batch has written. Throws when the whole transaction is lost.
   */
  async #one(job: Job): Promise<Outcome> {
    const connection = this.#connection
    let isOver = false
    const write: Write = (query) => {
      if (isOver) throw new Error('this unit of work is over: await every statement inside it')
      return connection.execute(query)
    }
    connection.execute(savepoint)
    try {
      const value = await this.#watchdog.guard(job.work(write))
      connection.execute(release)
      return { job, ok: true, value }
    } catch (error) {
      // On a full disk, for one, SQLite rolls back the whole transaction by itself.
      if (!connection.isTransaction) throw error
      connection.execute(rollbackWork)
      connection.execute(release)
      this.#options.onRollback?.()
      return { job, ok: false, error }
    } finally {
      isOver = true
    }
  }

  #batchMs(): number {
    const { maxBatchMs } = this.#options
    return Math.max(maxBatchMs, Math.min(longestBatchMs, batchPerCommit * this.#commitMs))
  }

  #rollBack(): void {
    this.#options.onRollback?.()
    if (this.#connection.isTransaction) this.#connection.execute(rollback)
  }

  #fail(jobs: readonly Job[], error: unknown): number {
    for (const job of jobs) job.reject(unavailable(error))
    return jobs.length
  }
}

/** What the host is to blame for becomes AppError('unavailable'); everything else stays as it is. */
function unavailable(error: unknown): unknown {
  const fault = sqliteHostFault(error)
  return fault === null ? error : new AppError('unavailable', fault, { cause: error })
}
