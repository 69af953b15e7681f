import type { ChannelSetup, GuidedChannel, Reach } from '@countersign/contracts'
import { isDingtalk } from './steps.ts'

type Place = ChannelSetup['addresses'][number]['place']
/** `welcomeDo.<what>` says it. */
type What =
  | 'create'
  | 'features'
  | 'permissions'
  | 'permissionsAtOnce'
  | 'security'
  | 'securityDomain'
  | 'encryption'
  | 'template'
  | 'callback'
  | 'event'
  | 'callbackPushed'
  | 'eventPushed'
  | 'robot'
  | 'robotPushed'
  | 'registered'
  | 'publish'

/** One thing to do in the console of a platform. */
export interface Instruction {
  what: What
  /** Where that is, in the words of that console, outermost first. */
  menu: readonly string[]
  /** What is pasted there. */
  places?: readonly Place[]
  /** Words of the platform that are chosen there. */
  names?: readonly string[]
  shows?: 'permissions' | 'template' | 'console'
}

/** The words of each console, in its own language, as its documents give them. */
interface Menus {
  create: string
  features: string
  bot: string
  webApp: string
  permissions: string
  batch: string
  security: string
  events: string
  encryption: string
  callback: string
  event: string
  pushed: string
  version: string
  credentials: string
}

const lark: Menus = {
  create: 'Create Custom App',
  features: 'Add Features',
  bot: 'Bot',
  webApp: 'Web App',
  permissions: 'Permissions & Scopes',
  batch: 'Batch import/export scopes',
  security: 'Security Settings',
  events: 'Events & Callbacks',
  encryption: 'Encryption Strategy',
  callback: 'Callback Configuration',
  event: 'Event Configuration',
  pushed: 'persistent connection',
  version: 'Version Management & Release',
  credentials: 'Credentials & Basic Info',
}
const feishu: Menus = {
  create: '创建企业自建应用',
  features: '添加应用能力',
  bot: '机器人',
  webApp: '网页应用',
  permissions: '权限管理',
  batch: '批量导入/导出权限',
  security: '安全设置',
  events: '事件与回调',
  encryption: '加密策略',
  callback: '回调配置',
  event: '事件配置',
  pushed: '使用长连接接收',
  version: '版本管理与发布',
  credentials: '凭证与基础信息',
}
const dingtalk: Menus = { ...feishu, create: '创建应用', pushed: 'Stream 模式', event: '消息接收模式' }
const cardPlatform = ['卡片平台', '新建模板'] as const

const menusOf = (channel: GuidedChannel): Menus => {
  if (isDingtalk(channel)) return dingtalk
  return channel === 'lark' ? lark : feishu
}

/** Where the platform shows what is entered here as credentials. */
export const credentialsMenu = (channel: GuidedChannel): string => menusOf(channel).credentials

/** Making the app: before this host knows of it. */
export function appInstructions(channel: GuidedChannel): Instruction[] {
  const menu = menusOf(channel)
  const create: Instruction = { what: 'create', menu: [menu.create], shows: 'console' }
  const features: Instruction = {
    what: 'features',
    menu: [menu.features],
    names: [menu.bot, menu.webApp],
    places: ['homePage'],
  }
  if (isDingtalk(channel)) {
    return [
      create,
      features,
      { what: 'permissions', menu: [menu.permissions], shows: 'permissions' },
      { what: 'security', menu: [menu.security], places: ['redirectUrl'] },
      { what: 'template', menu: cardPlatform, shows: 'template' },
    ]
  }
  return [
    create,
    features,
    { what: 'permissionsAtOnce', menu: [menu.permissions, menu.batch], shows: 'permissions' },
    { what: 'securityDomain', menu: [menu.security], places: ['redirectUrl', 'trustedDomain'] },
    { what: 'encryption', menu: [menu.events, menu.encryption] },
  ]
}

/** Leading what people do to this host, and publishing the app: once its credentials are stored here. */
export function callbackInstructions(channel: GuidedChannel, reach: Reach): Instruction[] {
  const menu = menusOf(channel)
  const publish: Instruction = { what: 'publish', menu: [menu.version], shows: 'console' }
  if (isDingtalk(channel)) {
    const robot = [menu.bot, menu.event]
    return reach === 'http'
      ? [
          { what: 'robot', menu: robot, names: ['HTTP 模式'], places: ['robot'] },
          { what: 'registered', menu: [], places: ['registered'] },
          publish,
        ]
      : [{ what: 'robotPushed', menu: robot, names: [menu.pushed] }, publish]
  }
  const tap = { menu: [menu.events, menu.callback], names: ['card.action.trigger'] }
  const message = { menu: [menu.events, menu.event], names: ['im.message.receive_v1'] }
  return reach === 'http'
    ? [{ what: 'callback', ...tap, places: ['callback'] }, { what: 'event', ...message, places: ['event'] }, publish]
    : [
        { what: 'callbackPushed', ...tap, names: [menu.pushed, ...tap.names] },
        { what: 'eventPushed', ...message, names: [menu.pushed, ...message.names] },
        publish,
      ]
}
