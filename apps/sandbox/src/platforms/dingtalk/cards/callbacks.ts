import type { Core } from '#sandbox/core.ts'
import { callbackFaults } from '#sandbox/faults.ts'
import type { JsonObject } from '#sandbox/json.ts'
import type { Quota } from '#sandbox/platforms/dingtalk/quota.ts'
import type { DingtalkSettings } from '#sandbox/platforms/dingtalk/settings.ts'
import { signCardCallback } from '#sandbox/platforms/dingtalk/signatures.ts'
import { CARD_TOPIC, type StreamGateway } from '#sandbox/platforms/dingtalk/stream/gateway.ts'
import type { Poster } from '#sandbox/post.ts'
import type { DingtalkApp } from '#sandbox/world.ts'
import type { CallbackRoutes } from './callback-routes.ts'
import type { CardInstance } from './instances.ts'

/** A click must be answered within this time, whichever way it goes (event-callback-card page). */
export const ANSWER_LIMIT_MS = 2_000
/** How long a callback waits for the one that shall overtake it. */
const REORDER_WAIT_MS = 1_000

/** A click on its way to the app, and the answer: an HTTP body, or the `response` of a Stream acknowledgement. */
export interface Delivered {
  url: string
  headers: Record<string, string>
  body: string
  /** HTTP status or code of the acknowledgement; 0 when there was none. */
  status: number
  answer: string
  ms: number
  /** Why nothing usable came back. */
  failure?: string
}

/** What is sent for a click, before it is known which way it goes. */
export interface Click {
  common: JsonObject
  /** JSON text with `cardPrivateData`. */
  content: string
  /** Only Stream and older guides carry these. */
  more: JsonObject
}

/** How a click reaches the app, over HTTP or Stream, and what faults do to it on the way. */
export class CardCallbacks {
  readonly #core: Core
  readonly #deps: CallbackDeps
  /** Lets a waiting callback go; set while one is held back. */
  #release: (() => void) | undefined

  constructor(core: Core, deps: CallbackDeps) {
    this.#core = core
    this.#deps = deps
  }

  async deliver(
    app: DingtalkApp,
    card: CardInstance,
    click: Click,
  ): Promise<{ first: Delivered; duplicates: Delivered[] }> {
    const target = { platform: 'dingtalk' as const, method: 'POST', path: CARD_TOPIC }
    const fault = this.#core.faults.take(callbackFaults, target)
    const lost = { url: '', headers: {}, body: click.content }
    if (fault?.kind === 'callback-lost') return { first: { ...lost, ...nothing(fault.kind) }, duplicates: [] }
    if (!this.#deps.quota.takePush(app)) {
      return { first: { ...lost, ...nothing('the pushes of this month are used up') }, duplicates: [] }
    }
    if (fault?.kind === 'callback-reordered') await this.#waitForTheNext(fault.delayMs ?? REORDER_WAIT_MS)
    const first = await this.#send(app, card, click)
    if (fault?.kind !== 'callback-reordered') this.#release?.()
    // A duplicate is signed anew with the same body: the signature covers the time alone.
    const duplicates = fault?.kind === 'callback-duplicated' ? [await this.#send(app, card, click)] : []
    if (fault?.kind !== 'callback-answer-lost') return { first, duplicates }
    return { first: { ...first, failure: fault.kind }, duplicates }
  }

  #waitForTheNext(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#release = resolve
      setTimeout(resolve, limitMs).unref()
    })
  }

  #send(app: DingtalkApp, card: CardInstance, click: Click): Promise<Delivered> {
    return card.callbackType === 'STREAM' ? this.#byStream(app, click) : this.#byHttp(app, card, click)
  }

  async #byStream(app: DingtalkApp, { common, content, more }: Click): Promise<Delivered> {
    const data = { ...common, content, value: content, ...more }
    const push = await this.#deps.stream.push(app, { type: 'CALLBACK', topic: CARD_TOPIC, data }, ANSWER_LIMIT_MS)
    const { frame: body, code: status, answer, ms, failure } = push
    return { url: CARD_TOPIC, headers: {}, body, status, answer, ms, ...(failure === undefined ? {} : { failure }) }
  }

  async #byHttp(app: DingtalkApp, card: CardInstance, { common, content }: Click): Promise<Delivered> {
    const route = this.#deps.routes.find(app, card.callbackRouteKey ?? '')
    const { clickKey } = this.#deps.settings
    const body = JSON.stringify({
      ...common,
      ...(clickKey === 'value' ? {} : { content }),
      ...(clickKey === 'content' ? {} : { value: content }),
    })
    const url = route?.callbackUrl ?? ''
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      ...signatureHeaders(this.#core, route?.apiSecret),
    }
    if (route === undefined) return { url, headers, body, ...nothing('no callback is registered for this route key') }
    const answer = await this.#deps.poster.post(url, headers, body, ANSWER_LIMIT_MS)
    const failure = answer.failure?.message ?? (answer.status === 200 ? undefined : `HTTP ${answer.status}`)
    this.#core.wire.record({
      at: this.#core.clock.now(),
      direction: 'out',
      platform: 'dingtalk',
      appId: app.appKey,
      method: 'POST',
      path: url,
      status: answer.status,
      ms: Math.round(answer.ms),
      requestHeaders: headers,
      requestBody: body,
      responseHeaders: answer.headers,
      responseBody: answer.body,
      ...(failure === undefined ? {} : { note: failure }),
    })
    const { status, ms } = answer
    return { url, headers, body, status, answer: answer.body, ms, ...(failure === undefined ? {} : { failure }) }
  }
}

interface CallbackDeps {
  poster: Poster
  routes: CallbackRoutes
  stream: StreamGateway
  quota: Quota
  settings: DingtalkSettings
}

/** Present only when a secret was registered with the address. */
export function signatureHeaders(core: Pick<Core, 'clock'>, apiSecret: string | undefined): Record<string, string> {
  if (apiSecret === undefined) return {}
  const timestamp = String(core.clock.wallNow())
  return {
    'x-ddpaas-signature-timestamp': timestamp,
    'x-ddpaas-signature': signCardCallback(timestamp, apiSecret),
  }
}

function nothing(failure: string): Pick<Delivered, 'status' | 'answer' | 'ms' | 'failure'> {
  return { status: 0, answer: '', ms: 0, failure }
}
