interface StoredCookie {
  value: string
  path: string
}

/** The cookies of one phone for one origin, kept by the phone and never given to the browser that draws it. */
export class CookieJar {
  readonly #cookies = new Map<string, StoredCookie>()

  /** The Cookie header for a request path; empty when there is nothing to send. */
  header(path: string): string {
    return [...this.#cookies]
      .filter(([, cookie]) => path === cookie.path || path.startsWith(cookie.path.replace(/\/?$/, '/')))
      .map(([name, cookie]) => `${name}=${cookie.value}`)
      .join('; ')
  }

  /** Takes Set-Cookie lines; an expired one removes what was there. */
  take(lines: readonly string[], nowMs: number): void {
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
      const name = pair.slice(0, pair.indexOf('='))
      const attribute = (key: string) =>
        attributes.find((one) => one.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1)
      const maxAge = attribute('max-age')
      const expires = attribute('expires')
      const isExpired =
        maxAge !== undefined ? Number(maxAge) <= 0 : expires !== undefined && Date.parse(expires) <= nowMs
      if (isExpired) this.#cookies.delete(name)
      else this.#cookies.set(name, { value: pair.slice(pair.indexOf('=') + 1), path: attribute('path') ?? '/' })
    }
  }
}
