import { z } from 'zod'

export const openidAccountSchema = z.strictObject({
  /** `sub`: the provider's own name for the account. */
  id: z.string().regex(/^[\w.-]{1,64}$/),
  name: z.string().min(1),
  email: z.email().optional(),
  emailVerified: z.boolean().default(true),
  employeeId: z.string().min(1).optional(),
  uid: z.string().min(1).optional(),
})

export const openidClientSchema = z.strictObject({
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  redirectUris: z.array(z.url()),
})

/** The company's own accounts, and who may ask for them. */
export const openidSchema = z.strictObject({
  clients: z.array(openidClientSchema).default([]),
  /** Everybody of the seed with an e-mail address, unless given. */
  accounts: z.array(openidAccountSchema).optional(),
})

export type SeedOpenid = z.output<typeof openidSchema>
export type OpenidAccount = z.output<typeof openidAccountSchema>
export type OpenidClient = z.output<typeof openidClientSchema>
