import type { Core } from '#sandbox/core.ts'
import { freshId } from '#sandbox/ids.ts'
import { stringAt } from '#sandbox/json.ts'
import { type AppCall, ok, type Reply, type Route, refusal } from './api.ts'
import type { Directory } from './directory.ts'
import { refuseContent, refuseRobot } from './robot-content.ts'

const MAX_RECEIVERS = 20
const KEY_LIFE_MS = 24 * 3_600_000

interface Sent {
  appKey: string
  messageIds: string[]
  at: number
}

/** What an app's robot writes to single people. */
export class Robot {
  readonly routes: Route[]
  readonly #core: Core
  readonly #directory: Directory
  /** By `processQueryKey`. */
  readonly #sent = new Map<string, Sent>()

  constructor(core: Core, directory: Directory) {
    this.#core = core
    this.#directory = directory
    const route = (
      method: 'GET' | 'POST',
      path: string,
      isCounted: boolean,
      handle: (call: AppCall) => Reply,
    ): Route => ({ host: 'api', method, path, isCounted, auth: 'app', scope: 'qyapi_robot_sendmsg', handle })
    this.routes = [
      route('POST', '/v1.0/robot/oToMessages/batchSend', true, (call) => this.#send(call)),
      route('GET', '/v1.0/robot/oToMessages/readStatus', true, (call) => this.#readStatus(call)),
      route('POST', '/v1.0/robot/otoMessages/batchRecall', true, (call) => this.#recall(call)),
    ]
  }

  clear(): void {
    this.#sent.clear()
  }

  #send(call: AppCall): Reply {
    const { app, body } = call
    const refused = refuseRobot(app.robotCode, stringAt(body, 'robotCode')) ?? refuseContent(body)
    if (refused !== undefined) return refused
    const userIds = Array.isArray(body.userIds) ? body.userIds.map(String) : []
    if (userIds.length === 0) return refusal('invalidParameter.userIds.empty')
    if (userIds.length > MAX_RECEIVERS) return refusal('invalidParameter.userIds.overMax')
    const processQueryKey = freshId('')
    const sent: Sent = { appKey: app.appKey, messageIds: [], at: this.#core.clock.now() }
    const invalid: string[] = []
    for (const userId of call.isUndelivered ? [] : userIds) {
      const person = this.#directory.find(app, 'userId', userId)
      if (person === undefined || person.availableTo === false || person.stoppedBot) {
        invalid.push(userId)
        continue
      }
      const message = this.#core.world.addMessage(app, person, {
        from: 'bot',
        msgType: stringAt(body, 'msgKey') ?? '',
        content: stringAt(body, 'msgParam') ?? '',
        createdAt: this.#core.clock.now(),
      })
      sent.messageIds.push(message.messageId)
      this.#core.changes.announce({ kind: 'message', personId: person.id, messageId: message.messageId })
    }
    this.#sent.set(processQueryKey, sent)
    // HTTP 200 does not mean that everybody got it: both lists tell (section 4.1).
    return ok({
      processQueryKey,
      invalidStaffIdList: invalid,
      flowControlledStaffIdList: call.isUndelivered ? userIds : [],
    })
  }

  #readStatus({ app, query }: AppCall): Reply {
    const refused = refuseRobot(app.robotCode, query.get('robotCode') ?? undefined)
    if (refused !== undefined) return refused
    const sent = this.#find(app.appKey, query.get('processQueryKey') ?? '')
    if ('status' in sent) return sent
    const messages = sent.messageIds.flatMap((id) => this.#core.world.messages.get(id) ?? [])
    return ok({
      sendStatus: messages.some(({ state }) => state === 'recalled') ? 'RECALLED' : 'SUCCESS',
      messageReadInfoList: messages.map(({ personId }) => {
        const person = this.#core.world.people.get(personId)
        return { name: person?.name ?? '', userId: person?.userId ?? '', readStatus: 'UNREAD', readTimestamp: 0 }
      }),
    })
  }

  #recall({ app, body }: AppCall): Reply {
    const refused = refuseRobot(app.robotCode, stringAt(body, 'robotCode'))
    if (refused !== undefined) return refused
    const keys = Array.isArray(body.processQueryKeys) ? body.processQueryKeys.map(String) : []
    if (keys.length > MAX_RECEIVERS) return refusal('invalidParameter.processQueryKeys.overMax')
    const successResult: string[] = []
    const failedResult: Record<string, string> = {}
    for (const key of keys) {
      const sent = this.#find(app.appKey, key)
      if ('status' in sent) {
        failedResult[key] = 'robot.processQueryKey.expired'
        continue
      }
      successResult.push(key)
      for (const id of sent.messageIds) {
        const message = this.#core.world.messages.get(id)
        if (message === undefined) continue
        message.state = 'recalled'
        this.#core.changes.announce({ kind: 'message', personId: message.personId, messageId: id })
      }
    }
    return ok({ successResult, failedResult })
  }

  #find(appKey: string, key: string): Sent | Reply {
    const sent = this.#sent.get(key)
    if (sent === undefined || sent.appKey !== appKey) return refusal('invalid.processQueryKey')
    return this.#core.clock.now() - sent.at > KEY_LIFE_MS ? refusal('processQueryKey.expireTime') : sent
  }
}
