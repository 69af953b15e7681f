import { z } from 'zod'

/** The platforms whose groups are simulated. */
export const groupPlatforms = ['dingtalk', 'wecom'] as const
export type GroupPlatform = (typeof groupPlatforms)[number]

export const groupSchema = z.strictObject({
  /** Short handle used by tests and in links, for example `db-changes`. */
  id: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
  platform: z.enum(groupPlatforms),
  /** As the members read it. */
  title: z.string().min(1).max(100),
  /** People by their ids. WeCom is one more app on anybody's phone; a DingTalk group is of one organisation. */
  members: z.array(z.string()).min(1),
  /** DingTalk: the organisation, that of the first member unless given. */
  tenantKey: z.string().min(1).optional(),
  /** DingTalk: client ids of the apps whose robots are members; every app of the organisation unless given. */
  apps: z.array(z.string()).optional(),
})

export type SeedGroup = z.output<typeof groupSchema>
