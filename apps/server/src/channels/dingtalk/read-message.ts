import type { ReadMessage } from '#server/channels/registry.ts'
import { SentMessage } from './wire.ts'

/** A card is known by our own track id, a plain message by what the platform gave it. */
export function readDingtalkMessage(message: unknown): ReadMessage | null {
  const sent = SentMessage.safeParse(message)
  if (!sent.success) return null
  const { data } = sent
  switch (data.kind) {
    case 'card':
      return { kind: 'card', id: data.outTrackId }
    case 'robot':
      return { kind: 'message', id: data.processQueryKey, status: data.status }
    case 'work':
      return { kind: 'message', id: data.taskId, status: data.status }
  }
}
