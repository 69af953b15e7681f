import type { TenantDelivery } from '@countersign/contracts'
import type { ListedDelivery, Stores } from '#server/db/stores.ts'
import { namesFor } from '../../my-tickets.ts'

const iso = (at: number): string => new Date(at).toISOString()

/** Deliveries as the console shows them, with the names of their recipients. */
export async function viewTenantDeliveries(
  stores: Stores,
  tenantId: string,
  deliveries: readonly ListedDelivery[],
): Promise<TenantDelivery[]> {
  const names = await namesFor(
    stores,
    tenantId,
    deliveries.map(({ recipient }) => recipient),
  )
  return deliveries.map(({ dueAt, createdAt, attempts, ...delivery }) => ({
    ...delivery,
    recipientName: names(delivery.recipient).name,
    createdAt: iso(createdAt),
    nextAttemptAt: dueAt === null ? null : iso(dueAt),
    attempts: attempts.map((attempt) => ({ ...attempt, at: iso(attempt.at) })),
  }))
}

interface AskedTimes {
  from?: string | undefined
  to?: string | undefined
}

/** A filter as the database takes it: times as epoch milliseconds. */
export function withTimes<Asked extends AskedTimes>({
  from,
  to,
  ...rest
}: Asked): Omit<Asked, 'from' | 'to'> & { from: number | undefined; to: number | undefined } {
  const time = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text))
  return { ...rest, from: time(from), to: time(to) }
}
