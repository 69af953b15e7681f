import type { Core } from '#sandbox/core.ts'
import { freshId } from '#sandbox/ids.ts'
import { isObject, type JsonObject, stringAt } from '#sandbox/json.ts'
import { type AppCall, ok, type Reply, type Route, refusal } from '#sandbox/platforms/dingtalk/api.ts'
import type { Directory } from '#sandbox/platforms/dingtalk/directory.ts'
import type { DingtalkSettings } from '#sandbox/platforms/dingtalk/settings.ts'
import type { Templates } from '#sandbox/platforms/dingtalk/template/templates.ts'
import type { Person } from '#sandbox/world.ts'
import { readParamMap, readPrivateData } from './card-data.ts'
import type { CardInstance, CardInstances } from './instances.ts'
import { parseSpaces, type Space } from './spaces.ts'

const MAX_OUT_TRACK_ID = 64
const scope = 'Card.Instance.Write'

export interface CardDeps {
  core: Core
  directory: Directory
  templates: Templates
  cards: CardInstances
  settings: DingtalkSettings
}

/** Making cards and bringing them into chats. Every call is counted. */
export function deliverRoutes(deps: CardDeps): Route[] {
  const route = (path: string, handle: (call: AppCall) => Reply): Route => ({
    host: 'api',
    method: 'POST',
    path,
    isCounted: true,
    auth: 'app',
    scope,
    handle,
  })
  return [
    route('/v1.0/card/instances', (call) => {
      const card = create(deps, call)
      return 'status' in card ? card : ok({ success: true, result: card.outTrackId })
    }),
    route('/v1.0/card/instances/deliver', (call) => {
      const card = deps.cards.find(call.app, stringAt(call.body, 'outTrackId') ?? '')
      if (!stringAt(call.body, 'outTrackId')) return refusal('param.outTrackIdEmpty')
      if (card === undefined) return refusal('param.cardNotExist')
      const spaces = wantedSpaces(call.body)
      return 'status' in spaces ? spaces : ok({ success: true, result: deliver(deps, call, card, spaces) })
    }),
    route('/v1.0/card/instances/createAndDeliver', (call) => {
      const spaces = wantedSpaces(call.body)
      if ('status' in spaces) return spaces
      const card = create(deps, call)
      if ('status' in card) return card
      const deliverResults = deliver(deps, call, card, spaces)
      return ok({ success: true, result: { outTrackId: card.outTrackId, deliverResults } })
    }),
  ]
}

function create({ cards, templates, directory, settings }: CardDeps, { app, body }: AppCall): CardInstance | Reply {
  const templateId = stringAt(body, 'cardTemplateId')
  const outTrackId = stringAt(body, 'outTrackId')
  if (!templateId) return refusal('param.cardTemplateIdEmpty')
  if (!outTrackId) return refusal('param.outTrackIdEmpty')
  if (outTrackId.length > MAX_OUT_TRACK_ID) return refusal('outTrackId.outOfLimit')
  if (!isObject(body.cardData)) return refusal('param.cardPublicDataEmpty')
  const mayBeLong = settings.longCardValues === 'accept'
  const publicData = readParamMap(body.cardData, mayBeLong)
  if ('problem' in publicData) return refusal('param.invalid', 400, `param.invalid: ${publicData.problem}`)
  const privateData = readPrivateData(body.privateData, mayBeLong)
  if ('problem' in privateData) return refusal('param.invalid', 400, `param.invalid: ${privateData.problem}`)
  const callbackType = stringAt(body, 'callbackType')
  if (callbackType !== undefined && callbackType !== 'HTTP' && callbackType !== 'STREAM') {
    return refusal('param.invalid', 400, 'param.invalid: callbackType is HTTP or STREAM')
  }
  const userIdType = userIdTypeOf(body)
  if (userIdType === undefined) return refusal('param.invalid', 400, 'param.invalid: userIdType is 1 or 2')
  const model = body.imRobotOpenSpaceModel
  if (model !== undefined && !(isObject(model) && typeof model.supportForward === 'boolean')) {
    return refusal('param.openSpaceModelInvalid')
  }
  const known = cards.find(app, outTrackId)
  if (known !== undefined) return settings.reusedOutTrackId === 'ignore' ? known : refusal('param.cardAlreadyExist')
  if (templates.find(app.appKey, templateId) === undefined) return refusal('param.templateNotExist')
  if (!templates.isPublished(app.appKey, templateId)) return refusal('param.templateUnpublished')
  const routeKey = stringAt(body, 'callbackRouteKey')
  const card: CardInstance = {
    outTrackId,
    appKey: app.appKey,
    templateId,
    ...(callbackType === undefined ? {} : { callbackType }),
    ...(routeKey === undefined ? {} : { callbackRouteKey: routeKey }),
    userIdType,
    hasRobotSpace: model !== undefined,
    publicData: publicData.params,
    privateData: {},
    answered: {},
    messageIds: {},
  }
  for (const [id, params] of Object.entries(privateData.people)) {
    const person = directory.find(app, userIdType, id)
    if (person === undefined) return refusal('param.userIdNotExist')
    card.privateData[person.userId] = params
  }
  cards.add(card)
  return card
}

