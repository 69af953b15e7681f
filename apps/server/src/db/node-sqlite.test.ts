import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openSqlite, refuseOldSqlite, sqliteHostFault } from './node-sqlite.ts'

let directory: string
let file: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'countersign-test-'))
  file = join(directory, 'test.db')
})
afterEach(() => rmSync(directory, { recursive: true }))

const pragma = (name: string) => ({ sql: `pragma ${name}`, parameters: [] })

it('is as durable after reopening the file as on the first day', () => {
  for (const readOnly of [false, false, true]) {
    using connection = openSqlite(file, { readOnly })
    expect(connection.execute(pragma('synchronous')).rows).toEqual([{ synchronous: 2 }])
    expect(connection.execute(pragma('journal_mode')).rows).toEqual([{ journal_mode: 'wal' }])
  }
})

it('sets the limits and guards on every connection', () => {
  using connection = openSqlite(file, { readOnly: false })
  expect(connection.execute(pragma('busy_timeout')).rows).toEqual([{ timeout: 5_000 }])
  expect(connection.execute(pragma('foreign_keys')).rows).toEqual([{ foreign_keys: 1 }])
  expect(connection.execute(pragma('trusted_schema')).rows).toEqual([{ trusted_schema: 0 }])
  expect(connection.execute(pragma('journal_size_limit')).rows).toEqual([{ journal_size_limit: 67_108_864 }])
})

it('refuses to run where the log cannot be used', () => {
  expect(() => openSqlite(':memory:', { readOnly: false })).toThrow('journal_mode = memory')
})

it('refuses a release of SQLite that can corrupt its log', () => {
  for (const version of ['3.51.2', '3.50.9', '2.99.99']) expect(() => refuseOldSqlite(version)).toThrow('3.51.3')
  for (const version of ['3.51.3', '3.51.10', '3.52.0', '4.0.0']) expect(() => refuseOldSqlite(version)).not.toThrow()
})

it.each([
  ['a Date', new Date(0)],
  ['an object', { a: 1 }],
  ['a list', ['a']],
  ['a Buffer', Buffer.from('a')],
  ['undefined', undefined],
  ['a boolean', true],
])('refuses %s as a value, in any place, and stores nothing', (_name, value) => {
  using connection = openSqlite(file, { readOnly: false })
  connection.exec('create table t (a, b)')
  const sql = 'insert into t (a, b) values (?, ?)'
  expect(() => connection.execute({ sql, parameters: [value, 'x'] })).toThrow(TypeError)
  expect(() => connection.execute({ sql, parameters: ['x', value] })).toThrow(TypeError)
  expect(connection.execute({ sql: 'select * from t', parameters: [] }).rows).toEqual([])
})

it('tells statements that return rows from those that do not', () => {
  using connection = openSqlite(file, { readOnly: false })
  connection.exec('create table t (a integer)')
  const insert = 'insert into t (a) values (?)'
  expect(connection.execute({ sql: insert, parameters: [1] })).toEqual({ numAffectedRows: 1n, rows: [] })
  expect(connection.execute({ sql: `${insert} returning a`, parameters: [2] }).rows).toEqual([{ a: 2 }])
  expect(connection.execute({ sql: 'update t set a = 3', parameters: [] }).numAffectedRows).toBe(2n)
})

it('keeps only so many prepared statements, and every one of them works', () => {
  using connection = openSqlite(file, { readOnly: false })
  for (let round = 0; round < 2; round += 1) {
    for (let n = 0; n < 1_200; n += 1) {
      expect(connection.execute({ sql: `select ${n} as n`, parameters: [] }).rows).toEqual([{ n }])
    }
  }
})

it('does not write through the reading connection', () => {
  using writer = openSqlite(file, { readOnly: false })
  writer.exec('create table t (a)')
  using reader = openSqlite(file, { readOnly: true })
  expect(() => reader.exec('insert into t values (1)')).toThrow('readonly')
})

it('knows a fault of the host from a fault of the statement', () => {
  const database = new DatabaseSync(file)
  database.exec('create table t (a unique); insert into t values (1)')
  const errorOf = (sql: string): unknown => {
    try {
      return database.exec(sql)
    } catch (error) {
      return error
    }
  }
  expect(sqliteHostFault(errorOf('insert into t values (1)'))).toBeNull()
  database.exec('pragma max_page_count = 2')
  expect(sqliteHostFault(errorOf('create table big as select zeroblob(100000)'))).toBe('the disk is full')
  expect(sqliteHostFault(new Error('something else'))).toBeNull()
  database.close()
})
