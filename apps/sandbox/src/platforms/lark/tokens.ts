import type { Core } from '#sandbox/core.ts'
import { freshId } from '#sandbox/ids.ts'
import { stringAt } from '#sandbox/json.ts'
import type { App, Person } from '#sandbox/world.ts'
import { type Call, failure, type Reply, type Route } from './api.ts'

/** `expire` never exceeds two hours (tenant_access_token page). */
const TENANT_TOKEN_MS = 7_200_000
/** With at least this much left, asking again returns the same token. */
const REISSUE_BELOW_MS = 30 * 60_000
const USER_TOKEN_MS = 7_200_000

export interface StoredToken {
  token: string
  appId: string
  /** Set on user tokens. */
  personId?: string
  expiresAt: number
}

/** Every token that has been issued. */
export interface Tokens {
  /** Who a bearer token speaks for, or the error the gateway answers with. */
  identify(token: string): { app: App; person?: Person } | Reply
  /** The app's tenant token under the 30-minute rule, and the seconds it still has. */
  tenantToken(app: App): { token: string; expireSeconds: number }
  issueUserToken(app: App, person: Person): { token: string; expireSeconds: number }
  /** Makes every tenant token of the app invalid at once. */
  revoke(appId: string): void
  export(): StoredToken[]
  restore(tokens: StoredToken[]): void
}

export function createTokens({ clock, world }: Core): Tokens {
  const tokens = new Map<string, StoredToken>()
  const latest = new Map<string, StoredToken>()

  return {
    identify: (token) => {
      if (!token.startsWith('t-') && !token.startsWith('u-')) {
        return failure(99991671, 'Invalid access token for authorization. A token starts with t- or u-.')
      }
      const stored = tokens.get(token)
      const app = stored === undefined ? undefined : world.apps.get(stored.appId)
      if (stored === undefined || app === undefined || stored.expiresAt <= clock.now()) return invalidToken(token)
      const person = stored.personId === undefined ? undefined : world.people.get(stored.personId)
      return person === undefined ? { app } : { app, person }
    },
    tenantToken: (app) => {
      const known = latest.get(app.appId)
      const current = known !== undefined && known.expiresAt - clock.now() >= REISSUE_BELOW_MS ? known : undefined
      const stored = current ?? {
        token: freshId('t-g'),
        appId: app.appId,
        expiresAt: clock.now() + TENANT_TOKEN_MS,
      }
      tokens.set(stored.token, stored)
      latest.set(app.appId, stored)
      return { token: stored.token, expireSeconds: Math.floor((stored.expiresAt - clock.now()) / 1000) }
    },
    issueUserToken: (app, person) => {
      // Real user tokens are 1 to 2 KB; a short one would hide a column or a cookie that is too small.
      const token = freshId('u-', 700)
      tokens.set(token, { token, appId: app.appId, personId: person.id, expiresAt: clock.now() + USER_TOKEN_MS })
      return { token, expireSeconds: USER_TOKEN_MS / 1000 }
    },
    revoke: (appId) => {
      for (const stored of tokens.values()) {
        if (stored.appId === appId && stored.personId === undefined) tokens.delete(stored.token)
      }
      latest.delete(appId)
    },
    export: () => [...tokens.values()].filter((stored) => stored.expiresAt > clock.now()),
    restore: (stored) => {
      for (const one of stored) {
        tokens.set(one.token, one)
        if (one.personId === undefined) latest.set(one.appId, one)
      }
    },
  }
}

/** HTTP 400 is what real clients have seen; simulating 200 once let a dead retry path ship elsewhere. */
export function invalidToken(token: string): Reply {
  return token.startsWith('u-')
    ? failure(99991668, 'Invalid access token for authorization. Please make a test attempt with a valid user token.')
    : failure(99991663, 'Invalid access token for authorization. Please make a test attempt with a valid tenant token.')
}

/** The two classic token endpoints for custom apps: flat answers, business errors as HTTP 200. */
export function tokenRoutes(core: Core, tokens: Tokens): Route[] {
  const issue = (call: Call, withAppToken: boolean): Reply => {
    const app = credentials(core, call)
    if ('status' in app) return app
    const { token, expireSeconds } = tokens.tenantToken(app)
    return {
      status: 200,
      body: {
        code: 0,
        msg: 'ok',
        ...(withAppToken ? { app_access_token: token } : {}),
        tenant_access_token: token,
        expire: expireSeconds,
      },
    }
  }
  return [
    {
      method: 'POST',
      path: '/open-apis/auth/v3/tenant_access_token/internal',
      auth: 'none',
      handle: (call) => issue(call, false),
    },
    {
      method: 'POST',
      path: '/open-apis/auth/v3/app_access_token/internal',
      auth: 'none',
      handle: (call) => issue(call, true),
    },
  ]
}

function credentials({ world }: Core, call: Call): App | Reply {
  const appId = stringAt(call.body, 'app_id')
  const appSecret = stringAt(call.body, 'app_secret')
  if (!appId || !appSecret) return failure(10003, 'invalid param', 200)
  const app = world.apps.get(appId)
  if (app === undefined || app.platform !== call.platform) return failure(10014, 'app not exist or unavailable', 200)
  if (app.appSecret !== appSecret) return failure(10015, 'app secret invalid', 200)
  return app
}
