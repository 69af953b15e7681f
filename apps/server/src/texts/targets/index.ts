import type { ChannelName } from '@countersign/contracts'
import type { TextFormat } from '#server/channels/messenger.ts'
import { html } from './html.ts'
import { dingtalkMarkdown, wecomMarkdown } from './markdown.ts'
import { plain } from './plain.ts'
import { sms } from './sms.ts'
import type { Target } from './target.ts'

/** How the body of a text is written for a channel: by its format, but that an SMS is plain text that holds no address but our own. */
export type WrittenFormat = TextFormat | 'sms'

const formats: Readonly<Record<ChannelName, WrittenFormat>> = {
  // What the bot says; the channel makes it inert once more.
  lark: 'plain',
  feishu: 'plain',
  dingtalk: 'plain',
  dingtalkExclusive: 'plain',
  dingtalkRobot: 'dingtalk-markdown',
  wecomRobot: 'wecom-markdown',
  email: 'html',
  sms: 'sms',
  webhook: 'plain',
}

const targets: Readonly<Record<WrittenFormat, Target>> = {
  plain,
  sms,
  html,
  'dingtalk-markdown': dingtalkMarkdown,
  'wecom-markdown': wecomMarkdown,
}

export function formatOf(channel: ChannelName): WrittenFormat {
  return formats[channel]
}

export function targetOf(format: WrittenFormat): Target {
  return targets[format]
}
