/** After this long a further redirect is no loop but a new visit. */
const memoryMs = 60_000

/**
 * Lets the page leave by itself once; should it come back in the same state, a person decides. Without this, a refused
 * log-in bounces between two sites for ever.
 */
export interface RedirectGuard {
  mayRedirect: () => boolean
  redirected: () => void
  clear: () => void
}

/** `storage` is asked for each time: a web view may refuse even to name it. */
export function createRedirectGuard(
  storage: () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
  now: () => number,
  key = 'countersign.redirected',
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
        const at = storage().getItem(key)
        return at === null || now() - Number(at) >= memoryMs
      }, false),
    redirected: () => attempt(() => storage().setItem(key, String(now())), undefined),
    clear: () => attempt(() => storage().removeItem(key), undefined),
  }
}
