import { z } from 'zod'
import { verdictSchema } from './verdict.ts'

export const webhookCallSchema = z.object({
  id: z.string(),
  receiverId: z.string(),
  at: z.number(),
  method: z.string(),
  /** The address that was called, as the caller wrote it. */
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  /** DMS's own signature in the body. */
  dms: verdictSchema,
  /** In what the call differs from DMS's documented one. */
  dmsFaults: z.array(z.string()),
  /** The headers of Standard Webhooks. */
  standard: verdictSchema,
  /** Somebody has sent this `webhook-id` before. */
  isRepeat: z.boolean(),
  /** It came to where a redirect leads: the caller followed one. */
  isRedirected: z.boolean(),
  /** HTTP status of the answer; 0 when there was none. */
  answered: z.number(),
})

/** One call of a receiver, with what it made of it. */
export type WebhookCall = z.infer<typeof webhookCallSchema>
