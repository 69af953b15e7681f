import type { TenantId } from '@countersign/contracts'
import { type Kysely, sql } from 'kysely'
import { outcomeLost } from '#server/delivery/backoff.ts'
import type { Database } from './schema.ts'
import type { ClaimedDelivery, DeliveryResult } from './stores.ts'

/*
 * A card that is sent once more takes the place of the one before: first the old one is told so, and loses its buttons,
 * then the new one goes out. Should the new one reach nobody, the old one is given its buttons back.
 */

type Ended = Exclude<DeliveryResult, { kind: 'released' | 'held' | 'joined' }>

/** What the end of a piece of work means for the other card. To be called in the transaction of the report. */
export async function settleReplacement(
  db: Kysely<Database>,
  { tenantId, id, message, isReplaced }: ClaimedDelivery,
  result: Ended,
  now: number,
): Promise<void> {
  if (result.kind === 'retry') return
  // However the old one fared, the person is not kept waiting any longer.
  if (isReplaced) await letGo(db, tenantId, id, now)
  const isUnsent = (result.kind === 'failed' || result.kind === 'suppressed') && message === null
  // What may have arrived after all has taken the place.
  if (isUnsent && result.code !== outcomeLost.code) await giveBack(db, { tenantId, id, isShared: false }, now)
}

/** The new one, which has waited for its old one, is due. */
async function letGo(db: Kysely<Database>, tenantId: TenantId, replaced: string, now: number): Promise<void> {
  await sql`
    update deliveries set due_at = ${now}, updated_at = ${now}
    where tenant_id = ${tenantId}
      and id = (select replaced_by from deliveries as old where old.tenant_id = ${tenantId} and old.id = ${replaced})
      and state = 'queued' and due_at is null and message is null and carried_by is null`.execute(db)
}

/** The card before this sending is the person's card again, and is drawn so. What many share never looked otherwise. */
export async function giveBack(
  db: Kysely<Database>,
  { tenantId, id, isShared }: { tenantId: TenantId; id: string; isShared: boolean },
  now: number,
): Promise<void> {
  const isRedrawn = isShared ? sql`1 = 0` : sql`message is not null and state in ('sent', 'updated')`
  await sql`
    update deliveries set replaced_by = null, updated_at = ${now},
      due_at = case when ${isRedrawn} then cast(${now} as bigint) else due_at end
    where tenant_id = ${tenantId} and replaced_by = ${id}`.execute(db)
}
