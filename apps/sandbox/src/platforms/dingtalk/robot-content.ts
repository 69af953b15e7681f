import { isObject, parseJson, stringAt } from '#sandbox/json.ts'
import { type AppCall, type Reply, refusal } from './api.ts'

const MAX_PARAM_BYTES = 15_000

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

/** Refuses a call that names no robot, or another app's. */
export function refuseRobot(own: string, given: string | undefined): Reply | undefined {
  if (!given) return refusal('invalidParameter.robotCode.empty')
  // The platform's own spelling.
  return given === own ? undefined : refusal('invalidParameter.robotCode.notExsit')
}

/** Refuses a message without a known template, or without what that template needs. */
export function refuseContent(body: AppCall['body']): Reply | undefined {
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
