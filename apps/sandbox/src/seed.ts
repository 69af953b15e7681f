import { z } from 'zod'

/** The two brands this sandbox stands in for; one implementation serves both. */
export const platforms = ['lark', 'feishu'] as const
export type Platform = (typeof platforms)[number]

/** Every scope our flows and their optional parts use; an app without a `scopes` list has them all. */
export const defaultScopes = [
  'contact:user.id:readonly',
  'contact:user.base:readonly',
  'contact:user.email:readonly',
  'contact:user.phone:readonly',
  'contact:user.employee_id:readonly',
  'im:message',
  'im:message:send_as_bot',
  'im:message:update',
  'im:message:recall',
  'im:message:readonly',
  'im:message.p2p_msg:readonly',
  'im:message.urgent',
  'im:resource',
  'application:application:self_manage',
  'offline_access',
]

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
  name: z.string().min(1),
  homeUrl: z.url().optional(),
  /** Company of the app and its people, `tenant_key` on the wire; one per platform unless given. */
  tenantKey: z.string().min(1).optional(),
})

const personSchema = z.strictObject({
  /** Short handle used by tests and in links, for example `alice`. */
  id: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
  name: z.string().min(1),
  platform: z.enum(platforms),
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
  tenantKey: z.string().min(1).optional(),
})

/** Who exists on the platforms when the sandbox starts. */
export const seedSchema = z.strictObject({ apps: z.array(appSchema), people: z.array(personSchema) })

export type SandboxSeed = z.input<typeof seedSchema>
export type SeedApp = z.output<typeof appSchema>
export type SeedPerson = z.output<typeof personSchema>

/** Checks a seed as a whole; throws one error that lists every bad field. */
export function parseSeed(seed: unknown): { apps: SeedApp[]; people: SeedPerson[] } {
  const result = seedSchema.safeParse(seed)
  if (!result.success) throw new Error(`The sandbox seed is not valid:\n${z.prettifyError(result.error)}`)
  assertUnique(
    'app id',
    result.data.apps.map((app) => app.appId),
  )
  assertUnique(
    'person',
    result.data.people.map((person) => person.id),
  )
  return result.data
}

function assertUnique(what: string, values: string[]): void {
  const repeated = values.find((value, index) => values.indexOf(value) !== index)
  if (repeated !== undefined) throw new Error(`The sandbox seed names the ${what} ${repeated} twice.`)
}
