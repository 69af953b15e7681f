import type { ChannelName, TenantId, WaitReason } from '@countersign/contracts'
import type { Kysely } from 'kysely'
import { sharedRecipient } from '#server/delivery/lane.ts'
import type { Database } from './schema.ts'
import type { HeldByLimit, RecentDelivery } from './stores.ts'

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
  const rows = await db
    .selectFrom(newest.as('newest'))
    .innerJoin('deliveries', (join) =>
      join.onRef('deliveries.ticket_id', '=', 'newest.id').on('deliveries.tenant_id', '=', tenantId),
    )
    .innerJoin('delivery_attempts as last', (join) =>
      join.onRef('last.delivery_id', '=', 'deliveries.id').on('last.tenant_id', '=', tenantId),
    )
    .select(['deliveries.recipient', 'deliveries.state', 'deliveries.tries', 'deliveries.message'])
    .select(['last.code', 'last.message as text', 'last.at'])
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
  return rows.map(({ recipient, state, tries, message, code, text, at }) => ({
    ...{ recipient, state, code, text, at },
    // What has arrived and is due again, for the ticket has changed, has not failed.
    isFailing: state === 'failed' || (state === 'queued' && (tries > 0 || message === null)),
  }))
}

/** By the index of what is held back. */
export async function heldByLimit(
  db: Kysely<Database>,
  tenantId: TenantId,
  channel: ChannelName,
): Promise<HeldByLimit | null> {
  const waiting: WaitReason = 'rate_limit'
  const { count, until } = await db
    .selectFrom('deliveries')
    .select(({ fn }) => [fn.countAll().as('count'), fn.min('due_at').as('until')])
    .where('tenant_id', '=', tenantId)
    .where('channel', '=', channel)
    .where('waits_for', '=', waiting)
    .where('due_at', 'is not', null)
    .executeTakeFirstOrThrow()
  return until === null ? null : { count: Number(count), until: Number(until) }
}
