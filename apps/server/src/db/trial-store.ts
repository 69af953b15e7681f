import { ChannelName, type TenantId, type Uid } from '@countersign/contracts'
import type { Kysely } from 'kysely'
import type { Database } from './schema.ts'

/** That a ticket is a trial: to whom it went, and through which channel. Times are epoch milliseconds. */
export interface TrialRecord {
  tenantId: TenantId
  ticketId: string
  channel: ChannelName
  uid: Uid
  askedAt: number
  expiresAt: number
}

export interface TrialStore {
  add(trial: TrialRecord): Promise<void>
  /** The last one that this person sent to themself through this channel. */
  last(tenantId: TenantId, uid: Uid, channel: ChannelName): Promise<TrialRecord | null>
  /** The newest of these, newest first. */
  recent(tenantId: TenantId, uid: Uid, channel: ChannelName, limit: number): Promise<TrialRecord[]>
  /** Of every tenant: those whose time is over by `now` and whose ticket is still pending. */
  overdue(now: number, limit: number): Promise<TrialRecord[]>
}

export function createTrialStore(db: Kysely<Database>): TrialStore {
  const recent: TrialStore['recent'] = async (tenantId, uid, channel, limit) => {
    const rows = await db
      .selectFrom('trials')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('uid', '=', uid)
      .where('channel', '=', channel)
      .orderBy('asked_at', 'desc')
      .orderBy('ticket_id', 'desc')
      .limit(limit)
      .execute()
    return rows.map(recordOf)
  }
  return {
    async add({ tenantId, ticketId, channel, uid, askedAt, expiresAt }) {
      const whose = { tenant_id: tenantId, ticket_id: ticketId, channel, uid }
      await db
        .insertInto('trials')
        .values({ ...whose, asked_at: askedAt, expires_at: expiresAt })
        .execute()
    },
    recent,
    last: async (tenantId, uid, channel) => (await recent(tenantId, uid, channel, 1))[0] ?? null,
    async overdue(now, limit) {
      const rows = await db
        .selectFrom('trials')
        .innerJoin('tickets', (join) =>
          join.onRef('tickets.tenant_id', '=', 'trials.tenant_id').onRef('tickets.id', '=', 'trials.ticket_id'),
        )
        .selectAll('trials')
        .where('tickets.status', '=', 'pending')
        .where('trials.expires_at', '<=', now)
        .orderBy('trials.expires_at')
        .limit(limit)
        .execute()
      return rows.map(recordOf)
    },
  }
}

function recordOf(row: Database['trials']): TrialRecord {
  return {
    tenantId: row.tenant_id,
    ticketId: row.ticket_id,
    channel: ChannelName.parse(row.channel),
    uid: row.uid,
    askedAt: Number(row.asked_at),
    expiresAt: Number(row.expires_at),
  }
}
