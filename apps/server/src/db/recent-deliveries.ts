import type { ChannelName, TenantId } from '@countersign/contracts'
import type { Kysely } from 'kysely'
import { sharedRecipient } from '#server/delivery/lane.ts'
import type { Database } from './schema.ts'
import type { RecentDelivery } from './stores.ts'

/** By the index on tickets' numbers, so that it costs the same however many there are. */
export async function recentDeliveries(
  db: Kysely<Database>,
  tenantId: TenantId,
  channel: ChannelName,
  tickets: number,
): Promise<RecentDelivery[]> {
  const newest = db
    .selectFrom('tickets')
    .select(['id', 'number'])
    .where('tenant_id', '=', tenantId)
    .orderBy('number', 'desc')
    .limit(tickets)
  return db
    .selectFrom(newest.as('newest'))
    .innerJoin('deliveries', (join) =>
      join.onRef('deliveries.ticket_id', '=', 'newest.id').on('deliveries.tenant_id', '=', tenantId),
    )
    .innerJoin('delivery_attempts as last', (join) =>
      join.onRef('last.delivery_id', '=', 'deliveries.id').on('last.tenant_id', '=', tenantId),
    )
    .select(['deliveries.recipient', 'deliveries.state', 'last.code'])
    .where('deliveries.channel', '=', channel)
    .where('deliveries.recipient', '!=', sharedRecipient)
    .where(({ eb, selectFrom }) =>
      eb(
        'last.seq',
        '=',
        selectFrom('delivery_attempts as every')
          .select(({ fn }) => fn.max('every.seq').as('seq'))
          .where('every.tenant_id', '=', tenantId)
          .whereRef('every.delivery_id', '=', 'deliveries.id'),
      ),
    )
    .orderBy('newest.number', 'desc')
    .execute()
}
