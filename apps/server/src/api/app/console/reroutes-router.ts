import { Uid } from '@countersign/contracts'
import { Router } from 'express'
import { forRoles } from '#server/api/app/for-roles.ts'
import { forTickets } from '#server/api/app/for-tickets.ts'
import type { Store } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import { rerouteOneTicket } from '#server/reroute/one-ticket.ts'
import { checkSuccessors, type OrderedBy, orderReroute } from '#server/reroute/order.ts'
import { personReroute, viewStuck } from '#server/reroute/view.ts'
import type { Sessions } from '#server/session/sessions.ts'
import type { User } from '#server/tickets/ports.ts'

export interface ReroutesRouterDeps {
  store: Store
  sessions: Sessions
  now: () => number
  committed: () => void
  /** An order has come. */
  ordered: () => void
}

/** To whom goes what waits for somebody who is disabled. */
export function reroutesRouter({ store, sessions, now, committed, ordered }: ReroutesRouterDeps): Router {
  const router = Router()
  const { stores } = store
  const on = forRoles(router, sessions)
  const onTicket = forTickets(router, { sessions, stores })
  const by = ({ tenantId, uid }: User): OrderedBy => ({ tenantId, actor: uid, via: 'console', at: now() })
  /** What cannot be a uid names nobody. */
  const uidOf = (id: string): Uid => {
    const uid = Uid.safeParse(id)
    if (!uid.success) throw new AppError('not_found', 'there is no such person')
    return uid.data
  }

  on('getReroute', ({ who, id }) => personReroute(stores, who.tenantId, uidOf(id)))

  on('orderReroute', async ({ who, id, body }) => {
    const uid = uidOf(id)
    const { tenantId } = who
    await store.run(async (tx) => {
      await tx.settings.lock()
      const row = await tx.people.row(tenantId, uid)
      if (row === null) throw new AppError('not_found', 'there is no such person')
      // Whoever is there decides themself.
      if (row.disabled === 0) throw new AppError('conflict', `${uid} is not disabled`)
      await checkSuccessors(tx, by(who), body.to, { path: 'to', leaving: [uid] })
      await orderReroute(tx, by(who), uid, body)
    })
    ordered()
    return personReroute(stores, tenantId, uid)
  })

  on('stopReroute', async ({ who, id }) => {
    const uid = uidOf(id)
    const { tenantId } = who
    await store.run(async (tx) => {
      if (!(await tx.reroutes.withdraw(tenantId, uid))) return
      const entry = { tenantId, at: now(), actor: who.uid, action: 'user.reroute_stop', target: `user:${uid}` }
      await tx.audit.append({ ...entry, detail: {} })
    })
    return personReroute(stores, tenantId, uid)
  })

  on('listStuckTickets', async ({ who: { tenantId }, query }) => {
    const absent = await stores.reroutes.absent(tenantId)
    const { items, nextCursor } = await stores.reroutes.stuck(tenantId, absent, query)
    return { items: await viewStuck(stores, tenantId, items, absent), nextCursor }
  })

  onTicket('rerouteTicket', async ({ who: { user }, id, body }) => {
    const ticket = await store.run((tx) => rerouteOneTicket(tx, by(user), id, body))
    committed()
    const absent = await stores.reroutes.absent(user.tenantId)
    const [stuck = null] = await viewStuck(stores, user.tenantId, [ticket], absent)
    return { stuck }
  })
  return router
}
