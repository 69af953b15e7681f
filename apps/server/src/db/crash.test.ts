import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { onSqlite } from './_engines.ts'
import { addTenant } from './_fixtures.ts'
import { migrations } from './migrations/index.ts'
import { openSqlite } from './node-sqlite.ts'
import { sqliteFileName } from './open.ts'

const child = join(import.meta.dirname, '_writing-child.ts')
const kills = 20

/** Runs a deciding process and kills it a moment after its `after`th acknowledgement; what it acknowledged. */
async function decideUntilKilled(dataDir: string, after: number): Promise<string[]> {
  const running = spawn(process.execPath, [child, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(running, 'exit')
  let output = ''
  for await (const chunk of running.stdout) {
    output += String(chunk)
    if (output.split('\n').length > after + 1) running.kill('SIGKILL')
  }
  await exited
  // The first line says that it is open; a last line without its end was cut off by the kill.
  return output.split('\n').slice(1, -1)
}

onSqlite((engine) => {
  it(`loses no acknowledged decision over ${kills} kills`, async () => {
    await using database = await engine.open()
    await addTenant(database)
    await database.store[Symbol.asyncDispose]()
    const acknowledged: string[] = []
    for (let n = 0; n < kills; n += 1) acknowledged.push(...(await decideUntilKilled(database.dataDir, 5 + 3 * n)))
    expect(acknowledged.length).toBeGreaterThan(kills * 5)

    const store = await database.openAgain()
    const decided = await store.db.selectFrom('tickets').select('id').where('status', '=', 'approved').execute()
    const ids = new Set(decided.map(({ id }) => id))
    expect(acknowledged.filter((id) => !ids.has(id))).toEqual([])
    const histories = await store.db
      .selectFrom('ticket_history')
      .select('ticket_id')
      .where('action', '=', 'approve')
      .execute()
    expect(histories.map(({ ticket_id }) => ticket_id).toSorted()).toEqual([...ids].toSorted())
    expect(await store.stores.audit.verify('acme')).toEqual({ ok: true, entries: ids.size })
    using connection = openSqlite(database.file, { readOnly: true })
    expect(connection.execute({ sql: 'pragma integrity_check', parameters: [] }).rows).toEqual([
      { integrity_check: 'ok' },
    ])
  }, 300_000)

  it('migrates once when ten processes start at the same time', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'countersign-test-'))
    const exits = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const [code] = await once(
          spawn(process.execPath, [child, dataDir, 'open'], { stdio: ['ignore', 'ignore', 'inherit'] }),
          'exit',
        )
        return code
      }),
    )
    expect(exits).toEqual(Array.from({ length: 10 }, () => 0))
    {
      using connection = openSqlite(join(dataDir, sqliteFileName), { readOnly: true })
      expect(connection.execute({ sql: 'select count(*) as n from schema_migrations', parameters: [] }).rows).toEqual([
        { n: migrations.length },
      ])
    }
    await rm(dataDir, { recursive: true })
  }, 60_000)
})
