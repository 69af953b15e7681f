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
export interface Bridge {
  routes: Route[]
  /** Answers one operation for a page that this person has open. */
  answer(person: Person, operation: string, input: JsonObject, pageUrl: string): JsonObject
}

export function createBridge(core: Core, oauth: OAuth): Bridge {
  const { clock, world } = core
  const source = readFileSync(new URL('js-sdk.client.js', import.meta.url), 'utf8')
  const usedSignatures = new Map<string, number>()

  const answer: Bridge['answer'] = (person, operation, input, pageUrl) => {
    if (operation === 'closeWindow') return {}
    if (operation === 'config') return config(person, input, pageUrl)
    if (operation === 'getSystemInfo') {
      return { language: person.locale, version: CLIENT_VERSION, appName: person.platform, platform: 'ios' }
    }
    if (operation === 'requestAccess' || operation === 'requestAuthCode') {
      return requestCode(person, operation, input, pageUrl)
    }
    return { errno: 104, errString: `${operation} is not supported` }
  }

  const requestCode = (person: Person, operation: string, input: JsonObject, pageUrl: string): JsonObject => {
    // The two generations spell the app id differently.
    const app = appOf(person, stringAt(input, operation === 'requestAccess' ? 'appID' : 'appId'))
    if (app === undefined) return { errno: 104, errString: 'the app id is missing or of another platform' }
    if (person.availableTo === false) return { errno: 333449, errString: 'the app is not visible to this user' }
    if (!isRegistered(app, pageUrl)) return { errno: 2601002, errString: 'the page is not among the redirect URLs' }
    if (operation === 'requestAuthCode') return { code: oauth.issueAccessCode(app, person, pageUrl, 'legacy') }
    const state = stringAt(input, 'state')
    return { code: oauth.issueAccessCode(app, person, pageUrl, 'access'), ...(state === undefined ? {} : { state }) }
  }

  const config = (person: Person, input: JsonObject, pageUrl: string): JsonObject => {
    const app = appOf(person, stringAt(input, 'appId'))
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
      ticket: jsTicket(core, app.appId),
      nonce: String(input.nonceStr ?? ''),
      timestamp,
      url,
    })
    if (input.signature !== expected) return { errno: 333441, errString: 'invalid signature' }
    if (Math.abs(clock.wallNow() - Number(timestamp)) > SIGNATURE_LIFE_MS)
      return { errno: 333444, errString: 'signature expired' }
    if (clock.wallNow() - (usedSignatures.get(expected) ?? 0) < SIGNATURE_LIFE_MS) {
      return { errno: 333443, errString: 'the signature has been verified already' }
    }
    usedSignatures.set(expected, clock.wallNow())
    return {}
  }

  const appOf = (person: Person, appId: string | undefined): App | undefined => {
    const app = world.apps.get(appId ?? '')
    return app?.platform === person.platform && app.tenantKey === person.tenantKey ? app : undefined
  }

  const bridge = (call: Call): Reply => {
    const callback = call.query.get('callback') ?? ''
    const input = parseJson(call.query.get('input') ?? '{}')
    const pageUrl = call.query.get('url') ?? ''
    if (!/^sandboxBridge\d+$/.test(callback) || !isObject(input) || !URL.canParse(pageUrl)) return script('', 400)
    const person = world.people.get(call.cookiePerson ?? '')
    const result: JsonObject =
      person?.platform === call.platform
        ? answer(person, call.query.get('operation') ?? '', input, pageUrl)
        : { errno: 2601002, errString: 'nobody is logged in to this client' }
    return script(`${callback}(${JSON.stringify(result).replaceAll('<', '\\u003c')})`)
  }

  return {
    answer,
    routes: [
      { method: 'GET', path: '/h5-js-sdk.js', auth: 'none', handle: () => script(source) },
      { method: 'GET', path: '/bridge', auth: 'none', handle: bridge },
    ],
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
