import { type AuditRecord, AuditView } from '@countersign/contracts'
import { Router } from 'express'
import { viewDeliveries, viewDelivery } from '#server/api/v1/ticket-view.ts'
import type { Sessions } from '#server/session/sessions.ts'
import { type DecideDeps, decideAsVisitor, sayRefusal } from '../decide.ts'
import { forRoles } from '../for-roles.ts'
import { forTickets } from '../for-tickets.ts'
import { namesFor } from '../my-tickets.ts'
import { type Names, summarize } from '../ticket-detail.ts'
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

  on('listTenantDeliveries', async ({ who: user, query }) => {
    const { limit, cursor, ...filter } = query
    const page = await stores.notices.list(user.tenantId, filter, { limit, cursor })
    const names = await namesFor(
      stores,
      user.tenantId,
      page.items.map(({ recipient }) => recipient),
    )
    const items = page.items.map(({ ticket, createdAt, ...delivery }) => ({
      ...viewDelivery(delivery),
      ticket,
      recipientName: names(delivery.recipient).name,
      createdAt: new Date(createdAt).toISOString(),
    }))
    return { items, nextCursor: page.nextCursor }
  })

  on('listAudit', async ({ who: user, query }) => {
    const { limit, cursor, ...filter } = query
    const page = await stores.audit.list(user.tenantId, filter, { limit, cursor })
    const names = await namesFor(
      stores,
      user.tenantId,
      page.items.map(({ actor }) => actor),
    )
    return { items: page.items.map((record) => viewAudit(record, names)), nextCursor: page.nextCursor }
  })
  on('verifyAudit', async ({ who: user }) => {
    const checked = await stores.audit.verify(user.tenantId)
    const found = checked.ok
      ? { entries: checked.entries, badSeq: null, reason: null }
      : { entries: null, badSeq: checked.badSeq, reason: checked.reason }
    return { ok: checked.ok, ...found, checkedAt: new Date(deps.now()).toISOString() }
  })

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

function viewAudit({ seq, at, actor, action, target, detail }: AuditRecord, names: Names): AuditView {
  return { seq, at, actor: names(actor), action, target, detail: AuditView.shape.detail.parse(JSON.parse(detail)) }
}
