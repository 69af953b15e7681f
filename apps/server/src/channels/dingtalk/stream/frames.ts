import { z } from 'zod'

/* What travels over a Stream connection, as JSON text. Document: the Stream protocol. */

export const CARD_TOPIC = '/v1.0/card/instances/callback'
export const ROBOT_TOPIC = '/v1.0/im/bot/messages/get'

/** What we ask to be sent. Events are not among it: nothing of ours listens to them. */
export const subscriptions = [
  { type: 'CALLBACK', topic: ROBOT_TOPIC },
  { type: 'CALLBACK', topic: CARD_TOPIC },
] as const

export const Opened = z.object({ endpoint: z.url({ protocol: /^wss?$/ }), ticket: z.string().min(1) })

export const Frame = z.object({
  type: z.string(),
  headers: z.object({ topic: z.string(), messageId: z.string().min(1).max(256) }),
  data: z.string().optional(),
})
export type Frame = z.infer<typeof Frame>

/** `null` when it is no frame: nobody can be answered then. */
export function readFrame(text: string): Frame | null {
  try {
    const frame = Frame.safeParse(JSON.parse(text))
    return frame.success ? frame.data : null
  } catch {
    return null
  }
}

/** Our word about a frame. `data` is JSON in text: for a callback `{response}`. */
export interface Acknowledgement {
  code: 200 | 400 | 404 | 500
  data: string
}

const messages = { 200: 'OK', 400: 'bad request', 404: 'not found', 500: 'internal error' } as const

export function writeAcknowledgement(messageId: string, { code, data }: Acknowledgement): string {
  return JSON.stringify({
    code,
    headers: { messageId, contentType: 'application/json' },
    message: messages[code],
    data,
  })
}
