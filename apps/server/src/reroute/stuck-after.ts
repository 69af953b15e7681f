import type { TenantId, Uid } from '@countersign/contracts'
import type { Stores } from '#server/db/stores.ts'
import { stuckNodes } from '#server/tickets/only-them.ts'
import { countLimit } from './order.ts'

/** How many pending tickets nobody could complete if these left and those came back, and somebody can now. */
export async function countStuckAfter(
  stores: Pick<Stores, 'reroutes'>,
  tenantId: TenantId,
  { leaving, returning }: { leaving: readonly Uid[]; returning: readonly Uid[] },
): Promise<number> {
  if (leaving.length === 0) return 0
  const now = await stores.reroutes.absent(tenantId)
  const after = new Set([...now, ...leaving].filter((uid) => !returning.includes(uid)))
  let count = 0
  let cursor: string | undefined
  do {
    const { items, nextCursor } = await stores.reroutes.stuck(tenantId, after, { limit: 100, cursor })
    count += items.filter((ticket) => stuckNodes(ticket, (uid) => !now.has(uid)).length === 0).length
    cursor = nextCursor ?? undefined
  } while (cursor !== undefined && count < countLimit)
  return Math.min(count, countLimit)
}
