import type { ChannelName, DecisionAction, TenantId, Uid } from '@countersign/contracts'
import type { Kysely } from 'kysely'
import type { Database } from './schema.ts'

/** Few enough that callbacks of the moment do not wait for the forgetting of old ones. */
const forgottenAtOnce = 1_000

/** The event of a delivery that answers a message; it belongs to no ticket. */
export const replyEvent = 'reply'

export interface ChatReply {
  tenantId: TenantId
  channel: ChannelName
  platformUserId: string
  text: string
  /** Of the message that is answered: each is answered once. */
  messageId: string
  at: number
}

/** A decision that waits for its confirming word: of this person, on this channel, about this content at this node. */
export interface Confirmation {
  tenantId: TenantId
  uid: Uid
  channel: ChannelName
  ticketId: string
  node: number
  contentHash: string
  action: DecisionAction
  comment: string | null
  /** Epoch milliseconds. */
  expiresAt: number
}

export interface ChatStore {
  /** Queues a delivery that says it; a second reply to the same message is dropped. */
  queueReply(reply: ChatReply): Promise<void>
  /** What a claimed delivery is to say; null when it was forgotten. */
  reply(tenantId: TenantId, deliveryId: string): Promise<{ platformUserId: string; text: string } | null>
  askConfirmation(confirmation: Confirmation): Promise<void>
  /** Takes it out for good: one question, one answer. Null when there is none, or it came too late. */
  takeConfirmation(
    key: Pick<Confirmation, 'tenantId' | 'uid' | 'channel' | 'ticketId'>,
    now: number,
  ): Promise<Confirmation | null>
  /** Forgets replies older than the given time, sent or not, and confirmations that had expired by then. */
  forgetBefore(at: number): Promise<void>
}

export function createChatStore(db: Kysely<Database>, newId: () => string): ChatStore {
  return {
    async queueReply({ tenantId, channel, platformUserId, text, messageId, at }) {
      const id = newId()
      const queued = await db
        .insertInto('deliveries')
        .values({
          tenant_id: tenantId,
          id,
          ticket_id: '',
          notice_key: `${replyEvent}:${messageId}`,
          event: replyEvent,
          recipient: platformUserId,
          channel,
          state: 'queued',
          wanted_version: 1,
          shown_version: 0,
          message: null,
          due_at: at,
          lease_owner: null,
          lease_until: null,
          tries: 0,
          first_tried_at: null,
          created_at: at,
          updated_at: at,
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning('id')
        .executeTakeFirst()
      if (queued === undefined) return
      await db
        .insertInto('chat_replies')
        .values({ tenant_id: tenantId, delivery_id: id, platform_user_id: platformUserId, text, at })
        .execute()
    },
    async reply(tenantId, deliveryId) {
      const row = await db
        .selectFrom('chat_replies')
        .select(['platform_user_id', 'text'])
        .where('tenant_id', '=', tenantId)
        .where('delivery_id', '=', deliveryId)
        .executeTakeFirst()
      return row === undefined ? null : { platformUserId: row.platform_user_id, text: row.text }
    },
    async askConfirmation({ tenantId, uid, channel, ticketId, ...asked }) {
      const question = {
        node: asked.node,
        content_hash: asked.contentHash,
        action: asked.action,
        comment: asked.comment,
        expires_at: asked.expiresAt,
      }
      await db
        .insertInto('chat_confirmations')
        .values({ tenant_id: tenantId, uid, channel, ticket_id: ticketId, ...question })
        .onConflict((conflict) => conflict.columns(['tenant_id', 'uid', 'channel', 'ticket_id']).doUpdateSet(question))
        .execute()
    },
    async takeConfirmation(key, now) {
      const row = await db
        .deleteFrom('chat_confirmations')
        .where('tenant_id', '=', key.tenantId)
        .where('uid', '=', key.uid)
        .where('channel', '=', key.channel)
        .where('ticket_id', '=', key.ticketId)
        .returning(['node', 'content_hash', 'action', 'comment', 'expires_at'])
        .executeTakeFirst()
      if (row === undefined || row.expires_at <= now) return null
      const { node, action, comment } = row
      return { ...key, node, action, comment, contentHash: row.content_hash, expiresAt: row.expires_at }
    },
    async forgetBefore(at) {
      await db.deleteFrom('chat_confirmations').where('expires_at', '<', at).execute()
      for (;;) if ((await forgetReplies(db, at)) < forgottenAtOnce) return
    },
  }
}

/** A reply goes with its delivery and its tries: nothing else refers to them. */
async function forgetReplies(db: Kysely<Database>, at: number): Promise<number> {
  const old = await db
    .selectFrom('chat_replies')
    .select(['tenant_id', 'delivery_id'])
    .where('at', '<', at)
    .limit(forgottenAtOnce)
    .execute()
  for (const [tenantId, rows] of Map.groupBy(old, (row) => row.tenant_id)) {
    const ids = rows.map((row) => row.delivery_id)
    await db.deleteFrom('chat_replies').where('tenant_id', '=', tenantId).where('delivery_id', 'in', ids).execute()
    await db.deleteFrom('delivery_attempts').where('tenant_id', '=', tenantId).where('delivery_id', 'in', ids).execute()
    await db.deleteFrom('deliveries').where('tenant_id', '=', tenantId).where('id', 'in', ids).execute()
  }
  return old.length
}
