import { z } from 'zod'
import { SaveCallsFrom } from './call-quota.ts'
import { NoticeEvent } from './delivery.ts'
import { ChannelName, GivenModule, HttpUrl, Locale, Risk, Role, TenantId, Uid } from './identifiers.ts'
import { OidcSettings } from './login-ways.ts'
import { Email, EmployeeId, Mobile, Secret, TimeZone } from './people.ts'
import { ReminderLadder } from './reminders.ts'
import { NodeRule } from './ticket.ts'
import { apiScopes, mostSuccessors, noticeRoles, surfaces } from './vocabulary.ts'

const Origin = HttpUrl.transform((value) => value.replace(/\/+$/, ''))

const quotaShape = {
  /** Calls a month that the organisation's plan allows. */
  monthlyCallQuota: z.int().min(1).optional(),
  saveCallsFrom: SaveCallsFrom.optional(),
}

const larkShape = {
  enabled: z.boolean().default(true),
  appId: z.string().min(1).max(128),
  appSecret: Secret,
  encryptKey: Secret.optional(),
  verificationToken: Secret.optional(),
  connection: z.enum(['http', 'long-connection']).default('http'),
  jsSdkUrl: HttpUrl.optional(),
  ...quotaShape,
}

export const LarkSettings = z.strictObject({
  ...larkShape,
  openUrl: Origin.default('https://open.larksuite.com'),
  accountsUrl: Origin.default('https://accounts.larksuite.com'),
})
export type LarkSettings = z.infer<typeof LarkSettings>
export const FeishuSettings = z.strictObject({
  ...larkShape,
  openUrl: Origin.default('https://open.feishu.cn'),
  accountsUrl: Origin.default('https://accounts.feishu.cn'),
})

const dingtalkShape = {
  enabled: z.boolean().default(true),
  corpId: z.string().min(1).max(128),
  appKey: z.string().min(1).max(128),
  appSecret: Secret,
  robotCode: z.string().min(1).max(128),
  cardTemplateId: z.string().min(1).max(256),
  connection: z.enum(['http', 'stream']).default('http'),
  apiUrl: Origin.default('https://api.dingtalk.com'),
  oapiUrl: Origin.default('https://oapi.dingtalk.com'),
  loginUrl: Origin.default('https://login.dingtalk.com'),
  callbackSecret: Secret.min(16).optional(),
  /** What a card callback's signature covers: the time, as documented, or the time and the secret, as robots sign. */
  callbackSignature: z.enum(['timestamp', 'timestamp-and-secret']).default('timestamp'),
  /** How old or new a callback may be; the platform documents an hour for robots and nothing for cards. */
  callbackToleranceSeconds: z.int().min(1).max(3_600).default(3_600),
  ...quotaShape,
}

/** Standard Edition: knows the app's agent, so that work notifications are left when nothing else reaches a person. */
export const DingtalkSettings = z.strictObject({
  ...dingtalkShape,
  appId: z.string().min(1).max(128),
  agentId: z.coerce.string().min(1).max(64),
})
export type DingtalkSettings = z.infer<typeof DingtalkSettings>
export const DingtalkExclusiveSettings = z.strictObject(dingtalkShape)
export type DingtalkExclusiveSettings = z.infer<typeof DingtalkExclusiveSettings>

/** `https://robots.acme.example`: scheme, host and port, nothing after them. */
const BareOrigin = Origin.refine((value) => URL.parse(value)?.origin === value, 'must be an origin, without a path')
const robotShape = {
  enabled: z.boolean().default(true),
  /**
   * Where else than at the platform robots may be that people add themselves, for example a proxy of the company. They are
   * the administrator's: http and private networks too.
   */
  origins: z.array(BareOrigin).max(20).default([]),
}

export const DingtalkRobotSettings = z.strictObject({
  ...robotShape,
  /** Stands at the head of every message, so that robots take it whose security setting asks for this word or a part of it. */
  keyword: z.string().trim().min(1).max(64).default('DMS数据管理'),
  messageType: z.enum(['actionCard', 'markdown']).default('actionCard'),
  /** What the organisation has a month for web hooks of its groups and for pushes to its apps, together; 3,000 unless given. */
  monthlyCallQuota: z.int().min(1).optional(),
})
export type DingtalkRobotSettings = z.infer<typeof DingtalkRobotSettings>

export const WecomRobotSettings = z.strictObject({
  ...robotShape,
  messageType: z.enum(['card', 'markdown', 'text']).default('card'),
})
export type WecomRobotSettings = z.infer<typeof WecomRobotSettings>

/** What is signed, in this order; the key of the HMAC is the `signatureKey`. */
export const signatureRecipes = ['url-newline-event', 'url-event', 'event', 'url-key-event'] as const

