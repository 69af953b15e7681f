import { isObject, type JsonObject, stringAt } from '#sandbox/json.ts'
import { type AppCall, ok, type Reply, type Route, refusal } from '#sandbox/platforms/dingtalk/api.ts'
import { changed, type ParamMap, readParamMap, readPrivateData } from './card-data.ts'
import { type CardDeps, userIdTypeOf } from './deliver.ts'
import type { CardInstance } from './instances.ts'

const MAX_PRIVATE_PEOPLE = 50

/** One update reaches everybody who has the card (interactive-card-update-interface page). */
export function updateRoutes(deps: CardDeps): Route[] {
  return [
    {
      host: 'api',
      method: 'PUT',
      path: '/v1.0/card/instances',
      isCounted: true,
      auth: 'app',
      scope: 'Card.Instance.Write',
      handle: (call) => update(deps, call),
    },
  ]
}

function update(deps: CardDeps, { app, body }: AppCall): Reply {
  const { cards, directory, settings } = deps
  const outTrackId = stringAt(body, 'outTrackId')
  if (!outTrackId) return refusal('param.outTrackIdEmpty')
  if (!isObject(body.cardData) && !isObject(body.privateData)) return refusal('param.cardDataAndPrivateDataBothEmpty')
  const card = cards.find(app, outTrackId)
  if (card === undefined) return refusal('param.cardNotExist')
  const mayBeLong = settings.longCardValues === 'accept'
  const shared = body.cardData === undefined ? undefined : readParamMap(body.cardData, mayBeLong)
  if (shared !== undefined && 'problem' in shared) return invalid(shared.problem)
  const personal = readPrivateData(body.privateData, mayBeLong)
  if ('problem' in personal) return invalid(personal.problem)
  const userIdType = userIdTypeOf(body)
  if (userIdType === undefined) return invalid('userIdType is 1 or 2')
  const entries = Object.entries(personal.people)
  if (entries.length > MAX_PRIVATE_PEOPLE) return invalid(`privateData names more than ${MAX_PRIVATE_PEOPLE} people`)
  const people = entries.map(([id, params]) => ({ person: directory.find(app, userIdType, id), params }))
  if (people.some(({ person }) => person === undefined)) return refusal('param.userIdNotExist')
  const options = updateOptions(body)
  if (shared !== undefined) changePublic(card, shared.params, options.isPublicByKey)
  for (const { person, params } of people) {
    if (person === undefined) continue
    card.privateData[person.userId] = changed(card.privateData[person.userId] ?? {}, params, options.isPrivateByKey)
  }
  cards.refresh(app, card, 'patch')
  return ok({ success: true, result: true })
}

/** How an update or an answer wants to be taken; without options it replaces the whole map. */
export function updateOptions(body: JsonObject): { isPublicByKey: boolean; isPrivateByKey: boolean } {
  const options = isObject(body.cardUpdateOptions) ? body.cardUpdateOptions : {}
  return {
    isPublicByKey: options.updateCardDataByKey === true,
    isPrivateByKey: options.updatePrivateDataByKey === true,
  }
}

/** Changes what everybody sees; what answers had shown to single people gives way to it. */
export function changePublic(card: CardInstance, params: ParamMap, isByKey: boolean): void {
  card.publicData = changed(card.publicData, params, isByKey)
  if (!isByKey) card.answered = {}
  for (const own of Object.values(card.answered)) for (const key of Object.keys(params)) delete own[key]
}

function invalid(problem: string): Reply {
  return refusal('param.invalid', 400, `param.invalid: ${problem}`)
}
