import { createHash, createHmac, randomBytes } from 'node:crypto'

/*
 * A link's token is 256 bits that nobody can guess: an HMAC over a random salt, under a key that only this host has. The
 * database keeps the salt and a hash of the token. Whoever reads the database cannot use a link; the host can write the
 * same link again when a mail whose fate is unknown goes out once more.
 */

export interface LinkTokens {
  make(): { token: string; salt: string; tokenHash: string }
  /** The token that was made of this salt; null when its key is gone. */
  again(made: { salt: string; tokenHash: string }): string | null
}

const tokenForm = /^[A-Za-z0-9_-]{43}$/

/** Null for what cannot be a token. Hex SHA-256. */
export function hashToken(token: string): string | null {
  return tokenForm.test(token) ? hashOf(token) : null
}

/** Keys are tried in order: the first makes, the others know what was made before a key rotation. */
export function createLinkTokens(keys: readonly Buffer[]): LinkTokens {
  const [current] = keys
  if (current === undefined) throw new Error('links that decide need at least one key')
  return {
    make() {
      const salt = randomBytes(32).toString('base64url')
      const token = tokenOf(current, salt)
      return { token, salt, tokenHash: hashOf(token) }
    },
    again({ salt, tokenHash }) {
      return keys.map((key) => tokenOf(key, salt)).find((token) => hashOf(token) === tokenHash) ?? null
    },
  }
}

function tokenOf(key: Buffer, salt: string): string {
  return createHmac('sha256', key).update(`decision-link/${salt}`).digest('base64url')
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
