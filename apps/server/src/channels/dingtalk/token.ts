/** Renewed so long before the platform lets it run out. */
const MARGIN_MS = 10 * 60 * 1_000

export interface FetchedToken {
  token: string
  /** Seconds, as the platform says it. */
  expiresIn: number
}

/** The app's access token: fetched once for all who need it, kept until shortly before its end. */
export interface AppTokens {
  get(): Promise<string>
  /** The platform no longer takes this token; does nothing when a newer one has taken its place. */
  forget(token: string): void
}

export function createAppTokens(fetchToken: () => Promise<FetchedToken>, now: () => number): AppTokens {
  let kept: { token: string; usableUntil: number } | null = null
  let request: Promise<string> | null = null

  const renew = async (): Promise<string> => {
    const askedAt = now()
    const { token, expiresIn } = await fetchToken()
    const lifeMs = Math.max(0, expiresIn * 1_000)
    // A token that lives hardly longer than the margin would be fetched for every single call: use half of its life.
    kept = { token, usableUntil: askedAt + Math.max(lifeMs - MARGIN_MS, lifeMs / 2) }
    return token
  }

  return {
    async get() {
      if (kept !== null && kept.usableUntil > now()) return kept.token
      request ??= renew().finally(() => {
        request = null
      })
      return request
    },
    forget(token) {
      if (kept?.token === token) kept = null
    },
  }
}
