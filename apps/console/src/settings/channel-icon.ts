import type { ChannelName } from '@countersign/contracts'
import { Cellphone, ChatDotRound, ChatLineRound, Link, Message } from '@element-plus/icons-vue'
import type { Component } from 'vue'

/** Decoration beside the name of a channel. */
export const channelIcons: Readonly<Record<ChannelName, Component>> = {
  lark: ChatDotRound,
  feishu: ChatDotRound,
  dingtalk: ChatDotRound,
  dingtalkExclusive: ChatDotRound,
  dingtalkRobot: ChatLineRound,
  wecomRobot: ChatLineRound,
  email: Message,
  sms: Cellphone,
  webhook: Link,
}
