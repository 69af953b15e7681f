import express, { type RequestHandler } from 'express'
import { AppError } from '#server/errors.ts'
import { nulPaths, refuseNul } from './plain-text.ts'

/** Deeper JSON is refused: JSON.parse takes it, but writers of logs, hashes and audit would overflow on it. */
export const maxJsonDepth = 32

/** Whether a parsed JSON value nests no deeper than `limit`. Iterative, so that the check itself cannot overflow. */
export function isShallow(value: unknown, limit = maxJsonDepth): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    const containers = level.filter((item): item is object => typeof item === 'object' && item !== null)
    if (depth === limit && containers.length > 0) return false
    level = containers.flatMap((container) => Object.values(container))
  }
  return true
}

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
