import type { ChannelName, Locale, TenantId, Uid } from '@countersign/contracts'
import type { MessageContent, NoticeItem, TextFormat, Words } from '#server/channels/messenger.ts'

/** Of a message, what its words depend on: who else is told makes no difference to them. */
export type TextContent = Exclude<MessageContent, { kind: 'notice' }> | { kind: 'notice'; item: NoticeItem }

/** What is to be put into words. */
export interface TextRequest {
  channel: ChannelName
  recipient: { uid: Uid; name: string }
  locale: Locale
  /** Of the person who reads it. */
  timeZone: string
  format: TextFormat
  content: TextContent
}

/** Puts what people are told into words, escaped for the format of the channel. */
export interface TextRenderer {
  /** May look up what the tenant says in its own words; never called inside of a transaction. */
  render(tenantId: TenantId, request: TextRequest): Promise<Words>
}
