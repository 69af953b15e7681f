import type { Core } from '#sandbox/core.ts'
import { readCookie } from '#sandbox/http/cookies.ts'
import { freshId } from '#sandbox/ids.ts'
import { stringAt } from '#sandbox/json.ts'
import {
  type AppCall,
  type Call,
  ok,
  oldOk,
  oldRefusal,
  type Reply,
  type Route,
  refusal,
  type UserCall,
} from '#sandbox/platforms/dingtalk/api.ts'
import { isExclusive } from '#sandbox/platforms/dingtalk/directory.ts'
import type { Tokens } from '#sandbox/platforms/dingtalk/tokens.ts'
import type { DingtalkApp, Person } from '#sandbox/world.ts'
import type { AuthCodes } from './auth-codes.ts'
import { renderLoginError, renderLoginPage } from './login-page.ts'

const REFRESH_LIFE_MS = 30 * 24 * 3_600_000

interface RefreshToken {
  appKey: string
  personId: string
  expiresAt: number
}

/** Log-in of people: the page of an ordinary browser, and what its codes and those of web views are exchanged for. */
export class OAuth {
  readonly routes: Route[]
  readonly #core: Core
  readonly #tokens: Tokens
  readonly #codes: AuthCodes
  readonly #refreshTokens = new Map<string, RefreshToken>()

  constructor(core: Core, tokens: Tokens, codes: AuthCodes) {
    this.#core = core
    this.#tokens = tokens
    this.#codes = codes
    this.routes = [
      { host: 'login', method: 'GET', path: '/oauth2/auth', auth: 'none', handle: (call) => this.#authorize(call) },
      {
        host: 'api',
        method: 'POST',
        path: '/v1.0/oauth2/userAccessToken',
        auth: 'none',
        handle: (call) => this.#userToken(call),
      },
      {
        host: 'api',
        method: 'GET',
        path: '/v1.0/contact/users/:unionId',
        auth: 'user',
        scope: 'Contact.User.Read',
        handle: (call) => this.#me(call),
      },
      {
        host: 'oapi',
        method: 'POST',
        path: '/topapi/v2/user/getuserinfo',
        auth: 'app',
        scope: 'qyapi_base',
        handle: (call) => this.#inAppUser(call),
      },
    ]
  }

  clear(): void {
    this.#refreshTokens.clear()
  }

  #authorize(call: Call): Reply {
    const { query } = call
    const app = this.#core.world.dingtalkApps.get(query.get('client_id') ?? '')
    if (app === undefined) return renderLoginError('client_id is not known')
    const redirectUri = query.get('redirect_uri') ?? ''
    if (!isRegistered(app, redirectUri)) return renderLoginError('url 不在白名单内: redirect_uri is not registered')
    if (query.get('response_type') !== 'code') return renderLoginError('response_type must be code')
    const scopes = (query.get('scope') ?? '').split(' ')
    if (!scopes.includes('openid')) return renderLoginError('scope must contain openid')
    if (query.get('sandbox_deny') !== null) return redirect(query, redirectUri, { error: 'access_denied' })
    const offered = this.#offered(app, query)
    const chosen = query.get('sandbox_person') ?? readCookie(String(call.headers.cookie ?? ''), 'sandbox_person')
    const person = offered.find(({ id }) => id === chosen)
    if (person === undefined) return renderLoginPage(app, offered, query)
    const authCode = this.#codes.issue(app, person, 'redirect', scopes.includes('corpid'))
    return redirect(query, redirectUri, { authCode })
  }

  /** Ordinary accounts of anybody; accounts of an organisation only by its own door (obtain-identity-credentials page). */
  #offered(app: DingtalkApp, query: URLSearchParams): Person[] {
    const people = [...this.#core.world.people.values()].filter(({ platform }) => platform === 'dingtalk')
    if (query.get('exclusiveLogin') !== 'true') return people.filter((person) => !isExclusive(person))
    const corpId = query.get('exclusiveCorpId') ?? app.corpId
    return people.filter((person) => isExclusive(person) && person.tenantKey === corpId)
  }

