import { randomBytes } from 'node:crypto'
import type { Locale, Session, SessionView } from '@countersign/contracts'
import { type Request, type Response, Router } from 'express'
import { mount } from '#server/api/route.ts'
import { personLocale } from '#server/cards/compose.ts'
import type { SessionRecord, Store } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import type { Cookies } from '#server/session/cookies.ts'
import type { LoggedIn, Login } from '#server/session/login.ts'
import type { LoginThrottle } from '#server/session/login-throttle.ts'
import { redeemOneTimeLink } from '#server/session/one-time-link.ts'
import type { Sessions, Visitor } from '#server/session/sessions.ts'
import { comment, remind, withdraw } from '#server/tickets/lifecycle.ts'
import type { User } from '#server/tickets/ports.ts'
import { decideAsVisitor, sayRefusal } from './decide.ts'
import { h5Surface, listTickets, readableTicket, ticketPage } from './my-tickets.ts'

export interface AppRouterDeps {
  store: Store
  sessions: Sessions
  login: Login
  throttle: LoginThrottle
  cookies: Cookies
  locale: Locale
  timeZone: string
  now: () => number
  committed: () => void
  /** For metrics. */
  decided: (action: 'approve' | 'reject', via: string) => void
}

function viewSession(session: SessionRecord, present: string): SessionView {
  return {
    id: session.id,
    channel: session.channel,
    browser: session.userAgent,
    createdAt: new Date(session.createdAt).toISOString(),
    seenAt: new Date(session.rotatedAt).toISOString(),
    isThis: session.id === present,
  }
}

const browserCookieMs = 30 * 24 * 60 * 60 * 1_000
const firstPage = { tab: 'pending', limit: 20 } as const

