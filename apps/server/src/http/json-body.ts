import express, { type RequestHandler } from 'express'
import { AppError } from '#server/errors.ts'
import { isShallow, maxJsonDepth } from './json-depth.ts'
import { nulPaths, refuseNul } from './plain-text.ts'

/** Parses a JSON body of at most `limit` bytes; anything but JSON with a body is 415. */
export function jsonBody(limit: number): RequestHandler[] {
  return [
    (req, _res, next) => {
      const hasBody = req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0
      if (hasBody && !req.is('application/json')) {
        throw new AppError('unsupported_media_type', 'send the body as application/json')
      }
      next()
    },
    express.json({ limit, strict: true }),
    (req, _res, next) => {
      if (!isShallow(req.body)) throw new AppError('bad_json', `JSON may nest at most ${maxJsonDepth} levels`)
      refuseNul(nulPaths(req.body), 'body')
      next()
    },
  ]
}
