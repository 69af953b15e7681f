import { z } from 'zod'

export const mailSchema = z.strictObject({
  /** Who may hand in mail; without any, anybody may. */
  users: z.array(z.strictObject({ user: z.string().min(1), password: z.string().min(1) })).default([]),
  /** Mailboxes beside those of the seed's people. */
  mailboxes: z.array(z.email()).default([]),
})

export type SeedMail = z.output<typeof mailSchema>
