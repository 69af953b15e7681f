import { z } from 'zod'
import { callbackRouteSchema } from './cards/callback-routes.ts'
import { cardInstanceSchema } from './cards/instances.ts'

/** What DingTalk remembers over a restart of the sandbox, beside messages. */
export const dingtalkSnapshotSchema = z.object({
  tokens: z.array(
    z.object({
      token: z.string(),
      appKey: z.string(),
      personId: z.string().exactOptional(),
      expiresAt: z.number(),
    }),
  ),
  cards: z.array(cardInstanceSchema),
  callbackRoutes: z.array(z.tuple([z.string(), callbackRouteSchema])),
  usage: z.array(z.tuple([z.string(), z.object({ month: z.string(), calls: z.number(), pushes: z.number() })])),
})

export type DingtalkSnapshot = z.infer<typeof dingtalkSnapshotSchema>
