import type { Core } from '#sandbox/core.ts'
import { isObject, type JsonObject, parseJson, stringAt } from '#sandbox/json.ts'
import { SlidingWindow } from '#sandbox/limits.ts'
import type { App, ChatMessage, Person } from '#sandbox/world.ts'
import { type AppCall, failure, type Reply, type Route, rateLimited, success } from './api.ts'
import { isShared, MAX_CARD_BYTES, parseCardContent } from './card/card.ts'
import { renderProblem } from './card/card-error.ts'

const MAX_TEXT_BYTES = 150 * 1024
const MAX_UUID = 50
/** The same uuid is sent at most once within this time. */
export const UUID_WINDOW_MS = 3_600_000
/** How long a sent card can be changed. */
export const CARD_LIFE_MS = 14 * 24 * 3_600_000

const receiveIdTypes = ['open_id', 'union_id', 'user_id', 'email', 'chat_id']
const messageTypes = [
  'text',
  'post',
  'image',
  'file',
  'audio',
  'media',
  'sticker',
  'interactive',
  'share_chat',
  'share_user',
  'system',
]
const sendScopes = ['im:message', 'im:message:send_as_bot', 'im:message:send']

/** Which message a uuid has sent, and when. */
interface SentUuid {
  messageId: string
  at: number
}

/** The message API. Its own state is only what limits and dedupes; messages live in the world. */
export class Messages {
  readonly routes: Route[]
  readonly #core: Core
  readonly #uuids = new Map<string, SentUuid>()
  readonly #perReceiver = new SlidingWindow(1_000)
  readonly #perMessage = new SlidingWindow(1_000)
  /** Urgent messages sent, by app. */
  readonly #buzzes = new Map<string, number>()

  constructor(core: Core) {
    this.#core = core
    this.routes = messageRoutes({
      send: (call) => this.#send(call),
      reply: (call) => this.#reply(call),
      patch: (call) => this.#patch(call),
      remove: (call) => this.#remove(call),
      read: (call) => this.#read(call),
      buzz: (call) => this.#buzz(call),
    })
  }

  /** Forgets uuids and rate windows. */
  clear(): void {
    this.#uuids.clear()
    this.#perReceiver.clear()
    this.#perMessage.clear()
    this.#buzzes.clear()
  }

  exportUuids(): [string, SentUuid][] {
    return [...this.#uuids]
  }

  restoreUuids(entries: [string, SentUuid][]): void {
    for (const [key, value] of entries) this.#uuids.set(key, value)
  }

  #announce(message: ChatMessage) {
    return this.#core.changes.announce({ kind: 'message', personId: message.personId, messageId: message.messageId })
  }

