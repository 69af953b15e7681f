import type { ProvisioningFile } from '@countersign/contracts'
import type { SandboxSeed } from '@countersign/sandbox'

/*
 * The demo's company: an export trader with people in five countries, some on Lark, some on Feishu. The server knows
 * them from its provisioning file; the sandbox's platforms know them as their own users. Only addresses connect the two,
 * as in life.
 */

interface Person {
  uid: string
  name: string
  locale: 'en' | 'zh-CN' | 'ja' | 'ms' | 'id' | 'ar'
  platform: 'lark' | 'feishu'
  mobile: string
  timeZone: string
  roles?: ('user' | 'dba' | 'admin' | 'security_admin')[]
}

export const people: readonly Person[] = [
  {
    uid: 'alice',
    name: 'Alice Tan',
    locale: 'en',
    platform: 'lark',
    mobile: '+6591234501',
    timeZone: 'Asia/Singapore',
    roles: ['admin'],
  },
  { uid: 'bob', name: 'Bob Miller', locale: 'en', platform: 'lark', mobile: '+6591234502', timeZone: 'Asia/Singapore' },
  {
    uid: 'chenwei',
    name: '陈伟',
    locale: 'zh-CN',
    platform: 'feishu',
    mobile: '+8613800138001',
    timeZone: 'Asia/Shanghai',
    roles: ['dba'],
  },
  {
    uid: 'lina',
    name: '李娜',
    locale: 'zh-CN',
    platform: 'feishu',
    mobile: '+8613800138002',
    timeZone: 'Asia/Shanghai',
  },
  {
    uid: 'yuki',
    name: '田中 由紀',
    locale: 'ja',
    platform: 'lark',
    mobile: '+819012345601',
    timeZone: 'Asia/Tokyo',
    roles: ['security_admin'],
  },
  {
    uid: 'aisyah',
    name: 'Nur Aisyah',
    locale: 'ms',
    platform: 'lark',
    mobile: '+60123456701',
    timeZone: 'Asia/Kuala_Lumpur',
  },
  {
    uid: 'budi',
    name: 'Budi Santoso',
    locale: 'id',
    platform: 'lark',
    mobile: '+628123456701',
    timeZone: 'Asia/Jakarta',
  },
  {
    uid: 'fatima',
    name: 'فاطمة العتيبي',
    locale: 'ar',
    platform: 'lark',
    mobile: '+966501234501',
    timeZone: 'Asia/Riyadh',
  },
]

export const demoApps = {
  lark: {
    appId: 'cli_a1b2c3d4e5f60718',
    appSecret: 'demo-lark-app-secret',
    encryptKey: 'demo-lark-encrypt-key',
    verificationToken: 'demo-lark-verification-token',
  },
  feishu: {
    appId: 'cli_b1c2d3e4f5a60718',
    appSecret: 'demo-feishu-app-secret',
    encryptKey: 'demo-feishu-encrypt-key',
    verificationToken: 'demo-feishu-verification-token',
  },
} as const

/** Of the demo alone: it listens on loopback, and its data are made up. */
export const demoApiKey = 'csk_demo_0123456789abcdef'
const demoWebhookSecret = `whsec_${Buffer.from('countersign-demo-webhook-secret!').toString('base64')}`

const email = (uid: string): string => `${uid}@acme.example`
const sdkUrl = (sandboxUrl: string, platform: 'lark' | 'feishu'): string => `${sandboxUrl}/${platform}/h5-js-sdk.js`
const larkLocale = { en: 'en_us', 'zh-CN': 'zh_cn', ja: 'ja_jp', ms: 'ms_my', id: 'id_id', ar: 'ar' } as const

/** What the server is provisioned with. `sandboxUrl` is the origin of the sandbox, as phones reach it. */
export function demoProvisioning(sandboxUrl: string): ProvisioningFile {
  const channel = (platform: 'lark' | 'feishu') => ({
    enabled: true,
    ...demoApps[platform],
    connection: 'http' as const,
    openUrl: `${sandboxUrl}/${platform}`,
    accountsUrl: `${sandboxUrl}/${platform}`,
    jsSdkUrl: sdkUrl(sandboxUrl, platform),
  })
  return {
    tenants: [
      {
        id: 'acme',
        name: 'Acme Trading',
        locale: 'en',
        timeZone: 'Asia/Singapore',
        allowSelfApproval: false,
        channels: { lark: channel('lark'), feishu: channel('feishu') },
        users: people.map(({ uid, name, locale, platform, mobile, timeZone, roles }) => ({
          uid,
          name,
          roles: roles ?? ['user'],
          locale,
          timeZone,
          email: email(uid),
          mobile,
          disabled: false,
          channels: platform === 'lark' ? { lark: { email: email(uid) } } : { feishu: { mobile } },
        })),
        apiKeys: [
          {
            name: 'demo',
            key: demoApiKey,
            scopes: ['tickets:read', 'tickets:write'],
            webhookSecret: demoWebhookSecret,
          },
        ],
        approvalTemplates: [
          {
            id: 'export-default',
            module: 'data_export',
            risk: 'medium',
            nodes: [
              { name: 'Data owner', approvers: ['alice', 'fatima'], rule: 'any' },
              { name: 'DBA', approvers: ['chenwei'], rule: 'any' },
            ],
          },
          {
            id: 'permission-default',
            module: 'perm_apply',
            risk: 'low',
            nodes: [{ name: 'Data owner', approvers: ['alice', 'chenwei', 'aisyah'], rule: 'any' }],
          },
          {
            id: 'schema-default',
            module: 'nddl',
            risk: 'high',
            nodes: [
              { name: 'DBA', approvers: ['chenwei', 'alice'], rule: 'any' },
              { name: 'Security', approvers: ['yuki', 'alice'], rule: 'any' },
            ],
          },
          {
            id: 'change-default',
            module: 'dc_common',
            risk: 'medium',
            nodes: [{ name: 'Change board', approvers: ['alice', 'chenwei', 'budi', 'fatima'], rule: { quorum: 2 } }],
          },
        ],
        notificationRules: [],
      },
    ],
  }
}

/** What the sandbox's platforms know: the same people by address, under ids of their own, and our two apps. */
export function demoSandboxSeed(serverUrl: string): SandboxSeed {
  const app = (platform: 'lark' | 'feishu') => ({
    platform,
    name: 'Countersign',
    ...demoApps[platform],
    callbackUrl: `${serverUrl}/callbacks/${platform}/${demoApps[platform].appId}`,
    redirectUrls: [`${serverUrl}/console/mobile/index/`],
    h5TrustedDomains: [serverUrl],
    homeUrl: serverUrl,
  })
  return {
    apps: [app('lark'), app('feishu')],
    people: people.map(({ uid, name, locale, platform, mobile }) => ({
      id: uid,
      name,
      platform,
      email: email(uid),
      // The platforms keep mainland numbers without their country code.
      mobile: mobile.replace(/^\+86/, ''),
      locale: larkLocale[locale],
    })),
  }
}
