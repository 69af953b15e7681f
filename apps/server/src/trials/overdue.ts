import type { Store } from '#server/db/stores.ts'
import type { Log } from '#server/log.ts'
import { expire } from '#server/tickets/lifecycle.ts'

export interface OverdueTrialsDeps {
  store: Store
  /** Epoch milliseconds. */
  now: () => number
  /** Cards are to be brought up to date. */
  committed: () => void
  log: Pick<Log, 'warn'>
}

const lookEveryMs = 30_000
const atOnce = 50
/** Who closes a ticket that nobody has answered. */
const actor = 'countersign'

export interface OverdueTrials extends AsyncDisposable {
  start(): void
  /** Lets every trial expire whose time is over. */
  runDue(): Promise<void>
}

/** Trials that nobody answered are closed, whichever instance looks first, also after a restart. */
export function createOverdueTrials(deps: OverdueTrialsDeps): OverdueTrials {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | null = null
  const look = (): void => {
    running ??= runDue(deps)
      .catch((error: unknown) =>
        deps.log.warn({ err: error }, 'trials that are over could not be closed; trying again'),
      )
      .finally(() => {
        running = null
      })
  }
  return {
    start() {
      timer ??= setInterval(look, lookEveryMs).unref()
    },
    runDue: () => runDue(deps),
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await running
    },
  }
}

async function runDue({ store, now, committed }: OverdueTrialsDeps): Promise<void> {
  const at = now()
  const overdue = await store.stores.trials.overdue(at, atOnce)
  for (const { tenantId, ticketId } of overdue) {
    await store.run(async (tx) => {
      // Between looking and locking it may have been answered.
      const ticket = await tx.tickets.lock(tenantId, ticketId)
      if (ticket?.status === 'pending') await expire(tx, { tenantId, ticketId, actor, via: 'console', at })
    })
  }
  if (overdue.length > 0) committed()
}
