import { randomBytes } from 'node:crypto'
import type { Locale, Session, SessionView } from '@countersign/contracts'
import { type Request, type Response, Router } from 'express'
import { forAnybody } from '#server/api/for-anybody.ts'
import { type Admit, type Handler, mount } from '#server/api/route.ts'
import { personLocale } from '#server/cards/compose.ts'
import type { SessionRecord, Store } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import { callerOf } from '#server/http/caller.ts'
import type { EmailLogin } from '#server/login-ways/email-login.ts'
import type { OidcLogin } from '#server/login-ways/oidc/oidc-login.ts'
import type { Cookies } from '#server/session/cookies.ts'
import type { LoggedIn, Login } from '#server/session/login.ts'
import type { LoginThrottle } from '#server/session/login-throttle.ts'
import { redeemOneTimeLink } from '#server/session/one-time-link.ts'
import type { Sessions, Visitor } from '#server/session/sessions.ts'
import { comment, remind, withdraw } from '#server/tickets/lifecycle.ts'
import type { User } from '#server/tickets/ports.ts'
import { decideAsVisitor, sayRefusal } from './decide.ts'
import { forRoles, forVisitors, visitorFor } from './for-roles.ts'
import { forTickets, type Reader } from './for-tickets.ts'
import { loginWayRouter } from './login-way-router.ts'
import { h5Surface, listTickets, ticketPage } from './my-tickets.ts'

export interface AppRouterDeps {
  store: Store
  sessions: Sessions
  login: Login
  emailLogin: EmailLogin
  oidcLogin: OidcLogin
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
    way: session.way,
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
  const open = forAnybody(router)
  const on = forRoles(router, sessions)
  const own = forVisitors(router, sessions)
  const onTicket = forTickets(router, { sessions, stores })

  /** The random value that ties log-in attempts to this browser; set on first sight. */
  const browserOf = (req: Request, res: Response): string => {
    const known = deps.cookies.read(req, 'browser')
    if (known !== undefined && known.length >= 16) return known
    const made = randomBytes(24).toString('base64url')
    deps.cookies.set(res, 'browser', made, browserCookieMs)
    return made
  }

  const sessionOf = async ({ user, session, secondFactor }: Visitor): Promise<Session> => {
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
      channel: session.channel,
      secondFactor,
      pending: await listTickets(stores, user, firstPage),
    }
  }

  const begin = async (
    req: Request,
    res: Response,
    attempt: () => Promise<LoggedIn>,
  ): Promise<Session & { target: string }> => {
    const { user, way, channel, platformUserId, target } = await throttle.guard(callerOf(req.ip), attempt)
    const userAgent = req.headers['user-agent'] ?? null
    const { tenantId, uid } = user
    const begun = await sessions.begin(res, { tenantId, uid, channel, userAgent, platformUserId, way })
    return { ...(await sessionOf(begun)), target }
  }

  open('loginOptions', async ({ req, res, query }) => {
    await throttle.begin(callerOf(req.ip))
    return login.options({ tenant: query.t, channel: query.c }, browserOf(req, res))
  })
  open('startLogin', async ({ req, res, body }) => {
    await throttle.begin(callerOf(req.ip))
    return login.start(body, browserOf(req, res))
  })
  open('finishLogin', async ({ req, res, body }) => begin(req, res, () => login.finish(body, browserOf(req, res))))
  open('inAppLogin', async ({ req, res, body }) => begin(req, res, () => login.inApp(body, browserOf(req, res))))

  open('linkLogin', async ({ req, res, body }) => {
    await throttle.begin(callerOf(req.ip))
    const user = await throttle.guard(callerOf(req.ip), () => redeemOneTimeLink(store, body.link, deps.now()))
    const userAgent = req.headers['user-agent'] ?? null
    const begun = await sessions.begin(res, {
      tenantId: user.tenantId,
      uid: user.uid,
      channel: null,
      userAgent,
      platformUserId: null,
      way: 'link',
    })
    return sessionOf(begun)
  })

  router.use(loginWayRouter(deps, { browserOf, begin }))

  own('getSession', ({ who }) => sessionOf(who))
  own('listMySessions', async ({ who: { user, session } }) => {
    const all = await stores.sessions.listFor(user, deps.now())
    return { items: all.map((each) => viewSession(each, session.id)) }
  })
  const holder: Admit<User> = async (req, res) => {
    const { user } = await visitorFor(sessions, 'endMySession')(req, res)
    const mine = await stores.sessions.listFor(user, deps.now())
    if (!mine.some(({ id }) => id === req.params.id)) throw new AppError('not_found', 'there is no such session')
    return user
  }
  const endMySession: Handler<'endMySession', User> = async ({ who: { tenantId, uid }, id }) => {
    await store.run(async (tx) => {
      await tx.sessions.revoke(id, deps.now())
      const entry = { tenantId, at: deps.now(), actor: uid, action: 'session.end', target: `user:${uid}` }
      await tx.audit.append({ ...entry, detail: { session: id } })
    })
    return undefined
  }
  mount(router, 'endMySession', endMySession, holder)
  own('endSession', async ({ req, res }) => {
    await sessions.end(req, res)
    return undefined
  })

  on('listMyTickets', ({ who, query }) => listTickets(stores, who, query))
  onTicket('getMyTicket', ({ who: { user, ticket } }) => ticketPage(stores, user, ticket))

  const act = ({ user, ticket }: Reader) => {
    const base = { tenantId: user.tenantId, ticketId: ticket.id, actor: user.uid }
    return { ...base, via: 'h5' as const, at: deps.now() }
  }

  onTicket('decide', ({ who, req, body }) =>
    decideAsVisitor(deps, who, body, { via: 'h5', surface: h5Surface(req.headers['user-agent']) }),
  )
  onTicket('withdrawMyTicket', async ({ who, body }) => {
    const ticket = await store.run((tx) => withdraw(tx, { ...act(who), comment: body.comment ?? null }))
    deps.committed()
    return ticketPage(stores, who.user, ticket)
  })
  onTicket('remindMyTicket', async ({ who }) => {
    const result = await store.run((tx) => remind(tx, act(who)))
    deps.committed()
    return result
  })
  onTicket('commentAsMe', async ({ who, body }) => {
    const ticket = await store.run((tx) => comment(tx, { ...act(who), comment: body.comment }))
    return ticketPage(stores, who.user, ticket)
  })

  router.use(sayRefusal)
  return router
}
