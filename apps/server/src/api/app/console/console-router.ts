import { Router } from 'express'
import { viewDeliveries } from '#server/api/v1/ticket-view.ts'
import type { Sessions } from '#server/session/sessions.ts'
import { type DecideDeps, decideAsVisitor, sayRefusal } from '../decide.ts'
import { forRoles } from '../for-roles.ts'
import { forTickets } from '../for-tickets.ts'
import { namesFor } from '../my-tickets.ts'
import { summarize } from '../ticket-detail.ts'
import { createApiKey, revokeApiKey, viewApiKey } from './api-keys.ts'
import { viewLedger } from './card-ledger.ts'
import { viewOverview } from './overview.ts'

export interface ConsoleRouterDeps extends DecideDeps {
  sessions: Sessions
  /** Of the region. */
  timeZone: string
}

/** What the desktop console asks for beside what it shares with the H5 app. */
export function consoleApiRouter(deps: ConsoleRouterDeps): Router {
  const router = Router()
  const { store, sessions } = deps
  const { stores } = store

  const on = forRoles(router, sessions)
  const onTicket = forTickets(router, { sessions, stores })

  on('listTenantTickets', async ({ who: user, query }) => {
    const { limit, cursor, ...filter } = query
    const page = await stores.tickets.list(user.tenantId, filter, { limit, cursor })
    const names = await namesFor(
      stores,
      user.tenantId,
      page.items.map((ticket) => ticket.content.submitter),
    )
    return { items: page.items.map((ticket) => summarize(ticket, names, user.uid)), nextCursor: page.nextCursor }
  })

  onTicket('decideInConsole', ({ who, body }) =>
    decideAsVisitor(deps, who, body, { via: 'console', surface: 'console' }),
  )

  onTicket('listTicketDeliveries', async ({ who: { user, ticket } }) => {
    return viewDeliveries(await stores.notices.deliveries(user.tenantId, ticket.id))
  })

  onTicket('listTicketCards', ({ who: { user, ticket } }) => viewLedger(stores, user, ticket))

  on('getOverview', async ({ who: user, query }) => viewOverview(deps, user.tenantId, query))

  on('listPeople', async ({ who: user, query }) => {
    const { limit, cursor, ...filter } = query
    const page = await stores.directory.list(user.tenantId, filter, { limit, cursor })
    if (!user.roles.includes('admin')) return { ...page, items: page.items.map(withoutSecondFactor) }
    const uids = page.items.map(({ uid }) => uid)
    const enrolled = await stores.secondFactors.enrolledOf(user.tenantId, uids)
    return { ...page, items: page.items.map((person) => ({ ...person, secondFactor: enrolled.has(person.uid) })) }
  })

  on('listApiKeys', async ({ who: user }) => {
    return { items: (await stores.tenants.apiKeys(user.tenantId)).map(viewApiKey) }
  })
  on('createApiKey', async ({ who: user, body }) => createApiKey(deps, user, body))
  on('revokeApiKey', async ({ who: user, id }) => {
    await revokeApiKey(deps, user, id)
    return undefined
  })

  router.use(sayRefusal)
  return router
}

/** Who has none is for those alone who can do something about it. */
const withoutSecondFactor = <Person>(person: Person) => ({ ...person, secondFactor: null })
