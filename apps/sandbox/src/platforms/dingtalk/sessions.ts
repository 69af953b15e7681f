import type { Core } from '#sandbox/core.ts'
import type { Group } from '#sandbox/groups/groups.ts'
import { freshId } from '#sandbox/ids.ts'
import { type JsonObject, stringAt } from '#sandbox/json.ts'
import type { DingtalkApp, Person } from '#sandbox/world.ts'
import { type Call, oldOk, oldRefusal, type Reply, type Route } from './api.ts'
import { readMentions } from './group-robot/mentions.ts'
import { type MessageRefusal, readWebhookMessage } from './group-robot/messages.ts'

/** As the platform's own sample shows; the life is not stated. */
export const SESSION_LIFE_MS = 90 * 60_000

interface Session {
  appKey: string
  personId: string
  groupId?: string
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
  open(app: DingtalkApp, person: Person, group: Group | undefined, origin: string): string {
    const session = freshId('')
    this.#sessions.set(session, {
      appKey: app.appKey,
      personId: person.id,
      ...(group === undefined ? {} : { groupId: group.id }),
      expiresAt: this.#core.clock.now() + SESSION_LIFE_MS,
    })
    return `${origin}/dingtalk/oapi/robot/sendBySession?session=${session}`
  }

  /** Shows a message in webhook form in the conversation, in a group to all its members; or says why it cannot. */
  show(app: DingtalkApp, person: Person, group: Group | undefined, body: JsonObject): MessageRefusal | undefined {
    const message = readWebhookMessage(body)
    if ('errcode' in message) return message
    const { msgType, payload } = message
    const createdAt = this.#core.clock.now()
    if (group !== undefined) {
      this.#core.groups.post(group, {
        from: { kind: 'app', appId: app.appKey, name: app.name },
        msgType,
        content: JSON.stringify(payload),
        mentions: readMentions(body, message, this.#core.groups.members(group)),
        createdAt,
      })
      return undefined
    }
    const shown = this.#core.world.addMessage(app, person, {
      from: 'bot',
      msgType,
      content: JSON.stringify(msgType === 'text' ? { text: stringAt(payload, 'content') ?? '' } : payload),
      createdAt,
    })
    this.#core.changes.announce({ kind: 'message', personId: person.id, messageId: shown.messageId })
    return undefined
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
    const group = session.groupId === undefined ? undefined : this.#core.groups.get(session.groupId)
    if (group?.state === 'dissolved') return oldRefusal(400013, '群已被解散')
    const refused = this.show(app, person, group, body)
    return refused === undefined ? oldOk() : oldRefusal(refused.errcode, refused.errmsg)
  }
}
