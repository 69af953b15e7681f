import type { PhoneApp, PhonePerson } from '../api.ts'
import type { Inbox, Inboxes } from '../useInboxes.ts'

/** An app on somebody's phone. */
export interface PhoneAppIcon {
  id: 'chat' | 'wecom' | 'sms' | 'mail'
  name: string
  look: 'lark' | 'feishu' | 'dingtalk' | 'wecom' | 'sms' | 'mail'
  unread: number
}

const names = {
  lark: 'Lark',
  feishu: '飞书',
  dingtalk: 'DingTalk',
} as const

/** What is installed: the chat app of the person's company, and the others as far as the person has an address there. */
export function appsOf(person: PhonePerson, app: PhoneApp | undefined, inbox: Inbox, inboxes: Inboxes): PhoneAppIcon[] {
  const isChinese = person.locale.startsWith('zh')
  const look = person.platform
  const unreadIn = (platform: 'dingtalk' | 'wecom') =>
    inbox.groups
      .filter((group) => group.platform === platform)
      .reduce((sum, { id, messages }) => sum + inboxes.unread(person.id, `group:${id}`, messages.length), 0)
  const unread = (place: 'sms' | 'mail') => inboxes.unread(person.id, place, inbox[place].length)
  return [
    ...(app === undefined
      ? []
      : [
          {
            id: 'chat' as const,
            name: look === 'dingtalk' && isChinese ? '钉钉' : names[look],
            look,
            unread: unreadIn('dingtalk'),
          },
        ]),
    ...(inbox.groups.some(({ platform }) => platform === 'wecom')
      ? [
          {
            id: 'wecom' as const,
            name: isChinese ? '企业微信' : 'WeCom',
            look: 'wecom' as const,
            unread: unreadIn('wecom'),
          },
        ]
      : []),
    ...(person.mobile === undefined
      ? []
      : [{ id: 'sms' as const, name: isChinese ? '信息' : 'Messages', look: 'sms' as const, unread: unread('sms') }]),
    ...(person.email === undefined
      ? []
      : [{ id: 'mail' as const, name: isChinese ? '邮件' : 'Mail', look: 'mail' as const, unread: unread('mail') }]),
  ]
}