export const WebhookSettings = z.strictObject({
  enabled: z.boolean().default(true),
  allowPrivateNetworks: z.boolean().default(false),
  /** DMS documents only that address, key and message event go into the signature; a receiver may expect another order. */
  signatureRecipe: z.enum(signatureRecipes).default('url-newline-event'),
})
export type WebhookSettings = z.infer<typeof WebhookSettings>

/** `approve@acme.example`, or with a name: `Countersign <approve@acme.example>`. One address, on one line. */
const Mailbox = z
  .string()
  .min(3)
  .max(320)
  .regex(/^[^<>\r\n@]*<[^<>\s@]+@[^<>\s@]+>$|^[^<>\s@]+@[^<>\s@]+$/, 'must be an address, or a name and <address>')

/** Credentials and port stand in the address itself; the only thing to ask for beside it is `tls`. */
const SmtpUrl = z
  .string()
  .regex(/^smtps?:\/\/.+/, 'must begin with smtp:// or smtps://')
  .refine((text) => URL.canParse(text) && new URL(text).hostname !== '', 'must name a host')
  .refine((text) => isDecodable(text), 'must have % in its name and password written as %25')
  .refine(
    (text) => [...(URL.parse(text)?.searchParams ?? [])].every(([key, value]) => key === 'tls' && isTlsMode(value)),
    'may only be followed by ?tls=required or ?tls=optional',
  )
function isDecodable(url: string): boolean {
  try {
    const { username = '', password = '' } = URL.parse(url) ?? {}
    return decodeURIComponent(username + password) !== null
  } catch {
    return false
  }
}
const isTlsMode = (value: string): boolean => value === 'required' || value === 'optional'

export const EmailSettings = z.strictObject({
  enabled: z.boolean().default(true),
  /**
   * `smtps://` is TLS from the start. With `smtp://` STARTTLS is required, with a certificate that can be verified, unless
   * the query says `?tls=optional` or the server is on this machine.
   */
  smtpUrl: SmtpUrl,
  from: Mailbox,
  /** Where answers to our mail go; without it, to `from`. */
  replyTo: Mailbox.optional(),
  /** What the mail server takes from us. */
  messagesPerMinute: z.int().min(1).max(100_000).optional(),
  /** Whether mail carries links that decide. Whoever holds such a link can use it, so a forwarded mail hands it on. */
  decisionLinks: z.boolean().default(true),
})
export type EmailSettings = z.infer<typeof EmailSettings>

export const SmsSettings = z.strictObject({
  enabled: z.boolean().default(true),
  provider: z.literal('aliyun'),
  accessKeyId: z.string().min(1),
  accessKeySecret: Secret,
  /** For numbers of the mainland: the filed signature and the two approved templates. */
  signName: z.string().min(1),
  codeTemplate: z.string().min(1),
  noticeTemplate: z.string().min(1),
  endpoint: Origin.default('https://dysmsapi.aliyuncs.com'),
  /** For all other numbers, which get full text. */
  internationalEndpoint: Origin.default('https://dysmsapi.ap-southeast-1.aliyuncs.com'),
  /** Who the message says it is from, where the country allows one. */
  senderId: z
    .string()
    .regex(/^(?:[A-Za-z0-9]{1,11}|\d{1,15})$/, 'must be 1 to 11 letters and digits, or 1 to 15 digits')
    .optional(),
})
export type SmsSettings = z.infer<typeof SmsSettings>

/** A tenant's channels. A channel that is not named is switched off. */
export const ChannelSettings = z.strictObject({
  lark: LarkSettings.optional(),
  feishu: FeishuSettings.optional(),
  dingtalk: DingtalkSettings.optional(),
  dingtalkExclusive: DingtalkExclusiveSettings.optional(),
  dingtalkRobot: DingtalkRobotSettings.optional(),
  wecomRobot: WecomRobotSettings.optional(),
  email: EmailSettings.optional(),
  sms: SmsSettings.optional(),
  webhook: WebhookSettings.optional(),
})
export type ChannelSettings = z.infer<typeof ChannelSettings>

const chatBinding = z.union([
  z.strictObject({ email: Email, mobile: Mobile.optional() }),
  z.strictObject({ mobile: Mobile, email: Email.optional() }),
])
const HookBinding = z.strictObject({
  url: HttpUrl,
  signatureMethod: z.enum(['NONE', 'HMAC_SHA1']).default('NONE'),
  signatureKey: Secret.optional(),
})

