import { createHash, hkdfSync } from 'node:crypto'

/** What a key is for. A key of one purpose never serves another: leaking one leaks nothing else. */
export const keyPurposes = ['seal', 'session', 'proof', 'audit', 'code', 'decision-link', 'mail-notices'] as const
export type KeyPurpose = (typeof keyPurposes)[number]

/** `id` is public (it stands beside what the key made); `bytes` never leaves the process. */
export interface PurposeKey {
  id: string
  bytes: Buffer
}

/** The keys of a host. The first of a purpose writes, all of them read, so that a key can be replaced without a break. */
export interface KeyRing {
  current(purpose: KeyPurpose): PurposeKey
  all(purpose: KeyPurpose): readonly PurposeKey[]
  find(purpose: KeyPurpose, id: string): PurposeKey | null
}

const rootKeyBytes = 32
const keyIdCharacters = 8
const canonicalBase64 = /^[A-Za-z0-9+/_-]+={0,2}$/

/** Bad `SECRET_KEY`; the message names what is allowed and never the value. */
export class SecretKeyError extends Error {
  override name = 'SecretKeyError'
  readonly code = 'bad_secret_key'
}

/** Reads comma-separated keys, 32 bytes each as base64 (or base64url). Throws SecretKeyError. */
export function parseSecretKeys(text: string): Buffer[] {
  const keys = text.split(',').map((part, index) => {
    const encoded = part.trim()
    const bytes = Buffer.from(encoded, 'base64')
    if (!canonicalBase64.test(encoded) || bytes.length !== rootKeyBytes)
      throw new SecretKeyError(`key ${index + 1} must be ${rootKeyBytes} bytes in base64 (openssl rand -base64 32)`)
    // A placeholder that was never filled in.
    if (bytes.every((byte) => byte === 0)) throw new SecretKeyError(`key ${index + 1} is all zero`)
    return bytes
  })
  if (new Set(keys.map((key) => key.toString('hex'))).size !== keys.length)
    throw new SecretKeyError('the same key is given twice')
  return keys
}

/** Derives every purpose's keys from the root keys by HKDF-SHA-256. Throws SecretKeyError without a root key. */
export function createKeyRing(rootKeys: readonly Buffer[]): KeyRing {
  const [first] = rootKeys
  if (first === undefined) throw new SecretKeyError('at least one key is needed')
  const rings = new Map(keyPurposes.map((purpose) => [purpose, rootKeys.map((root) => derive(root, purpose))]))
  const all = (purpose: KeyPurpose): readonly PurposeKey[] => rings.get(purpose) ?? []
  return {
    all,
    current: (purpose) => all(purpose)[0] ?? derive(first, purpose),
    find: (purpose, id) => all(purpose).find((key) => key.id === id) ?? null,
  }
}

function derive(root: Buffer, purpose: KeyPurpose): PurposeKey {
  const bytes = Buffer.from(hkdfSync('sha256', root, Buffer.alloc(0), `countersign/v1/${purpose}`, 32))
  const id = createHash('sha256').update('countersign/key-id/').update(bytes).digest('base64url')
  return { id: id.slice(0, keyIdCharacters), bytes }
}
