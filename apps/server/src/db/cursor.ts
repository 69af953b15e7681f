import { z } from 'zod'
import { AppError } from '#server/errors.ts'

/*
 * Where the next page of a list begins: the sort values of the last item shown. Opaque to clients, and harmless when made
 * up, since it only says where to begin within what the caller may read.
 */

export function encodeCursor(values: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url')
}

/** Throws AppError('invalid_cursor') on anything that `encodeCursor` did not make for this shape. */
export function decodeCursor<Shape extends z.ZodType>(cursor: string, shape: Shape): z.infer<Shape> {
  try {
    const values = shape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
    return values
  } catch (cause) {
    throw new AppError('invalid_cursor', 'the cursor was not made by this list', {
      errors: [{ path: 'cursor', message: 'must be the nextCursor of an earlier page' }],
      cause,
    })
  }
}

/** `[number]` of a tenant's list, `[sort_at, ticket id]` of a person's. */
export const NumberCursor = z.tuple([z.int()])
export const PersonCursor = z.tuple([z.int(), z.string().max(64)])
