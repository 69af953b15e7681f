import { Router } from 'express'
import type { Store } from '#server/db/stores.ts'
import { cancelDelivery } from '#server/resend/cancel.ts'
import { resend } from '#server/resend/resend.ts'
import type { Sessions } from '#server/session/sessions.ts'
import { forRoles } from '../../for-roles.ts'
import { inTurn } from './in-turn.ts'
import { viewTenantDeliveries, withTimes } from './view.ts'

export interface DeliveriesRouterDeps {
  store: Store
  sessions: Sessions
  now: () => number
  /** Called after a commit that has queued deliveries. */
  committed: () => void
}

/** More are not told apart on the page. */
const mostCounted = 10_000

/** Deliveries of all tickets, live, and what administrators and DBAs may do about them. */
export function deliveriesRouter(deps: DeliveriesRouterDeps): Router {
  const router = Router()
  const { store, sessions } = deps
  const { stores } = store
  const on = forRoles(router, sessions)

  on('listTenantDeliveries', async ({ who: { tenantId }, query }) => {
    const { limit, cursor, ...filter } = query
    const { items, nextCursor } = await stores.notices.list(tenantId, withTimes(filter), { limit, cursor })
    return { items: await viewTenantDeliveries(stores, tenantId, items), nextCursor }
  })

  on('liveTenantDeliveries', async ({ who: { tenantId }, query }) => {
    const { limit, known, ids, ...filter } = query
    const { notices } = stores
    const asked = withTimes(filter)
    const tags = [await notices.fingerprint(tenantId, asked, limit)]
    if (ids !== undefined) tags.push(await notices.fingerprint(tenantId, { ids }, ids.length))
    const tag = tags.join('.')
    if (tag === known) return { tag, newest: null, others: null }
    const newest = await notices.list(tenantId, asked, { limit })
    const others = ids === undefined ? null : await notices.list(tenantId, { ids }, { limit: ids.length })
    return {
      tag,
      newest: await viewTenantDeliveries(stores, tenantId, newest.items),
      others: await viewTenantDeliveries(stores, tenantId, others?.items ?? []),
    }
  })

  on('countTenantDeliveries', async ({ who: { tenantId }, query }) => {
    const count = await stores.notices.count(tenantId, withTimes(query), mostCounted + 1)
    return { count: Math.min(count, mostCounted), isMore: count > mostCounted }
  })

  on('resendDeliveries', async ({ who, body }) => {
    const items = await inTurn(body.ids, async (id) => ({ id, ...(await resend(deps, who, id)) }))
    deps.committed()
    return { items }
  })

  on('cancelDeliveries', async ({ who, body }) => ({
    items: await inTurn(body.ids, async (id) => ({ id, refusal: await cancelDelivery(deps, who, id) })),
  }))

  return router
}
