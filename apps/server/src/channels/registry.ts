import {
  type ChannelName,
  DingtalkExclusiveSettings,
  DingtalkSettings,
  FeishuSettings,
  LarkSettings,
} from '@countersign/contracts'
import type { ChannelRecord } from '#server/db/stores.ts'
import type { Channel } from './channel.ts'
import { createDingtalk, type DingtalkDeps } from './dingtalk/index.ts'
import { readDingtalkMessage } from './dingtalk/read-message.ts'
import { dingtalkSetup } from './dingtalk/setup.ts'
import { createLark, type LarkDeps } from './lark/index.ts'
import { readLarkMessage } from './lark/read-message.ts'
import { larkSetup } from './lark/setup.ts'
import type { PlatformSetup } from './platform-setup.ts'

/** What any channel may need of the server. */
export type ChannelDeps = LarkDeps & DingtalkDeps

/** A message as the ledger of cards shows it. */
export interface ReadMessage {
  kind: 'card' | 'message'
  /** At the platform. */
  id: string
  /** Of the ticket, where the message itself remembers what it said. */
  status?: string
}

export interface ChannelKind {
  /** Opens the channel of one tenant. Throws when its settings are not such as the contracts say. */
  create(record: Pick<ChannelRecord, 'tenantId' | 'name' | 'settings'>, deps: ChannelDeps): Channel
  /** Checks settings by the contracts' schema and fills in what is left out. Throws ZodError. */
  parseSettings(settings: unknown): unknown
  /** The name in the address of its callbacks. */
  calledAs: string
  /** One card per ticket is shown to all who are told of it; such a channel has `Channel.shared`. */
  sharesCards: boolean
  /** What a stored message is; null where there is none, or none that this release can read. */
  readMessage(message: unknown): ReadMessage | null
  /** What an administrator enters in the platform's own console. `settings`: as far as they are known. */
  setup(publicUrl: string, settings: Readonly<Record<string, unknown>>): PlatformSetup
}

/** Every channel there is: a new one is a folder and a line here. */
const registry = {
  lark: {
    create: createLark,
    parseSettings: (settings: unknown) => LarkSettings.parse(settings),
    calledAs: 'lark',
    sharesCards: false,
    readMessage: readLarkMessage,
    setup: (publicUrl, settings) => larkSetup('lark', publicUrl, settings),
  },
  feishu: {
    create: createLark,
    parseSettings: (settings: unknown) => FeishuSettings.parse(settings),
    calledAs: 'feishu',
    sharesCards: false,
    readMessage: readLarkMessage,
    setup: (publicUrl, settings) => larkSetup('feishu', publicUrl, settings),
  },
  dingtalk: {
    create: createDingtalk,
    parseSettings: (settings: unknown) => DingtalkSettings.parse(settings),
    calledAs: 'dingtalk',
    sharesCards: true,
    readMessage: readDingtalkMessage,
    setup: (publicUrl, settings) => dingtalkSetup('dingtalk', publicUrl, settings),
  },
  dingtalkExclusive: {
    create: createDingtalk,
    parseSettings: (settings: unknown) => DingtalkExclusiveSettings.parse(settings),
    calledAs: 'dingtalk',
    sharesCards: true,
    readMessage: readDingtalkMessage,
    setup: (publicUrl, settings) => dingtalkSetup('dingtalkExclusive', publicUrl, settings),
  },
} as const satisfies Partial<Record<ChannelName, ChannelKind>>

export type RegisteredChannel = keyof typeof registry

/** The channels that carry cards, by their names in URLs and in the provisioning file. */
export const channelNames = Object.keys(registry).filter(isChannelName)

/** Those that show one card to many. */
export const sharedChannels = channelNames.filter((name) => registry[name].sharesCards)

/** Channels whose platform calls this name in the address of its callbacks. */
export function channelsCalled(name: string): RegisteredChannel[] {
  return channelNames.filter((each) => registry[each].calledAs === name)
}

export function isChannelName(name: string): name is RegisteredChannel {
  return Object.hasOwn(registry, name)
}

/** What there is to know of a channel before one is opened. */
export function channelKind(name: RegisteredChannel): ChannelKind {
  return registry[name]
}

/** Opens the channel of one tenant's app. Throws when it is none that carries cards, or its settings are bad. */
export function createChannel(
  record: Pick<ChannelRecord, 'tenantId' | 'name' | 'settings'>,
  deps: ChannelDeps,
): Channel {
  if (!isChannelName(record.name)) throw new Error(`${record.name} is no channel that carries cards`)
  return registry[record.name].create(record, deps)
}
