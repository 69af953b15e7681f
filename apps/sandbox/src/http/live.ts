import type { Response } from 'express'
import type { Changes } from '#sandbox/changes.ts'

/** Streams changes as server-sent events, gathered into one message per tick of the event loop. */
export function streamChanges(changes: Changes, response: Response): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.write('retry: 1000\n\n')
  let pending: unknown[] = []
  const unsubscribe = changes.subscribe((change) => {
    pending.push(change)
    if (pending.length > 1) return
    setImmediate(() => {
      response.write(`data: ${JSON.stringify(pending)}\n\n`)
      pending = []
    })
  })
  response.on('close', unsubscribe)
}
