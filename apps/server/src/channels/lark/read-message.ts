import type { ReadMessage } from '#server/channels/registry.ts'
import { SentMessage } from './wire.ts'

export function readLarkMessage(message: unknown): ReadMessage | null {
  const sent = SentMessage.safeParse(message)
  return sent.success ? { kind: 'card', id: sent.data.messageId } : null
}
