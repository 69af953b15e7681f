import {
  type ChannelName,
  DingtalkRobotSettings,
  EmailSettings,
  SmsSettings,
  WebhookSettings,
  WecomRobotSettings,
} from '@countersign/contracts'
import type { ChannelRecord } from '#server/db/stores.ts'
import {
  atMostOnceRetry,
  knownByItselfRetry,
  type RetryPolicy,
  robotRetry,
  webhookRetry,
} from '#server/delivery/backoff.ts'
import { createDingtalkRobot } from './dingtalk-robot/index.ts'
import { createEmail } from './email/index.ts'
import type { Messenger, MessengerTraits } from './messenger.ts'
import type { MessengerDeps } from './messenger-deps.ts'
import { createSms } from './sms/index.ts'
import { createWebhook } from './webhook/index.ts'
import { createWecomRobot } from './wecom-robot/index.ts'

export interface MessengerKind extends Omit<MessengerTraits, 'name'> {
  /** Opens the messenger of one tenant. Throws when its settings are not such as the contracts say. */
  create(record: Pick<ChannelRecord, 'tenantId' | 'name' | 'settings'>, deps: MessengerDeps): Messenger
  /** Checks settings by the contracts' schema and fills in what is left out. Throws ZodError. */
  parseSettings(settings: unknown): unknown
  /** Says also how long a receiver knows a repeated message, if at all. */
  retry: RetryPolicy
}

/** Every messenger there is: a new one is a folder and an entry here. */
const registry = {
  dingtalkRobot: {
    create: createDingtalkRobot,
    parseSettings: (settings: unknown) => DingtalkRobotSettings.parse(settings),
    retry: robotRetry,
    canBundle: true,
    hasOwnHosts: false,
  },
  wecomRobot: {
    create: createWecomRobot,
    parseSettings: (settings: unknown) => WecomRobotSettings.parse(settings),
    retry: atMostOnceRetry,
    canBundle: true,
    hasOwnHosts: false,
  },
  webhook: {
    create: createWebhook,
    parseSettings: (settings: unknown) => WebhookSettings.parse(settings),
    retry: webhookRetry,
    canBundle: false,
    hasOwnHosts: true,
  },
  email: {
    create: createEmail,
    parseSettings: (settings: unknown) => EmailSettings.parse(settings),
    retry: knownByItselfRetry,
    canBundle: true,
    hasOwnHosts: false,
  },
  sms: {
    create: createSms,
    parseSettings: (settings: unknown) => SmsSettings.parse(settings),
    retry: knownByItselfRetry,
    canBundle: true,
    hasOwnHosts: false,
  },
} as const satisfies Partial<Record<ChannelName, MessengerKind>>

export type RegisteredMessenger = keyof typeof registry

/** The channels that only tell, by their names in URLs and in the provisioning file. */
export const messengerNames = Object.keys(registry).filter(isMessengerName)

/** What the outbox must know of each. */
export const messengerTraits: readonly MessengerTraits[] = messengerNames.map((name) => {
  const { canBundle, hasOwnHosts } = registry[name]
  return { name, canBundle, hasOwnHosts }
})

export function isMessengerName(name: string): name is RegisteredMessenger {
  return Object.hasOwn(registry, name)
}

/** What there is to know of a messenger before one is opened. */
export function messengerKind(name: RegisteredMessenger): MessengerKind {
  return registry[name]
}

/** Opens the messenger of one tenant. Throws when it is none, or its settings are bad. */
export function createMessenger(
  record: Pick<ChannelRecord, 'tenantId' | 'name' | 'settings'>,
  deps: MessengerDeps,
): Messenger {
  if (!isMessengerName(record.name)) throw new Error(`${record.name} is no channel that only tells`)
  return registry[record.name].create(record, deps)
}
