import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { KeyRing } from './key-ring.ts'

/**
 * Encrypts secrets for the database, AES-256-GCM. The context says where the value belongs (see `sealContext`): a sealed
 * value copied to another row, column or tenant does not open.
 */
export interface Sealer {
  seal(plaintext: string, context: string): string
  /** Throws SealError on anything that is not, byte for byte, what `seal` made for this context. */
  open(sealed: string, context: string): string
  /** Whether the value was sealed with another key than the one that writes. */
  isStale(sealed: string): boolean
}

/**
 * `malformed`: no sealed value. `unknown_key`: sealed with a key that is not in SECRET_KEY. `broken`: tampered with, or
 * moved here from elsewhere.
 */
export type SealErrorCode = 'malformed' | 'unknown_key' | 'broken'

export class SealError extends Error {
  override name = 'SealError'
  readonly code: SealErrorCode

  constructor(code: SealErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

const version = 'v1'
/** 96 bits, drawn anew for every value: what GCM asks for. */
const nonceBytes = 12
const tagBytes = 16
const sealedPattern = /^v1\.([A-Za-z0-9_-]{8})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]{22})$/

/** Where a sealed value stands; parts may hold any character. */
export function sealContext(place: { tenant: string; table: string; column: string; row: string }): string {
  return [place.tenant, place.table, place.column, place.row].map(encodeURIComponent).join('|')
}

/** Sealed form: `v1.<key id>.<nonce>.<ciphertext>.<tag>`, base64url each. */
export function createSealer(ring: KeyRing): Sealer {
  return {
    seal(plaintext, context) {
      const key = ring.current('seal')
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: tagBytes })
      cipher.setAAD(additionalData(key.id, context))
      const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()])
      const parts = [nonce, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'))
      return [version, key.id, ...parts].join('.')
    },
    open(sealed, context) {
      const { keyId, nonce, ciphertext, tag } = parseSealed(sealed)
      const key = ring.find('seal', keyId)
      if (key === null) throw new SealError('unknown_key', `a secret was sealed with key ${keyId}, which is not given`)
      const decipher = createDecipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: tagBytes })
      decipher.setAAD(additionalData(keyId, context))
      decipher.setAuthTag(tag)
      try {
        return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new SealError('broken', 'a sealed secret was changed or moved', cause)
      }
    },
    isStale: (sealed) => parseSealed(sealed).keyId !== ring.current('seal').id,
  }
}

/** What `open` gives; undefined when the seal does not hold. */
export function openedIfIntact<Value>(open: () => Value): Value | undefined {
  try {
    return open()
  } catch (error) {
    if (error instanceof SealError) return undefined
    throw error
  }
}

function additionalData(keyId: string, context: string): Buffer {
  return Buffer.from(`${version}|${keyId}|${context}`, 'utf8')
}

function parseSealed(sealed: string): { keyId: string; nonce: Buffer; ciphertext: Buffer; tag: Buffer } {
  const [, keyId, nonce, ciphertext, tag] = sealedPattern.exec(sealed) ?? []
  if (keyId === undefined || nonce === undefined || ciphertext === undefined || tag === undefined)
    throw new SealError('malformed', 'not a sealed secret')
  const bytes = [nonce, ciphertext, tag].map((part) => Buffer.from(part, 'base64url'))
  // Unused low bits of the last character would make two spellings of one value.
  if (bytes.some((part, index) => part.toString('base64url') !== [nonce, ciphertext, tag][index]))
    throw new SealError('malformed', 'not a sealed secret')
  const [nonceRead, ciphertextRead, tagRead] = bytes
  if (nonceRead === undefined || ciphertextRead === undefined || tagRead === undefined)
    throw new SealError('malformed', 'not a sealed secret')
  return { keyId, nonce: nonceRead, ciphertext: ciphertextRead, tag: tagRead }
}
