import { z } from 'zod'

/** How the bytes under a DMS signature are put together: the documents leave it open, so it can be chosen. */
export const recipes = ['url-newline-event', 'url-event', 'event', 'url-key-event'] as const
export type Recipe = (typeof recipes)[number]

export const webhookSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
  name: z.string().min(1).max(100),
  /** DMS's own signature, in the body. */
  signatureMethod: z.enum(['NONE', 'HMAC_SHA1']).default('NONE'),
  signatureKey: z.string().min(1).optional(),
  recipe: z.enum(recipes).default('url-newline-event'),
  /** The secret of Standard Webhooks; without one its headers are not looked at. */
  secret: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]+=*$/)
    .optional(),
})

export type SeedWebhook = z.output<typeof webhookSchema>
export type NewWebhook = z.input<typeof webhookSchema>
