import { z } from 'zod'

export const verdictSchema = z.object({
  /** `unsigned`: none was asked for, and none came. */
  state: z.enum(['valid', 'invalid', 'missing', 'unsigned']),
  reason: z.string().exactOptional(),
})

/** What a receiver makes of a signature. */
export type Verdict = z.infer<typeof verdictSchema>
