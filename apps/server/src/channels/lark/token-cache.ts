import type { Cache } from '@larksuiteoapi/node-sdk'

/** The SDK takes this off the platform's lifetime before it stores a token. */
const SDK_MARGIN_MS = 3 * 60 * 1_000

/** Where the SDK keeps its tokens: one per app, in memory, and it can be told that a token is no good. */
export interface TokenCache extends Cache {
  /** Forgets the token, unless a newer one has taken its place. */
  forget(token: string): void
}

export function createTokenCache(now: () => number): TokenCache {
  const entries = new Map<string, { value: unknown; expiresAt: number }>()
  const nameOf = (key: string | symbol, namespace: string | undefined): string => `${namespace ?? ''} ${String(key)}`
  return {
    async get(key, options) {
      const entry = entries.get(nameOf(key as string, options?.namespace))
      return entry !== undefined && entry.expiresAt > now() ? entry.value : undefined
    },
    async set(key, value, expiresAt = 0, options) {
      // A token that lives less than the margin would be fetched for every single call: use half of its life.
      const left = expiresAt - now()
      const usableUntil = left > 0 ? expiresAt : now() + (left + SDK_MARGIN_MS) / 2
      entries.set(nameOf(key as string, options?.namespace), { value, expiresAt: usableUntil })
      return true
    },
    forget(token) {
      for (const [name, entry] of entries) if (entry.value === token) entries.delete(name)
    },
  }
}
