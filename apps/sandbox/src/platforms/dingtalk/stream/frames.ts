import { z } from 'zod'
import { freshId } from '#sandbox/ids.ts'
import { type JsonObject, parseJson } from '#sandbox/json.ts'

/** What the platform sends down a connection (stream protocol page). */
export interface Frame {
  type: 'SYSTEM' | 'EVENT' | 'CALLBACK'
  topic: string
  /** Travels as JSON text. */
  data: JsonObject
  /** The same on every delivery of the same message. */
  messageId?: string
  headers?: Record<string, string>
}

const acknowledgementSchema = z.object({
  code: z.number(),
  headers: z.object({ messageId: z.string() }),
  message: z.string().optional(),
  data: z.string().optional(),
})

/** What the client answers. */
export type Acknowledgement = z.infer<typeof acknowledgementSchema>

/** The text of a frame. */
export function renderFrame(
  { type, topic, data, messageId, headers }: Frame,
  connectionId: string,
  now: number,
): string {
  return JSON.stringify({
    specVersion: '1.0',
    type,
    headers: {
      topic,
      messageId: messageId ?? freshId(''),
      contentType: 'application/json',
      time: String(now),
      connectionId,
      ...headers,
    },
    data: JSON.stringify(data),
  })
}

/** Reads what a client has sent; undefined when it is no acknowledgement. */
export function parseAcknowledgement(text: string): Acknowledgement | undefined {
  const result = acknowledgementSchema.safeParse(parseJson(text))
  return result.success ? result.data : undefined
}
