import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '#server/config/config.ts'
import { onEveryEngine, onPostgres, onSqlite, plainSealer, type TestDatabase, testAuditKeys } from './_engines.ts'
import { openStoreOrExplain } from './open-or-explain.ts'

type Place = Pick<TestDatabase, 'dataDir' | 'databaseUrl'>

/** The one line that the start is refused with. */
async function refusalOf({ dataDir, databaseUrl }: Place): Promise<string> {
  const rest = {
    auditKeys: testAuditKeys,
    sealer: plainSealer,
    newId: () => 'id',
    now: Date.now,
    channelNames: [],
    sharedChannels: [],
    timeZone: 'UTC',
  }
  try {
    await using _store = await openStoreOrExplain({ dataDir, databaseUrl, ...rest })
    return 'opened'
  } catch (error) {
    if (error instanceof ConfigError && error.problems.length === 1) return error.message
    throw error
  }
}

const changed = (url: string | null, change: (url: URL) => void): string => {
  const other = new URL(url ?? '')
  change(other)
  return other.href
}

describe('a database that cannot be opened', () => {
  onEveryEngine((engine) => {
    it('because a later release has migrated it is refused', async () => {
      await using database = await engine.open()
      await sql`insert into schema_migrations (name) values ('999-later')`.execute(database.db)
      expect(await refusalOf(database)).toMatch(/^DATA(_DIR|BASE_URL): .*migrated by a newer version.*999-later/)
    })
  })

  onSqlite((engine) => {
    it('because the file is something else is refused, and the file is left as it is', async () => {
      await using database = await engine.open()
      await database.store[Symbol.asyncDispose]()
      writeFileSync(database.file, 'something else altogether, for more than a header. '.repeat(40))
      expect(await refusalOf(database)).toBe('DATA_DIR: the database file is no SQLite database')
    })
  })

  onPostgres((engine) => {
    it.each<[string, (url: URL) => void, RegExp]>([
      [
        'of a wrong password',
        (url) => Object.assign(url, { password: 'canary-password' }),
        /password authentication failed/,
      ],
      ['there is no such database', (url) => Object.assign(url, { pathname: '/nowhere' }), /"nowhere" does not exist/],
      ['nobody listens', (url) => Object.assign(url, { port: '1' }), /ECONNREFUSED/],
      ['there is no such host', (url) => Object.assign(url, { hostname: 'host.invalid' }), /ENOTFOUND|EAI_AGAIN/],
    ])('because %s is refused without showing the password', async (_reason, change, said) => {
      await using database = await engine.open()
      const line = await refusalOf({ ...database, databaseUrl: changed(database.databaseUrl, change) })
      expect(line).toMatch(/^DATABASE_URL: PostgreSQL cannot be used: /)
      expect(line).toMatch(said)
      expect(line).not.toContain('canary')
    })

    it('because nobody answers is refused within five seconds', async () => {
      await using database = await engine.open()
      const silent = createServer(() => undefined)
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
      const address = silent.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      const startedAt = performance.now()
      const databaseUrl = changed(database.databaseUrl, (url) => Object.assign(url, { port: String(port) }))
      expect(await refusalOf({ ...database, databaseUrl })).toMatch(/^DATABASE_URL: PostgreSQL cannot be used: /)
      expect(performance.now() - startedAt).toBeLessThan(5_000)
      silent.close()
    })
  })
})
