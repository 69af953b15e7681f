import { EventEmitter } from 'node:events'
import type { Response } from 'express'
import type { Ticket } from '#server/tickets/ticket.ts'

/** How often a waiting request looks again by itself: the decision may have been taken by another instance. */
const lookAgainMs = 1_000
/** Commits within this time are one reason to look. */
const gatherMs = 50

export interface TicketWaiter {
  /** Something was committed: waiting requests look at their tickets again. */
  notify(): void
  /** Resolves with the ticket once it is no longer pending, or as it is after `timeoutMs` or when the caller has gone. */
  wait(read: () => Promise<Ticket>, timeoutMs: number, res: Response): Promise<Ticket>
  /** The same for anything that is read: resolves once it is as it is waited for. */
  until<Value>(
    read: () => Promise<Value>,
    isOver: (value: Value) => boolean,
    timeoutMs: number,
    res: Response,
  ): Promise<Value>
  /** Lets every waiting request answer now: the host is stopping. */
  release(): void
}

export function createTicketWaiter(now: () => number): TicketWaiter {
  const changes = new EventEmitter().setMaxListeners(0)
  let isReleased = false
  let announcing: NodeJS.Timeout | null = null
  const nextChange = (ms: number, res: Response): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        changes.off('change', done)
        res.off('close', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      changes.once('change', done)
      res.once('close', done)
    })
  const until: TicketWaiter['until'] = async (read, isOver, timeoutMs, res) => {
    const end = now() + timeoutMs
    for (;;) {
      const value = await read()
      const leftMs = end - now()
      if (isOver(value) || leftMs <= 0 || isReleased || res.destroyed) return value
      await nextChange(Math.min(leftMs, lookAgainMs), res)
    }
  }
  return {
    until,
    wait: (read, timeoutMs, res) => until(read, ({ status }) => status !== 'pending', timeoutMs, res),
    notify() {
      if (announcing !== null) return
      // However fast decisions come, waiting requests look again a few times a second.
      announcing = setTimeout(() => {
        announcing = null
        changes.emit('change')
      }, gatherMs)
    },
    release() {
      isReleased = true
      changes.emit('change')
    },
  }
}
