import type { RequestHandler } from 'express'
import { AppError } from '#server/errors.ts'

/*
 * The NUL character is no text: PostgreSQL cannot store it, and C libraries end a string there. It is refused at the door,
 * so that both databases take the same.
 */

/** Dotted paths of the texts in a parsed JSON value that hold a NUL. The value is shallow (see json-body.ts). */
export function nulPaths(value: unknown, path = ''): string[] {
  if (typeof value === 'string') return value.includes('\0') ? [path] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => nulPaths(item, path === '' ? key : `${path}.${key}`))
}

export function refuseNul(paths: readonly string[], what: string): void {
  if (paths.length === 0) return
  const errors = paths.map((path) => ({ path, message: 'must not hold a NUL character' }))
  throw new AppError('invalid_request', `the ${what} is not acceptable`, { errors })
}

/** The same for addresses: such a path leads nowhere, such a query is bad input. */
export const refuseNulInUrl: RequestHandler = (req, _res, next) => {
  if (req.path.includes('%00')) throw new AppError('not_found', 'there is nothing at this address')
  if (req.url.includes('%00')) refuseNul(nulPaths(req.query), 'query')
  next()
}
