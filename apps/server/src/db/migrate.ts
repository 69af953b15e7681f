import type { Engine } from './engine.ts'
import { migrations as allMigrations } from './migrations/index.ts'
import { ddlFor, type Migration } from './migrations/migration.ts'

/** What a migration needs of a database; both engines commit table definitions like anything else. */
export interface MigrationTarget {
  engine: Engine
  /** Runs `work` in a transaction that no other process can be in at the same time. */
  exclusively<Result>(work: (sql: MigrationSql) => Promise<Result>): Promise<Result>
}

export interface MigrationSql {
  execute(sql: string): Promise<void>
  /** Names, in no order. */
  applied(): Promise<string[]>
  record(name: string): Promise<void>
}

/** The database was written by a later release; this one would not understand it. */
export class DatabaseTooNew extends Error {
  override name = 'DatabaseTooNew'

  constructor(unknown: readonly string[]) {
    super(
      `the database was migrated by a newer version of Countersign (${unknown.join(', ')}): run that version, or restore a backup`,
    )
  }
}

/** `applied_at` is for people; nothing reads it. */
export const migrationTable = `create table if not exists schema_migrations (
  name text not null primary key,
  applied_at text not null default current_timestamp
)`

/**
 * Brings the database up to date and returns what was done. Each migration commits by itself, under a lock: of many
 * instances that start at once each migration is applied by one, and the others wait for it.
 */
export async function migrate(
  target: MigrationTarget,
  migrations: readonly Migration[] = allMigrations,
): Promise<string[]> {
  const ddl = ddlFor(target.engine)
  const done: string[] = []
  for (;;) {
    const name = await target.exclusively(async (sql) => {
      await sql.execute(migrationTable)
      const applied = await sql.applied()
      refuseUnknown(applied, migrations)
      const next = migrations.find((migration) => !applied.includes(migration.name))
      if (next === undefined) return null
      for (const statement of next.up(ddl)) await sql.execute(statement)
      await sql.record(next.name)
      return next.name
    })
    if (name === null) return done
    done.push(name)
  }
}

function refuseUnknown(applied: readonly string[], migrations: readonly Migration[]): void {
  const known = new Set(migrations.map((migration) => migration.name))
  const unknown = applied.filter((name) => !known.has(name))
  if (unknown.length > 0) throw new DatabaseTooNew(unknown)
}
