import { type ChannelName, type Locale, NoticeEvent, type TextKind, type TextTemplate } from '@countersign/contracts'
import { ar, arMail } from './ar.ts'
import type { DefaultTexts, MailBodies } from './defaults.ts'
import { en, enMail } from './en.ts'
import { id, idMail } from './id.ts'
import { ja, jaMail } from './ja.ts'
import { ms, msMail } from './ms.ts'
import { zhCN, zhCNMail } from './zh-cn.ts'

const defaults: Readonly<Record<Locale, DefaultTexts>> = { 'zh-CN': zhCN, en, ja, ms, id, ar }
const mails: Readonly<Record<Locale, MailBodies>> = {
  'zh-CN': zhCNMail,
  en: enMail,
  ja: jaMail,
  ms: msMail,
  id: idMail,
  ar: arMail,
}

/** Chats, where words stand beside cards: the sentence and the link are all there is. */
const chats: readonly ChannelName[] = ['lark', 'feishu', 'dingtalk', 'dingtalkExclusive']

/** What is said when the tenant does not say it otherwise. */
export function defaultText(kind: TextKind, channel: ChannelName, locale: Locale): TextTemplate {
  const { title, body } = defaults[locale][kind]
  const event = NoticeEvent.safeParse(kind)
  if (channel === 'email' && event.success) return { title, body: mails[locale][event.data] }
  return chats.includes(channel) && event.success
    ? { title, body: withLink(title) }
    : asCarried(kind, channel, { title, body })
}

/** A text as the channel carries it: an SMS about one ticket is its title, with the link after it. */
export function asCarried(kind: TextKind, channel: ChannelName, { title, body }: TextTemplate): TextTemplate {
  return { title, body: channel === 'sms' && NoticeEvent.safeParse(kind).success ? withLink(title) : body }
}

function withLink(title: string): string {
  return `${title}\n{{ link }}`
}