export const ProvisionedUser = z.strictObject({
  uid: Uid,
  name: z.string().min(1).max(128),
  roles: z.array(Role).default(['user']),
  locale: Locale.optional(),
  timeZone: z.string().max(64).optional(),
  email: Email.optional(),
  mobile: Mobile.optional(),
  employeeId: EmployeeId.optional(),
  disabled: z.boolean().default(false),
  /** Who takes over what waits for the person, where the file disables them. */
  successors: z.array(Uid).max(mostSuccessors).optional(),
  channels: z
    .strictObject({
      lark: chatBinding.optional(),
      feishu: chatBinding.optional(),
      dingtalk: z.strictObject({ mobile: Mobile.optional(), userId: z.string().min(1).optional() }).optional(),
      dingtalkExclusive: z
        .strictObject({ employeeId: z.string().min(1).optional(), userId: z.string().min(1).optional() })
        .optional(),
      email: z.boolean().optional(),
      sms: z.boolean().optional(),
      dingtalkRobot: z.strictObject({ url: HttpUrl, secret: Secret.optional() }).optional(),
      wecomRobot: z.strictObject({ url: HttpUrl }).optional(),
      webhook: HookBinding.optional(),
    })
    .default({}),
})
export type ProvisionedUser = z.infer<typeof ProvisionedUser>

export const Surface = z.enum(surfaces)
export type Surface = z.infer<typeof Surface>

export const ApprovalTemplate = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  module: GivenModule,
  nodes: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(128),
        approvers: z.array(Uid).min(1).max(100),
        rule: NodeRule.default('any'),
      }),
    )
    .min(1)
    .max(20),
  risk: Risk.optional(),
  surfaces: z.array(Surface).min(1).optional(),
  /** Seconds from submission, or an ISO 8601 duration such as `PT48H`. */
  expireAfter: z.union([z.int().min(60), z.string().regex(/^P(?!$)(\d+D)?(T(\d+H)?(\d+M)?)?$/)]).optional(),
  rejectWhenQuorumImpossible: z.boolean().optional(),
  /** In place of the tenant's; empty: none. */
  reminders: ReminderLadder.optional(),
})
export type ApprovalTemplate = z.infer<typeof ApprovalTemplate>

export const NoticeRole = z.enum(noticeRoles)
export type NoticeRole = z.infer<typeof NoticeRole>

export const NotificationRule = z.strictObject({
  module: GivenModule,
  event: NoticeEvent,
  enabled: z.boolean().default(true),
  channels: z.array(ChannelName).optional(),
  /** Told beside the default role, which is the approvers for what is pending and the submitter for everything else. */
  roles: z.array(NoticeRole).default([]),
  additionalUsers: z.array(Uid).default([]),
})
export type NotificationRule = z.infer<typeof NotificationRule>

export const ApiScope = z.enum(apiScopes)
export type ApiScope = z.infer<typeof ApiScope>

export const ProvisionedApiKey = z.strictObject({
  name: z.string().min(1).max(64),
  key: z.string().regex(/^csk_[A-Za-z0-9_-]{8,128}$/, 'must be csk_ and at least 8 letters, digits, _ or -'),
  scopes: z.array(ApiScope).min(1),
  webhookSecret: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/=_-]{16,}$/, 'must be whsec_ and base64')
    .optional(),
})
export type ProvisionedApiKey = z.infer<typeof ProvisionedApiKey>

export const ProvisionedTenant = z.strictObject({
  id: TenantId,
  name: z.string().min(1).max(128),
  locale: Locale.optional(),
  timeZone: TimeZone.optional(),
  /** The submitter may approve their own ticket. Off unless the tenant says so. */
  allowSelfApproval: z.boolean().default(false),
  /** Administrators are told at 8 in the morning, in the tenant's time zone, who cannot be reached. */
  coverageReport: z.boolean().default(true),
  /**
   * Administrators, DBAs and security administrators need a second factor: without one they have a member's rights. Left
   * out: as the console says, and no at first.
   */
  administratorsNeedSecondFactor: z.boolean().optional(),
  /** For tickets whose template has none of its own. */
  reminders: ReminderLadder.optional(),
  channels: ChannelSettings.default({}),
  /** Whether people log in to the console by a code in an e-mail, where that channel is on. They do unless it is said. */
  emailLogin: z.boolean().optional(),
  /** Log-in to the console by the company's own accounts. */
  oidc: OidcSettings.optional(),
  users: z.array(ProvisionedUser).default([]),
  apiKeys: z.array(ProvisionedApiKey).default([]),
  approvalTemplates: z.array(ApprovalTemplate).default([]),
  notificationRules: z.array(NotificationRule).default([]),
  dms: z
    .strictObject({
      enabled: z.boolean().default(true),
      endpoint: Origin,
      accessKeyId: z.string().min(1),
      accessKeySecret: Secret,
      tid: z.coerce.string().min(1),
      webhookKey: Secret,
    })
    .optional(),
})
export type ProvisionedTenant = z.infer<typeof ProvisionedTenant>

/** The provisioning file as a whole. Cross-references are checked by `provisioning/validate.ts` of the server. */
export const ProvisioningFile = z.strictObject({ tenants: z.array(ProvisionedTenant).min(1) })
export type ProvisioningFile = z.infer<typeof ProvisioningFile>
