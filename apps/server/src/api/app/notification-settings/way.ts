import type { ChannelName, ChannelSetting, DeliveryMode, TenantId, Verification } from '@countersign/contracts'
import type { Channel } from '#server/channels/channel.ts'
import type { Messenger } from '#server/channels/messenger.ts'
import type { NotificationSettingsDeps } from './deps.ts'

/** What a channel is to a tenant now. `channel`: it carries cards; `messenger`: it only tells; neither: nothing comes through. */
export interface Way {
  name: ChannelName
  unavailable: ChannelSetting['unavailable']
  channel: Channel | null
  messenger: Messenger | null
  modes: DeliveryMode[]
  /** How somebody shows that an address is theirs. */
  verification: Verification
}

type WayDeps = Pick<NotificationSettingsDeps, 'store' | 'channels' | 'messengers'>

/** `enabled`: the names of the channels that the tenant has switched on. */
export async function wayOf(
  deps: WayDeps,
  tenantId: TenantId,
  name: ChannelName,
  enabled: ReadonlySet<string>,
): Promise<Way> {
  const isEnabled = enabled.has(name)
  const channel = isEnabled ? await deps.channels.get(tenantId, name) : null
  const messenger = isEnabled && channel === null ? await deps.messengers.get(tenantId, name) : null
  const isLive = channel !== null || messenger !== null
  return {
    name,
    unavailable: isEnabled ? (isLive ? null : 'no_adapter') : 'not_enabled',
    channel,
    messenger,
    // A card is a ticket's present state, and asks for a decision: it is not held for a summary.
    modes: messenger?.canBundle === true ? ['instant', 'digest'] : ['instant'],
    verification: await verificationOf(deps, tenantId, name),
  }
}

/** DingTalk's Standard Edition proves the number itself, as DMS does; without text messages, the account found by it. */
async function verificationOf(deps: WayDeps, tenantId: TenantId, name: ChannelName): Promise<Verification> {
  switch (name) {
    case 'dingtalk':
      return (await deps.messengers.get(tenantId, 'sms')) === null ? 'bot' : 'sms'
    case 'lark':
    case 'feishu':
    case 'dingtalkExclusive':
      return 'bot'
    case 'email':
    case 'sms':
      return name
    case 'dingtalkRobot':
    case 'wecomRobot':
    case 'webhook':
      return 'none'
    default:
      return name satisfies never
  }
}
