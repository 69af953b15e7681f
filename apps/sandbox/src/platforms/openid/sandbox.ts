import { CookieJar } from '#sandbox/http/cookie-jar.ts'
import type { OpenidPlatform } from './platform.ts'
import type { OpenidAccount, OpenidClient } from './seed.ts'

/** What tests and integrators need of the OpenID provider. */
export interface OpenidSandbox {
  /** As a client is to name it; its settings are at `/.well-known/openid-configuration` below. */
  readonly issuer: string
  readonly accounts: readonly OpenidAccount[]
  /** Adds a client, or changes the one of this id. */
  putClient(client: OpenidClient): void
  client(clientId: string): OpenidClient
  /** Adds an account, or changes the one of this id. */
  putAccount(account: OpenidAccount): void
  account(id: string): OpenidAccount
  /**
   * What a browser does whose person says yes as this account, or no where none is given. Gives the address to which it is
   * sent back. Throws where the provider shows an error of its own.
   */
  consent(authorizeUrl: string, accountId: string | null): Promise<string>
}

const mostSteps = 8

export function createOpenidSandbox(platform: OpenidPlatform): OpenidSandbox {
  return {
    get issuer() {
      return platform.issuer
    },
    get accounts() {
      return platform.accounts
    },
    putClient: (client) => platform.putClient(client),
    client: (clientId) => platform.client(clientId),
    putAccount: (account) => platform.putAccount(account),
    account: (id) => platform.account(id),
    async consent(authorizeUrl, accountId) {
      const jar = new CookieJar()
      let at = new URL(authorizeUrl)
      for (let step = 0; step < mostSteps; step += 1) {
        if (at.pathname.includes('/ask/')) {
          at.search = accountId === null ? '?deny=1' : `?${new URLSearchParams({ account: accountId })}`
        }
        const response = await fetch(at, { redirect: 'manual', headers: { cookie: jar.header(at.pathname) } })
        jar.take(response.headers.getSetCookie(), Date.now())
        const next = response.headers.get('location')
        if (next === null) throw new Error(`the provider shows: ${response.status} ${await response.text()}`)
        at = new URL(next, at)
        if (!at.href.startsWith(platform.issuer)) return at.href
      }
      throw new Error('the provider leads in a circle')
    },
  }
}
