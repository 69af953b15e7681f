import type { Core } from '#sandbox/core.ts'
import { type JsonObject, stringAt } from '#sandbox/json.ts'
import { type Call, oldRefusal, type Reply, type Route } from '#sandbox/platforms/dingtalk/api.ts'
import type { Quota } from '#sandbox/platforms/dingtalk/quota.ts'
import type { DingtalkSettings } from '#sandbox/platforms/dingtalk/settings.ts'
import { countMentions, MAX_MENTIONS, readMentions } from './mentions.ts'
import { readWebhookMessage, textsOf } from './messages.ts'
import { Pace } from './pace.ts'
import { type GroupRobot, GroupRobots } from './robots.ts'
import { refuseCaller, refuseTexts } from './security.ts'

const MAX_BYTES = 20_000
/** How long a `msgUuid` is remembered; the documents do not say. */
const UUID_LIFE_MS = 24 * 3_600_000
const SECURITY = 310000
/** In errors, the documented name of what was found unsafe: a link, a text. */
const unsafeCodes = { link: 430101, text: 430102 } as const

/** Custom robots of groups: whoever has the address may speak (section 8 of the protocol notes). */
export class GroupRobotWebhook {
  readonly robots = new GroupRobots()
  readonly pace = new Pace()
  readonly routes: Route[]
  readonly #core: Core
  readonly #quota: Quota
  readonly #settings: DingtalkSettings
  readonly #uuids = new Map<string, number>()

  constructor(core: Core, quota: Quota, settings: DingtalkSettings) {
    this.#core = core
    this.#quota = quota
    this.#settings = settings
    this.routes = [
      {
        host: 'oapi',
        method: 'POST',
        path: '/robot/send',
        auth: 'none',
        isCounted: true,
        handle: (call) => this.#answer(this.#send(call)),
        refuse: (kind) => (kind === 'too-fast' ? this.#answer(this.#tooFast()) : undefined),
      },
    ]
  }

  clear(): void {
    this.robots.clear()
    this.pace.clear()
    this.#uuids.clear()
  }

  #send(call: Call): Reply {
    const { headers, query, body } = call
    // The platform's word for a body that is not called JSON.
    if (!String(headers['content-type'] ?? '').startsWith('application/json'))
      return oldRefusal(43004, '无效的HTTP HEADER Content-Type')
    const robot = this.robots.byToken(query.get('access_token') ?? '')
    const refused = this.#refuseRobot(robot)
    if (robot === undefined || refused !== undefined) return refused ?? oldRefusal(400101, 'token is not exist')
    const stranger = refuseCaller(robot, { query, address: call.remoteAddress, now: this.#core.clock.wallNow() })
    if (stranger !== undefined) return oldRefusal(SECURITY, stranger)
    if (Object.keys(body).length === 0) return oldRefusal(40035, '缺少参数 json')
    return this.#post(robot, body, call.bytes, call.isUndelivered)
  }

  #post(robot: GroupRobot, body: JsonObject, bytes: number, isUndelivered: boolean): Reply {
    const message = readWebhookMessage(body)
    if ('errcode' in message) return oldRefusal(message.errcode, message.errmsg)
    if (bytes > MAX_BYTES) return oldRefusal(460101, `message too long, exceed ${MAX_BYTES} bytes`)
    if (countMentions(body) > MAX_MENTIONS) return oldRefusal(40035, `at 最多 ${MAX_MENTIONS} 人`)
    const texts = textsOf(message.payload)
    const withoutKeyword = refuseTexts(robot, texts)
    if (withoutKeyword !== undefined) return oldRefusal(SECURITY, withoutKeyword)
    const unsafe = refuseUnsafe(robot, texts)
    if (unsafe !== undefined) return unsafe
    const now = this.#core.clock.now()
    const uuid = stringAt(body, 'msgUuid')
    if (uuid !== undefined && now - (this.#uuids.get(`${robot.id}|${uuid}`) ?? -Infinity) < UUID_LIFE_MS) return ok()
    const { groupRobotPerMinute, groupRobotBlockMs } = this.#settings
    if (!this.pace.take(robot.id, groupRobotPerMinute, groupRobotBlockMs, now)) return this.#tooFast()
    const group = this.#core.groups.get(robot.group)
    if (!this.#takeQuota(group.tenantKey)) return oldRefusal(90020, '企业本月的webhook和stream调用量已用完')
    if (uuid !== undefined) this.#uuids.set(`${robot.id}|${uuid}`, now)
    if (isUndelivered) return ok()
    this.#core.groups.post(group, {
      from: { kind: 'robot', robotId: robot.id, name: robot.name },
      msgType: message.msgType,
      content: JSON.stringify(message.payload),
      mentions: readMentions(body, message, this.#core.groups.members(group)),
      createdAt: now,
    })
    return ok()
  }

  #refuseRobot(robot: GroupRobot | undefined): Reply | undefined {
    if (robot === undefined) return oldRefusal(400101, 'token is not exist')
    if (robot.state === 'stopped') return oldRefusal(400102, '机器人已停用')
    if (robot.state === 'removed') return oldRefusal(400106, '机器人不存在')
    return this.#core.groups.get(robot.group).state === 'dissolved' ? oldRefusal(400013, '群已被解散') : undefined
  }

  #tooFast(): Reply {
    const code = this.#settings.groupRobotTooFast
    return oldRefusal(code, code === 410100 ? '发送速度太快而限流' : 'send too fast, exceed 20 times per minute')
  }

  /** Calls of group robots count with the pushes of the organisation's month; an organisation without an app has no quota here. */
  #takeQuota(corpId: string): boolean {
    const app = [...this.#core.world.dingtalkApps.values()].find((one) => one.corpId === corpId)
    return app === undefined || this.#quota.takePush(app)
  }

  /** The documents' own sample writes the code as text. */
  #answer(reply: Reply): Reply {
    if (this.#settings.groupRobotErrcode === 'number' || typeof reply.body === 'string') return reply
    return { ...reply, body: { ...reply.body, errcode: String(reply.body.errcode) } }
  }
}

function ok(): Reply {
  return { status: 200, body: { errcode: 0, errmsg: 'ok' } }
}

function refuseUnsafe({ unsafeWords }: GroupRobot, texts: readonly string[]): Reply | undefined {
  const found = unsafeWords.find((word) => texts.some((text) => text.includes(word)))
  if (found === undefined) return undefined
  const kind = URL.canParse(found) ? 'link' : 'text'
  return oldRefusal(unsafeCodes[kind], kind === 'link' ? '消息包含不安全的链接' : '消息包含不合适的文本')
}
