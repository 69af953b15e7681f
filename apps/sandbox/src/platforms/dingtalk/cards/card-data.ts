import { isObject } from '#sandbox/json.ts'
import type { DingtalkSettings } from '#sandbox/platforms/dingtalk/settings.ts'
import type { CardTemplate } from '#sandbox/platforms/dingtalk/template/template.ts'

/** A card's values by variable; the platform knows only strings. */
export type ParamMap = Record<string, string>

const MAX_KEY_BYTES = 100
const MAX_VALUE_BYTES = 1024
const MAX_MAP_BYTES = 100 * 1024

/** The `cardParamMap` inside a value, or what is wrong with it. */
export function readParamMap(holder: unknown, mayBeLong: boolean): { params: ParamMap } | { problem: string } {
  const map = isObject(holder) ? holder.cardParamMap : undefined
  if (!isObject(map)) return { problem: 'cardParamMap is missing' }
  const params: ParamMap = {}
  for (const [key, value] of Object.entries(map)) {
    if (typeof value !== 'string') return { problem: `the value of ${key} is not a string` }
    if (Buffer.byteLength(key) > MAX_KEY_BYTES)
      return { problem: `the key ${key} is longer than ${MAX_KEY_BYTES} bytes` }
    const size = Buffer.byteLength(value)
    if (size > MAX_VALUE_BYTES && !mayBeLong)
      return { problem: `the value of ${key} has ${size} bytes, more than 1 KB` }
    params[key] = value
  }
  if (Buffer.byteLength(JSON.stringify(params)) > MAX_MAP_BYTES)
    return { problem: 'the card data is larger than 100 KB' }
  return { params }
}

/** Replaces the whole map, or only the keys that come. */
export function changed(before: ParamMap, after: ParamMap, isByKey: boolean): ParamMap {
  return isByKey ? { ...before, ...after } : after
}

/** The `privateData` of a request: a map per person. */
export function readPrivateData(
  value: unknown,
  mayBeLong: boolean,
): { people: Record<string, ParamMap> } | { problem: string } {
  if (value === undefined || value === null) return { people: {} }
  if (!isObject(value)) return { problem: 'privateData is not an object' }
  const people: Record<string, ParamMap> = {}
  for (const [userId, holder] of Object.entries(value)) {
    const read = readParamMap(holder, mayBeLong)
    if ('problem' in read) return { problem: `privateData of ${userId}: ${read.problem}` }
    people[userId] = read.params
  }
  return { people }
}

/**
 * What one person sees: public values, over them what a callback answered to this person alone, over them the private
 * ones. A private value counts only where the template calls the variable private and, unless switched, when it is not
 * empty.
 */
export function paramsFor(
  template: CardTemplate,
  card: { publicData: ParamMap; privateData: Record<string, ParamMap>; answered: Record<string, ParamMap> },
  userId: string,
  { emptyPrivateValues }: Pick<DingtalkSettings, 'emptyPrivateValues'>,
): ParamMap {
  const counts = (value: string) => value !== '' || emptyPrivateValues === 'hide'
  const own = Object.entries(card.privateData[userId] ?? {}).filter(
    ([name, value]) => counts(value) && template.variables.get(name)?.isPrivate === true,
  )
  return { ...card.publicData, ...card.answered[userId], ...Object.fromEntries(own) }
}
