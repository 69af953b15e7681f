import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'

/*
 * What a refused call may leave behind, and nothing else: that it was refused, how often it was tried, that a key is in
 * use, and the renewal of a session.
 */
const mayChange: Readonly<Record<string, 'all' | readonly string[]>> = {
  throttles: 'all',
  api_keys: ['last_used_at'],
  sessions: ['refresh_hash', 'previous_hash', 'rotated_at'],
}

/** Tells which tables have changed since the last look, from beside the server. */
export interface RowWatch extends Disposable {
  look(): void
  /** Names of tables with other rows than at the last look. */
  changed(more?: readonly string[]): string[]
}

export function watchRows(databaseFile: string): RowWatch {
  const database = new DatabaseSync(databaseFile, { readOnly: true })
  const versionOf = database.prepare('pragma data_version')
  const named = database.prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")
  const tables = named.all().map(({ name }) => String(name))
  const rowsOf = new Map(tables.map((table) => [table, database.prepare(`select * from "${table}"`)]))
  /** Differs as soon as anybody else has committed anything. */
  const version = (): number => Number(versionOf.get()?.data_version)

  const digests = (): Map<string, string> =>
    new Map(
      [...rowsOf].map(([table, statement]) => {
        const exempt = mayChange[table] ?? []
        const hash = createHash('sha256')
        for (const row of exempt === 'all' ? [] : statement.all()) {
          const kept = Object.entries(row).filter(([column]) => exempt === 'all' || !exempt.includes(column))
          hash.update(JSON.stringify(kept))
        }
        return [table, hash.digest('hex')]
      }),
    )

  let seen = version()
  let before = digests()
  return {
    look() {
      if (version() === seen) return
      seen = version()
      before = digests()
    },
    changed(more = []) {
      if (version() === seen) return []
      const after = digests()
      return tables.filter((table) => before.get(table) !== after.get(table) && !more.includes(table))
    },
    [Symbol.dispose]: () => database.close(),
  }
}
