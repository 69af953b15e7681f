import type { ChannelName } from '@countersign/contracts'
import { type FunctionalComponent, h, type PropType } from 'vue'
import { drawIcon } from '../ui/icon.ts'

/** Icons of the settings alone; the first screen does not carry them. */
const paths = {
  chat: 'M4 5h16v11h-9l-4 4v-4H4z',
  robot: 'M5 9h14v10H5zM12 9V5M9.2 13.5h.01M14.8 13.5h.01M9.5 16.4h5M2.5 13v3M21.5 13v3',
  mail: 'M3.5 6h17v12h-17zM4 6.8l8 6.2 8-6.2',
  phone: 'M7.5 3h9v18h-9zM11 17.8h2',
  hook: 'M9.5 14.5l5-5M8 11l-2.2 2.2a3.5 3.5 0 0 0 5 5L13 16M11 8l2.2-2.2a3.5 3.5 0 0 1 5 5L16 13',
  moon: 'M20 14.2A8.2 8.2 0 0 1 9.8 4 8.2 8.2 0 1 0 20 14.2z',
  sun: 'M12 16.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4',
  globe:
    'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3.4 9.5h17.2M3.4 14.5h17.2M12 3c2.6 2.6 3.6 5.6 3.6 9s-1 6.4-3.6 9c-2.6-2.6-3.6-5.6-3.6-9S9.4 5.6 12 3z',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zm0-14v5l3.5 2',
} as const
export type SettingsIconName = keyof typeof paths

const iconOfChannel: Record<ChannelName, SettingsIconName> = {
  lark: 'chat',
  feishu: 'chat',
  dingtalk: 'chat',
  dingtalkExclusive: 'chat',
  dingtalkRobot: 'robot',
  wecomRobot: 'robot',
  email: 'mail',
  sms: 'phone',
  webhook: 'hook',
}

/** A coloured tile with a line icon; the colour of a channel is its platform's. Decoration. */
export const Tile: FunctionalComponent<{ channel?: ChannelName; icon?: SettingsIconName }> = ({ channel, icon }) => {
  const name = channel === undefined ? (icon ?? 'clock') : iconOfChannel[channel]
  return h('span', { class: ['tile', `tile-${channel ?? name}`] }, [drawIcon(paths[name])])
}
Tile.props = { channel: String as PropType<ChannelName>, icon: String as PropType<SettingsIconName> }
