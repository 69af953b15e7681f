import { ConfigError } from '#server/config/config.ts'
import { KnownSecrets } from '#server/log.ts'
import { DatabaseTooNew } from './migrate.ts'
import { sqliteHostFault } from './node-sqlite.ts'
import { type OpenStoreOptions, openStore } from './open.ts'
import type { OpenedStore } from './sqlite-store.ts'

/** https://sqlite.org/rescode.html#notadb */
const sqliteNotADatabase = 26

/**
 * As `openStore`. What is wrong with the database itself (not there, damaged, of a later release, a wrong password) becomes
 * a ConfigError of one line that names the setting.
 */
export async function openStoreOrExplain(options: OpenStoreOptions): Promise<OpenedStore> {
  try {
    return await openStore(options)
  } catch (error) {
    const line = options.databaseUrl === null ? sqliteFault(error) : postgresFault(error, options.databaseUrl)
    throw line === null ? error : Object.assign(new ConfigError([line]), { cause: error })
  }
}

function sqliteFault(error: unknown): string | null {
  if (error instanceof DatabaseTooNew) return `DATA_DIR: ${error.message}`
  const isOther = error instanceof Error && 'errcode' in error && error.errcode === sqliteNotADatabase
  const fault = isOther ? 'the database file is no SQLite database' : sqliteHostFault(error)
  return fault === null ? null : `DATA_DIR: ${fault}`
}

/** Faults of the program keep their stack; all that the driver and PostgreSQL say is about the connection or the server. */
function postgresFault(error: unknown, databaseUrl: string): string | null {
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof ReferenceError) return null
  const { code } = error as { code?: unknown }
  const secrets = new KnownSecrets()
  secrets.add(databaseUrl, decodeURIComponent(new URL(databaseUrl).password))
  const said = secrets.redact(error.message.split('\n')[0] ?? '')
  const reason = [said, typeof code === 'string' && !said.includes(code) ? `(${code})` : ''].filter(Boolean).join(' ')
  return `DATABASE_URL: PostgreSQL cannot be used: ${reason}`
}
