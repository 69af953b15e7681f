import type { RequestHandler } from 'express'
import helmet from 'helmet'

/** Headers of every answer: nothing may be framed, sniffed or cached unless a page says otherwise. */
export function securityHeaders(publicUrl: string): RequestHandler[] {
  const strict = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
    },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    // The web views of the platforms embed our pages; what may frame them is said by frame-ancestors alone.
    xFrameOptions: false,
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: publicUrl.startsWith('https://') ? { maxAge: 31_536_000, includeSubDomains: true } : false,
  })
  const noStore: RequestHandler = (_req, res, next) => {
    res.setHeader('cache-control', 'no-store')
    next()
  }
  return [strict, noStore]
}
