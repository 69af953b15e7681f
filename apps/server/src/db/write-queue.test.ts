import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CompiledQuery } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openSqlite, type SqliteConnection } from './node-sqlite.ts'
import { createWriteQueue, type Write } from './write-queue.ts'

let directory: string
let writer: SqliteConnection
let reader: SqliteConnection

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'countersign-test-'))
  writer = openSqlite(join(directory, 'test.db'), { readOnly: false })
  writer.exec('create table t (a integer primary key, b text)')
  reader = openSqlite(join(directory, 'test.db'), { readOnly: true })
})
afterEach(() => {
  reader[Symbol.dispose]()
  writer[Symbol.dispose]()
  rmSync(directory, { recursive: true })
})

const insert = (a: number, b = ''): CompiledQuery => CompiledQuery.raw('insert into t (a, b) values (?, ?)', [a, b])
const count = (): number =>
  reader.execute<{ n: number }>({ sql: 'select count(*) as n from t', parameters: [] }).rows[0]?.n ?? -1

it('answers nobody before the work is in the file for others to read', async () => {
  const writes = createWriteQueue(writer)
  const find = (a: number) => reader.execute({ sql: 'select a from t where a = ?', parameters: [a] }).rows
  const found = await Promise.all(
    Array.from({ length: 50 }, async (_, a) => {
      await writes.run(async (write) => {
        write(insert(a))
        expect(find(a)).toEqual([])
      })
      return find(a).length
    }),
  )
  expect(found).toEqual(Array.from({ length: 50 }, () => 1))
})

it('commits works that wait together with one fsync', async () => {
  let begun = 0
  const onBegin = (): void => {
    begun += 1
  }
  const writes = createWriteQueue(writer, { onBegin, maxBatchMs: 60_000 })
  await Promise.all(Array.from({ length: 300 }, (_, a) => writes.run(async (write) => write(insert(a)))))
  expect(count()).toBe(300)
  expect(begun).toBe(3)
})

it('undoes a work that fails and no other of the same batch', async () => {
  const writes = createWriteQueue(writer)
  const results = await Promise.allSettled(
    Array.from({ length: 9 }, (_, a) =>
      writes.run(async (write) => {
        write(insert(a))
        write(insert(a + 100))
        if (a % 3 === 1) throw new Error(`work ${a}`)
        return a
      }),
    ),
  )
  expect(results.map((result) => (result.status === 'fulfilled' ? result.value : String(result.reason)))).toEqual([
    0,
    'Error: work 1',
    2,
    3,
    'Error: work 4',
    5,
    6,
    'Error: work 7',
    8,
  ])
  expect(count()).toBe(12)
})

it('lets a work go on after a statement of it failed, if it wants to', async () => {
  const writes = createWriteQueue(writer)
  await writes.run(async (write) => {
    write(insert(1))
    expect(() => write(insert(1))).toThrow('UNIQUE')
    write(insert(2))
  })
  expect(count()).toBe(2)
})

it('never runs two works at the same time', async () => {
  const writes = createWriteQueue(writer)
  const events: string[] = []
  const work = (name: string) => async (write: Write) => {
    events.push(`${name} begins`)
    write(insert(name.charCodeAt(0)))
    await new Promise((resolve) => setImmediate(resolve))
    events.push(`${name} ends`)
  }
  await Promise.all(['a', 'b', 'c'].map((name) => writes.run(work(name))))
  expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
})

it('takes back a work that waits for something else, and goes on with the others', async () => {
  const writes = createWriteQueue(writer, { stuckAfterMs: 50 })
  let late: Write | undefined
  const { promise: never } = Promise.withResolvers<void>()
  const stuck = writes.run(async (write) => {
    late = write
    write(insert(1))
    await never
  })
  const other = writes.run(async (write) => write(insert(2)))
  await expect(stuck).rejects.toThrow('waits for something outside the database')
  await other
  expect(count()).toBe(1)
  expect(() => late?.(insert(3))).toThrow('this unit of work is over')
})

it('refuses a statement that was not awaited inside its work', async () => {
  const writes = createWriteQueue(writer)
  const leaked = await writes.run(async (write) => write)
  expect(() => leaked(insert(1))).toThrow('this unit of work is over')
  expect(count()).toBe(0)
})

it('tells every caller of a batch when the disk is full, and writes again once there is room', async () => {
  const writes = createWriteQueue(writer, { maxBatchMs: 60_000 })
  const pages = (sql: string): number =>
    Object.values(writer.execute<Record<string, number>>({ sql, parameters: [] }).rows[0] ?? {})[0] ?? 0
  const before = pages('pragma page_count')
  writer.exec(`pragma max_page_count = ${before + 20}`)
  const big = 'x'.repeat(4_000)
  const results = await Promise.allSettled(
    Array.from({ length: 60 }, (_, a) => writes.run(async (write) => write(insert(a, big)))),
  )
  const kept = results.flatMap((result, a) => (result.status === 'fulfilled' ? [a] : []))
  const failed = results.filter((result) => result.status === 'rejected')
  expect(failed.length).toBeGreaterThan(0)
  for (const { reason } of failed) expect(reason).toMatchObject({ code: 'unavailable', message: 'the disk is full' })
  const rows = reader.execute<{ a: number }>({ sql: 'select a from t order by a', parameters: [] }).rows
  expect(rows.map(({ a }) => a)).toEqual(kept)

  writer.exec('pragma max_page_count = 1000000')
  await writes.run(async (write) => write(insert(1_000, big)))
  expect(count()).toBe(kept.length + 1)
  expect(writer.execute({ sql: 'pragma integrity_check', parameters: [] }).rows).toEqual([{ integrity_check: 'ok' }])
})

it('tells every caller when another process holds the file, and goes on once it lets go', async () => {
  writer.exec('pragma busy_timeout = 20')
  const writes = createWriteQueue(writer)
  using other = openSqlite(join(directory, 'test.db'), { readOnly: false })
  other.exec('begin immediate')
  const busy = { code: 'unavailable', message: 'the database is locked by another process' }
  await expect(writes.run(async (write) => write(insert(1)))).rejects.toMatchObject(busy)
  other.exec('commit')
  await writes.run(async (write) => write(insert(1)))
  expect(count()).toBe(1)
})

it('finishes what waits before it closes, and takes nothing after', async () => {
  const writes = createWriteQueue(writer)
  const waiting = [1, 2, 3].map((a) => writes.run(async (write) => write(insert(a))))
  await writes[Symbol.asyncDispose]()
  expect(count()).toBe(3)
  await Promise.all(waiting)
  await expect(writes.run(async (write) => write(insert(4)))).rejects.toMatchObject({ code: 'unavailable' })
})
