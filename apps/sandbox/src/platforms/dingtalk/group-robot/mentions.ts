import type { Mentions } from '#sandbox/groups/groups.ts'
import { isObject, type JsonObject, stringAt } from '#sandbox/json.ts'
import { digitsOf } from '#sandbox/platforms/dingtalk/directory.ts'
import type { Person } from '#sandbox/world.ts'
import type { WebhookMessage } from './messages.ts'

export const MAX_MENTIONS = 50

/** How many people `at` names; isAtAll is none. */
export function countMentions({ at }: JsonObject): number {
  return isObject(at) ? listAt(at, 'atMobiles').length + listAt(at, 'atUserIds').length : 0
}

/**
 * Whom a message calls among the group's members. Only text and markdown call anybody, and markdown only those whose `@`
 * stands in its text.
 */
export function readMentions({ at }: JsonObject, message: WebhookMessage, members: readonly Person[]): Mentions {
  if (!isObject(at) || !['text', 'markdown'].includes(message.msgType)) return { personIds: [], isAll: false }
  const mobiles = listAt(at, 'atMobiles')
  const userIds = listAt(at, 'atUserIds')
  const text = stringAt(message.payload, 'text') ?? ''
  const stands = (id: string) => message.msgType === 'text' || text.includes(`@${id}`)
  const called = members.filter(
    ({ mobile, userId }) =>
      userIds.some((id) => id === userId && stands(id)) ||
      (mobile !== undefined && mobiles.some((one) => digitsOf(one) === digitsOf(mobile) && stands(one))),
  )
  return { personIds: called.map(({ id }) => id), isAll: at.isAtAll === true || at.isAtAll === 'true' }
}

function listAt(at: JsonObject, key: string): string[] {
  const value = at[key]
  return Array.isArray(value) ? value.map(String) : []
}
