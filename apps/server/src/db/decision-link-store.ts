import { DecisionAction, type TenantId, type Uid } from '@countersign/contracts'
import type { Kysely, Selectable } from 'kysely'
import type { Engine } from './engine.ts'
import type { Database, DecisionLinkTable } from './schema.ts'

/** A link that decides: what it is bound to. Times are epoch milliseconds. */
export interface DecisionLink {
  tenantId: TenantId
  /** Hex SHA-256 of the token. */
  tokenHash: string
  salt: string
  deliveryKey: string
  uid: Uid
  addressDigest: string
  ticketId: string
  node: number
  contentHash: string
  action: DecisionAction
  createdAt: number
  expiresAt: number
  spentAt: number | null
}

export interface DecisionLinkStore {
  /** Both links of a message that was composed before, with the same content at the same node. */
  ofMessage(message: Pick<DecisionLink, 'tenantId' | 'deliveryKey' | 'node' | 'contentHash'>): Promise<DecisionLink[]>
  /** Takes the place of an earlier link of the same message and action. */
  put(link: DecisionLink): Promise<void>
  find(tenantId: TenantId, tokenHash: string): Promise<DecisionLink | null>
  /** Reads it and keeps others from using it until the transaction ends. */
  lock(tenantId: TenantId, tokenHash: string): Promise<DecisionLink | null>
  spend(tenantId: TenantId, tokenHash: string, at: number): Promise<void>
  /** The links of one message, in whatever state, work no longer. */
  endOf(tenantId: TenantId, deliveryKey: string, at: number): Promise<void>
  /** Forgets what expired before the given time; until then a dead link can say why it is dead. */
  forgetExpired(before: number): Promise<number>
}

export function createDecisionLinkStore(db: Kysely<Database>, engine: Engine): DecisionLinkStore {
  const select = (tenantId: TenantId, tokenHash: string) =>
    db.selectFrom('decision_links').selectAll().where('tenant_id', '=', tenantId).where('token_hash', '=', tokenHash)
  return {
    async ofMessage({ tenantId, deliveryKey, node, contentHash }) {
      const rows = await db
        .selectFrom('decision_links')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where('delivery_key', '=', deliveryKey)
        .where('node', '=', node)
        .where('content_hash', '=', contentHash)
        .execute()
      return rows.map(linkOf)
    },
    async put(link) {
      const row = rowOf(link)
      await db
        .insertInto('decision_links')
        .values(row)
        .onConflict((conflict) =>
          conflict.columns(['tenant_id', 'delivery_key', 'node', 'content_hash', 'action']).doUpdateSet(row),
        )
        .execute()
    },
    async find(tenantId, tokenHash) {
      const row = await select(tenantId, tokenHash).executeTakeFirst()
      return row === undefined ? null : linkOf(row)
    },
    async lock(tenantId, tokenHash) {
      const query = select(tenantId, tokenHash)
      // SQLite has one writer and no row locks.
      const row = await (engine === 'sqlite' ? query : query.forUpdate()).executeTakeFirst()
      return row === undefined ? null : linkOf(row)
    },
    async spend(tenantId, tokenHash, at) {
      await db
        .updateTable('decision_links')
        .set({ spent_at: at })
        .where('tenant_id', '=', tenantId)
        .where('token_hash', '=', tokenHash)
        .execute()
    },
    async endOf(tenantId, deliveryKey, at) {
      await db
        .updateTable('decision_links')
        .set({ expires_at: at })
        .where('tenant_id', '=', tenantId)
        .where('delivery_key', '=', deliveryKey)
        .where('expires_at', '>', at)
        .execute()
    },
    async forgetExpired(before) {
      const { numDeletedRows } = await db
        .deleteFrom('decision_links')
        .where('expires_at', '<', before)
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    },
  }
}

function rowOf(link: DecisionLink): DecisionLinkTable {
  return {
    tenant_id: link.tenantId,
    token_hash: link.tokenHash,
    salt: link.salt,
    delivery_key: link.deliveryKey,
    uid: link.uid,
    address_digest: link.addressDigest,
    ticket_id: link.ticketId,
    node: link.node,
    content_hash: link.contentHash,
    action: link.action,
    created_at: link.createdAt,
    expires_at: link.expiresAt,
    spent_at: link.spentAt,
  }
}

function linkOf(row: Selectable<DecisionLinkTable>): DecisionLink {
  return {
    tenantId: row.tenant_id,
    tokenHash: row.token_hash,
    salt: row.salt,
    deliveryKey: row.delivery_key,
    uid: row.uid,
    addressDigest: row.address_digest,
    ticketId: row.ticket_id,
    node: row.node,
    contentHash: row.content_hash,
    action: DecisionAction.parse(row.action),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    spentAt: row.spent_at,
  }
}
