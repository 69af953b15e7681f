import { type CarryOutDeps, carryOut, leaseMs } from './carry-out.ts'

export interface Rerouting extends AsyncDisposable {
  /** From now on orders are carried out. */
  start(): void
  /** An order may have come: called after a commit. */
  wake(): void
  /** Resolves when there is nothing to do. */
  drain(): Promise<void>
}

/** For what other instances ordered, and for tickets that have come back to somebody. */
const lookEveryMs = 5_000

/**
 * Carries out orders to re-route, one after another. Any number of instances may share a database: an order belongs to one
 * of them for the time of its lease, and what it does to a ticket it does once, whoever holds it.
 */
export function createRerouting(deps: CarryOutDeps): Rerouting {
  const stop = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | null = null
  let isWoken = false

  const work = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const order = await deps.store.run((tx) => tx.reroutes.claim(deps.owner, { now: deps.now(), leaseMs }))
      if (order === null) return
      await carryOut(deps, order, stop.signal)
    }
  }
  const look = (): Promise<void> => {
    running ??= work().finally(() => {
      running = null
    })
    return running
  }
  const wake = (): void => {
    if (timer === undefined || stop.signal.aborted) return
    isWoken = true
    if (running !== null) return
    isWoken = false
    look()
      .catch((error: unknown) => {
        deps.log.warn({ err: error }, 'orders to re-route could not be carried out; trying again')
        isWoken = false
      })
      .finally(() => {
        // Ordered while we were about to end.
        if (isWoken) wake()
      })
  }
  return {
    start() {
      timer ??= setInterval(wake, lookEveryMs).unref()
      wake()
    },
    wake,
    async drain() {
      // What runs may have begun before the order came.
      await running?.catch(() => undefined)
      await look()
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      clearInterval(timer)
      await running?.catch(() => undefined)
    },
  }
}
