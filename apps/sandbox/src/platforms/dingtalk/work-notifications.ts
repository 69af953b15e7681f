import { chinaDay } from '#sandbox/china-time.ts'
import type { Core } from '#sandbox/core.ts'
import { isObject, stringAt } from '#sandbox/json.ts'
import type { Person } from '#sandbox/world.ts'
import { type AppCall, oldOk, oldRefusal, type Reply, type Route } from './api.ts'
import type { Directory } from './directory.ts'

const MAX_RECEIVERS = 100
const MAX_MESSAGE_BYTES = 2_048
const PER_PERSON_AND_DAY = 500
const RESULT_LIFE_MS = 24 * 3_600_000

const messageTypes = ['text', 'image', 'voice', 'file', 'link', 'oa', 'markdown', 'action_card']
/** Why a notification was dropped (gets-the-result-of-sending-messages page). */
const overPersonalLimit = '143105'
const sameContent = '143106'

interface Task {
  appKey: string
  at: number
  read: string[]
  unread: string[]
  invalid: string[]
  forbidden: { code: string; userid: string }[]
}

/** The work notifications of an app: accepted at once, dropped in silence, explained only on request. */
export class WorkNotifications {
  readonly routes: Route[]
  readonly #core: Core
  readonly #directory: Directory
  readonly #tasks = new Map<number, Task>()
  /** What a person has had today, by `day|app|person`. */
  readonly #today = new Map<string, Set<string>>()
  #lastTask = 1_000_000

  constructor(core: Core, directory: Directory) {
    this.#core = core
    this.#directory = directory
    const route = (path: string, isCounted: boolean, handle: (call: AppCall) => Reply): Route => ({
      host: 'oapi',
      method: 'POST',
      path,
      isCounted,
      auth: 'app',
      scope: 'qyapi_base',
      handle,
    })
    this.routes = [
      route('/topapi/message/corpconversation/asyncsend_v2', true, (call) => this.#send(call)),
      route('/topapi/message/corpconversation/getsendresult', true, (call) => this.#result(call)),
    ]
  }

  clear(): void {
    this.#tasks.clear()
    this.#today.clear()
  }

  #send(call: AppCall): Reply {
    const { app, body } = call
    if (String(body.agent_id ?? '') !== app.agentId) return oldRefusal(40056, '不合法的agentid')
    const message = body.msg
    if (!isObject(message) || !messageTypes.includes(stringAt(message, 'msgtype') ?? '')) {
      return oldRefusal(40035, '不合法的参数')
    }
    const content = JSON.stringify(message)
    if (Buffer.byteLength(content) > MAX_MESSAGE_BYTES) return oldRefusal(40035, '消息体超过2048字节')
    const userIds = String(body.userid_list ?? '')
      .split(',')
      .filter((id) => id !== '')
    if (userIds.length === 0) return oldRefusal(41011, '缺少可用的用户')
    if (userIds.length > MAX_RECEIVERS) return oldRefusal(40035, `userid_list有超过${MAX_RECEIVERS}个用户`)
    const task: Task = {
      appKey: app.appKey,
      at: this.#core.clock.now(),
      read: [],
      unread: [],
      invalid: [],
      forbidden: [],
    }
    for (const userId of userIds) this.#sendOne(call, task, userId, content)
    this.#lastTask += 1
    this.#tasks.set(this.#lastTask, task)
    return oldOk({ task_id: this.#lastTask })
  }

  #sendOne({ app, isUndelivered }: AppCall, task: Task, userId: string, content: string): void {
    const person = this.#directory.find(app, 'userId', userId)
    if (person === undefined || person.availableTo === false) return void task.invalid.push(userId)
    const dropped = isUndelivered ? overPersonalLimit : this.#dropReason(app.appKey, person, content)
    if (dropped !== undefined) return void task.forbidden.push({ code: dropped, userid: userId })
    const message = this.#core.world.addMessage(app, person, {
      from: 'bot',
      msgType: 'work_notification',
      content,
      createdAt: this.#core.clock.now(),
    })
    task.unread.push(userId)
    this.#core.changes.announce({ kind: 'message', personId: person.id, messageId: message.messageId })
  }

  #dropReason(appKey: string, person: Person, content: string): string | undefined {
    const day = chinaDay(this.#core.clock.now())
    const key = `${day}|${appKey}|${person.id}`
    for (const old of this.#today.keys()) if (!old.startsWith(day)) this.#today.delete(old)
    const had = this.#today.get(key) ?? new Set()
    this.#today.set(key, had)
    if (had.has(content)) return sameContent
    if (had.size >= PER_PERSON_AND_DAY) return overPersonalLimit
    had.add(content)
    return undefined
  }

  #result({ app, body }: AppCall): Reply {
    const task = this.#tasks.get(Number(body.task_id))
    if (String(body.agent_id ?? '') !== app.agentId) return oldRefusal(40056, '不合法的agentid')
    if (task === undefined || task.appKey !== app.appKey || this.#core.clock.now() - task.at > RESULT_LIFE_MS) {
      return oldRefusal(40035, '不合法的参数')
    }
    return oldOk({
      send_result: {
        invalid_user_id_list: task.invalid,
        forbidden_user_id_list: task.forbidden.map(({ userid }) => userid),
        failed_user_id_list: [],
        read_user_id_list: task.read,
        unread_user_id_list: task.unread,
        invalid_dept_id_list: [],
        forbidden_list: task.forbidden.map(({ code, userid }) => ({ code, count: 1, userid })),
      },
    })
  }
}
