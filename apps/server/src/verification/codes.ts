import { createHmac, randomInt, timingSafeEqual } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { KeyRing, PurposeKey } from '#server/crypto/key-ring.ts'
import type { CodeKey, VerificationStore } from '#server/db/verification-store.ts'

/** What is known of a code (design: six digits, ten minutes, once, five checks). */
export const codeDigits = 6
export const codeValidMs = 10 * 60 * 1_000
export const codeChecks = 5

/** An address as it is given and stored, by part. */
export type AddressParts = Readonly<Record<string, string>>

/**
 * `right`: it was used up with this check. `platformUserId`: whom the bot said it to. `none`: nothing was compared, since no
 * code can be used any more.
 */
export type CheckedCode = { kind: 'right'; platformUserId: string | null } | { kind: 'wrong' } | { kind: 'none' }

/** Codes that show whose an address is. Both methods belong inside a unit of work that is committed whatever comes of it. */
export interface Codes {
  /** Makes a code for the address; the one before is dead from now on. `hash` tells it from others. */
  issue(tx: CodeStores, key: CodeKey, address: AddressParts): Promise<{ code: string; hash: string }>
  /** Whether it is the code that was sent to this address, for this purpose, person and channel. */
  check(tx: CodeStores, key: CodeKey, address: AddressParts, code: string): Promise<CheckedCode>
}

export interface CodeStores {
  verification: VerificationStore
}

export interface CodesDeps {
  keys: KeyRing
  now: () => number
}

export function createCodes({ keys, now }: CodesDeps): Codes {
  return {
    async issue({ verification }, key, address) {
      const code = String(randomInt(10 ** codeDigits)).padStart(codeDigits, '0')
      const signing = keys.current('code')
      const hash = `${signing.id}.${macOf(signing, key, address, code).toString('base64url')}`
      await verification.put(key, { hash, checks: codeChecks, expiresAt: now() + codeValidMs })
      return { code, hash }
    },
    async check({ verification }, key, address, code) {
      const stored = await verification.takeCheck(key, now())
      if (stored === null) return { kind: 'none' }
      if (!holds(keys, stored.hash, (signed) => macOf(signed, key, address, code))) return { kind: 'wrong' }
      // Of two who give it at once, one is too late.
      if (!(await verification.use(key, stored.hash))) return { kind: 'none' }
      return { kind: 'right', platformUserId: stored.platformUserId }
    },
  }
}

/** All that the code is bound to goes in, so that a code of one address proves no other. */
function macOf({ bytes }: PurposeKey, key: CodeKey, address: AddressParts, code: string): Buffer {
  const bound = canonicalize([key.tenantId, key.uid, key.purpose, key.channel, key.attempt ?? '', address, code]) ?? ''
  return createHmac('sha256', bytes).update(bound).digest()
}

function holds(keys: KeyRing, hash: string, expected: (key: PurposeKey) => Buffer): boolean {
  const [keyId = '', mac = ''] = hash.split('.')
  const key = keys.find('code', keyId)
  // Made with a key that is gone: it proves nothing.
  if (key === null) return false
  const wanted = expected(key)
  const given = Buffer.from(mac, 'base64url')
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}
