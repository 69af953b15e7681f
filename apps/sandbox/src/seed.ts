import { z } from 'zod'
import { groupSchema } from './groups/seed.ts'
import { groupRobotSchema } from './platforms/dingtalk/group-robot/seed.ts'
import { mailSchema } from './platforms/mail/seed.ts'
import { openidSchema } from './platforms/openid/seed.ts'
import { smsSchema } from './platforms/sms/seed.ts'
import { webhookSchema } from './platforms/webhook/seed.ts'
import { wecomRobotSchema } from './platforms/wecom/seed.ts'

/** The two brands of Lark; one implementation serves both. */
export const platforms = ['lark', 'feishu'] as const
export type Platform = (typeof platforms)[number]

/** Every platform this sandbox stands in for. */
export const anyPlatforms = [...platforms, 'dingtalk'] as const
export type AnyPlatform = (typeof anyPlatforms)[number]

/** Whatever the server can reach here: the platforms, and the services on which nobody has an account of ours. */
export const anyServices = [...anyPlatforms, 'wecom', 'sms', 'mail', 'webhook', 'openid'] as const
export type AnyService = (typeof anyServices)[number]

/** Every scope our flows and their optional parts use; an app without a `scopes` list has them all. */
export const defaultScopes = [
  'contact:user.id:readonly',
  'contact:user.base:readonly',
  'contact:user.email:readonly',
  'contact:user.phone:readonly',
  'contact:user.employee_id:readonly',
  'contact:user.employee:readonly',
  'contact:contact.base:readonly',
  'contact:department.base:readonly',
  'contact:department.organize:readonly',
  'im:message',
  'im:message:send_as_bot',
  'im:message:update',
  'im:message:recall',
  'im:message:readonly',
  'im:message.p2p_msg:readonly',
  'im:message.group_at_msg:readonly',
  'im:message.urgent',
  'im:resource',
  'application:application:self_manage',
  'offline_access',
]

/** DingTalk's rights, by their keys in the console (section 11 of the protocol notes). */
export const defaultDingtalkScopes = [
  'qyapi_base',
  'open_app_api_base',
  'qyapi_get_member',
  'qyapi_get_member_by_mobile',
  'qyapi_get_department_list',
  'qyapi_get_department_member',
  'qyapi_addresslist_search',
  'qyapi_robot_sendmsg',
  'Card.Instance.Write',
  'Contact.User.Read',
  'fieldMobile',
  'fieldEmail',
]

/** Whom an app may see, as an administrator has chosen it; everybody unless given. */
const contactRangeSchema = z.strictObject({
  /** With all departments below. */
  departments: z.array(z.string()).default([]),
  /** By their handles here. */
  people: z.array(z.string()).default([]),
})

const appSchema = z.strictObject({
  platform: z.enum(platforms),
  /** The official SDK refuses any other shape. */
  appId: z.string().regex(/^cli_[0-9a-f]{16}$/),
  appSecret: z.string().min(1),
  encryptKey: z.string().min(1).optional(),
  verificationToken: z.string().min(1),
  /** Where card callbacks and events are posted; an empty string means that none is configured. */
  callbackUrl: z.string(),
  /** How the app gets events and callbacks; over HTTP unless given. */
  connection: z.enum(['http', 'long-connection']).optional(),
  redirectUrls: z.array(z.url()),
  h5TrustedDomains: z.array(z.string()).optional(),
  scopes: z.array(z.string()).optional(),
  /** Whether the organisation uses a published version; so unless given. */
  isPublished: z.boolean().optional(),
  /** Whether the app has the feature Bot; so unless given. */
  hasBot: z.boolean().optional(),
  /** Whether the app itself is shown its keys for callbacks; so unless given, since the documents leave it open. */
  showsKeys: z.boolean().optional(),
  /** Callbacks and events that are subscribed; those of cards and of messages unless given. */
  subscribed: z.array(z.string()).optional(),
  name: z.string().min(1),
  homeUrl: z.url().optional(),
  /** Company of the app and its people, `tenant_key` on the wire; one per platform unless given. */
  tenantKey: z.string().min(1).optional(),
  contactRange: contactRangeSchema.optional(),
})

/** An in-house app of a DingTalk organisation, as its console and the card platform know it. */
const dingtalkAppSchema = z.strictObject({
  /** What the organisation has bought. It decides the monthly quota and which accounts its people have. */
  edition: z.enum(['standard', 'exclusive']),
  corpId: z.string().regex(/^ding[0-9a-zA-Z]+$/),
  /** Client id and secret. */
  appKey: z.string().regex(/^ding[0-9a-z]+$/),
  appSecret: z.string().min(1),
  agentId: z.string().regex(/^\d+$/),
  /** The client id unless given. */
  robotCode: z.string().min(1).optional(),
  name: z.string().min(1),
  homeUrl: z.url().optional(),
  redirectUrls: z.array(z.url()),
  scopes: z.array(z.string()).optional(),
  /** Whether a version was ever published; so unless given. */
  isPublished: z.boolean().optional(),
  /** How the robot passes on what people write. */
  robotMode: z.enum(['http', 'stream']).default('http'),
  /** Where it posts in HTTP mode; an empty string means that none is configured. */
  robotUrl: z.string().default(''),
  /** Card templates by id (`<uuid>.schema`): the text or the JSON of an import file. */
  templates: z.record(z.string(), z.union([z.string(), z.record(z.string(), z.unknown())])).default({}),
  contactRange: contactRangeSchema.optional(),
})

