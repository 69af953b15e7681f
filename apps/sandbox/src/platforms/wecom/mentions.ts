import type { Mentions } from '#sandbox/groups/groups.ts'
import { stringAt } from '#sandbox/json.ts'
import type { Person } from '#sandbox/world.ts'
import type { WecomMessage } from './messages.ts'

/**
 * Whom a message calls: lists of user ids and mobiles in a text, `<@userid>` in a markdown text. The newer markdown calls
 * nobody. In WeCom a person's user id is the sandbox's own id.
 */
export function readMentions({ msgType, payload }: WecomMessage, members: readonly Person[]): Mentions {
  const content = stringAt(payload, 'content') ?? ''
  if (msgType === 'markdown') {
    const ids = [...content.matchAll(/<@([^>]+)>/g)].map(([, id]) => id)
    return { personIds: members.filter(({ id }) => ids.includes(id)).map(({ id }) => id), isAll: false }
  }
  if (msgType !== 'text') return { personIds: [], isAll: false }
  const ids = listAt(payload.mentioned_list)
  const mobiles = listAt(payload.mentioned_mobile_list)
  const called = members.filter(
    ({ id, mobile }) => ids.includes(id) || (mobile !== undefined && mobiles.some((one) => isSame(one, mobile))),
  )
  return {
    personIds: called.map(({ id }) => id),
    isAll: ids.includes('@all') || mobiles.includes('@all'),
  }
}

function listAt(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

/** Mainland numbers with and without their country code are one number. */
function isSame(one: string, other: string): boolean {
  const digits = (mobile: string) => mobile.replace(/\D/g, '').replace(/^86(?=1\d{10}$)/, '')
  return digits(one) === digits(other)
}
