import type { Session } from '@countersign/contracts'
import { type Request, type Response, Router } from 'express'
import { forAnybody } from '#server/api/for-anybody.ts'
import { answered } from '#server/http/answered.ts'
import { callerOf } from '#server/http/caller.ts'
import type { EmailLogin } from '#server/login-ways/email-login.ts'
import type { OidcLogin } from '#server/login-ways/oidc/oidc-login.ts'
import type { LoggedIn } from '#server/session/login.ts'
import type { LoginThrottle } from '#server/session/login-throttle.ts'

export interface LoginWayRouterDeps {
  emailLogin: EmailLogin
  oidcLogin: OidcLogin
  throttle: LoginThrottle
}

/** What every log-in shares. */
export interface Door {
  /** The random value of this browser. */
  browserOf(req: Request, res: Response): string
  /** Begins a session for whom the attempt shows. */
  begin(req: Request, res: Response, attempt: () => Promise<LoggedIn>): Promise<Session & { target: string }>
}

/** Log-in by a code in an e-mail, and by a company account. */
export function loginWayRouter({ emailLogin, oidcLogin, throttle }: LoginWayRouterDeps, door: Door): Router {
  const router = Router()
  const open = forAnybody(router)
  const noAccount = { platformUserId: null, target: '' }

  open('sendLoginCode', async ({ req, res, body }) => {
    await throttle.begin(callerOf(req.ip))
    const browser = door.browserOf(req, res)
    return emailLogin.sendCode(body, { browser, caller: callerOf(req.ip), answered: () => answered(res) })
  })
  open('emailLogin', async ({ req, res, body }) => {
    const browser = door.browserOf(req, res)
    return door.begin(req, res, async () => {
      const user = await emailLogin.finish(body, browser)
      return { user, way: 'email', channel: 'email', ...noAccount }
    })
  })
  open('startOidcLogin', async ({ req, res, body }) => {
    await throttle.begin(callerOf(req.ip))
    return oidcLogin.start(body, door.browserOf(req, res))
  })
  open('finishOidcLogin', async ({ req, res, body }) => {
    const browser = door.browserOf(req, res)
    return door.begin(req, res, async () => {
      const finished = await oidcLogin.finish(body.answer, browser)
      return { way: 'oidc', channel: null, ...noAccount, ...finished }
    })
  })
  return router
}
