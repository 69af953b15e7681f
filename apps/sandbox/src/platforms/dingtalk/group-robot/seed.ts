import { z } from 'zod'

/** A robot that a member has added to a group: an address to post to, and what its messages must satisfy. */
export const groupRobotSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
    /** The id of a DingTalk group of this seed. */
    group: z.string(),
    name: z.string().min(1).max(100),
    accessToken: z.string().regex(/^[0-9a-zA-Z]{16,128}$/),
    /** A message must contain one of them. */
    keywords: z.array(z.string().min(1)).max(10).default([]),
    /** Calls must be signed with it. */
    secret: z
      .string()
      .regex(/^SEC\w{8,}$/)
      .optional(),
    /** IPv4 addresses or ranges (`10.0.0.0/8`) that may call. */
    allowedIps: z.array(z.union([z.ipv4(), z.cidrv4()])).default([]),
  })
  .refine(({ keywords, secret, allowedIps }) => keywords.length > 0 || secret !== undefined || allowedIps.length > 0, {
    path: ['keywords'],
    message: 'DingTalk creates no robot without keywords, a secret or allowed addresses',
  })

export type SeedGroupRobot = z.output<typeof groupRobotSchema>
/** As people write it: everything with a default may be left out. */
export type NewGroupRobot = z.input<typeof groupRobotSchema>
