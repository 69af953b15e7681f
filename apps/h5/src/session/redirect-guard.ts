const key = 'countersign.redirected'

/** After this long a further redirect is no loop but a new visit. */
const memoryMs = 60_000

/**
 * Lets the page leave for the platform's log-in by itself once; should it come back without a session, a person
 * decides. Without this, a refused log-in bounces between two sites for ever.
 */
export interface RedirectGuard {
  mayRedirect: () => boolean
  redirected: () => void
  clear: () => void
}

export function createRedirectGuard(
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
  now: () => number,
): RedirectGuard {
  // A web view without storage: never by itself, then.
  const attempt = <Result>(work: () => Result, otherwise: Result): Result => {
    try {
      return work()
    } catch {
      return otherwise
    }
  }
  return {
    mayRedirect: () =>
      attempt(() => {
        const at = Number(storage.getItem(key) ?? 0)
        return !(now() - at < memoryMs)
      }, false),
    redirected: () => attempt(() => storage.setItem(key, String(now())), undefined),
    clear: () => attempt(() => storage.removeItem(key), undefined),
  }
}
