import type { Request, RequestHandler } from 'express'
import type { Core } from '#sandbox/core.ts'
import { type Service, type ServiceCall, type ServiceReply, serve } from '#sandbox/http/service.ts'
import { SlidingWindow } from '#sandbox/limits.ts'
import { AccountQuota } from './account-quota.ts'
import { Authenticator } from './authenticate.ts'
import { SmsCatalogue } from './catalogue.ts'
import type { SmsContext, SmsRequest } from './context.ts'
import { FlowControl } from './flow-control.ts'
import { getSmsSign, getSmsTemplate } from './get-review.ts'
import { SmsInbox } from './inbox.ts'
import { readParameters } from './parameters.ts'
import { querySendDetails } from './query-details.ts'
import { gatewayRefusal } from './refusals.ts'
import type { SeedSms } from './seed.ts'
import { sendToGlobe } from './send-globe.ts'
import { sendSms } from './send-sms.ts'
import type { SmsSettings } from './settings.ts'

type Operation = (context: SmsContext, request: SmsRequest) => ServiceReply

/** By version and action. */
export const operations: Record<string, Operation> = {
  '2017-05-25 SendSms': sendSms,
  '2017-05-25 QuerySendDetails': querySendDetails,
  '2017-05-25 GetSmsSign': getSmsSign,
  '2017-05-25 GetSmsTemplate': getSmsTemplate,
  '2018-05-01 SendMessageToGlobe': sendToGlobe,
}

/** Alibaba Cloud's short messages: RPC calls to the root of a host, signed with V3 (section 7 of the protocol notes). */
export class SmsPlatform {
  readonly catalogue: SmsCatalogue
  readonly inbox: SmsInbox
  readonly settings: SmsSettings
  readonly #core: Core
  readonly #flow: FlowControl
  readonly #quota: AccountQuota
  readonly #authenticator: Authenticator
  readonly #perSecond = new SlidingWindow(1_000)

  constructor(core: Core, seed: SeedSms, settings: SmsSettings) {
    this.#core = core
    this.settings = settings
    this.catalogue = new SmsCatalogue(seed)
    this.inbox = new SmsInbox(core.changes)
    this.#flow = new FlowControl(settings)
    this.#quota = new AccountQuota(settings)
    this.#authenticator = new Authenticator(() => this.catalogue.accounts)
  }

  /** Takes what is addressed to the cloud's gateway, which names its action in a header; the rest goes on. */
  handler(): RequestHandler {
    const service: Service = {
      name: 'sms',
      handle: (call) => this.#handle(call),
      tooFast: () => gatewayRefusal(400, 'Throttling.User', 'Request was denied due to user flow control.'),
      busy: () => gatewayRefusal(503, 'ServiceUnavailable', 'The request has failed due to a temporary failure.'),
    }
    return (request, response, next) => {
      if (isRpc(request)) return serve(this.#core, service, request, response)
      return next()
    }
  }

  clear(): void {
    this.inbox.clear()
    this.#flow.clear()
    this.#quota.clear()
    this.#authenticator.clear()
    this.#perSecond.clear()
  }

  #handle(call: ServiceCall): ServiceReply {
    const known = this.#authenticator.identify(call, this.#core.clock.wallNow())
    if ('refusal' in known) return known.refusal
    const version = String(call.headers['x-acs-version'])
    const action = String(call.headers['x-acs-action'])
    const operation = operations[`${version} ${action}`]
    if (operation === undefined) {
      const isVersion = Object.keys(operations).some((name) => name.startsWith(`${version} `))
      return isVersion
        ? gatewayRefusal(404, 'InvalidAction.NotFound', 'Specified api is not found, please check your url and method.')
        : gatewayRefusal(400, 'InvalidVersion', 'Specified parameter Version is not valid.')
    }
    const parameters = readParameters(call)
    if (parameters === undefined) return gatewayRefusal(400, 'InvalidParameter', 'The body is neither a form nor JSON.')
    const now = this.#core.clock.now()
    const limit = operation === sendToGlobe ? this.settings.globeCallsPerSecond : this.settings.callsPerSecond
    if (this.#perSecond.take(`${known.account.accessKeyId}|${action}`, limit, now) > 0) {
      return gatewayRefusal(400, 'Throttling.User', 'Request was denied due to user flow control.')
    }
    const { catalogue, inbox, settings } = this
    const context = { catalogue, inbox, settings, flow: this.#flow, quota: this.#quota, now }
    return operation(context, { account: known.account, parameters, isUndelivered: call.isUndelivered })
  }
}

function isRpc(request: Request): boolean {
  return request.path === '/' && request.get('x-acs-action') !== undefined
}
