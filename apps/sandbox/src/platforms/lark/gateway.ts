import type { Request, Response } from 'express'
import type { Core } from '#sandbox/core.ts'
import { type CallFault, callFaults, type Fault } from '#sandbox/faults.ts'
import { readCookie } from '#sandbox/http/cookies.ts'
import { isObject, type JsonObject, parseJson } from '#sandbox/json.ts'
import { SlidingWindow } from '#sandbox/limits.ts'
import type { Platform } from '#sandbox/seed.ts'
import type { App } from '#sandbox/world.ts'
import { type Call, failure, type Reply, type Route, rateLimited } from './api.ts'
import { invalidToken, type Tokens } from './tokens.ts'

const DEFAULT_RESET_SECONDS = 2
const DEFAULT_SLOW_MS = 2_000

/** The platform's front door: faults, token, rate tier, scopes, then the route, and a record of everything. */
export class Gateway {
  readonly #core: Core
  readonly #tokens: Tokens
  readonly #perSecond = new SlidingWindow(1_000)
  readonly #perMinute = new SlidingWindow(60_000)

  constructor(core: Core, tokens: Tokens) {
    this.#core = core
    this.#tokens = tokens
  }

  /** Answers an address that no route serves. */
  notFound(platform: Platform, request: Request, response: Response): void {
    const route: Route = { method: 'GET', path: request.path, auth: 'none', handle: () => failure(404, '') }
    createExchange(this.#core, platform, route, request, response).send({
      status: 404,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: '404 page not found',
    })
  }

  clear(): void {
    this.#perSecond.clear()
    this.#perMinute.clear()
  }

  async handle(platform: Platform, route: Route, request: Request, response: Response): Promise<void> {
    const exchange = createExchange(this.#core, platform, route, request, response)
    const target = { platform, method: request.method, path: request.originalUrl }
    const fault = this.#core.faults.take(faultsOf(route), target)
    if (fault?.kind === 'reset') return exchange.drop(fault.kind)
    // A hanging call keeps its socket until the caller gives up or the sandbox closes.
    if (fault?.kind === 'hang') return exchange.note('hang: never answered')
    if (fault?.kind === 'slow') await delay(fault.delayMs ?? DEFAULT_SLOW_MS)
    const reply = refusalOf(fault) ?? (await this.#process(platform, route, request, exchange, fault))
    if (fault?.kind === 'dropped-answer') return exchange.drop(`${fault.kind}: processed with HTTP ${reply.status}`)
    exchange.send(reply, fault)
  }

  async #process(
    platform: Platform,
    route: Route,
    request: Request,
    exchange: Exchange,
    fault: Fault | undefined,
  ): Promise<Reply> {
    const body = readBody(request)
    if (body === undefined) return failure(99992402, 'field validation failed: the body is not a JSON object')
    const call: Call = {
      platform,
      params: Object.fromEntries(Object.entries(request.params).map(([key, value]) => [key, String(value)])),
      query: new URL(request.originalUrl, 'http://sandbox').searchParams,
      headers: request.headers,
      body,
      ...cookiePerson(request),
    }
    if (route.auth === 'none') return route.handle(call)
    const bearer = /^Bearer (.+)$/.exec(request.get('authorization') ?? '')?.[1]
    const who = bearer === undefined ? undefined : this.#tokens.identify(bearer)
    if (who !== undefined && 'app' in who) exchange.appId = who.app.appId
    if (route.auth === 'user') return asUser(route, call, who)
    if (bearer === undefined || who === undefined) {
      return failure(99991661, 'Missing access token for authorization. Please make a request with token attached.')
    }
    if (fault?.kind === 'expired-token' && 'app' in who) {
      this.#tokens.revoke(who.app.appId)
      return invalidToken(bearer)
    }
    if ('status' in who) return who
    if (who.app.platform !== platform || who.person !== undefined) return invalidToken(bearer)
    return (
      this.#limited(who.app, route) ?? missingScope(who.app, route) ?? (await route.handle({ ...call, app: who.app }))
    )
  }

  #limited(app: App, route: Route): Reply | undefined {
    const key = `${app.appId}|${route.method} ${route.path}`
    const { callsPerSecond, callsPerMinute } = this.#core.limits
    const waitMs =
      this.#perSecond.take(key, callsPerSecond, this.#core.clock.now()) ||
      this.#perMinute.take(key, callsPerMinute, this.#core.clock.now())
    return waitMs > 0 ? rateLimited(callsPerMinute, Math.max(1, Math.ceil(waitMs / 1000))) : undefined
  }
}

