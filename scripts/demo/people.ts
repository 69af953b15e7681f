import type { ProvisioningFile } from '@countersign/contracts'
import { defaultServicesSeed, type SandboxSeed } from '@countersign/sandbox'

/*
 * The demo's company: an export trader with people in five countries, some on Lark, some on Feishu, some on DingTalk's
 * Standard and some on its Exclusive Edition. The server knows
 * them from its provisioning file; the sandbox's platforms know them as their own users. Only addresses connect the two,
 * as in life.
 */

type Edition = 'dingtalk' | 'dingtalkExclusive'

interface Person {
  uid: string
  name: string
  locale: 'en' | 'zh-CN' | 'ja' | 'ms' | 'id' | 'ar'
  platform: 'lark' | 'feishu' | Edition
  mobile: string
  /** By which the Exclusive Edition knows people. */
  employeeId?: string
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
  {
    uid: 'haiyan',
    name: '王海燕',
    locale: 'zh-CN',
    platform: 'dingtalk',
    mobile: '+8613700137001',
    timeZone: 'Asia/Shanghai',
  },
  {
    uid: 'grace',
    name: 'Grace Lim',
    locale: 'en',
    platform: 'dingtalk',
    mobile: '+6591234567',
    timeZone: 'Asia/Singapore',
  },
  {
    uid: 'sunli',
    name: '孙立',
    locale: 'zh-CN',
    platform: 'dingtalkExclusive',
    mobile: '+8613700137002',
    employeeId: 'E-2001',
    timeZone: 'Asia/Shanghai',
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

export const demoDingtalkApps = {
  dingtalk: {
    corpId: 'dingacmestandard0001',
    appKey: 'dingdemostandard0001',
    appSecret: 'demo-dingtalk-standard-secret',
    robotCode: 'dingdemostandard0001',
    cardTemplateId: '11111111-0000-4000-8000-00c0de00c0de.schema',
  },
  dingtalkExclusive: {
    corpId: 'dingacmeexclusive001',
    appKey: 'dingdemoexclusive001',
    appSecret: 'demo-dingtalk-exclusive-secret',
    robotCode: 'dingdemoexclusive001',
    cardTemplateId: '22222222-0000-4000-8000-00c0de00c0de.schema',
  },
} as const
const agentIds = { dingtalk: '3300001', dingtalkExclusive: '3300002' } as const

/** The company's own accounts: everybody has one, under the address that the server knows too. */
const demoOpenid = { clientId: 'countersign-demo', clientSecret: 'demo-openid-client-secret' } as const

/** Of the demo alone: it listens on loopback, and its data are made up. */
export const demoApiKey = 'csk_demo_0123456789abcdef'
const demoWebhookSecret = `whsec_${Buffer.from('countersign-demo-webhook-secret!').toString('base64')}`

const email = (uid: string): string => `${uid}@acme.example`
const sdkUrl = (sandboxUrl: string, platform: 'lark' | 'feishu'): string => `${sandboxUrl}/${platform}/h5-js-sdk.js`
const larkLocale = { en: 'en_us', 'zh-CN': 'zh_cn', ja: 'ja_jp', ms: 'ms_my', id: 'id_id', ar: 'ar' } as const

function bindings({
  uid,
  platform,
  mobile,
  employeeId,
}: Pick<Person, 'uid' | 'platform' | 'mobile'> & { employeeId: string | undefined }) {
  if (platform === 'lark') return { lark: { email: email(uid) } }
  if (platform === 'dingtalkExclusive') return { dingtalkExclusive: employeeId === undefined ? {} : { employeeId } }
  return { [platform]: { mobile } }
}

/** Groups, robots, text messages, mail and a web hook beside the chats: what the sandbox always has. */
const services = defaultServicesSeed({
  dingtalk: ['haiyan', 'grace'],
  wecom: ['chenwei', 'lina', 'haiyan', 'alice'],
})

/** Through what a few people are told beside their own chat. */
function further(uid: string, sandboxUrl: string): ProvisioningFile['tenants'][number]['users'][number]['channels'] {
  const [dingtalkRobot] = services.dingtalkGroupRobots ?? []
  const [wecomRobot] = services.wecomRobots ?? []
  const [hook] = services.webhooks ?? []
  if (uid === 'bob') return { email: true }
  if (uid === 'alice' && hook !== undefined) {
    const { signatureKey } = hook
    const signed = signatureKey === undefined ? {} : { signatureKey }
    return { email: true, webhook: { url: `${sandboxUrl}/hooks/${hook.id}`, signatureMethod: 'HMAC_SHA1', ...signed } }
  }
  if (uid === 'chenwei' && wecomRobot !== undefined) {
    return { sms: true, wecomRobot: { url: `${sandboxUrl}/wecom/cgi-bin/webhook/send?key=${wecomRobot.key}` } }
  }
  if (uid === 'haiyan' && dingtalkRobot !== undefined) {
    const url = `${sandboxUrl}/dingtalk/oapi/robot/send?access_token=${dingtalkRobot.accessToken}`
    return { dingtalkRobot: { url } }
  }
  return uid === 'fatima' || uid === 'yuki' ? { email: true } : {}
}

/**
 * What the server is provisioned with. `sandboxUrl` is the origin of the sandbox, as phones reach it; `smtpUrl` its mail
 * server, with the account in it.
 */
export function demoProvisioning(sandboxUrl: string, smtpUrl: string): ProvisioningFile {
  const channel = (platform: 'lark' | 'feishu') => ({
    enabled: true,
    ...demoApps[platform],
    connection: 'http' as const,
    openUrl: `${sandboxUrl}/${platform}`,
    accountsUrl: `${sandboxUrl}/${platform}`,
    jsSdkUrl: sdkUrl(sandboxUrl, platform),
  })
  const dingtalk = (edition: Edition) => ({
    enabled: true,
    ...demoDingtalkApps[edition],
    connection: 'http' as const,
    apiUrl: `${sandboxUrl}/dingtalk/api`,
    oapiUrl: `${sandboxUrl}/dingtalk/oapi`,
    loginUrl: `${sandboxUrl}/dingtalk/login`,
    callbackSignature: 'timestamp' as const,
    callbackToleranceSeconds: 3_600,
  })
  return {
    tenants: [
      {
        id: 'acme',
        name: 'Acme Trading',
        locale: 'en',
        timeZone: 'Asia/Singapore',
        allowSelfApproval: false,
        coverageReport: true,
        channels: {
          lark: channel('lark'),
          feishu: channel('feishu'),
          dingtalk: { ...dingtalk('dingtalk'), appId: 'demo-app', agentId: agentIds.dingtalk },
          dingtalkExclusive: dingtalk('dingtalkExclusive'),
          // The sandbox is the administrator's: a person who types the address of one of its robots may use it.
          dingtalkRobot: { enabled: true, origins: [sandboxUrl], keyword: 'DMS数据管理', messageType: 'actionCard' },
          wecomRobot: { enabled: true, origins: [sandboxUrl], messageType: 'card' },
          email: { enabled: true, smtpUrl, from: 'Countersign <approve@acme.example>', decisionLinks: true },
          sms: demoSms(sandboxUrl),
          webhook: { enabled: true, allowPrivateNetworks: true, signatureRecipe: 'url-newline-event' },
        },
        oidc: {
          enabled: true,
          ...demoOpenid,
          issuer: `${sandboxUrl}/openid`,
          label: 'Company account',
          claim: 'email',
          scopes: ['openid', 'email', 'profile'],
        },
        users: people.map(({ uid, name, locale, platform, mobile, employeeId, timeZone, roles }) => ({
          uid,
          name,
          roles: roles ?? ['user'],
          locale,
          timeZone,
          email: email(uid),
          mobile,
          disabled: false,
          ...(employeeId === undefined ? {} : { employeeId }),
          channels: { ...bindings({ uid, platform, mobile, employeeId }), ...further(uid, sandboxUrl) },
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
            nodes: [{ name: 'Data owner', approvers: ['alice', 'chenwei', 'aisyah', 'haiyan', 'sunli'], rule: 'any' }],
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
            nodes: [
              { name: 'Change board', approvers: ['alice', 'chenwei', 'budi', 'fatima', 'grace'], rule: { quorum: 2 } },
            ],
          },
        ],
        notificationRules: [],
      },
    ],
  }
}

function demoSms(sandboxUrl: string) {
  const { accounts, signNames, templates } = services.sms ?? {}
  const [account] = accounts ?? []
  const [sign] = signNames ?? []
  const codeOf = (kind: 'code' | 'notice'): string => templates?.find((each) => each.kind === kind)?.code ?? ''
  if (account === undefined || sign === undefined) throw new Error('the sandbox has no account for text messages')
  return {
    enabled: true,
    provider: 'aliyun' as const,
    ...account,
    signName: sign.name,
    codeTemplate: codeOf('code'),
    noticeTemplate: codeOf('notice'),
    endpoint: sandboxUrl,
    internationalEndpoint: sandboxUrl,
  }
}

/**
 * What the sandbox's platforms know: the same people by address, under ids of their own, and our apps. `cardTemplate` is
 * the file that `cli dingtalk-template` writes, imported into DingTalk's card platform.
 */
export function demoSandboxSeed(serverUrl: string, cardTemplate: string): SandboxSeed {
  const redirectUrls = [`${serverUrl}/console/mobile/index/`]
  const app = (platform: 'lark' | 'feishu') => ({
    platform,
    name: 'Countersign',
    ...demoApps[platform],
    callbackUrl: `${serverUrl}/callbacks/${platform}/${demoApps[platform].appId}`,
    redirectUrls,
    h5TrustedDomains: [serverUrl],
    homeUrl: serverUrl,
  })
  const dingtalk = (edition: Edition) => {
    const { cardTemplateId, ...known } = demoDingtalkApps[edition]
    return {
      edition: edition === 'dingtalk' ? ('standard' as const) : ('exclusive' as const),
      ...known,
      agentId: agentIds[edition],
      name: 'Countersign',
      homeUrl: `${serverUrl}/?corpId=${known.corpId}`,
      redirectUrls,
      robotUrl: `${serverUrl}/callbacks/dingtalk/${known.appKey}/robot`,
      templates: { [cardTemplateId]: cardTemplate },
    }
  }
  return {
    apps: [app('lark'), app('feishu')],
    dingtalkApps: [dingtalk('dingtalk'), dingtalk('dingtalkExclusive')],
    people: people.map(platformPerson),
    openid: { clients: [{ ...demoOpenid, redirectUris: [`${serverUrl}/console/login/oidc`] }] },
    ...services,
  }
}

function platformPerson({ uid, name, locale, platform, mobile, employeeId }: Person) {
  // The platforms keep mainland numbers without their country code.
  const known = { id: uid, name, email: email(uid), mobile: mobile.replace(/^\+86/, ''), locale: larkLocale[locale] }
  if (platform === 'lark' || platform === 'feishu') return { ...known, platform }
  return {
    ...known,
    platform: 'dingtalk' as const,
    tenantKey: demoDingtalkApps[platform].corpId,
    ...(employeeId === undefined ? {} : { employeeId }),
  }
}
