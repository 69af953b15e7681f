import { type Request, Router } from 'express'
import type { Core } from '#sandbox/core.ts'
import { type Service, type ServiceCall, type ServiceReply, serve } from '#sandbox/http/service.ts'
import { freshId } from '#sandbox/ids.ts'
import { answer, type WebhookAnswer } from './answers.ts'
import type { WebhookCall } from './calls.ts'
import { faultsOfDmsCall, verifyDmsBody } from './dms-body.ts'
import { type NewWebhook, type SeedWebhook, webhookSchema } from './seed.ts'
import { verifyStandardHeaders } from './standard-webhooks.ts'

const FOLLOWED = 'followed'
const KEPT_CALLS = 1_000

/** Somebody's server that takes webhooks, and what it has been told to answer. */
export interface Receiver extends SeedWebhook {
  answer: WebhookAnswer
  /** How many more calls get that answer before it is `ok` again; until changed unless given. */
  answerTimes?: number
}

/** Receivers of custom webhooks. Each verifies what it is sent and keeps it. */
export class WebhookPlatform {
  readonly #core: Core
  readonly #receivers = new Map<string, Receiver>()
  #calls: WebhookCall[] = []

  constructor(core: Core) {
    this.#core = core
  }

  /** @throws ZodError when the receiver is not a valid one. */
  add(seed: NewWebhook): Receiver {
    const receiver: Receiver = { ...webhookSchema.parse(seed), answer: { kind: 'ok' } }
    if (this.#receivers.has(receiver.id)) throw new Error(`There is already a webhook receiver ${receiver.id}.`)
    this.#receivers.set(receiver.id, receiver)
    return receiver
  }

  all(): Receiver[] {
    return [...this.#receivers.values()]
  }

  get(id: string): Receiver {
    const receiver = this.#receivers.get(id)
    if (receiver === undefined) throw new Error(`The sandbox has no webhook receiver ${id}.`)
    return receiver
  }

  /** Calls of one receiver, oldest first. */
  calls(id: string): WebhookCall[] {
    return this.#calls.filter(({ receiverId }) => receiverId === this.get(id).id)
  }

  router(): Router {
    const router = Router()
    router.all('/:id{/:tail}', (request, response) => serve(this.#core, this.#service(request), request, response))
    return router
  }

  /** Forgets calls; every receiver answers as it should again. */
  clear(): void {
    this.#calls = []
    for (const receiver of this.#receivers.values()) {
      receiver.answer = { kind: 'ok' }
      delete receiver.answerTimes
    }
  }

  export(): WebhookCall[] {
    return [...this.#calls]
  }

  restore(calls: readonly WebhookCall[]): void {
    this.#calls = calls.filter(({ receiverId }) => this.#receivers.has(receiverId))
  }

  #service(request: Request): Service {
    return {
      name: 'webhook',
      handle: (call) => this.#take(String(request.params.id), request.params.tail, addressOf(request), call),
      tooFast: () => ({ status: 429, body: { error: 'too many requests' }, headers: { 'retry-after': '1' } }),
      busy: () => ({ status: 500, body: { error: 'internal error' } }),
    }
  }

  async #take(id: string, tail: unknown, url: string, call: ServiceCall): Promise<ServiceReply> {
    const receiver = this.#receivers.get(id)
    if (receiver === undefined || (tail !== undefined && tail !== FOLLOWED)) {
      return { status: 404, body: { error: 'no such receiver' } }
    }
    if (call.method !== 'POST') return { status: 405, body: { error: 'POST only' }, headers: { allow: 'POST' } }
    const isFollowed = tail === FOLLOWED
    const seen = this.#judge(receiver, url, call, isFollowed)
    this.#calls.push(seen)
    if (this.#calls.length > KEPT_CALLS) this.#calls.shift()
    this.#announce(id)
    const how = isFollowed ? ({ kind: 'ok' } as const) : takeAnswer(receiver)
    const reply = await answer(how, `${url.split('?')[0]}/${FOLLOWED}`)
    seen.answered = reply.status
    this.#announce(id)
    return reply
  }

  #judge(receiver: Receiver, url: string, { method, headers, body }: ServiceCall, isRedirected: boolean): WebhookCall {
    const text = body.toString('utf8')
    const webhookId = headers['webhook-id']
    const isRepeat =
      webhookId !== undefined && this.calls(receiver.id).some((call) => call.headers['webhook-id'] === webhookId)
    const eventHeader = headers['dms-event']
    return {
      id: freshId('call'),
      receiverId: receiver.id,
      at: this.#core.clock.now(),
      method,
      url,
      headers: Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, String(value)])),
      body: text,
      dms: verifyDmsBody(receiver, url, text),
      dmsFaults: faultsOfDmsCall(eventHeader === undefined ? undefined : String(eventHeader), text),
      standard: verifyStandardHeaders(receiver.secret, headers, text),
      isRepeat,
      isRedirected,
      answered: 0,
    }
  }

  #announce(receiverId: string): void {
    this.#core.changes.announce({ kind: 'webhook', receiverId })
  }
}

function takeAnswer(receiver: Receiver): WebhookAnswer {
  const { answer: how, answerTimes } = receiver
  if (answerTimes === undefined) return how
  if (answerTimes > 1) receiver.answerTimes = answerTimes - 1
  else {
    receiver.answer = { kind: 'ok' }
    delete receiver.answerTimes
  }
  return how
}

/** The address as the caller wrote it: a signature covers that one. */
function addressOf(request: Request): string {
  return `${request.protocol}://${request.get('host') ?? ''}${request.originalUrl}`
}
