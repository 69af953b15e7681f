import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import { AppError } from '#server/errors.ts'

/** A file that is written as it is read. */
export interface StreamedFile {
  name: string
  type: string
  lines: AsyncIterable<string>
}

/**
 * A file is fetched by following a link, without the header that our pages send with changes: a page of somebody else must
 * not be able to begin it. Browsers too old to say where a request comes from send their SameSite cookie to nobody else.
 */
export function requireOwnLink(req: Request): void {
  const site = req.headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return
  throw new AppError('csrf', 'this download was not begun on our own page')
}

/** Waits for the reader, and ends when they go away. */
export async function sendFile(res: Response, { name, type, lines }: StreamedFile): Promise<void> {
  res.setHeader('content-type', type)
  res.setHeader('content-disposition', `attachment; filename="${name}"`)
  try {
    await pipeline(Readable.from(lines), res)
  } catch (error) {
    // Whoever closes the browser ends the download; what has been sent has no last line, and so is seen to be cut off.
    if (!isGone(error)) throw error
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'
}
