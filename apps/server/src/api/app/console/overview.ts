import type { Overview, OverviewQuery, TenantId } from '@countersign/contracts'
import type { Store } from '#server/db/stores.ts'
import { overviewOf } from '#server/overview/overview.ts'
import { namesFor } from '../my-tickets.ts'

interface OverviewViewDeps {
  store: Store
  timeZone: string
  /** Epoch milliseconds. */
  now: () => number
}

/** The figures of a tenant, with the names of the people in them. */
export async function viewOverview(
  { store: { stores }, timeZone, now }: OverviewViewDeps,
  tenantId: TenantId,
  query: OverviewQuery,
): Promise<Overview> {
  const figures = await overviewOf({ stores, timeZone, now: now() }, tenantId, query)
  const shown = [...figures.people, ...figures.waiting.people]
  const names = await namesFor(
    stores,
    tenantId,
    shown.map(({ uid }) => uid),
  )
  return {
    ...figures,
    people: figures.people.map(({ uid, ...figure }) => ({ person: names(uid), ...figure })),
    waiting: {
      ...figures.waiting,
      people: figures.waiting.people.map(({ uid, ...figure }) => ({ person: names(uid), ...figure })),
    },
  }
}
