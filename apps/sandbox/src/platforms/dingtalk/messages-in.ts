import type { Core } from '#sandbox/core.ts'
import { callbackFaults } from '#sandbox/faults.ts'
import type { Group } from '#sandbox/groups/groups.ts'
import { freshId, stableId } from '#sandbox/ids.ts'
import { isObject, type JsonObject, parseJson } from '#sandbox/json.ts'
import type { Push } from '#sandbox/platforms/lark/callbacks.ts'
import type { EventDelivery } from '#sandbox/platforms/lark/events.ts'
import type { Poster, PostResult } from '#sandbox/post.ts'
import type { DingtalkApp, Person } from '#sandbox/world.ts'
import type { Quota } from './quota.ts'
import { SESSION_LIFE_MS, type Sessions } from './sessions.ts'
import type { DingtalkSettings } from './settings.ts'
import { signRobotMessage } from './signatures.ts'
import { ROBOT_TOPIC, type StreamGateway } from './stream/gateway.ts'

/** Stream pushes are given up after this time (appendix B of the stream pages); for HTTP robots nothing is documented. */
const ANSWER_LIMIT_MS = 3_000
const MAX_DELIVERIES = 3
const OUT_OF_QUOTA = 20001

/** A message on its way to the server, in the words all platforms share; `eventId` is the `msgId`. */
export interface RobotDelivery extends EventDelivery {
  attempts: RobotPush[]
}
type RobotPush = Push & { failure?: string }

/** What a person wrote, and where: in the chat of two, or in a group with the robot's name before it. */
export interface Said {
  text: string
  conversation: { chatId: string } | Group
}

/** What people write to an app's robot, passed on over HTTP or Stream (section 4.2 and 6). */
export class MessagesIn {
  readonly #core: Core
  readonly #deps: {
    poster: Poster
    stream: StreamGateway
    sessions: Sessions
    quota: Quota
    settings: DingtalkSettings
  }

  constructor(
    core: Core,
    deps: { poster: Poster; stream: StreamGateway; sessions: Sessions; quota: Quota; settings: DingtalkSettings },
  ) {
    this.#core = core
    this.#deps = deps
  }

  /** `sandboxOrigin` is where the server can reach this sandbox, for the address of the conversation. */
  async said(app: DingtalkApp, person: Person, said: Said, sandboxOrigin: string): Promise<RobotDelivery> {
    const delivery: RobotDelivery = { eventId: freshId('msg'), attempts: [], state: 'retrying' }
    const data = this.#render(app, person, said, delivery.eventId, sandboxOrigin)
    const fault = this.#core.faults.take(callbackFaults, { platform: 'dingtalk', method: 'POST', path: ROBOT_TOPIC })
    const send = () =>
      app.robotMode === 'stream' ? this.#byStream(app, data) : this.#byHttp(app, person, groupOf(said), data)
    if (fault?.kind === 'callback-lost') {
      delivery.attempts.push(describe('', {}, '', nothing(fault.kind)))
      delivery.state = 'given-up'
      return delivery
    }
    const attempt = async (): Promise<void> => {
      const push = await send()
      delivery.attempts.push(push)
      if (push.failure === undefined) delivery.state = 'delivered'
      // Only Stream is known to deliver again what was not acknowledged.
      else if (app.robotMode === 'http' || delivery.attempts.length >= MAX_DELIVERIES) delivery.state = 'given-up'
      else this.#core.clock.at(this.#core.clock.now() + this.#deps.settings.robotRedeliveryMs, attempt)
      this.#core.changes.announce({ kind: 'clock' })
    }
    await attempt()
    if (fault?.kind === 'callback-duplicated') delivery.attempts.push(await send())
    return delivery
  }

  #render(app: DingtalkApp, person: Person, said: Said, msgId: string, sandboxOrigin: string): JsonObject {
    const group = groupOf(said)
    const chatbotUserId = `$:LWCP_v1:$${stableId('', app.corpId, 'bot', app.appKey).slice(0, 24)}`
    const now = this.#core.clock.wallNow()
    // Beyond the month's pushes the message still comes, without what it says (section 1.3).
    const hasQuota = this.#deps.quota.takePush(app)
    return {
      msgId,
      createAt: now,
      conversationType: group === undefined ? '1' : '2',
      conversationId:
        'chatId' in said.conversation ? `cid${said.conversation.chatId}` : said.conversation.conversationId,
      ...(group === undefined ? {} : { conversationTitle: group.title }),
      senderId: `$:LWCP_v1:$${stableId('', app.corpId, 'sender', person.id).slice(0, 24)}`,
      senderStaffId: person.userId,
      senderUnionId: person.unionId,
      senderNick: person.name,
      senderCorpId: person.tenantKey,
      isAdmin: false,
      chatbotCorpId: app.corpId,
      chatbotUserId,
      robotCode: app.robotCode,
      isInAtList: group !== undefined,
      ...(group === undefined ? {} : { atUsers: [{ dingtalkId: chatbotUserId }] }),
      sessionWebhook: this.#deps.sessions.open(app, person, group, sandboxOrigin),
      sessionWebhookExpiredTime: now + SESSION_LIFE_MS,
      msgtype: 'text',
      // In a group the mention of the robot is taken out, and a space stays.
      ...(hasQuota
        ? { text: { content: group === undefined ? said.text : ` ${said.text}` } }
        : { errCode: OUT_OF_QUOTA, errMsg: '企业本月的webhook和stream调用量已用完' }),
    }
  }

  async #byHttp(app: DingtalkApp, person: Person, group: Group | undefined, data: JsonObject): Promise<RobotPush> {
    const body = JSON.stringify(data)
    const timestamp = String(this.#core.clock.wallNow())
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      timestamp,
      sign: signRobotMessage(timestamp, app.appSecret),
    }
    const url = app.robotUrl
    if (url === '') return describe(url, headers, body, nothing('no address is configured'))
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
    const reply = parseJson(answer.body)
    // The answer may be a message itself.
    if (failure === undefined && isObject(reply)) this.#deps.sessions.show(app, person, group, reply)
    return describe(url, headers, body, answer)
  }

  async #byStream(app: DingtalkApp, data: JsonObject): Promise<RobotPush> {
    const messageId = String(data.msgId)
    const frame = { type: 'CALLBACK' as const, topic: ROBOT_TOPIC, data, messageId }
    const push = await this.#deps.stream.push(app, frame, ANSWER_LIMIT_MS)
    const answer = { status: push.code, headers: {}, body: push.answer, ms: push.ms }
    const failure = push.failure === undefined ? {} : { failure: nothing(push.failure).failure }
    return describe(ROBOT_TOPIC, {}, push.frame, { ...answer, ...failure })
  }
}

/** A delivery and its answer; anything but a 200 is a failure. */
function describe(url: string, headers: Record<string, string>, body: string, answer: PostResult): RobotPush {
  const failure = answer.failure?.message ?? (answer.status === 200 ? undefined : `HTTP ${answer.status}`)
  return { url, headers, body, plain: body, answer, duplicates: [], ...(failure === undefined ? {} : { failure }) }
}

function nothing(message: string): PostResult & { failure: NonNullable<PostResult['failure']> } {
  return { status: 0, headers: {}, body: '', ms: 0, failure: { kind: 'connection', message } }
}

function groupOf({ conversation }: Said): Group | undefined {
  return 'chatId' in conversation ? undefined : conversation
}
