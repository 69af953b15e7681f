const key = 'countersign.locale'

/** The language used here last, so that a returning person sees no page in another one first. */
export function readRememberedLocale(): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    // Storage may be switched off in a web view; the language is then chosen anew each time.
    return null
  }
}

export function rememberLocale(locale: string): void {
  try {
    localStorage.setItem(key, locale)
  } catch {
    // See above.
  }
}
