import { Router } from 'express'
import type { Core } from '#sandbox/core.ts'
import { type Service, type ServiceCall, type ServiceReply, serve } from '#sandbox/http/service.ts'
import { isObject, parseJson } from '#sandbox/json.ts'
import { SlidingWindow } from '#sandbox/limits.ts'
import { readMentions } from './mentions.ts'
import { readMessage } from './messages.ts'
import { accepted, refuse } from './refusals.ts'
import { WecomRobots } from './robots.ts'

const MINUTE_MS = 60_000
export const SEND_PATH = '/cgi-bin/webhook/send'

/** What may be switched. Zero switches the limit off. */
export interface WecomSettings {
  /** Messages a minute per bot. */
  perMinute: number
}

export const documentedWecomSettings: WecomSettings = { perMinute: 20 }

/** WeCom, as far as a group's bot with its address reaches (section 6 of the protocol notes). */
export class WecomPlatform {
  readonly robots = new WecomRobots()
  readonly settings: WecomSettings
  readonly #core: Core
  readonly #perMinute = new SlidingWindow(MINUTE_MS)

  constructor(core: Core, settings: WecomSettings) {
    this.#core = core
    this.settings = settings
  }

  router(): Router {
    const router = Router()
    const service: Service = {
      name: 'wecom',
      handle: (call) => this.#send(call),
      tooFast: () => refuse(45009, '127.0.0.1'),
      busy: () => refuse(-1, '127.0.0.1'),
    }
    router.all(SEND_PATH, (request, response) => serve(this.#core, service, request, response))
    return router
  }

  clear(): void {
    this.robots.clear()
    this.#perMinute.clear()
  }

  #send({ method, query, body, remoteAddress, isUndelivered }: ServiceCall): ServiceReply {
    if (method !== 'POST') return refuse(43002, remoteAddress)
    const robot = this.robots.byKey(query.get('key') ?? '')
    if (robot === undefined || robot.state === 'removed') return refuse(93000, remoteAddress)
    if (robot.state === 'disabled') return refuse(93004, remoteAddress)
    const group = this.#core.groups.get(robot.group)
    if (robot.state === 'not-in-group' || group.state === 'dissolved') return refuse(93008, remoteAddress)
    const value = parseJson(body.toString('utf8'))
    if (!isObject(value)) return refuse(47001, remoteAddress)
    const message = readMessage(value)
    if ('code' in message) return refuse(message.code, remoteAddress, message.detail)
    const now = this.#core.clock.now()
    if (this.#perMinute.take(robot.id, this.settings.perMinute, now) > 0) return refuse(45009, remoteAddress)
    if (isUndelivered) return accepted()
    this.#core.groups.post(group, {
      from: { kind: 'robot', robotId: robot.id, name: robot.name },
      msgType: message.msgType,
      content: JSON.stringify(message.payload),
      mentions: readMentions(message, this.#core.groups.members(group)),
      createdAt: now,
    })
    return accepted()
  }
}
