import type { Core } from '#sandbox/core.ts'
import { freshId } from '#sandbox/ids.ts'
import { isObject, parseJson, stringAt } from '#sandbox/json.ts'
import { type AppCall, ok, type Reply, type Route, refusal } from './api.ts'
import type { Directory } from './directory.ts'

const MAX_RECEIVERS = 20
const MAX_PARAM_BYTES = 15_000
const KEY_LIFE_MS = 24 * 3_600_000

/** Message templates and the keys their `msgParam` must carry (robot-message-type page). */
const messageKeys: Record<string, string[]> = {
  sampleText: ['content'],
  sampleMarkdown: ['title', 'text'],
  sampleImageMsg: ['photoURL'],
  sampleLink: ['text', 'title', 'messageUrl'],
  sampleActionCard: ['title', 'text', 'singleTitle', 'singleURL'],
  sampleActionCard2: ['title', 'text', 'actionTitle1', 'actionURL1', 'actionTitle2', 'actionURL2'],
  sampleActionCard3: ['title', 'text', 'actionTitle1', 'actionURL1', 'actionTitle3', 'actionURL3'],
  sampleActionCard4: ['title', 'text', 'actionTitle1', 'actionURL1', 'actionTitle4', 'actionURL4'],
  sampleActionCard5: ['title', 'text', 'actionTitle1', 'actionURL1', 'actionTitle5', 'actionURL5'],
  sampleActionCard6: ['title', 'text', 'buttonTitle1', 'buttonUrl1', 'buttonTitle2', 'buttonUrl2'],
}

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

function refuseRobot(own: string, given: string | undefined): Reply | undefined {
  if (!given) return refusal('invalidParameter.robotCode.empty')
  // The platform's own spelling.
  return given === own ? undefined : refusal('invalidParameter.robotCode.notExsit')
}

function refuseContent(body: AppCall['body']): Reply | undefined {
  const key = stringAt(body, 'msgKey')
  const param = stringAt(body, 'msgParam')
  if (!key) return refusal('invalidParameter.msgKey.empty')
  const wanted = messageKeys[key]
  if (wanted === undefined) return refusal('invalidParameter.msgKey.invalid')
  const value = parseJson(param ?? '')
  if (param === undefined || !isObject(value)) return refusal('invalidParameter.msgParam.invalid')
  if (Buffer.byteLength(param) > MAX_PARAM_BYTES) return refusal('invalidParameter.msgParam.tooLong')
  const missing = wanted.find((name) => !stringAt(value, name))
  return missing === undefined ? undefined : refusal(`miss.param.${missing}`)
}
