import type { Coverage, NoticeEvent } from '@countersign/contracts'
import { api } from '../api.ts'

const atOnce = 4
let running = 0
const waiting: (() => void)[] = []

/** Who would be told by a rule. Few are asked for at a time: a page shows many rules. Rejects with an ApiError. */
export async function askCoverage(module: string, event: NoticeEvent, signal: AbortSignal): Promise<Coverage> {
  if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve))
  running += 1
  try {
    return await api.myCoverage({ query: { module, event }, signal })
  } finally {
    running -= 1
    waiting.shift()?.()
  }
}
