import type { Core } from '#sandbox/core.ts'
import type { Group, GroupMessage } from '#sandbox/groups/groups.ts'
import { freshId } from '#sandbox/ids.ts'
import { stringAt } from '#sandbox/json.ts'
import type { DingtalkApp } from '#sandbox/world.ts'
import { type AppCall, ok, type Reply, type Route, refusal } from './api.ts'
import { refuseContent, refuseRobot } from './robot-content.ts'

const MAX_KEYS = 20
const KEY_LIFE_MS = 24 * 3_600_000

interface Sent {
  appKey: string
  conversationId: string
  message: GroupMessage | undefined
  at: number
}

/** What an app's robot writes to groups whose member it is (section 4.1). */
export class GroupMessages {
  readonly routes: Route[]
  readonly #core: Core
  /** By `processQueryKey`. */
  readonly #sent = new Map<string, Sent>()

  constructor(core: Core) {
    this.#core = core
    const route = (path: string, isCounted: boolean, handle: (call: AppCall) => Reply): Route => ({
      host: 'api',
      method: 'POST',
      path: `/v1.0/robot/groupMessages/${path}`,
      isCounted,
      auth: 'app',
      scope: 'qyapi_robot_sendmsg',
      handle,
    })
    this.routes = [
      route('send', true, (call) => this.#send(call)),
      route('query', true, (call) => this.#query(call)),
      route('recall', true, (call) => this.#recall(call)),
    ]
  }

  clear(): void {
    this.#sent.clear()
  }

  #send({ app, body, isUndelivered }: AppCall): Reply {
    const refused = refuseRobot(app.robotCode, stringAt(body, 'robotCode')) ?? refuseContent(body)
    if (refused !== undefined) return refused
    const group = this.#groupOf(app, stringAt(body, 'openConversationId'))
    if ('status' in group) return group
    const message = isUndelivered
      ? undefined
      : this.#core.groups.post(group, {
          from: { kind: 'app', appId: app.appKey, name: app.name },
          msgType: stringAt(body, 'msgKey') ?? '',
          content: stringAt(body, 'msgParam') ?? '',
          createdAt: this.#core.clock.now(),
        })
    const processQueryKey = freshId('')
    const { conversationId } = group
    this.#sent.set(processQueryKey, { appKey: app.appKey, conversationId, message, at: this.#core.clock.now() })
    return ok({ processQueryKey })
  }

  #query({ app, body }: AppCall): Reply {
    const refused = refuseRobot(app.robotCode, stringAt(body, 'robotCode'))
    if (refused !== undefined) return refused
    const sent = this.#find(app, body)
    if ('status' in sent) return sent
    const sendStatus = sent.message?.state === 'recalled' ? 'RECALLED' : 'SUCCESS'
    return ok({ sendStatus, readUserIds: [], nextToken: '', hasMore: false })
  }

  #recall({ app, body }: AppCall): Reply {
    const refused = refuseRobot(app.robotCode, stringAt(body, 'robotCode'))
    if (refused !== undefined) return refused
    const group = this.#groupOf(app, stringAt(body, 'openConversationId'))
    if ('status' in group) return group
    const keys = Array.isArray(body.processQueryKeys) ? body.processQueryKeys.map(String) : []
    if (keys.length > MAX_KEYS) return refusal('invalidParameter.processQueryKeys.overMax')
    const successResult: string[] = []
    const failedResult: Record<string, string> = {}
    for (const key of keys) {
      const sent = this.#find(app, { ...body, processQueryKey: key })
      if ('status' in sent) {
        failedResult[key] = 'robot.processQueryKey.expired'
        continue
      }
      successResult.push(key)
      if (sent.message !== undefined) this.#core.groups.recall(sent.message)
    }
    return ok({ successResult, failedResult })
  }

  /** The group that the app's robot is a member of, or why not. */
  #groupOf(app: DingtalkApp, conversationId: string | undefined): Group | Reply {
    if (!conversationId) return refusal('miss.openConversationId')
    const group = this.#core.groups.byConversation(conversationId)
    if (group === undefined) return refusal('invalid.openConversationId')
    if (group.tenantKey !== app.corpId) return refusal('conversation.org.notMatch')
    if (group.state === 'dissolved') return refusal('group.disbanded')
    return group.apps === undefined || group.apps.includes(app.appKey) ? group : refusal('resource.not.found')
  }

  #find(app: DingtalkApp, body: AppCall['body']): Sent | Reply {
    const sent = this.#sent.get(stringAt(body, 'processQueryKey') ?? '')
    if (sent === undefined || sent.appKey !== app.appKey) return refusal('invalid.processQueryKey')
    if (sent.conversationId !== stringAt(body, 'openConversationId')) return refusal('invalid.openConversationId')
    return this.#core.clock.now() - sent.at > KEY_LIFE_MS ? refusal('processQueryKey.expireTime') : sent
  }
}