  #userToken({ body }: Call): Reply {
    const app = this.#core.world.dingtalkApps.get(stringAt(body, 'clientId') ?? '')
    if (app === undefined || app.appSecret !== body.clientSecret) return refusal('invalidClientIdOrSecret')
    const grant = stringAt(body, 'grantType')
    if (grant === 'authorization_code') {
      const spent = this.#codes.spend(app, stringAt(body, 'code') ?? '', 'redirect')
      // Which word the platform has for a spent code is not documented; that it is refused is.
      if (typeof spent === 'string') return refusal('invalidParameter.authCode.notFound', 400, '不合法的临时授权码')
      return this.#grant(app, spent.person, spent.tellsCompany)
    }
    if (grant !== 'refresh_token') return refusal('unsupported.grant.type')
    const stored = this.#refreshTokens.get(stringAt(body, 'refreshToken') ?? '')
    const person = this.#core.world.people.get(stored?.personId ?? '')
    const isValid = stored?.appKey === app.appKey && stored.expiresAt > this.#core.clock.now()
    return isValid && person !== undefined ? this.#grant(app, person, false) : refusal('invalidRefreshToken')
  }

  #grant(app: DingtalkApp, person: Person, tellsCompany: boolean): Reply {
    const { token, expireSeconds } = this.#tokens.personToken(app, person)
    const refreshToken = freshId('')
    const expiresAt = this.#core.clock.now() + REFRESH_LIFE_MS
    this.#refreshTokens.set(refreshToken, { appKey: app.appKey, personId: person.id, expiresAt })
    return ok({
      accessToken: token,
      refreshToken,
      expireIn: expireSeconds,
      ...(tellsCompany ? { corpId: person.tenantKey } : {}),
    })
  }

  /** Mobile and e-mail only with the right to these fields, and an exclusive account may have neither. */
  #me({ app, person, params }: UserCall): Reply {
    if (params.unionId !== 'me' && params.unionId !== person.unionId) return refusal('userNotFound', 404)
    return ok({
      nick: person.name,
      avatarUrl: '',
      openId: `${person.unionId}-${app.appKey}`.slice(0, 40),
      unionId: person.unionId,
      ...(person.mobile !== undefined && app.scopes.includes('fieldMobile')
        ? { mobile: person.mobile, stateCode: '86' }
        : {}),
      ...(person.email !== undefined && app.scopes.includes('fieldEmail') ? { email: person.email } : {}),
    })
  }

  #inAppUser({ app, body }: AppCall): Reply {
    const spent = this.#codes.spend(app, stringAt(body, 'code') ?? '', 'in-app')
    if (spent === 'expired') return oldRefusal(42008, '授权码已过期')
    if (typeof spent === 'string') return oldRefusal(40078, '不存在的临时授权码')
    const { person } = spent
    return oldOk({
      result: {
        userid: person.userId,
        name: person.name,
        device_id: `device-of-${person.id}`,
        sys: false,
        sys_level: 0,
        unionid: person.unionId,
        associated_unionid: '',
      },
    })
  }
}

/** Whether an address is one of the app's redirect addresses; they never have a query. */
function isRegistered(app: DingtalkApp, address: string): boolean {
  if (!URL.canParse(address)) return false
  const { origin, pathname } = new URL(address)
  return app.redirectUrls.some((known) => new URL(known).origin + new URL(known).pathname === origin + pathname)
}

/** Back to the app. `sandbox_view` is the origin under which a phone's web view shows the app's own origin. */
function redirect(query: URLSearchParams, redirectUri: string, answer: Record<string, string>): Reply {
  const target = new URL(redirectUri)
  for (const [key, value] of Object.entries(answer)) target.searchParams.set(key, value)
  const state = query.get('state')
  if (state !== null) target.searchParams.set('state', state)
  const view = query.get('sandbox_view')
  const location =
    view !== null && URL.canParse(view) ? new URL(target.pathname + target.search + target.hash, view) : target
  return { status: 302, headers: { location: location.href }, body: '' }
}
