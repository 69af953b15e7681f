import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseSecretKeys, SecretKeyError } from '#server/crypto/key-ring.ts'
import { type Config, ConfigError, type SecretKeySource } from './config.ts'

/** The root keys of the host, and a warning for the log when they were just generated. */
export interface LoadedSecretKeys {
  keys: Buffer[]
  warning: string | null
}

const ownerOnly = 0o600
const ownerOnlyFolder = 0o700

/** Reads the root keys, generating them the first time when none are given. Throws ConfigError. */
export function loadSecretKeys(config: Pick<Config, 'secretKey'>): LoadedSecretKeys {
  const source = config.secretKey
  if (source.kind === 'given') return { keys: source.keys, warning: null }
  if (source.kind === 'file') return { keys: readKeyFile(source.path, 'SECRET_KEY_FILE'), warning: null }
  const isNew = generateKeyFile(source.path)
  return {
    keys: readKeyFile(source.path, 'DATA_DIR/secret.key'),
    warning: isNew
      ? 'SECRET_KEY is not set: a key was generated into DATA_DIR/secret.key. Keep a copy apart from the database: without it the stored secrets cannot be read.'
      : null,
  }
}

/** As `loadSecretKeys`, changing nothing: what would stop the start, in one line each. */
export function checkSecretKeys(source: SecretKeySource): string[] {
  try {
    if (source.kind === 'file') readKeyFile(source.path, 'SECRET_KEY_FILE')
    if (source.kind === 'generated' && isThere(source.path)) readKeyFile(source.path, 'DATA_DIR/secret.key')
    return []
  } catch (error) {
    if (error instanceof ConfigError) return [...error.problems]
    throw error
  }
}

/** Makes the data folder, readable by its owner only. Throws ConfigError. */
export function prepareDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: ownerOnlyFolder })
    if (!statSync(dataDir).isDirectory()) throw new ConfigError(['DATA_DIR must be a folder'])
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw new ConfigError([`DATA_DIR must be a folder that can be written to (${systemCode(error)})`])
  }
}

function readKeyFile(path: string, name: string): Buffer[] {
  try {
    return parseSecretKeys(readFileSync(path, 'utf8').trim())
  } catch (error) {
    if (error instanceof SecretKeyError) throw new ConfigError([`${name}: ${error.message}`])
    throw new ConfigError([`${name} cannot be read (${systemCode(error)})`])
  }
}

/**
 * Writes a new key unless one is there. Written aside and linked into place, so that of several processes starting at
 * once one wins and nobody reads half a key; synced, because secrets sealed with a lost key are lost too.
 */
function generateKeyFile(path: string): boolean {
  if (isThere(path)) return false
  prepareDataDir(dirname(path))
  const aside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    const file = openSync(aside, 'wx', ownerOnly)
    try {
      writeSync(file, `${randomBytes(32).toString('base64')}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    linkSync(aside, path)
    syncFolder(dirname(path))
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw new ConfigError([`DATA_DIR/secret.key cannot be written (${systemCode(error)})`])
  } finally {
    rmSync(aside, { force: true })
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
