import { ChannelName, UnreachableReason } from '@countersign/contracts'
import { z } from 'zod'

/** What administrators are told once a day. Kept as data: each is told in their own language. */
export const CoverageReport = z.object({
  unreachable: z.array(
    z.object({
      uid: z.string(),
      name: z.string(),
      problems: z.array(
        z.object({ channel: ChannelName.nullable(), reason: UnreachableReason, code: z.string().nullable() }),
      ),
    }),
  ),
  /** Who could not be told of something in the report before, and can be told of everything now. */
  recovered: z.array(z.object({ uid: z.string(), name: z.string() })),
  /** Pending tickets with a step that nobody who is there can complete, up to 1,000; left out where there are none. */
  stuck: z.int().optional(),
})
export type CoverageReport = z.infer<typeof CoverageReport>
export type UnreachablePerson = CoverageReport['unreachable'][number]
