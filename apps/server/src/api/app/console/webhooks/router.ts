import { Router } from 'express'
import { webhookCallsKeptDays } from '#server/channels/call-notes.ts'
import type { ListedDelivery, Store } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import { replay } from '#server/resend/resend.ts'
import type { Sessions } from '#server/session/sessions.ts'
import { mayRead } from '#server/tickets/policy.ts'
import type { User } from '#server/tickets/ports.ts'
import { forRoles } from '../../for-roles.ts'
import { inTurn } from '../deliveries/in-turn.ts'
import { viewTenantDeliveries, withTimes } from '../deliveries/view.ts'
import { viewWebhook, webhookIdOf } from './view.ts'

export interface WebhooksRouterDeps {
  store: Store
  sessions: Sessions
  now: () => number
  /** Called after a commit that has queued deliveries. */
  committed: () => void
}

/** What was POSTed to the addresses of tickets and people, for administrators and DBAs. */
export function webhooksRouter(deps: WebhooksRouterDeps): Router {
  const router = Router()
  const { store, sessions } = deps
  const { stores } = store
  const on = forRoles(router, sessions)

  const view = async (tenantId: string, deliveries: readonly ListedDelivery[]) => {
    const ids = deliveries.map((delivery) => webhookIdOf(tenantId, delivery))
    const [views, calls] = await Promise.all([
      viewTenantDeliveries(stores, tenantId, deliveries),
      stores.webhookCalls.callsOf(tenantId, [...new Set(ids)]),
    ])
    return views.map((each, index) => {
      const webhookId = ids[index] ?? each.id
      return viewWebhook(each, webhookId, calls.get(webhookId) ?? [])
    })
  }

  on('listWebhooks', async ({ who: { tenantId }, query }) => {
    const { limit, cursor, ...filter } = query
    const asked = { ...withTimes(filter), isPosted: true }
    const { items, nextCursor } = await stores.notices.list(tenantId, asked, { limit, cursor })
    return { items: await view(tenantId, items), nextCursor, keptDays: webhookCallsKeptDays }
  })

  on('getWebhook', async ({ who: user, id }) => {
    const { tenantId } = user
    const { items } = await stores.notices.list(tenantId, { ids: [id], isPosted: true }, { limit: 1 })
    const [webhook] = await view(tenantId, items)
    if (webhook === undefined) throw new AppError('not_found', 'there is no such web hook')
    const isReader = await mayReadBody(user, webhook.ticket?.id ?? null)
    return { ...webhook, bodies: isReader ? await stores.webhookCalls.bodiesOf(tenantId, webhook.webhookId) : null }
  })

  on('replayWebhooks', async ({ who, body }) => {
    const items = await inTurn(body.ids, async (id) => ({ id, ...(await replay(deps, who, id)) }))
    deps.committed()
    return { items }
  })

  /** A body says what its ticket says; that of a report is for administrators. */
  async function mayReadBody(user: User, ticketId: string | null): Promise<boolean> {
    if (ticketId === null) return user.roles.includes('admin')
    const ticket = await stores.tickets.find(user.tenantId, ticketId)
    return ticket !== null && mayRead(ticket, user)
  }

  return router
}
