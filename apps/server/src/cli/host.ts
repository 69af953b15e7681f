import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '#server/config/config.ts'
import { loadSecretKeys, prepareDataDir } from '#server/config/secrets.ts'
import { createKeyRing } from '#server/crypto/key-ring.ts'
import { createSealer, type Sealer } from '#server/crypto/seal.ts'
import { sqliteFileName } from '#server/db/open.ts'
import { openStoreOrExplain } from '#server/db/open-or-explain.ts'
import { adoptSecretKey } from '#server/db/secret-key.ts'
import type { OpenedStore } from '#server/db/sqlite-store.ts'
import { CommandFailed } from './command.ts'

export function sqliteFileOf(config: Config): string {
  return join(config.dataDir, sqliteFileName)
}

/** Refuses where there is nothing yet to read; opening would make an empty database. */
export function expectDatabase(config: Config): void {
  if (config.databaseUrl === null && !existsSync(sqliteFileOf(config)))
    throw new CommandFailed('there is no database in DATA_DIR yet')
}

/** Opens the host's database as the server would, migrating it, and refuses another key than the one it was written with. */
export async function openHost(config: Config): Promise<OpenedStore> {
  return (await openSealedHost(config)).store
}

/** The same with what opens its secrets. */
export async function openSealedHost(config: Config): Promise<{ store: OpenedStore; sealer: Sealer }> {
  const { store, sealer } = await openUnchecked(config)
  try {
    await adoptSecretKey(store, sealer)
    return { store, sealer }
  } catch (error) {
    await store[Symbol.asyncDispose]()
    throw error
  }
}

async function openUnchecked(config: Config): Promise<{ store: OpenedStore; sealer: Sealer }> {
  prepareDataDir(config.dataDir)
  const keys = createKeyRing(loadSecretKeys(config).keys)
  const sealer = createSealer(keys)
  const store = await openStoreOrExplain({
    dataDir: config.dataDir,
    databaseUrl: config.databaseUrl,
    auditKeys: keys.all('audit').map(({ id, bytes }) => ({ id, key: bytes })),
    sealer,
    newId: randomUUID,
    now: Date.now,
    // Nothing is sent from here.
    channelNames: [],
    sharedChannels: [],
    timeZone: config.defaults.timeZone,
  })
  return { store, sealer }
}