function wantedSpaces(body: JsonObject): Space[] | Reply {
  const openSpaceId = stringAt(body, 'openSpaceId')
  if (!openSpaceId) return refusal('param.openSpaceIdEmpty')
  const spaces = parseSpaces(openSpaceId)
  if (spaces === undefined) return refusal('param.openSpaceIdInvalid')
  const hasRobot = spaces.some(({ type }) => type === 'IM_ROBOT')
  if (hasRobot && !isObject(body.imRobotOpenDeliverModel)) return refusal('param.spaceDeliverModelEmpty')
  return spaces
}

/** One result per space: the call as a whole succeeds even when nobody was reached (section 5.3). */
function deliver(deps: CardDeps, call: AppCall, card: CardInstance, spaces: Space[]): JsonObject[] {
  return spaces.map(({ type, id }) => {
    const item = { spaceType: type, spaceId: id }
    const receiver = receiverOf(deps, call, card, { type, id })
    if ('errorMsg' in receiver) return { ...item, success: false, ...receiver }
    deps.cards.show(call.app, card, receiver, summaryFor(call.body, card, receiver))
    return { ...item, success: true, carrierId: freshId('') }
  })
}

function receiverOf(
  { directory }: CardDeps,
  call: AppCall,
  card: CardInstance,
  { type, id }: Space,
): Person | { errorMsg: string } {
  if (call.isUndelivered) return { errorMsg: 'the receiver cannot be reached' }
  if (type !== 'IM_ROBOT') return { errorMsg: 'the robot is not in the conversation' }
  if (!card.hasRobotSpace) return { errorMsg: 'spaces of card is empty' }
  const model = call.body.imRobotOpenDeliverModel
  const robotCode = isObject(model) ? (stringAt(model, 'robotCode') ?? call.app.robotCode) : call.app.robotCode
  if (robotCode !== call.app.robotCode) return { errorMsg: 'robot not exist' }
  const person = directory.find(call.app, card.userIdType, id)
  if (person === undefined) return { errorMsg: 'user not exist' }
  if (person.availableTo === false || person.stoppedBot) return { errorMsg: 'the user is not in the visible range' }
  return person
}

/** The line in the chat list: `lastMessageI18n` in the person's language, else the variable of that name. */
function summaryFor(body: JsonObject, card: CardInstance, person: Person): string {
  const model = isObject(body.imRobotOpenSpaceModel) ? body.imRobotOpenSpaceModel : {}
  const texts = isObject(model.lastMessageI18n) ? model.lastMessageI18n : {}
  const language = person.locale.toUpperCase()
  return stringAt(texts, language) ?? stringAt(texts, 'ZH_CN') ?? card.publicData.lastMessage ?? ''
}

export function userIdTypeOf(body: JsonObject): 1 | 2 | undefined {
  const value = body.userIdType ?? 1
  if (value === 1) return 1
  return value === 2 ? 2 : undefined
}
