import type { Request, Response } from 'express'
import type { Core } from '#sandbox/core.ts'
import { callFaults, dingtalkFaults, type Fault } from '#sandbox/faults.ts'
import { isObject, type JsonObject, parseJson } from '#sandbox/json.ts'
import { SlidingWindow } from '#sandbox/limits.ts'
import type { DingtalkApp } from '#sandbox/world.ts'
import { type Call, type Host, oldRefusal, type Reply, type Route, refusal } from './api.ts'
import { createExchange, type Exchange, isPage } from './exchange.ts'
import { refuseCall } from './gateway-refusals.ts'
import type { Quota } from './quota.ts'
import type { DingtalkSettings } from './settings.ts'
import type { Tokens } from './tokens.ts'

const DEFAULT_SLOW_MS = 2_000
const kinds = [...callFaults, ...dingtalkFaults] as const

/** The platform's front door: faults, token, rights, QPS, quota, then the route, and a record of everything. */
export class Gateway {
  readonly #core: Core
  readonly #tokens: Tokens
  readonly #quota: Quota
  readonly #settings: DingtalkSettings
  readonly #perSecond = new SlidingWindow(1_000)

  constructor(core: Core, tokens: Tokens, quota: Quota, settings: DingtalkSettings) {
    this.#core = core
    this.#tokens = tokens
    this.#quota = quota
    this.#settings = settings
  }

  /** Answers an address that no route serves. */
  notFound(host: Host, request: Request, response: Response): void {
    const route: Route = {
      host,
      method: 'GET',
      path: request.path,
      auth: 'none',
      handle: () => ({ status: 404, body: '' }),
    }
    const reply =
      host === 'oapi'
        ? oldRefusal(404, `请求的URI地址不存在 ${request.path}`)
        : refusal('InvalidAction.NotFound', 404, 'Specified api is not found, please check your url and method.')
    createExchange(this.#core, route, request, response).send(reply)
  }

  clear(): void {
    this.#perSecond.clear()
  }

  async handle(route: Route, request: Request, response: Response): Promise<void> {
    const exchange = createExchange(this.#core, route, request, response)
    const target = { platform: 'dingtalk' as const, method: request.method, path: request.originalUrl }
    const fault = isPage(route) ? undefined : this.#core.faults.take(faultsOf(route), target)
    if (fault?.kind === 'reset') return exchange.drop(fault.kind)
    // A hanging call keeps its socket until the caller gives up or the sandbox closes.
    if (fault?.kind === 'hang') return exchange.note('hang: never answered')
    if (fault?.kind === 'slow') await delay(fault.delayMs ?? DEFAULT_SLOW_MS)
    const reply = this.#refusalOf(route, fault) ?? (await this.#process(route, request, exchange, fault))
    if (fault?.kind === 'dropped-answer') return exchange.drop(`${fault.kind}: processed with HTTP ${reply.status}`)
    exchange.send(reply, fault)
  }

  /** Faults that answer instead of the platform. */
  #refusalOf({ host, refuse }: Route, fault: Fault | undefined): Reply | undefined {
    if (fault?.kind === 'rate-limited') return refuse?.('too-fast') ?? refuseCall(host, 'too-fast', this.#settings)
    if (fault?.kind === 'quota-exceeded') return refuseCall(host, 'quota-used-up', this.#settings)
    if (fault?.kind !== 'server-error') return undefined
    if (fault.status === undefined) return refuseCall(host, 'busy', this.#settings)
    return {
      status: fault.status,
      headers: { 'content-type': 'text/html' },
      body: '<html><body><h1>Bad Gateway</h1></body></html>',
    }
  }

  async #process(route: Route, request: Request, exchange: Exchange, fault: Fault | undefined): Promise<Reply> {
    const body = readBody(request)
    if (body === undefined) {
      return route.host === 'oapi'
        ? oldRefusal(40035, '不合法的参数')
        : refusal('InvalidBody', 400, 'Invalid json body')
    }
    const call: Call = {
      host: route.host,
      params: Object.fromEntries(Object.entries(request.params).map(([key, value]) => [key, String(value)])),
      query: new URL(request.originalUrl, 'http://sandbox').searchParams,
      headers: request.headers,
      body,
      origin: `${request.protocol}://${request.get('host') ?? ''}`,
      bytes: Buffer.isBuffer(request.body) ? request.body.length : 0,
      remoteAddress: request.socket.remoteAddress ?? '',
      isUndelivered: fault?.kind === 'undelivered',
    }
    if (route.auth === 'none') return route.handle(call)
    const token = route.host === 'oapi' ? call.query.get('access_token') : request.get('x-acs-dingtalk-access-token')
    const who = this.#tokens.identify(token ?? '')
    if (typeof who === 'object') exchange.appId = who.app.appKey
    if (fault?.kind === 'expired-token' && typeof who === 'object') this.#tokens.revoke(who.app.appKey)
    if (typeof who !== 'object' || fault?.kind === 'expired-token') return this.#badToken(route, who === 'expired')
    if ((route.auth === 'user') !== (who.person !== undefined)) return this.#badToken(route, false)
    const refused = this.#refuse(route, who.app)
    if (refused !== undefined) return refused
    if (route.auth === 'app') return route.handle({ ...call, app: who.app })
    return who.person === undefined
      ? this.#badToken(route, false)
      : route.handle({ ...call, app: who.app, person: who.person })
  }

  #badToken({ host, auth }: Route, isExpired: boolean): Reply {
    if (auth === 'user' && isExpired) return refusal('accesstoken.expired')
    return refuseCall(host, 'invalid-token', this.#settings)
  }

  /** Rights and QPS before the quota: what the gateway refuses is not counted. */
  #refuse(route: Route, app: DingtalkApp): Reply | undefined {
    const scope = route.auth === 'none' ? undefined : route.scope
    if (scope !== undefined && !app.scopes.includes(scope)) {
      return refuseCall(route.host, { missingScope: scope }, this.#settings)
    }
    const key = `${app.appKey}|${route.host} ${route.method} ${route.path}`
    if (this.#perSecond.take(key, this.#settings.callsPerSecond, this.#core.clock.now()) > 0) {
      return refuseCall(route.host, 'too-fast', this.#settings)
    }
    if (!route.isCounted || this.#quota.takeCall(app)) return undefined
    return refuseCall(route.host, 'quota-used-up', this.#settings)
  }
}

/** Only calls with a token find it expired, only counted ones meet an empty quota. */
function faultsOf(route: Route): (typeof kinds)[number][] {
  return kinds.filter((kind) => {
    if (kind === 'expired-token') return route.auth === 'app'
    if (kind === 'quota-exceeded' || kind === 'undelivered') return route.isCounted === true
    return true
  })
}

/** The old host also takes forms. */
function readBody(request: Request): JsonObject | undefined {
  const bytes: unknown = request.body
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) return {}
  const text = bytes.toString('utf8')
  if (request.is('application/x-www-form-urlencoded')) return formBody(text)
  const value = parseJson(text)
  return isObject(value) ? value : undefined
}

/** Objects travel in forms as JSON text. */
function formBody(text: string): JsonObject {
  return Object.fromEntries(
    [...new URLSearchParams(text)].map(([key, value]) => {
      const inner = /^[[{]/.test(value) ? parseJson(value) : undefined
      return [key, inner ?? value]
    }),
  )
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
