import type { Kysely, Transaction } from 'kysely'
import type { Database } from './schema.ts'

/** Several statements that belong together: in the transaction that is there, or else in one of their own. */
export function atomically<Result>(
  db: Kysely<Database>,
  work: (tx: Kysely<Database>) => Promise<Result>,
): Promise<Result> {
  return db.isTransaction ? work(db) : db.transaction().execute((tx: Transaction<Database>) => work(tx))
}
