import { createHash, randomBytes } from 'node:crypto'
import type { AttemptKind, LoginAttempt, Store } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'

/** A log-in must be finished within this time, once, in the browser that began it. */
export const attemptMs = 10 * 60 * 1_000

export const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')
export const randomText = (): string => randomBytes(32).toString('base64url')

export interface Attempts {
  /** Returns the secret by which the attempt is found again. */
  begin(
    made: Omit<LoginAttempt, 'secretHash' | 'browserHash' | 'expiresAt'>,
    browser: string,
    secret?: string,
  ): Promise<string>
  /** Takes it for good. Throws `state_invalid` for what was begun elsewhere, was finished already or has run out. */
  take(kind: AttemptKind, secret: string, browser: string): Promise<LoginAttempt>
}

export function createAttempts({ store, now }: { store: Pick<Store, 'stores'>; now: () => number }): Attempts {
  const { sessions } = store.stores
  return {
    async begin(made, browser, secret = randomText()) {
      const hashes = { secretHash: digestOf(secret), browserHash: digestOf(browser) }
      await sessions.addAttempt({ ...made, ...hashes, expiresAt: now() + attemptMs })
      return secret
    },
    async take(kind, secret, browser) {
      const found = await sessions.takeAttempt(kind, digestOf(secret), now())
      if (found === null || found.browserHash !== digestOf(browser)) throw begunElsewhere()
      return found
    },
  }
}

export function begunElsewhere(): AppError {
  return new AppError('state_invalid', 'this log-in was not begun here, or it has run out; begin again')
}
