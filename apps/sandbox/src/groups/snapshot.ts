import { z } from 'zod'

const senderSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('person'), personId: z.string(), name: z.string() }),
  z.object({ kind: z.literal('app'), appId: z.string(), name: z.string() }),
  z.object({ kind: z.literal('robot'), robotId: z.string(), name: z.string() }),
])

/** A group's message as it survives a restart. */
export const groupMessageSchema = z.object({
  messageId: z.string(),
  groupId: z.string(),
  from: senderSchema,
  msgType: z.string(),
  content: z.string(),
  mentions: z.object({ personIds: z.array(z.string()), isAll: z.boolean() }),
  createdAt: z.number(),
  state: z.enum(['shown', 'recalled']),
})
