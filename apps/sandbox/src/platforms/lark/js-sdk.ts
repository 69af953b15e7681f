import { readFileSync } from 'node:fs'
import type { Core } from '#sandbox/core.ts'
import { isObject, type JsonObject, parseJson, stringAt } from '#sandbox/json.ts'
import type { App, Person } from '#sandbox/world.ts'
import type { Call, Reply, Route } from './api.ts'
import { jsTicket } from './doctor.ts'
import { isRegistered, type OAuth } from './oauth.ts'
import { signPage } from './seal.ts'

const SIGNATURE_LIFE_MS = 10 * 60_000
const CLIENT_VERSION = '7.32.8'

/** The client's side of the JS SDK: what a page inside the client may ask, and for whom it is answered. */
export class Bridge {
  readonly routes: Route[]
  readonly #core: Core
  readonly #oauth: OAuth
  readonly #usedSignatures = new Map<string, number>()

  constructor(core: Core, oauth: OAuth) {
    this.#core = core
    this.#oauth = oauth
    const source = readFileSync(new URL('js-sdk.client.js', import.meta.url), 'utf8')
    this.routes = [
      { method: 'GET', path: '/h5-js-sdk.js', auth: 'none', handle: () => script(source) },
      { method: 'GET', path: '/bridge', auth: 'none', handle: (call) => this.#bridge(call) },
    ]
  }

  /** Answers one operation for a page that this person has open. */
  answer(person: Person, operation: string, input: JsonObject, pageUrl: string): JsonObject {
    if (operation === 'closeWindow') return {}
    if (operation === 'config') return this.#config(person, input, pageUrl)
    if (operation === 'getSystemInfo') {
      return { language: person.locale, version: CLIENT_VERSION, appName: person.platform, platform: 'ios' }
    }
    if (operation === 'requestAccess' || operation === 'requestAuthCode') {
      return this.#requestCode(person, operation, input, pageUrl)
    }
    return { errno: 104, errString: `${operation} is not supported` }
  }

  #requestCode(person: Person, operation: string, input: JsonObject, pageUrl: string): JsonObject {
    // The two generations spell the app id differently.
    const app = this.#appOf(person, stringAt(input, operation === 'requestAccess' ? 'appID' : 'appId'))
    if (app === undefined) return { errno: 104, errString: 'the app id is missing or of another platform' }
    if (person.availableTo === false) return { errno: 333449, errString: 'the app is not visible to this user' }
    if (!isRegistered(app, pageUrl)) return { errno: 2601002, errString: 'the page is not among the redirect URLs' }
    if (operation === 'requestAuthCode') return { code: this.#oauth.issueAccessCode(app, person, pageUrl, 'legacy') }
    const state = stringAt(input, 'state')
    return {
      code: this.#oauth.issueAccessCode(app, person, pageUrl, 'access'),
      ...(state === undefined ? {} : { state }),
    }
  }

  #config(person: Person, input: JsonObject, pageUrl: string): JsonObject {
    const app = this.#appOf(person, stringAt(input, 'appId'))
    if (app === undefined) return { errno: 333440, errString: 'no such app' }
    const trusted = app.h5TrustedDomains ?? []
    if (trusted.length === 0) return { errno: 333447, errString: 'no H5 trusted domain is configured' }
    const page = new URL(pageUrl)
    if (!trusted.some((domain) => domain === page.origin || domain === page.host || domain === page.hostname)) {
      return { errno: 333448, errString: 'the page is not in an H5 trusted domain' }
    }
    const timestamp = String(input.timestamp ?? '')
    const url = pageUrl.split('#')[0] ?? ''
    const expected = signPage({
      ticket: jsTicket(this.#core, app.appId),
      nonce: String(input.nonceStr ?? ''),
      timestamp,
      url,
    })
    if (input.signature !== expected) return { errno: 333441, errString: 'invalid signature' }
    return this.#spendSignature(expected, Number(timestamp))
  }

  /** A signature lives ten minutes and is verified once in that time. */
  #spendSignature(signature: string, signedAt: number): JsonObject {
    const now = this.#core.clock.wallNow()
    if (Math.abs(now - signedAt) > SIGNATURE_LIFE_MS) return { errno: 333444, errString: 'signature expired' }
    for (const [old, usedAt] of this.#usedSignatures) {
      if (now - usedAt >= SIGNATURE_LIFE_MS) this.#usedSignatures.delete(old)
    }
    if (this.#usedSignatures.has(signature)) {
      return { errno: 333443, errString: 'the signature has been verified already' }
    }
    this.#usedSignatures.set(signature, now)
    return {}
  }

  #appOf(person: Person, appId: string | undefined): App | undefined {
    const app = this.#core.world.apps.get(appId ?? '')
    return app?.platform === person.platform && app.tenantKey === person.tenantKey ? app : undefined
  }

  #bridge(call: Call): Reply {
    const callback = call.query.get('callback') ?? ''
    const input = parseJson(call.query.get('input') ?? '{}')
    const pageUrl = call.query.get('url') ?? ''
    if (!/^sandboxBridge\d+$/.test(callback) || !isObject(input) || !URL.canParse(pageUrl)) return script('', 400)
    const person = this.#core.world.people.get(call.cookiePerson ?? '')
    const result: JsonObject =
      person?.platform === call.platform
        ? this.answer(person, call.query.get('operation') ?? '', input, pageUrl)
        : { errno: 2601002, errString: 'nobody is logged in to this client' }
    return script(`${callback}(${JSON.stringify(result).replaceAll('<', '\\u003c')})`)
  }
}

function script(body: string, status = 200): Reply {
  return {
    status,
    headers: {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'cross-origin',
      'access-control-allow-origin': '*',
    },
    body,
  }
}
