import { type Request, type RequestHandler, type Response, Router } from 'express'
import type { Provider } from 'oidc-provider'
import type { Core } from '#sandbox/core.ts'
import { renderPersonPage } from './person-page.ts'
import { openProvider } from './provider.ts'
import {
  type OpenidAccount,
  type OpenidClient,
  openidAccountSchema,
  openidClientSchema,
  type SeedOpenid,
} from './seed.ts'

/** Where the provider lives below the sandbox's own address. */
export const openidPath = '/openid'
const askPath = '/ask'
const defaultSlowMs = 2_000
const faultsOfProvider = ['server-error', 'slow', 'hang', 'reset'] as const
/** What browsers open; the rest is asked for by the server. */
const pages = ['/auth', askPath]

/** The OpenID provider of a company, with a page on which to say who one is. */
export class OpenidPlatform {
  readonly #core: Core
  readonly #accounts = new Map<string, OpenidAccount>()
  readonly #clients: OpenidClient[]
  #origin = ''
  #provider: Promise<Provider> | undefined

  constructor(core: Core, { clients, accounts }: SeedOpenid) {
    this.#core = core
    this.#clients = [...clients]
    for (const account of accounts ?? accountsOf(core)) this.#accounts.set(account.id, account)
  }

  get issuer(): string {
    return `${this.#origin}${openidPath}`
  }

  get accounts(): OpenidAccount[] {
    return [...this.#accounts.values()]
  }

  /** To be called once the sandbox's own address is known. */
  moveTo(origin: string): void {
    this.#origin = origin
    this.#provider = undefined
  }

  /** @throws ZodError when it is not a valid one. Takes the place of the one with this id. */
  putClient(client: OpenidClient): void {
    const parsed = openidClientSchema.parse(client)
    const at = this.#clients.findIndex(({ clientId }) => clientId === parsed.clientId)
    this.#clients.splice(at === -1 ? this.#clients.length : at, at === -1 ? 0 : 1, parsed)
    // Its clients are fixed when it is made. Nobody stays logged in here anyway.
    this.#provider = undefined
  }

  client(clientId: string): OpenidClient {
    const found = this.#clients.find((each) => each.clientId === clientId)
    if (found === undefined) throw new Error(`The sandbox has no OpenID client ${clientId}.`)
    return found
  }

  /** @throws ZodError when it is not a valid one. */
  putAccount(account: OpenidAccount): void {
    this.#accounts.set(account.id, openidAccountSchema.parse(account))
  }

  account(id: string): OpenidAccount {
    const found = this.#accounts.get(id)
    if (found === undefined) throw new Error(`The sandbox has no OpenID account ${id}.`)
    return found
  }

  router(): Router {
    const router = Router()
    router.use(this.#observe)
    router.get(`${askPath}/:uid`, (request, response) => this.#ask(request, response))
    router.use(async (request, response) => (await this.#running()).callback()(request, response))
    return router
  }

  #running(): Promise<Provider> {
    this.#provider ??= openProvider({
      issuer: this.issuer,
      askAt: `${openidPath}${askPath}`,
      clients: this.#clients,
      account: (id) => this.#accounts.get(id),
    })
    return this.#provider
  }

  async #ask(request: Request, response: Response): Promise<void> {
    const provider = await this.#running()
    const { account, deny } = request.query
    if (deny !== undefined) {
      const refused = { error: 'access_denied', error_description: 'the person has refused' }
      return provider.interactionFinished(request, response, refused)
    }
    if (typeof account === 'string' && this.#accounts.has(account)) {
      return provider.interactionFinished(request, response, { login: { accountId: account, remember: false } })
    }
    response.type('html').set('cache-control', 'no-store').send(renderPersonPage(this.accounts))
  }

  /** Faults, and a record of what was asked; bodies hold tokens and are not kept. */
  readonly #observe: RequestHandler = (request, response, next) => {
    const started = performance.now()
    const { method, path } = request
    // Nobody stays logged in: who comes anew may be another person.
    if (path === '/auth') delete request.headers.cookie
    const isPage = pages.some((page) => path.startsWith(page))
    response.once('close', () => {
      this.#core.wire.record({
        at: this.#core.clock.now(),
        direction: isPage ? 'page' : 'in',
        platform: 'openid',
        method,
        path: request.originalUrl,
        status: response.headersSent ? response.statusCode : 0,
        ms: Math.round(performance.now() - started),
        requestHeaders: {},
        requestBody: '',
        responseHeaders: {},
        responseBody: '',
      })
    })
    const fault = this.#core.faults.take(faultsOfProvider, { platform: 'openid', method, path: request.originalUrl })
    switch (fault?.kind) {
      case 'hang':
        return
      case 'reset':
        request.socket.resetAndDestroy()
        return
      case 'server-error':
        response
          .status(fault.status ?? 502)
          .type('html')
          .send('<h1>Bad Gateway</h1>')
        return
      case 'slow':
        setTimeout(next, fault.delayMs ?? defaultSlowMs)
        return
      default:
        next()
    }
  }
}

/** Everybody whom the platforms know by an address has an account of the company too. */
function accountsOf({ world }: Core): OpenidAccount[] {
  return [...world.people.values()].flatMap(({ id, name, email, employeeId }) =>
    email === undefined
      ? []
      : [
          {
            id: `co-${id}`,
            name,
            email,
            emailVerified: true,
            uid: id,
            ...(employeeId === undefined ? {} : { employeeId }),
          },
        ],
  )
}
