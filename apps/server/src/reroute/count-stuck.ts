import type { TenantId, Uid } from '@countersign/contracts'
import type { Stores } from '#server/db/stores.ts'
import { stuckNodes } from '#server/tickets/only-them.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { countLimit } from './order.ts'

/** How many pending tickets nobody who is there can complete, up to 1,000. */
export async function countStuck(stores: Pick<Stores, 'reroutes'>, tenantId: TenantId): Promise<number> {
  return count(stores, tenantId, await stores.reroutes.absent(tenantId), () => true)
}

/** How many pending tickets nobody could complete if these left and those came back, and somebody can now. */
export async function countStuckAfter(
  stores: Pick<Stores, 'reroutes'>,
  tenantId: TenantId,
  { leaving, returning }: { leaving: readonly Uid[]; returning: readonly Uid[] },
): Promise<number> {
  if (leaving.length === 0) return 0
  const now = await stores.reroutes.absent(tenantId)
  const back = new Set(returning)
  const after = new Set([...now, ...leaving].filter((uid) => !back.has(uid)))
  return count(stores, tenantId, after, (ticket) => stuckNodes(ticket, (uid) => !now.has(uid)).length === 0)
}

async function count(
  stores: Pick<Stores, 'reroutes'>,
  tenantId: TenantId,
  absent: ReadonlySet<Uid>,
  isMeant: (ticket: Ticket) => boolean,
): Promise<number> {
  let found = 0
  let cursor: string | undefined
  do {
    const { items, nextCursor } = await stores.reroutes.stuck(tenantId, absent, { limit: 100, cursor })
    found += items.filter(isMeant).length
    cursor = nextCursor ?? undefined
  } while (cursor !== undefined && found < countLimit)
  return Math.min(found, countLimit)
}
