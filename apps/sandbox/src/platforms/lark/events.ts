import type { Core } from '#sandbox/core.ts'
import { freshId } from '#sandbox/ids.ts'
import { isObject, type JsonObject, parseJson, stringAt } from '#sandbox/json.ts'
import type { App, ChatMessage, Person } from '#sandbox/world.ts'
import { type Callbacks, CHALLENGE_LIMIT_MS, type Push } from './callbacks.ts'

/** Waits before each further attempt; after the last one the event is given up (event-overview.md). */
export const RETRY_DELAYS_MS = [15_000, 5 * 60_000, 3_600_000, 6 * 3_600_000]

/** An event on its way; `attempts` grows while it is retried. */
export interface EventDelivery {
  eventId: string
  attempts: Push[]
  state: 'delivered' | 'retrying' | 'given-up'
}

/** Bot events: pushed at once, retried on the platforms' clock until answered with HTTP 200. */
export interface Events {
  /** `im.message.receive_v1`: a person has written to the bot. */
  messageReceived(app: App, person: Person, message: ChatMessage): Promise<EventDelivery>
  /** `im.chat.access_event.bot_p2p_chat_entered_v1`: a person has opened the chat. */
  chatEntered(app: App, person: Person, chatId: string): Promise<EventDelivery>
  /** The handshake that the console makes when a request address is saved; true when it was answered rightly. */
  verifyUrl(app: App): Promise<{ ok: boolean; push: Push }>
}

export function createEvents(core: Core, callbacks: Callbacks): Events {
  const { clock, world, changes } = core

  const push = async (app: App, type: string, event: JsonObject): Promise<EventDelivery> => {
    const eventId = freshId('')
    const body = { schema: '2.0', header: renderHeader(app, eventId, type, String(clock.wallNow())), event }
    const delivery: EventDelivery = { eventId, attempts: [], state: 'retrying' }
    const attempt = async (): Promise<void> => {
      const made = await callbacks.push(app, body)
      delivery.attempts.push(made)
      const delay = RETRY_DELAYS_MS[delivery.attempts.length - 1]
      if (made.fault === undefined && made.answer.status === 200) delivery.state = 'delivered'
      else if (delay === undefined) delivery.state = 'given-up'
      else clock.at(clock.now() + delay, attempt)
      changes.announce({ kind: 'clock' })
    }
    await attempt()
    return delivery
  }

  const personIds = (app: App, person: Person): JsonObject => ({
    open_id: world.openId(app, person),
    union_id: person.unionId,
    ...(app.scopes.includes('contact:user.employee_id:readonly') ? { user_id: person.userId } : {}),
  })

  return {
    messageReceived: (app, person, message) =>
      push(app, 'im.message.receive_v1', {
        sender: { sender_id: personIds(app, person), sender_type: 'user', tenant_key: app.tenantKey },
        message: {
          message_id: message.messageId,
          create_time: String(message.createdAt),
          update_time: String(message.updatedAt),
          chat_id: message.chatId,
          chat_type: 'p2p',
          message_type: message.msgType,
          content: message.content,
        },
      }),
    chatEntered: (app, person, chatId) =>
      push(app, 'im.chat.access_event.bot_p2p_chat_entered_v1', {
        chat_id: chatId,
        operator_id: personIds(app, person),
      }),
    verifyUrl: async (app) => {
      const challenge = freshId('')
      const body = { challenge, token: app.verificationToken, type: 'url_verification' }
      const made = await callbacks.push(app, body, CHALLENGE_LIMIT_MS)
      const answer = parseJson(made.answer.body)
      return {
        ok: made.answer.status === 200 && isObject(answer) && stringAt(answer, 'challenge') === challenge,
        push: made,
      }
    },
  }
}

/** The v2 envelope's header. Messages carry 13-digit milliseconds, card callbacks 16-digit microseconds. */
export function renderHeader(app: App, eventId: string, type: string, createTime: string): JsonObject {
  return {
    event_id: eventId,
    event_type: type,
    create_time: createTime,
    token: app.verificationToken,
    app_id: app.appId,
    tenant_key: app.tenantKey,
  }
}