/** What the H5 app talks to: log-in, and the tickets of whoever is logged in. */
export function appRouter(deps: AppRouterDeps): Router {
  const router = Router()
  const { store, sessions, login, throttle } = deps
  const { stores } = store

  /** The random value that ties log-in attempts to this browser; set on first sight. */
  const browserOf = (req: Request, res: Response): string => {
    const known = deps.cookies.read(req, 'browser')
    if (known !== undefined && known.length >= 16) return known
    const made = randomBytes(24).toString('base64url')
    deps.cookies.set(res, 'browser', made, browserCookieMs)
    return made
  }

  const sessionOf = async (user: User, channel: Session['channel']): Promise<Session> => {
    const tenant = await stores.tenants.tenant(user.tenantId)
    return {
      user: {
        uid: user.uid,
        name: user.name,
        locale: personLocale(user, tenant?.locale ?? null, deps.locale),
        timeZone: user.timeZone ?? tenant?.timeZone ?? deps.timeZone,
        roles: user.roles,
      },
      tenant: { id: user.tenantId, name: tenant?.name ?? user.tenantId },
      channel,
      pending: await listTickets(stores, user, firstPage),
    }
  }

  const begin = async (
    req: Request,
    res: Response,
    attempt: () => Promise<LoggedIn>,
  ): Promise<Session & { target: string }> => {
    const { user, channel, platformUserId, target } = await throttle.guard(req.ip ?? '', attempt)
    const userAgent = req.headers['user-agent'] ?? null
    await sessions.begin(res, { tenantId: user.tenantId, uid: user.uid, channel, userAgent, platformUserId })
    return { ...(await sessionOf(user, channel)), target }
  }

  mount(router, 'loginOptions', async ({ req, res, query }) => {
    await throttle.begin(req.ip ?? '')
    return login.options({ tenant: query.t, channel: query.c }, browserOf(req, res))
  })
  mount(router, 'startLogin', async ({ req, res, body }) => {
    await throttle.begin(req.ip ?? '')
    return login.start(body, browserOf(req, res))
  })
  mount(router, 'finishLogin', async ({ req, res, body }) =>
    begin(req, res, () => login.finish(body, browserOf(req, res))),
  )
  mount(router, 'inAppLogin', async ({ req, res, body }) =>
    begin(req, res, () => login.inApp(body, browserOf(req, res))),
  )

  mount(router, 'linkLogin', async ({ req, res, body }) => {
    await throttle.begin(req.ip ?? '')
    const user = await throttle.guard(req.ip ?? '', () => redeemOneTimeLink(store, body.link, deps.now()))
    const userAgent = req.headers['user-agent'] ?? null
    await sessions.begin(res, {
      tenantId: user.tenantId,
      uid: user.uid,
      channel: null,
      userAgent,
      platformUserId: null,
    })
    return sessionOf(user, null)
  })

  mount(router, 'getSession', async ({ req, res }) => {
    const { user, session } = await sessions.require(req, res)
    return sessionOf(user, session.channel)
  })
  mount(router, 'listMySessions', async ({ req, res }) => {
    const { user, session } = await sessions.require(req, res)
    const all = await stores.sessions.listFor(user, deps.now())
    return { items: all.map((each) => viewSession(each, session.id)) }
  })
  mount(router, 'endMySession', async ({ req, res, id }) => {
    const { user } = await sessions.require(req, res)
    const own = await stores.sessions.listFor(user, deps.now())
    if (!own.some((each) => each.id === id)) throw new AppError('not_found', 'there is no such session')
    await store.run(async (tx) => {
      await tx.sessions.revoke(id, deps.now())
      const { tenantId, uid } = user
      const entry = { tenantId, at: deps.now(), actor: uid, action: 'session.end', target: `user:${uid}` }
      await tx.audit.append({ ...entry, detail: { session: id } })
    })
    return undefined
  })
  mount(router, 'endSession', async ({ req, res }) => {
    await sessions.end(req, res)
    return undefined
  })

  mount(router, 'listMyTickets', async ({ req, res, query }) => {
    const { user } = await sessions.require(req, res)
    return listTickets(stores, user, query)
  })
  mount(router, 'getMyTicket', async ({ req, res, id }) => {
    const { user } = await sessions.require(req, res)
    return ticketPage(stores, user, await readableTicket(stores, user, id))
  })

  const act = ({ user }: Visitor, ticketId: string) => {
    const base = { tenantId: user.tenantId, ticketId, actor: user.uid }
    return { ...base, via: 'h5' as const, at: deps.now() }
  }

  mount(router, 'decide', async ({ req, res, id, body }) => {
    const visitor = await sessions.require(req, res)
    return decideAsVisitor(deps, visitor, id, body, { via: 'h5', surface: h5Surface(req.headers['user-agent']) })
  })

  /** The submitter in person; to others who may read the ticket the refusal says so. */
  const ownTicket = async (visitor: Visitor, id: string): Promise<void> => {
    const ticket = await readableTicket(stores, visitor.user, id)
    if (ticket.content.submitter !== visitor.user.uid) throw new AppError('forbidden', 'only the submitter may do this')
  }

  mount(router, 'withdrawMyTicket', async ({ req, res, id, body }) => {
    const visitor = await sessions.require(req, res)
    await ownTicket(visitor, id)
    const ticket = await store.run((tx) => withdraw(tx, { ...act(visitor, id), comment: body.comment ?? null }))
    deps.committed()
    return ticketPage(stores, visitor.user, ticket)
  })
  mount(router, 'remindMyTicket', async ({ req, res, id }) => {
    const visitor = await sessions.require(req, res)
    await ownTicket(visitor, id)
    const result = await store.run((tx) => remind(tx, act(visitor, id)))
    deps.committed()
    return result
  })
  mount(router, 'commentAsMe', async ({ req, res, id, body }) => {
    const visitor = await sessions.require(req, res)
    await readableTicket(stores, visitor.user, id)
    const ticket = await store.run((tx) => comment(tx, { ...act(visitor, id), comment: body.comment }))
    return ticketPage(stores, visitor.user, ticket)
  })

  router.use(sayRefusal)
  return router
}
