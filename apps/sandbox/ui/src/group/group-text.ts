import type { GroupMessage } from '../../../src/groups/groups.ts'
import { isObject, objectsAt, parseJson, stringAt } from '../../../src/json.ts'
import type { PhoneGroup } from '../api.ts'
import { summaryOf } from '../dingtalk/plain-message.ts'

/** Names in the place of ids and numbers, as clients show them, and the called names that stand nowhere put in front. */
export function withNames(text: string, message: GroupMessage, group: PhoneGroup): string {
  const called = group.members.filter(({ id }) => message.mentions.personIds.includes(id))
  let shown = text
  for (const { id, name, userId, mobile } of called) {
    for (const known of [userId, mobile, mobile?.replace(/\D/g, ''), id]) {
      if (known !== undefined && known !== '') shown = shown.replaceAll(`@${known}`, `@${name}`)
    }
  }
  const missing = called.filter(({ name }) => !shown.includes(`@${name}`)).map(({ name }) => `@${name} `)
  return `${message.mentions.isAll ? '@所有人 ' : ''}${missing.join('')}${shown}`
}

/** One line for the list of chats. */
export function previewOf(message: GroupMessage | undefined): string {
  if (message === undefined) return ''
  if (message.state === 'recalled') return '…'
  const value = parseJson(message.content)
  const payload = isObject(value) ? value : {}
  const card = isObject(payload.main_title) ? stringAt(payload.main_title, 'title') : undefined
  const article = objectsAt(payload, 'articles')[0] ?? objectsAt(payload, 'links')[0]
  const line =
    card ??
    (article && stringAt(article, 'title')) ??
    stringAt(payload, 'sub_title_text') ??
    summaryOf(message.msgType, message.content)
  return `${message.from.name}: ${line.split('\n')[0]}`
}