  #send(call: AppCall): Reply {
    const idType = call.query.get('receive_id_type') ?? ''
    const receiveId = stringAt(call.body, 'receive_id')
    if (!receiveIdTypes.includes(idType)) return failure(230001, 'invalid receive_id_type')
    if (!receiveId) return failure(230001, 'receive_id is required')
    const receiver = this.#findReceiver(call.app, idType, receiveId)
    if (receiver === undefined) return failure(230034, 'The receive_id is invalid.')
    return this.#deliver(call, receiver)
  }

  #reply(call: AppCall): Reply {
    const parent = this.#ownMessage(call)
    if ('status' in parent) return parent
    const receiver = this.#core.world.people.get(parent.personId)
    if (receiver === undefined) return failure(230034, 'The receive_id is invalid.')
    return this.#deliver(call, receiver, parent.messageId)
  }

  #deliver(call: AppCall, receiver: Person, parentId?: string): Reply {
    const uuid = stringAt(call.body, 'uuid')
    if (uuid !== undefined && uuid.length > MAX_UUID) return failure(230001, `uuid has at most ${MAX_UUID} characters`)
    const earlier = uuid === undefined ? undefined : this.#sentBefore(`${call.app.appId}|${uuid}`)
    if (earlier !== undefined) return success(messageData(this.#core, earlier))
    const refusal = refuseReceiver(receiver)
    if (refusal !== undefined) return refusal
    const content = readContent(call.body)
    if ('status' in content) return content
    const waitMs = this.#perReceiver.take(
      `${call.app.appId}|${receiver.id}`,
      this.#core.limits.perReceiverPerSecond,
      this.#core.clock.now(),
    )
    if (waitMs > 0) return this.#frequencyReply(this.#core.limits.perReceiverPerSecond, waitMs)
    const message = this.#core.world.addMessage(call.app, receiver, {
      from: 'bot',
      createdAt: this.#core.clock.now(),
      ...content,
      ...(uuid === undefined ? {} : { uuid }),
      ...(parentId === undefined ? {} : { parentId }),
    })
    if (uuid !== undefined)
      this.#uuids.set(`${call.app.appId}|${uuid}`, { messageId: message.messageId, at: this.#core.clock.now() })
    this.#announce(message)
    return success(messageData(this.#core, message))
  }

  #patch(call: AppCall): Reply {
    const message = this.#ownMessage(call)
    if ('status' in message) return message
    const content = stringAt(call.body, 'content')
    if (content === undefined) return failure(230001, 'content is required')
    if (message.card === undefined) return failure(230001, 'This message is NOT a card.')
    if (message.state === 'recalled') return failure(230011, 'The message was recalled.')
    if (message.state === 'deleted') return failure(230110, 'The message has been deleted.')
    if (this.#core.clock.now() - message.createdAt > CARD_LIFE_MS)
      return failure(230031, 'The message is older than 14 days.')
    if (Buffer.byteLength(content) > MAX_CARD_BYTES)
      return failure(230025, 'The length of the message content reaches its limit.')
    const parsed = parseCardContent(content)
    if (!parsed.ok) return failure(230099, renderProblem(parsed.problem))
    if (!isShared(message.card) || !isShared(parsed.card)) {
      return failure(230001, 'Only a shared card can be updated: update_multi must be true before and after.')
    }
    const waitMs = this.#perMessage.take(
      message.messageId,
      this.#core.limits.perMessagePerSecond,
      this.#core.clock.now(),
    )
    if (waitMs > 0) return this.#frequencyReply(this.#core.limits.perMessagePerSecond, waitMs)
    this.#core.world.replaceCard(message, parsed.card, 'patch', this.#core.clock.now())
    this.#announce(message)
    return success()
  }

  #remove(call: AppCall): Reply {
    const message = this.#ownMessage(call)
    if ('status' in message) return message
    if (message.state !== 'shown') return failure(230011, 'The message was recalled.')
    message.state = 'recalled'
    message.updatedAt = this.#core.clock.now()
    this.#announce(message)
    return success()
  }

  #read(call: AppCall): Reply {
    const message = this.#core.world.messages.get(call.params.message_id ?? '')
    if (message === undefined || message.appId !== call.app.appId) return failure(230001, 'invalid message_id')
    return success({ items: [messageData(this.#core, message)] })
  }

  #buzz(call: AppCall): Reply {
    const message = this.#ownMessage(call)
    if ('status' in message) return message
    if (message.from !== 'bot') return failure(230012, 'Bot is NOT the sender of the message.')
    const ids = call.body.user_id_list
    if (!Array.isArray(ids) || ids.length < 1 || ids.length > 200)
      return failure(230001, 'user_id_list needs 1 to 200 ids')
    const idType = call.query.get('user_id_type') ?? 'open_id'
    const isReceiver = (id: unknown) => this.#core.world.find(call.app, idType, String(id))?.id === message.personId
    const invalid = ids.filter((id) => !isReceiver(id))
    if (invalid.length === ids.length) return failure(230001, 'every id in user_id_list is invalid')
    const refusal = this.#refuseBuzz(call.app, message)
    if (refusal !== undefined) return refusal
    this.#buzzes.set(call.app.appId, (this.#buzzes.get(call.app.appId) ?? 0) + 1)
    message.buzzed = true
    message.buzzRead = false
    this.#announce(message)
    return success({ invalid_user_id_list: invalid })
  }

  #refuseBuzz(app: App, message: ChatMessage): Reply | undefined {
    const { unreadBuzzes, buzzes } = this.#core.limits
    if (message.state !== 'shown') return failure(230001, 'The message was recalled.')
    if (buzzes > 0 && (this.#buzzes.get(app.appId) ?? 0) >= buzzes)
      return failure(230024, 'Reach the upper limit of buzzes.')
    const unread = this.#core.world.messagesOf(message.personId).filter((each) => each.buzzed && !each.buzzRead)
    if (unreadBuzzes > 0 && unread.length >= unreadBuzzes)
      return failure(230023, 'The user has too many unread buzzes.')
    return undefined
  }

  #findReceiver(app: App, idType: string, receiveId: string): Person | undefined {
    if (idType !== 'chat_id') return this.#core.world.find(app, idType, receiveId)
    const chat = this.#core.world.chats.get(receiveId)
    return chat?.appId === app.appId ? this.#core.world.people.get(chat.personId) : undefined
  }

  #ownMessage(call: AppCall): ChatMessage | Reply {
    const message = this.#core.world.messages.get(call.params.message_id ?? '')
    if (message === undefined) return failure(230001, 'invalid message_id')
    return message.appId === call.app.appId ? message : failure(230002, 'Bot can NOT be out of the chat.')
  }

  #sentBefore(key: string): ChatMessage | undefined {
    // Oldest first in a Map, so old entries leave from the front and the table never outgrows one hour.
    for (const [oldKey, { at }] of this.#uuids) {
      if (this.#core.clock.now() - at < UUID_WINDOW_MS) break
      this.#uuids.delete(oldKey)
    }
    const earlier = this.#uuids.get(key)
    return earlier === undefined ? undefined : this.#core.world.messages.get(earlier.messageId)
  }

  #frequencyReply(limit: number, waitMs: number): Reply {
    return this.#core.limits.receiverLimitStatus === 429
      ? rateLimited(limit, Math.max(1, Math.ceil(waitMs / 1000)))
      : failure(230020, 'This operation triggers the frequency limit.')
  }
}

