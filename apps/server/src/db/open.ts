import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openPostgresStore } from './postgres-store.ts'
import { type OpenedStore, openSqliteStore } from './sqlite-store.ts'
import type { StoresDeps } from './stores-over.ts'

export interface OpenStoreOptions extends Omit<StoresDeps, 'engine'> {
  /** Holds the SQLite file; made if it is not there. */
  dataDir: string
  /** `postgres://…`; null means SQLite in `dataDir`. */
  databaseUrl: string | null
}

/** The name of the SQLite file in the data directory. */
export const sqliteFileName = 'countersign.db'

/**
 * Opens the database of a host and brings it up to date. Throws DatabaseTooNew when a later release has migrated it, and
 * refuses settings under which a commit is not durable.
 */
export async function openStore(options: OpenStoreOptions): Promise<OpenedStore> {
  if (options.databaseUrl !== null) return openPostgresStore(options.databaseUrl, options)
  // Tickets and people are nobody else's business.
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 })
  return openSqliteStore(join(options.dataDir, sqliteFileName), options)
}
