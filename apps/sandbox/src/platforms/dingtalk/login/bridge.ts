import type { Core } from '#sandbox/core.ts'
import { type JsonObject, stringAt } from '#sandbox/json.ts'
import type { DingtalkApp, Person } from '#sandbox/world.ts'
import type { AuthCodes } from './auth-codes.ts'

/** The bridge's answer: `errorCode` "0" with a result, or why not (lib/bridge/h5Ios.js of dingtalk-jsapi). */
export type BridgeAnswer = { errorCode: string; errorMessage?: string; result?: JsonObject }

/** Calls that need nothing but a client. */
const harmless = [
  'biz.navigation.setTitle',
  'biz.navigation.setLeft',
  'biz.navigation.setRight',
  'biz.navigation.setIcon',
  'biz.navigation.close',
  'biz.navigation.goBack',
  'ui.webViewBounce.disable',
  'ui.webViewBounce.enable',
  'device.notification.toast',
]

/** What the client answers to a page in a web view. */
export class Bridge {
  readonly #core: Core
  readonly #codes: AuthCodes

  constructor(core: Core, codes: AuthCodes) {
    this.#core = core
    this.#codes = codes
  }

  /** Calls `name` as the page at `pageUrl`, in the client of this person. */
  answer(person: Person, name: string, input: JsonObject, pageUrl: string): BridgeAnswer {
    if (harmless.includes(name)) return { errorCode: '0', result: {} }
    if (name === 'biz.realm.getUserExclusiveInfo') {
      const isExclusive = this.#apps(person).some(({ edition }) => edition === 'exclusive')
      return { errorCode: '0', result: { isExclusiveApp: isExclusive ? 1 : 0 } }
    }
    if (name === 'runtime.permission.requestAuthCode' || name === 'runtime.permission.requestAuthCodeV2') {
      return this.#authCode(person, input, pageUrl)
    }
    return { errorCode: '1', errorMessage: `${name} is not simulated` }
  }

  /** The newer call names the app, the older one leaves it to the page's domain. */
  #authCode(person: Person, input: JsonObject, pageUrl: string): BridgeAnswer {
    if (stringAt(input, 'corpId') !== person.tenantKey)
      return fail('3', 'corpId is not of an organisation of this user')
    const clientId = stringAt(input, 'clientId')
    const app = this.#apps(person).find(
      (one) => hasDomain(one, pageUrl) && (clientId === undefined || one.appKey === clientId),
    )
    // What a person outside the app's range meets here is not documented; refusing is the careful reading.
    if (app === undefined || person.availableTo === false)
      return fail('3', 'no app with this domain in the organisation')
    return { errorCode: '0', result: { code: this.#codes.issue(app, person, 'in-app') } }
  }

  #apps(person: Person): DingtalkApp[] {
    return [...this.#core.world.dingtalkApps.values()].filter(({ corpId }) => corpId === person.tenantKey)
  }
}

/** An app's domains are those of its home page and of its redirect addresses (jsapi-request-auth-code page). */
function hasDomain(app: DingtalkApp, pageUrl: string): boolean {
  const { host } = new URL(pageUrl)
  return [...app.redirectUrls, ...(app.homeUrl === undefined ? [] : [app.homeUrl])].some(
    (known) => new URL(known).host === host,
  )
}

function fail(errorCode: string, errorMessage: string): BridgeAnswer {
  return { errorCode, errorMessage }
}