type Handlers = Record<'send' | 'reply' | 'patch' | 'remove' | 'read' | 'buzz', (call: AppCall) => Reply>

function messageRoutes(handlers: Handlers): Route[] {
  const one = '/open-apis/im/v1/messages/:message_id'
  const updateScopes = ['im:message', 'im:message:send_as_bot', 'im:message:update']
  return [
    { method: 'POST', path: '/open-apis/im/v1/messages', auth: 'tenant', scopes: sendScopes, handle: handlers.send },
    { method: 'POST', path: `${one}/reply`, auth: 'tenant', scopes: sendScopes, handle: handlers.reply },
    { method: 'PATCH', path: one, auth: 'tenant', scopes: updateScopes, handle: handlers.patch },
    {
      method: 'PUT',
      path: one,
      auth: 'tenant',
      scopes: updateScopes,
      // PUT edits text and rich text; people who reach for it with a card get this.
      handle: () => failure(230001, 'Only text and post messages can be edited; use PATCH for a card.'),
    },
    {
      method: 'DELETE',
      path: one,
      auth: 'tenant',
      scopes: [...sendScopes, 'im:message:recall'],
      handle: handlers.remove,
    },
    {
      method: 'GET',
      path: one,
      auth: 'tenant',
      scopes: ['im:message', 'im:message:readonly'],
      handle: handlers.read,
    },
    {
      method: 'PATCH',
      path: `${one}/urgent_app`,
      auth: 'tenant',
      scopes: ['im:message.urgent'],
      handle: handlers.buzz,
    },
  ]
}

function refuseReceiver(receiver: Person): Reply | undefined {
  if (receiver.availableTo === false) return failure(230013, 'Bot has NO availability to this user.')
  if (receiver.stoppedBot) return failure(230053, 'The user has stopped the bot from sending messages.')
  return undefined
}

/** Type and content of a message to be sent, checked as far as the type goes. */
function readContent(body: JsonObject): Reply | { msgType: string; content: string; card?: JsonObject } {
  const msgType = stringAt(body, 'msg_type')
  const content = stringAt(body, 'content')
  if (msgType === undefined || !messageTypes.includes(msgType)) return failure(230001, 'invalid msg_type')
  if (content === undefined) return failure(230001, 'content is not a string')
  const limit = msgType === 'text' ? MAX_TEXT_BYTES : MAX_CARD_BYTES
  if (Buffer.byteLength(content) > limit) return failure(230025, 'The length of the message content reaches its limit.')
  const value = parseJson(content)
  if (!isObject(value)) return failure(230001, 'content is not a string in json format')
  if (msgType === 'text' && !stringAt(value, 'text')) return failure(230001, 'text content is empty')
  if (msgType !== 'interactive') return { msgType, content }
  const parsed = parseCardContent(content)
  return parsed.ok ? { msgType, content, card: parsed.card } : failure(230099, renderProblem(parsed.problem))
}

/** A message as the API shows it (send-message.md, response body). */
export function messageData({ world }: Core, message: ChatMessage): JsonObject {
  const app = world.apps.get(message.appId)
  const person = world.people.get(message.personId)
  const fromBot = message.from === 'bot'
  return {
    message_id: message.messageId,
    ...(message.parentId === undefined ? {} : { root_id: message.parentId, parent_id: message.parentId }),
    msg_type: message.msgType,
    create_time: String(message.createdAt),
    update_time: String(message.updatedAt),
    deleted: message.state !== 'shown',
    updated: message.updated,
    chat_id: message.chatId,
    sender: {
      id: fromBot ? message.appId : app && person ? world.openId(app, person) : '',
      id_type: fromBot ? 'app_id' : 'open_id',
      sender_type: fromBot ? 'app' : 'user',
      tenant_key: app?.tenantKey ?? '',
    },
    body: { content: message.content },
  }
}
