import type { TenantId } from '@countersign/contracts'
import type { Kysely } from 'kysely'
import { sharedRecipient } from '#server/delivery/lane.ts'
import type { Database } from './schema.ts'

/** What is known of the message of one delivery. */
export interface LedgerRow {
  id: string
  /** The ticket's version that the recipient should see, and does see; 0: nothing yet. */
  wantedVersion: number
  shownVersion: number
  /** The platform's address of it; its shape is the channel's. Null before anything was sent. */
  message: unknown
  /** Epoch milliseconds. */
  updatedAt: number
}

/** Of every delivery of a ticket to a person. */
export async function ledgerRows(db: Kysely<Database>, tenantId: TenantId, ticketId: string): Promise<LedgerRow[]> {
  const rows = await db
    .selectFrom('deliveries')
    .select(['id', 'wanted_version', 'shown_version', 'message', 'updated_at'])
    .where('tenant_id', '=', tenantId)
    .where('ticket_id', '=', ticketId)
    .where('recipient', '<>', sharedRecipient)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    wantedVersion: row.wanted_version,
    shownVersion: row.shown_version,
    message: row.message === null ? null : JSON.parse(row.message),
    updatedAt: row.updated_at,
  }))
}
