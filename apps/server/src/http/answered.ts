import { once } from 'node:events'
import type { Response } from 'express'

/** Resolves when the answer is out, or nobody waits for it any more. */
export async function answered(res: Response): Promise<void> {
  if (!res.closed) await once(res, 'close')
}