/** A department of a company. Every department that nobody has declared hangs below the root, without a name of its own. */
const departmentSchema = z.strictObject({
  platform: z.enum(anyPlatforms),
  tenantKey: z.string().min(1).optional(),
  /** On DingTalk a number. The root is not declared. */
  id: z.string().regex(/^[\w@.-]{1,64}$/),
  name: z.string().min(1),
  /** The root unless given. */
  parent: z.string().optional(),
})

const personSchema = z.strictObject({
  /** Short handle used by tests and in links, for example `alice`. */
  id: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
  name: z.string().min(1),
  platform: z.enum(anyPlatforms),
  email: z.string().optional(),
  /** As the platform stores it: mainland numbers bare, others with `+<country code>`. */
  mobile: z.string().optional(),
  /** The client's language, for example `en_us`, `zh_cn`, `ja_jp`, `ar`. */
  locale: z.string(),
  /** False: outside the app's availability range, so sending answers 230013. */
  availableTo: z.boolean().optional(),
  /** True: the person has stopped the bot's messages, so sending answers 230053. */
  stoppedBot: z.boolean().optional(),
  avatarColor: z.string().optional(),
  /** The company; on DingTalk the `corpId` of one of the apps. */
  tenantKey: z.string().min(1).optional(),
  /** DingTalk: the organisation's id of its member (staff id); made up unless given. */
  userId: z
    .string()
    .regex(/^[\w@.-]{1,64}$/)
    .optional(),
  /** DingTalk: `job_number`; Lark: `employee_no`. */
  employeeId: z.string().min(1).max(50).optional(),
  /** DingTalk: the mailbox that the organisation has given them. */
  orgEmail: z.string().optional(),
  /** Lark: the account is frozen. */
  isFrozen: z.boolean().optional(),
  /** DingTalk: an ordinary account, or one of the organisation's own (exclusive), with its own identity provider or not. */
  account: z.enum(['ordinary', 'sso', 'dingtalk']).optional(),
  /** DingTalk: the department; 1 is the root. */
  departmentId: z.int().positive().optional(),
  /** All departments they are directly in, by id; the root unless given. */
  departments: z.array(z.string()).min(1).optional(),
})

/** Who exists on the platforms when the sandbox starts. */
export const seedSchema = z.strictObject({
  apps: z.array(appSchema),
  people: z.array(personSchema),
  dingtalkApps: z.array(dingtalkAppSchema).default([]),
  departments: z.array(departmentSchema).default([]),
  /** Groups on DingTalk and WeCom, and the robots that post to them by an address. */
  groups: z.array(groupSchema).default([]),
  dingtalkGroupRobots: z.array(groupRobotSchema).default([]),
  wecomRobots: z.array(wecomRobotSchema).default([]),
  /** The console of the SMS service: keys, signatures, templates. */
  sms: smsSchema.prefault({}),
  mail: mailSchema.prefault({}),
  /** The company's own OpenID provider. */
  openid: openidSchema.prefault({}),
  /** Servers that take webhooks. */
  webhooks: z.array(webhookSchema).default([]),
})

export type SandboxSeed = z.input<typeof seedSchema>
export type ParsedSeed = z.output<typeof seedSchema>
export type SeedApp = z.output<typeof appSchema>
export type SeedDingtalkApp = z.output<typeof dingtalkAppSchema>
export type SeedDepartment = z.output<typeof departmentSchema>
export type SeedPerson = z.output<typeof personSchema>

/** Checks a seed as a whole; throws one error that lists every bad field. */
export function parseSeed(seed: unknown): ParsedSeed {
  const result = seedSchema.safeParse(seed)
  if (!result.success) throw new Error(`The sandbox seed is not valid:\n${z.prettifyError(result.error)}`)
  assertUnique('app id', [
    ...result.data.apps.map((app) => app.appId),
    ...result.data.dingtalkApps.map((app) => app.appKey),
  ])
  assertUnique(
    'person',
    result.data.people.map((person) => person.id),
  )
  const companies = result.data.dingtalkApps.map(({ corpId }) => corpId)
  const homeless = result.data.people.find(
    ({ platform, tenantKey }) => platform === 'dingtalk' && !companies.includes(tenantKey ?? companies[0] ?? ''),
  )
  if (homeless !== undefined) {
    throw new Error(`The sandbox seed has no DingTalk app for ${homeless.id}: tenantKey must be the corpId of one.`)
  }
  assertRobotsHaveGroups(result.data)
  return result.data
}

function assertRobotsHaveGroups({ groups, dingtalkGroupRobots, wecomRobots }: ParsedSeed): void {
  const robots = [
    ...dingtalkGroupRobots.map(({ id, group }) => ({ id, group, platform: 'dingtalk' })),
    ...wecomRobots.map(({ id, group }) => ({ id, group, platform: 'wecom' })),
  ]
  const lost = robots.find(
    (robot) => !groups.some(({ id, platform }) => id === robot.group && platform === robot.platform),
  )
  if (lost !== undefined)
    throw new Error(`The sandbox seed has no ${lost.platform} group ${lost.group} for ${lost.id}.`)
}

function assertUnique(what: string, values: string[]): void {
  const repeated = values.find((value, index) => values.indexOf(value) !== index)
  if (repeated !== undefined) throw new Error(`The sandbox seed names the ${what} ${repeated} twice.`)
}
