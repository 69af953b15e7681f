import type { Core } from '#sandbox/core.ts'
import { freshId } from '#sandbox/ids.ts'
import { isObject, type JsonObject, stringAt } from '#sandbox/json.ts'
import type { DingtalkApp, Person } from '#sandbox/world.ts'
import { type Call, oldOk, oldRefusal, type Reply, type Route } from './api.ts'

/** As the platform's own sample shows; the life is not stated. */
export const SESSION_LIFE_MS = 90 * 60_000

const messageTypes = ['text', 'markdown', 'actionCard', 'feedCard', 'link']

interface Session {
  appKey: string
  personId: string
  group?: string
  expiresAt: number
}

/** The address that comes with every message, under which the robot answers in the same conversation. */
export class Sessions {
  readonly routes: Route[]
  readonly #core: Core
  readonly #sessions = new Map<string, Session>()

  constructor(core: Core) {
    this.#core = core
    this.routes = [
      {
        host: 'oapi',
        method: 'POST',
        path: '/robot/sendBySession',
        auth: 'none',
        handle: (call) => this.#reply(call),
      },
    ]
  }

  /** A new address for one conversation. */
  open(app: DingtalkApp, person: Person, group: string | undefined, origin: string): string {
    const session = freshId('')
    this.#sessions.set(session, {
      appKey: app.appKey,
      personId: person.id,
      ...(group === undefined ? {} : { group }),
      expiresAt: this.#core.clock.now() + SESSION_LIFE_MS,
    })
    return `${origin}/dingtalk/oapi/robot/sendBySession?session=${session}`
  }

  /** Shows a message in webhook form in the conversation; false when it says nothing. */
  show(app: DingtalkApp, person: Person, group: string | undefined, body: JsonObject): boolean {
    const type = stringAt(body, 'msgtype') ?? ''
    const content = body[type]
    if (!messageTypes.includes(type) || !isObject(content)) return false
    const message = this.#core.world.addMessage(app, person, {
      from: 'bot',
      msgType: type,
      content: JSON.stringify(type === 'text' ? { text: stringAt(content, 'content') ?? '' } : content),
      createdAt: this.#core.clock.now(),
      ...(group === undefined ? {} : { group }),
    })
    this.#core.changes.announce({ kind: 'message', personId: person.id, messageId: message.messageId })
    return true
  }

  clear(): void {
    this.#sessions.clear()
  }

  #reply({ query, body }: Call): Reply {
    const session = this.#sessions.get(query.get('session') ?? '')
    const app = this.#core.world.dingtalkApps.get(session?.appKey ?? '')
    const person = this.#core.world.people.get(session?.personId ?? '')
    if (session === undefined || app === undefined || person === undefined) return oldRefusal(300001, 'session 不存在')
    if (session.expiresAt <= this.#core.clock.now()) return oldRefusal(300001, 'session 已过期')
    if (stringAt(body, 'msgtype') === 'empty') return oldOk()
    return this.show(app, person, session.group, body) ? oldOk() : oldRefusal(400105, '消息类型不支持')
  }
}
