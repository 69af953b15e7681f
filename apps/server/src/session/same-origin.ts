import type { RequestHandler } from 'express'
import { AppError } from '#server/errors.ts'

/** Sent by our own pages with every change; a form of another site cannot. */
export const ownHeader = { name: 'x-requested-with', value: 'countersign' }

/**
 * Refuses changes that did not come from our own pages: the header, and that the browser says the request is same-origin
 * (Sec-Fetch-Site, or Origin in web views too old for it). SameSite cookies are the second line.
 */
export function requireSameOrigin(publicUrl: string, port: () => number): RequestHandler {
  return (req, _res, next) => {
    if (req.method === 'GET' || req.method === 'HEAD') {
      next()
      return
    }
    const site = req.headers['sec-fetch-site']
    const own = [publicUrl, `http://127.0.0.1:${port()}`, `http://localhost:${port()}`]
    const isOwn = site === undefined ? own.includes(req.headers.origin ?? '') : site === 'same-origin'
    if (!isOwn || req.headers[ownHeader.name] !== ownHeader.value) {
      throw new AppError('csrf', 'this change did not come from our own page')
    }
    next()
  }
}
