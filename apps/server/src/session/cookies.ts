import { parseCookie, stringifySetCookie } from 'cookie'
import type { Request, Response } from 'express'

export interface CookieNames {
  access: string
  refresh: string
  /** A random value per browser: ties log-in attempts to the browser that began them. */
  browser: string
}

export interface Cookies {
  read(req: Request, which: keyof CookieNames): string | undefined
  set(res: Response, which: keyof CookieNames, value: string, maxAgeMs: number): void
  clear(res: Response, which: keyof CookieNames): void
}

/**
 * HttpOnly, SameSite=Lax, host only. Over https also Secure with the `__Host-` prefix; over plain http (a demo on
 * loopback) browsers would drop those, so the names go without.
 */
export function createCookies(publicUrl: string): Cookies {
  const secure = publicUrl.startsWith('https://')
  const prefix = secure ? '__Host-' : ''
  const names: CookieNames = {
    access: `${prefix}cs_access`,
    refresh: `${prefix}cs_refresh`,
    browser: `${prefix}cs_browser`,
  }
  const write = (res: Response, which: keyof CookieNames, value: string, maxAgeMs: number): void => {
    const cookie = stringifySetCookie({
      name: names[which],
      value,
      httpOnly: true,
      secure,
      sameSite: 'lax',
      path: '/',
      maxAge: Math.floor(maxAgeMs / 1_000),
    })
    res.append('set-cookie', cookie)
  }
  return {
    read: (req, which) => parseCookie(req.headers.cookie ?? '')[names[which]],
    set: write,
    clear: (res, which) => write(res, which, '', 0),
  }
}
