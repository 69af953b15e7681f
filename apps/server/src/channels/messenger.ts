import type { ChannelName, Locale, NoticeEvent, TenantId, Uid } from '@countersign/contracts'
import type { CallQuota, CardModel, Delivered, RateLimit } from './channel.ts'
import type { Examinable } from './finding.ts'

/*
 * The port between Countersign and a way to tell people something that takes no answer back: group robots, e-mail, SMS,
 * custom webhooks. What was sent stays as it is; a link leads to the ticket's present state. One instance serves one
 * tenant. A channel that carries cards and taps is a `Channel` (channel.ts) instead.
 */

/** How text is written for a channel; texts/ escapes whatever people wrote accordingly. */
export type TextFormat = 'plain' | 'html' | 'dingtalk-markdown' | 'wecom-markdown'

/** Text as it goes out, in the recipient's language and the channel's format. */
export interface Words {
  /** One line, never markup. */
  title: string
  body: string
}

/** A notice of one ticket. */
export interface NoticeItem {
  event: NoticeEvent
  /** The ticket as it is now, as this person may see it. */
  ticket: CardModel
}

/** Who is told of a notice: all for whom it was meant, and those whom it has reached, or is on its way to. */
export interface Audience {
  intended: { uid: Uid; name: string }[]
  reached: { uid: Uid; name: string }[]
}

/** What is to be said. `words` of the letter say the same in a sentence or two; a channel takes what it can carry. */
export type MessageContent =
  | { kind: 'notice'; item: NoticeItem; submitter: { uid: Uid; name: string }; audience: Audience }
  /** Several at once: a digest, or what a full channel held back. `items` are as many as fit, `count` is all. */
  | { kind: 'bundle'; items: NoticeItem[]; count: number; link: string }
  /** Six digits that prove an address. */
  | { kind: 'code'; code: string; validMinutes: number }
  | { kind: 'test' }
  /** For administrators, for example who cannot be reached. */
  | { kind: 'report'; lines: string[]; link: string }

export interface Letter {
  to: { uid: Uid; name: string }
  /** As the binding has it, opened; shape by channel (`channelAddresses` of the contracts). */
  address: unknown
  /** The operator wrote the address in the provisioning file; false: a person typed it, and may mean ill. */
  isOperators: boolean
  locale: Locale
  timeZone: string
  words: Words
  content: MessageContent
  /** Stable over retries of the same message; at most 50 characters. */
  idempotencyKey: string
  /** Epoch milliseconds of what is told, for channels that carry a time. */
  at: number
  /** When a send was first tried whose outcome is not known (epoch ms): it may have arrived. Null: none. */
  firstTriedAt: number | null
}

/** What the outbox must know of a messenger before one is opened. */
export interface MessengerTraits {
  readonly name: ChannelName
  /** As `Messenger.canBundle`. */
  readonly canBundle: boolean
  /** Every receiver is at a host of their own: one that hangs says nothing about the others. */
  readonly hasOwnHosts: boolean
}

export interface Messenger extends Partial<Examinable> {
  readonly tenantId: TenantId
  readonly name: ChannelName
  /** Tells this app's limits from those of another of the same tenant and channel; often just the channel's name. */
  readonly appId: string
  readonly format: TextFormat
  /** In whose language it speaks: the person's unless given. */
  readonly speaksFor?: 'tenant'
  /** Outbound limits, kept for all instances together; `receiver` counts by `receiverOf`. */
  readonly limits: { app: RateLimit[]; receiver: RateLimit[]; message: RateLimit[] }
  /** Several waiting messages to one receiver may be told in one, when they are held back or too many. */
  readonly canBundle: boolean
  /** Absent where nothing limits the calls of a month. */
  readonly callQuota?: CallQuota
  /** What the limits count by and what a delivery's lane is: the robot, the mailbox, the number. Never logged. */
  receiverOf(address: unknown): string
  /** What of an address may be shown, where it tells where a failure happened: the host of a web hook. Absent: nothing. */
  placeOf?(address: unknown): string
  /** Why an address that a person typed cannot be used, in English; null: it can. Absent: all that the contracts take. */
  refuseAddress?(address: unknown): string | null
  /** Throws ChannelError. No error says anything that gives access to the receiver. */
  send(letter: Letter): Promise<Delivered>
}
