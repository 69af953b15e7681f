import { createHash, randomBytes } from 'node:crypto'
import type { Core } from '#sandbox/core.ts'
import { freshId } from '#sandbox/ids.ts'
import { type JsonObject, stringAt } from '#sandbox/json.ts'
import type { App, Person } from '#sandbox/world.ts'
import { type Call, type Reply, type Route, success, type UserCall } from './api.ts'
import { personFields } from './contacts.ts'
import { renderAuthorizeError, renderAuthorizePage } from './oauth-page.ts'
import type { Tokens } from './tokens.ts'

/** An authorisation code lives five minutes (get-authorization-code.md), one of requestAccess three (requestaccess page). */
const CODE_LIFE_MS = { redirect: 5 * 60_000, access: 3 * 60_000, legacy: 5 * 60_000 }
const REFRESH_LIFE_MS = 7 * 24 * 3_600_000
const MAX_SCOPES = 50

interface Code {
  code: string
  appId: string
  personId: string
  kind: keyof typeof CODE_LIFE_MS
  redirectUri: string
  challenge?: { value: string; method: 'S256' | 'plain' }
  scope: string
  expiresAt: number
  isUsed: boolean
}

interface RefreshToken {
  appId: string
  personId: string
  scope: string
  expiresAt: number
  isUsed: boolean
}

/** Log-in of people: the authorise page, codes, and what they are exchanged for. */
export class OAuth {
  readonly routes: Route[]
  readonly #core: Core
  readonly #tokens: Tokens
  readonly #codes = new Map<string, Code>()
  readonly #refreshTokens = new Map<string, RefreshToken>()

  constructor(core: Core, tokens: Tokens) {
    this.#core = core
    this.#tokens = tokens
    this.routes = [
      { method: 'GET', path: '/open-apis/authen/v1/authorize', auth: 'none', handle: (call) => this.#authorize(call) },
      { method: 'POST', path: '/open-apis/authen/v2/oauth/token', auth: 'none', handle: (call) => this.#token(call) },
      { method: 'GET', path: '/open-apis/authen/v1/user_info', auth: 'user', handle: (call) => this.#userInfo(call) },
    ]
  }

  /** A code for a page inside the client, as `tt.requestAccess` gets it. */
  issueAccessCode(app: App, person: Person, pageUrl: string, kind: 'access' | 'legacy'): string {
    return this.#issueCode({
      appId: app.appId,
      personId: person.id,
      kind,
      redirectUri: withoutQuery(pageUrl),
      scope: '',
    })
  }

  clear(): void {
    this.#codes.clear()
    this.#refreshTokens.clear()
  }

  #issueCode(draft: Omit<Code, 'code' | 'expiresAt' | 'isUsed'>): string {
    const code = randomBytes(48).toString('base64url')
    this.#codes.set(code, {
      ...draft,
      code,
      expiresAt: this.#core.clock.now() + CODE_LIFE_MS[draft.kind],
      isUsed: false,
    })
    return code
  }

  #authorize(call: Call): Reply {
    const app = this.#core.world.apps.get(call.query.get('client_id') ?? '')
    if (app === undefined || app.platform !== call.platform)
      return renderAuthorizeError(20048, 'the app does not exist')
    const redirectUri = call.query.get('redirect_uri') ?? ''
    if (!isRegistered(app, redirectUri)) return renderAuthorizeError(2000, 'redirect_uri unmatch')
    const scope = call.query.get('scope') ?? ''
    const missing = scope.split(' ').filter((name) => name !== '' && !app.scopes.includes(name))
    if (missing.length > 0 || scope.split(' ').length > MAX_SCOPES) {
      return renderAuthorizeError(20027, `the app has no scope ${missing.join(', ')}`)
    }
    const method = call.query.get('code_challenge_method') ?? 'plain'
    const challenge = call.query.get('code_challenge')
    if (challenge !== null && method !== 'S256' && method !== 'plain') {
      return renderAuthorizeError(20063, 'code_challenge_method must be S256 or plain')
    }
    if (call.query.get('sandbox_deny') !== null) return redirect(call, redirectUri, { error: 'access_denied' })
    const person = this.#chosenPerson(call, app)
    if (person === undefined) return renderAuthorizePage(app, [...this.#core.world.people.values()], call.query)
    const code = this.#issueCode({
      appId: app.appId,
      personId: person.id,
      kind: 'redirect',
      redirectUri,
      scope,
      ...(challenge === null ? {} : { challenge: { value: challenge, method: method === 'S256' ? 'S256' : 'plain' } }),
    })
    return redirect(call, redirectUri, { code })
  }

  #chosenPerson(call: Call, app: App): Person | undefined {
    const person = this.#core.world.people.get(call.query.get('sandbox_person') ?? call.cookiePerson ?? '')
    return person?.platform === app.platform && person.tenantKey === app.tenantKey ? person : undefined
  }

  #token(call: Call): Reply {
    const grant = stringAt(call.body, 'grant_type')
    const app = this.#client(call)
    if ('status' in app) return app
    if (grant === 'authorization_code') return this.#exchangeCode(app, call.body)
    if (grant === 'refresh_token') return this.#refresh(app, call.body)
    return oauthError(20036, 'unsupported_grant_type', 'grant_type is not supported')
  }

  #client(call: Call): App | Reply {
    const required = ['grant_type', 'client_id', 'client_secret'].find((key) => !stringAt(call.body, key))
    if (call.headers.authorization !== undefined) {
      return oauthError(20070, 'invalid_request', 'more than one way of authentication')
    }
    if (required !== undefined) return oauthError(20001, 'invalid_request', `${required} is missing`)
    const app = this.#core.world.apps.get(stringAt(call.body, 'client_id') ?? '')
    if (app === undefined || app.platform !== call.platform) {
      return oauthError(20048, 'invalid_client', 'the app does not exist')
    }
    if (app.appSecret !== call.body.client_secret) return oauthError(20002, 'invalid_client', 'wrong client_secret')
    return app
  }

  #exchangeCode(app: App, body: JsonObject): Reply {
    const code = stringAt(body, 'code')
    if (!code) return oauthError(20001, 'invalid_request', 'code is missing')
    const stored = this.#codes.get(code)
    if (stored === undefined) return oauthError(20003, 'invalid_grant', 'the code does not exist')
    if (stored.appId !== app.appId) return oauthError(20024, 'invalid_grant', 'the code belongs to another client')
    if (stored.isUsed) return oauthError(20065, 'invalid_grant', 'the code has been used')
    if (stored.expiresAt <= this.#core.clock.now()) return oauthError(20004, 'invalid_grant', 'the code has expired')
    if (!redirectMatches(stored, stringAt(body, 'redirect_uri'))) {
      return oauthError(20071, 'invalid_grant', 'redirect_uri is not the one of the authorisation')
    }
    if (!verifierMatches(stored, stringAt(body, 'code_verifier'))) {
      return oauthError(20049, 'invalid_grant', 'code_verifier does not match')
    }
    const person = this.#core.world.people.get(stored.personId)
    if (person === undefined) return oauthError(20008, 'invalid_grant', 'the user does not exist')
    if (person.availableTo === false) return oauthError(20010, 'access_denied', 'the user may not use this app')
    stored.isUsed = true
    return this.#grantTokens(app, person, stored.scope)
  }

  #refresh(app: App, body: JsonObject): Reply {
    const value = stringAt(body, 'refresh_token')
    if (!value) return oauthError(20001, 'invalid_request', 'refresh_token is missing')
    const stored = this.#refreshTokens.get(value)
    const person = stored === undefined ? undefined : this.#core.world.people.get(stored.personId)
    if (stored === undefined || person === undefined || stored.appId !== app.appId) {
      return oauthError(20026, 'invalid_grant', 'the refresh_token is invalid')
    }
    if (stored.isUsed) return oauthError(20073, 'invalid_grant', 'the refresh_token has been used')
    if (stored.expiresAt <= this.#core.clock.now())
      return oauthError(20037, 'invalid_grant', 'the refresh_token has expired')
    stored.isUsed = true
    return this.#grantTokens(app, person, stored.scope)
  }

  #grantTokens(app: App, person: Person, scope: string): Reply {
    const { token: accessToken, expireSeconds } = this.#tokens.issueUserToken(app, person)
    const isOffline = scope.split(' ').includes('offline_access')
    const refreshToken = freshId('ur-', 64)
    if (isOffline) {
      const expiresAt = this.#core.clock.now() + REFRESH_LIFE_MS
      this.#refreshTokens.set(refreshToken, { appId: app.appId, personId: person.id, scope, expiresAt, isUsed: false })
    }
    return {
      status: 200,
      body: {
        // A string here, unlike everywhere else: clients must compare numerically.
        code: '0',
        access_token: accessToken,
        expires_in: expireSeconds,
        token_type: 'Bearer',
        scope,
        ...(isOffline ? { refresh_token: refreshToken, refresh_token_expires_in: REFRESH_LIFE_MS / 1000 } : {}),
      },
    }
  }

  #userInfo(call: UserCall): Reply {
    return success({
      ...personFields(this.#core, call.app, call.person),
      name: call.person.name,
      en_name: call.person.name,
      avatar_url: '',
      avatar_thumb: '',
      avatar_middle: '',
      avatar_big: '',
      tenant_key: call.person.tenantKey,
    })
  }
}

