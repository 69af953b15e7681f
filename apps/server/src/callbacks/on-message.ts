import type { Channel, Inbound } from '#server/channels/channel.ts'
import { type ChatDeps, converse } from '#server/chatbot/converse.ts'
import type { Stores } from '#server/db/stores.ts'

type Message = Extract<Inbound, { kind: 'message' }>

/**
 * A message to the bot: its answer is queued with whatever it decided, and goes to the person alone, also where it was
 * said in a group. Inside the callback's transaction. Returns what became of it, for metrics.
 */
export async function onMessage(
  deps: ChatDeps,
  tx: Stores,
  channel: Channel,
  message: Message,
  at: number,
): Promise<string> {
  const { platformUserId, text, isForBot, eventId: messageId } = message
  if (platformUserId === null || isForBot === false) return 'chatbot_not_for_us'
  const { tenantId, name } = channel
  const said = { tenantId, channel: name, platformUserId, text, isCertain: isForBot === true, at }
  const answer = await converse(deps, tx, said)
  await tx.chat.queueReply({ tenantId, channel: name, platformUserId, text: answer.text, messageId, at })
  return `chatbot_${answer.outcome}`
}
