import type { Core } from '#sandbox/core.ts'
import { freshId } from '#sandbox/ids.ts'
import { type JsonObject, stringAt } from '#sandbox/json.ts'
import type { DingtalkApp, Person } from '#sandbox/world.ts'
import { ok, oldOk, oldRefusal, type Route, refusal } from './api.ts'

const TOKEN_LIFE_MS = 7_200_000

export interface StoredToken {
  token: string
  appKey: string
  /** Set on tokens of people. */
  personId?: string
  expiresAt: number
}

/** Every access token that has been issued; one token of an app serves both hosts. */
export class Tokens {
  readonly #core: Core
  readonly #tokens = new Map<string, StoredToken>()
  /** The current token of each app. */
  readonly #latest = new Map<string, StoredToken>()

  constructor(core: Core) {
    this.#core = core
  }

  /** Asking again while a token is valid gives the same one and prolongs it (get-access-token page). */
  appToken(app: DingtalkApp): { token: string; expireSeconds: number } {
    const now = this.#core.clock.now()
    const known = this.#latest.get(app.appKey)
    const current = known !== undefined && known.expiresAt > now ? known : undefined
    const stored = current ?? { token: freshId(''), appKey: app.appKey, expiresAt: 0 }
    stored.expiresAt = now + TOKEN_LIFE_MS
    this.#tokens.set(stored.token, stored)
    this.#latest.set(app.appKey, stored)
    return { token: stored.token, expireSeconds: TOKEN_LIFE_MS / 1000 }
  }

  personToken(app: DingtalkApp, person: Person): { token: string; expireSeconds: number } {
    const token = freshId('')
    const expiresAt = this.#core.clock.now() + TOKEN_LIFE_MS
    this.#tokens.set(token, { token, appKey: app.appKey, personId: person.id, expiresAt })
    return { token, expireSeconds: TOKEN_LIFE_MS / 1000 }
  }

  /** Who a token speaks for; undefined when it is unknown, `expired` when it is too old. */
  identify(token: string): { app: DingtalkApp; person?: Person } | 'expired' | undefined {
    const stored = this.#tokens.get(token)
    const app = this.#core.world.dingtalkApps.get(stored?.appKey ?? '')
    if (stored === undefined || app === undefined) return undefined
    if (stored.expiresAt <= this.#core.clock.now()) return 'expired'
    const person = this.#core.world.people.get(stored.personId ?? '')
    return person === undefined ? { app } : { app, person }
  }

  /** Makes the tokens of an app invalid at once. */
  revoke(appKey: string): void {
    for (const stored of this.#tokens.values()) {
      if (stored.appKey === appKey && stored.personId === undefined) this.#tokens.delete(stored.token)
    }
    this.#latest.delete(appKey)
  }

  export(): StoredToken[] {
    return [...this.#tokens.values()].filter(({ expiresAt }) => expiresAt > this.#core.clock.now())
  }

  restore(stored: StoredToken[]): void {
    for (const one of stored) {
      this.#tokens.set(one.token, one)
      if (one.personId === undefined) this.#latest.set(one.appKey, one)
    }
  }
}

/** The three ways to an app's token. */
export function tokenRoutes(core: Core, tokens: Tokens): Route[] {
  const appOf = (key: string | undefined, secret: string | undefined): DingtalkApp | undefined => {
    const app = core.world.dingtalkApps.get(key ?? '')
    return app !== undefined && app.appSecret === secret ? app : undefined
  }
  return [
    {
      host: 'api',
      method: 'POST',
      path: '/v1.0/oauth2/accessToken',
      auth: 'none',
      handle: ({ body }) => {
        if (isEmpty(body)) return refusal('MissingBody', 400, 'body is mandatory for this action')
        const app = appOf(stringAt(body, 'appKey'), stringAt(body, 'appSecret'))
        if (app === undefined) return refusal('invalidClientIdOrSecret', 400, '无效的clientId或者clientSecret')
        const { token, expireSeconds } = tokens.appToken(app)
        return ok({ accessToken: token, expireIn: expireSeconds })
      },
    },
    {
      host: 'api',
      method: 'POST',
      path: '/v1.0/oauth2/:corpId/token',
      auth: 'none',
      handle: ({ body, params }) => {
        if (stringAt(body, 'grant_type') !== 'client_credentials') return refusal('unsupported.grant.type')
        const app = appOf(stringAt(body, 'client_id'), stringAt(body, 'client_secret'))
        if (app === undefined) return refusal('invalid.client')
        if (app.corpId !== params.corpId) return refusal('unauthorized.client', 401)
        const { token, expireSeconds } = tokens.appToken(app)
        return ok({ access_token: token, expires_in: expireSeconds })
      },
    },
    {
      host: 'oapi',
      method: 'GET',
      path: '/gettoken',
      auth: 'none',
      handle: ({ query }) => {
        const app = appOf(query.get('appkey') ?? undefined, query.get('appsecret') ?? undefined)
        if (app === undefined) return oldRefusal(40089, '不合法的corpid或corpsecret')
        const { token, expireSeconds } = tokens.appToken(app)
        return oldOk({ access_token: token, expires_in: expireSeconds })
      },
    },
  ]
}

function isEmpty(body: JsonObject): boolean {
  return Object.keys(body).length === 0
}
