import type { Reroute } from '#server/db/reroute-store.ts'
import type { Store } from '#server/db/stores.ts'
import type { Log } from '#server/log.ts'
import { TicketError } from '#server/tickets/errors.ts'
import { transfer } from '#server/tickets/lifecycle.ts'

export interface CarryOutDeps {
  store: Store
  now: () => number
  /** Called after each commit that has queued deliveries. */
  committed: () => void
  /** Names this instance among all that share the database. */
  owner: string
  log: Pick<Log, 'info' | 'warn'>
}

/** Longer than a batch takes; what a dead instance held is gone on with after it. */
export const leaseMs = 60_000
/** Tickets between two notes of how far it has come. */
const batch = 50
/** A ticket that could not be seen to, for a fault of the moment, is looked at again after this. */
const retryMs = 30_000
/** So often, at the most, it is looked whether a ticket has come back to a person whose order is done. */
const lookAgainMs = 10_000

/**
 * Goes on with an order from where it stands: each ticket in a unit of work of its own, so that a crash loses nothing and
 * doubles nothing. Ends early when the order is withdrawn or replaced, or the lease is lost.
 */
export async function carryOut(deps: CarryOutDeps, order: Reroute, signal: AbortSignal): Promise<void> {
  const { store, owner, now } = deps
  const { tenantId, uid } = order
  let { afterNumber } = order
  /** Number of the first ticket that could not be seen to: whoever goes on after a crash begins with it. */
  let firstFailed: number | null = null
  const seenTo = (): number => (firstFailed === null ? afterNumber : firstFailed - 1)
  for (;;) {
    const tickets = await store.stores.reroutes.pendingNaming(tenantId, uid, afterNumber, batch)
    for (const ticket of tickets) {
      if (signal.aborted) break
      const outcome = await rerouteTicket(deps, order, ticket.id)
      if (outcome === 'withdrawn') return
      if (outcome === 'failed') firstFailed ??= ticket.number
      afterNumber = ticket.number
    }
    const at = now()
    if (signal.aborted) {
      const state = { isDone: false, dueAt: at }
      return store.run((tx) => tx.reroutes.giveBack(owner, { ...order, afterNumber: seenTo() }, state))
    }
    if (tickets.length < batch) break
    const isOurs = await store.run((tx) =>
      tx.reroutes.goOn(owner, { ...order, afterNumber: seenTo() }, { now: at, leaseMs }),
    )
    if (!isOurs) return
  }
  const isDone = firstFailed === null
  const dueAt = now() + (isDone ? lookAgainMs : retryMs)
  await store.run((tx) => tx.reroutes.giveBack(owner, { ...order, afterNumber: 0 }, { isDone, dueAt }))
  if (isDone) deps.log.info({ tenantId, uid }, 'what waited for a disabled person has been looked through')
}

/** Hands on all places of the person in one ticket that can be; exactly once, however often it is called. */
async function rerouteTicket(
  { store, now, committed, log }: CarryOutDeps,
  order: Reroute,
  ticketId: string,
): Promise<'done' | 'withdrawn' | 'failed'> {
  const { tenantId, uid: from, successors: to, scope, comment, orderedBy: actor, via } = order
  try {
    const moved = await store.run(async (tx) => {
      if (!(await tx.reroutes.hold(order))) return null
      const person = await tx.directory.user(tenantId, from)
      if (person?.disabled !== true) {
        // Whoever is there decides themself, and is not to be relieved by this order ever again.
        await tx.reroutes.withdraw(tenantId, from)
        return null
      }
      const { places } = await transfer(tx, { tenantId, ticketId, actor, via, at: now(), from, to, scope, comment })
      if (places.length > 0) await tx.reroutes.countMoved(order)
      return places.length
    })
    if (moved === null) return 'withdrawn'
    if (moved > 0) committed()
    return 'done'
  } catch (error) {
    // The others are not kept waiting for one.
    const code = error instanceof TicketError ? error.code : undefined
    log.warn({ err: error, tenantId, ticketId, code }, 'a ticket could not be re-routed; trying again')
    return 'failed'
  }
}
