import { isObject, type JsonObject, parseJson } from '#sandbox/json.ts'
import type { DingtalkSettings } from '#sandbox/platforms/dingtalk/settings.ts'
import type { DingtalkApp, Person } from '#sandbox/world.ts'
import { changed, type ParamMap, readParamMap } from './card-data.ts'
import type { CardDeps } from './deliver.ts'
import type { CardInstance } from './instances.ts'
import { changePublic, updateOptions } from './update.ts'

/** What an app answers to a click (section 5.8). */
export interface CardAnswer {
  publicData?: ParamMap
  privateData?: ParamMap
  isPublicByKey: boolean
  isPrivateByKey: boolean
}

/** Reads the answer's JSON; an empty object leaves the card as it is. */
export function readAnswer(text: string, settings: DingtalkSettings): CardAnswer | { problem: string } {
  const value = text === '' ? {} : parseJson(text)
  if (!isObject(value)) return { problem: 'the answer is no JSON object' }
  const mayBeLong = settings.longCardValues === 'accept'
  const answer: CardAnswer = updateOptions(withOldName(value))
  if (value.cardData !== undefined) {
    const read = readParamMap(value.cardData, mayBeLong)
    if ('problem' in read) return { problem: `cardData: ${read.problem}` }
    answer.publicData = read.params
  }
  if (value.userPrivateData !== undefined) {
    const read = readParamMap(value.userPrivateData, mayBeLong)
    if ('problem' in read) return { problem: `userPrivateData: ${read.problem}` }
    answer.privateData = read.params
  }
  return answer
}

/** Changes the card as the answer says: for the person who clicked, unless the switch says for everybody. */
export function applyAnswer(
  { cards, settings }: CardDeps,
  app: DingtalkApp,
  card: CardInstance,
  person: Person,
  { publicData, privateData, isPublicByKey, isPrivateByKey }: CardAnswer,
): void {
  const { userId } = person
  const reachesAll = settings.answerReaches === 'everybody'
  if (publicData !== undefined && reachesAll) changePublic(card, publicData, isPublicByKey)
  if (publicData !== undefined && !reachesAll) {
    const before = isPublicByKey ? card.answered[userId] : emptied(card.publicData)
    card.answered[userId] = { ...before, ...publicData }
  }
  if (privateData !== undefined) {
    card.privateData[userId] = changed(card.privateData[userId] ?? {}, privateData, isPrivateByKey)
  }
  cards.refresh(app, card, 'answer', reachesAll ? undefined : person)
}

/** Replacing the whole map takes away what it no longer names. */
function emptied(params: ParamMap): ParamMap {
  return Object.fromEntries(Object.keys(params).map((key) => [key, '']))
}

/** The older guide called the options `cardOptions`. */
function withOldName(value: JsonObject): JsonObject {
  return isObject(value.cardUpdateOptions) ? value : { ...value, cardUpdateOptions: value.cardOptions }
}
