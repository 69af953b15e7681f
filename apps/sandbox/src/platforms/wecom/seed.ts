import { z } from 'zod'

/** A group bot of WeCom ("message push"); its key is its only credential. */
export const wecomRobotSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
  /** The id of a WeCom group of this seed. */
  group: z.string(),
  name: z.string().min(1).max(100),
  key: z.uuid(),
})

export type SeedWecomRobot = z.output<typeof wecomRobotSchema>