/** Whether the address is one of the app's redirect addresses by scheme, host and path (configure-redirect-urls.md). */
export function isRegistered(app: App, address: string): boolean {
  return URL.canParse(address) && app.redirectUrls.some((known) => withoutQuery(known) === withoutQuery(address))
}

export function withoutQuery(address: string): string {
  const url = new URL(address)
  return url.origin + url.pathname
}

function redirectMatches(code: Code, given: string | undefined): boolean {
  if (code.kind === 'redirect') return given === code.redirectUri
  // What a requestAccess code wants here is not documented: the page's own address or nothing at all is accepted.
  return given === undefined || (URL.canParse(given) && withoutQuery(given) === code.redirectUri)
}

function verifierMatches({ challenge }: Code, verifier: string | undefined): boolean {
  if (challenge === undefined) return true
  if (verifier === undefined || !/^[A-Za-z0-9\-._~]{43,128}$/.test(verifier)) return false
  const value = challenge.method === 'S256' ? createHash('sha256').update(verifier).digest('base64url') : verifier
  return value === challenge.value
}

/** Back to the app. `sandbox_view` is the origin under which a phone's web view shows the app's own origin. */
function redirect(call: Call, redirectUri: string, answer: Record<string, string>): Reply {
  const target = new URL(redirectUri)
  for (const [key, value] of Object.entries(answer)) target.searchParams.set(key, value)
  const state = call.query.get('state')
  if (state !== null) target.searchParams.set('state', state)
  const view = call.query.get('sandbox_view')
  const location =
    view !== null && URL.canParse(view) ? new URL(target.pathname + target.search + target.hash, view) : target
  return { status: 302, headers: { location: location.href }, body: '' }
}

/** The error word is our reading of RFC 6749; only the numbers are documented (get-user-access-token.md). */
function oauthError(code: number, error: string, description: string, status = 400): Reply {
  return { status, body: { code: String(code), error, error_description: description } }
}
