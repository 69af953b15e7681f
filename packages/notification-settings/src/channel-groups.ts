import type { ChannelName, ChannelSetting } from '@countersign/contracts'

/** The channels in the order and groups of DMS. The name of a group is a text under `group`. */
export const channelGroups = [
  { name: 'messaging', channels: ['lark', 'feishu', 'dingtalk', 'dingtalkExclusive'] },
  { name: 'robots', channels: ['dingtalkRobot', 'wecomRobot'] },
  { name: 'mail', channels: ['email', 'sms'] },
  { name: 'webhook', channels: ['webhook'] },
] as const satisfies readonly { name: string; channels: readonly ChannelName[] }[]

/** How a channel stands, in one word; a text under `state`. */
export type ChannelState = 'on' | 'off' | 'empty' | 'not_enabled' | 'no_adapter'

export function stateOf(setting: ChannelSetting): ChannelState {
  if (setting.unavailable !== null) return setting.unavailable
  if (setting.address === null) return 'empty'
  return setting.enabled ? 'on' : 'off'
}

/** Whether anything reaches the person at all. */
export const isReachable = (settings: readonly ChannelSetting[]): boolean =>
  settings.some((setting) => stateOf(setting) === 'on')

/** The channels of the answer in groups. */
export function groupChannels(settings: readonly ChannelSetting[]) {
  return channelGroups.flatMap(({ name, channels }) => {
    const inGroup = channels.flatMap((channel) => settings.filter((setting) => setting.channel === channel))
    return inGroup.length === 0 ? [] : [{ name, settings: inGroup }]
  })
}

/** The parts of a stored address in the order they are read. */
const partOrder = [
  'email',
  'mobile',
  'employeeId',
  // Of who came from the directory of a platform.
  'userId',
  'openId',
  'url',
  'secret',
  'signatureMethod',
  'signatureKey',
] as const
export type AddressPart = (typeof partOrder)[number]

export function partsOf(address: Record<string, string>): { part: AddressPart; value: string }[] {
  return partOrder.flatMap((part) => {
    const value = address[part]
    return value === undefined ? [] : [{ part, value }]
  })
}

/** As much of the address as a person knows it by: of a web address, whose it is. */
export function shortAddress(address: Record<string, string>): string {
  const [first] = partsOf(address)
  if (first?.part !== 'url') return first?.value ?? ''
  return /^https?:\/\/([^/?#]+)/.exec(first.value)?.[1] ?? first.value
}
