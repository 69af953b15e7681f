import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Config, loadConfig } from '#server/config/config.ts'
import { type Command, CommandFailed, type CommandInput } from './command.ts'
import { expectDatabase, openHost, sqliteFileOf } from './host.ts'

export const backup: Command = {
  name: 'backup',
  usage: '<file>',
  summary: 'copy the SQLite database to a new file, also while the server runs',
  takes: 1,
  async run(input) {
    const config = sqliteConfig(input, 'pg_dump')
    expectDatabase(config)
    const file = fileOf(input)
    if (existsSync(file)) throw new CommandFailed('the file exists already: name one that does not')
    await using store = await openHost(config)
    await store.backup(file)
    input.out(`The database was copied to ${file}. The secret key is not in it: keep that apart.`)
  },
}

export const restore: Command = {
  name: 'restore',
  usage: '<file>',
  summary: 'put a backup in place of the SQLite database; the server must be stopped',
  takes: 1,
  async run(input) {
    const config = sqliteConfig(input, 'pg_restore')
    const file = fileOf(input)
    expectIntact(file)
    const target = sqliteFileOf(config)
    const aside = existsSync(target) ? putAside(target) : null
    copyFileSync(file, target)
    try {
      // Also migrates it, and refuses a backup of another key or of a later release.
      await using _store = await openHost(config)
    } catch (error) {
      removeDatabase(target)
      if (aside !== null) renameSync(aside, target)
      throw error
    }
    input.out(`The backup is in place.${aside === null ? '' : ` The database before it is kept as ${aside}.`}`)
  },
}

function sqliteConfig({ folder, variables }: CommandInput, instead: string): Config {
  const config = loadConfig(folder, variables)
  if (config.databaseUrl !== null) throw new CommandFailed(`with PostgreSQL use ${instead}`)
  return config
}

function fileOf({ folder, arguments: [file = ''] }: CommandInput): string {
  return resolve(folder, file)
}

function expectIntact(file: string): void {
  try {
    using database = new DatabaseSync(file, { readOnly: true })
    const [row] = database.prepare('pragma integrity_check').all()
    if (row?.integrity_check === 'ok') return
  } catch (cause) {
    throw new CommandFailed('the file cannot be read as a database', { cause })
  }
  throw new CommandFailed('the file is damaged')
}

/** Moves the database away, with everything committed in the one file. Refuses while another process has it open. */
function putAside(target: string): string {
  const database = new DatabaseSync(target, { timeout: 0 })
  try {
    database.exec('pragma locking_mode = exclusive; begin exclusive; commit; pragma wal_checkpoint(truncate)')
  } catch (cause) {
    throw new CommandFailed('the database is in use: stop the server first', { cause })
  } finally {
    database.close()
  }
  const aside = `${target}.before-${new Date().toISOString().replaceAll(':', '-')}`
  renameSync(target, aside)
  removeDatabase(target)
  return aside
}

function removeDatabase(target: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(`${target}${end}`, { force: true })
}