/** User calls answer their token errors as HTTP 200 (login-state-management page). */
function asUser(
  route: Extract<Route, { auth: 'user' }>,
  call: Call,
  who: ReturnType<Tokens['identify']> | undefined,
): Reply | Promise<Reply> {
  if (who === undefined) return failure(20001, 'the access token is missing', 200)
  if ('status' in who || who.person === undefined || who.app.platform !== call.platform) {
    return failure(20005, 'the user access token is invalid', 200)
  }
  return route.handle({ ...call, app: who.app, person: who.person })
}

function missingScope(app: App, route: Route): Reply | undefined {
  if (route.auth !== 'tenant' || route.scopes === undefined) return undefined
  if (route.scopes.some((scope) => app.scopes.includes(scope))) return undefined
  const list = route.scopes.join(', ')
  const console = `https://open.${app.platform === 'lark' ? 'larksuite.com' : 'feishu.cn'}/app/${app.appId}/auth?q=${route.scopes.join(',')}`
  return failure(99991672, `Access denied. One of the following scopes is required: [${list}]. ${console}`)
}

/** One request and its answer, recorded however it ends. */
interface Exchange {
  appId: string | undefined
  send(reply: Reply, fault?: Fault): void
  drop(note: string): void
  note(note: string): void
}

function createExchange(core: Core, platform: Platform, route: Route, request: Request, response: Response): Exchange {
  const started = performance.now()
  const at = core.clock.now()
  const record = (status: number, headers: Record<string, string>, body: string, reply?: Reply, note?: string) => {
    const code = isObject(reply?.body) ? reply.body.code : undefined
    core.wire.record({
      at,
      direction: isPage(route) ? 'page' : 'in',
      platform,
      ...(exchange.appId === undefined ? {} : { appId: exchange.appId }),
      method: request.method,
      path: request.originalUrl,
      status,
      ...(typeof code === 'number' || typeof code === 'string' ? { code } : {}),
      ms: Math.round(performance.now() - started),
      requestHeaders: Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key, String(value)])),
      requestBody: Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '',
      responseHeaders: headers,
      responseBody: body,
      ...(note === undefined ? {} : { note }),
    })
  }
  const exchange: Exchange = {
    appId: undefined,
    send: (reply, fault) => {
      const whole = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body)
      const body = fault?.kind === 'malformed-answer' ? whole.slice(0, Math.floor(whole.length / 2)) : whole
      const headers = { 'content-type': 'application/json; charset=utf-8', ...reply.headers }
      response.writeHead(reply.status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
      record(reply.status, headers, body, reply, fault?.kind)
    },
    drop: (note) => {
      request.socket.resetAndDestroy()
      record(0, {}, '', undefined, note)
    },
    note: (note) => record(0, {}, '', undefined, note),
  }
  return exchange
}

/** Faults that answer instead of the platform. */
function refusalOf(fault: (Fault & { kind: CallFault }) | undefined): Reply | undefined {
  if (fault?.kind === 'rate-limited') return rateLimited(1_000, fault.resetSeconds ?? DEFAULT_RESET_SECONDS)
  if (fault?.kind !== 'server-error') return undefined
  return {
    status: fault.status ?? 502,
    headers: { 'content-type': 'text/html' },
    body: '<html><body><h1>Bad Gateway</h1></body></html>',
  }
}

function readBody(request: Request): JsonObject | undefined {
  const bytes: unknown = request.body
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) return {}
  const value = parseJson(bytes.toString('utf8'))
  return isObject(value) ? value : undefined
}

function cookiePerson(request: Request): { cookiePerson?: string } {
  const person = readCookie(request.headers.cookie, 'sandbox_person')
  return person === undefined ? {} : { cookiePerson: person }
}

/** Which faults can strike a route: none a browser's page or script, and only calls with a token find it expired. */
function faultsOf(route: Route): readonly CallFault[] {
  if (isPage(route)) return []
  return route.auth === 'tenant' ? callFaults : callFaults.filter((kind) => kind !== 'expired-token')
}

/** Pages and scripts are fetched by browsers, not by the server under test. */
function isPage(route: Route): boolean {
  return route.auth === 'none' && route.method === 'GET'
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
