import { type Kysely, sql } from 'kysely'
import { callbackChannel, noChannel, sharedRecipient } from '#server/delivery/lane.ts'
import { replyEvent } from './chat-store.ts'
import type { Database } from './schema.ts'

/*
 * Whom the last message through a channel did not reach for good. Kept apart from the deliveries, which are many: what
 * coverage asks is answered by a few rows.
 */

/** Failures that say nothing about the person or their address. */
const notThePersons: readonly string[] = ['ticket_not_found', 'channel_not_enabled', 'no_card', 'outcome_unknown']

interface Outcome {
  tenantId: string
  /** Of the delivery. */
  id: string
  kind: string
  code: string
  at: number
  /** It says nothing of those whom the delivery carries. */
  alone?: boolean
}

/** Remembers or forgets, by the outcome of one delivery and of those told in it. In the transaction that reports it. */
export async function noteReach(
  db: Kysely<Database>,
  { tenantId, id, kind, code, at, alone = false }: Outcome,
): Promise<void> {
  const concerned = alone ? sql`id = ${id}` : sql`(id = ${id} or carried_by = ${id})`
  if (kind === 'delivered') {
    await sql`
      delete from reach_failures where tenant_id = ${tenantId} and (uid, channel) in
        (select recipient, channel from deliveries
          where tenant_id = ${tenantId} and ${concerned} and state in ('sent', 'updated'))`.execute(db)
  } else if (kind === 'failed') {
    await noteFailures(db, { tenantId, code, at }, sql`${concerned} and state = 'failed' and message is null`)
  }
}

/** The same for all deliveries of a tenant that `which` says. */
export async function noteFailures(
  db: Kysely<Database>,
  { tenantId, code, at }: Pick<Outcome, 'tenantId' | 'code' | 'at'>,
  which: ReturnType<typeof sql>,
): Promise<void> {
  if (notThePersons.includes(code)) return
  const notPeople = sql.join([sql.lit(callbackChannel), sql.lit(noChannel)])
  await sql`
    insert into reach_failures (tenant_id, uid, channel, code, at)
    select tenant_id, recipient, channel, cast(${code} as text), cast(${at} as bigint) from deliveries
    where tenant_id = ${tenantId} and recipient <> ${sharedRecipient} and event <> ${replyEvent}
      and channel not in (${notPeople}) and ${which}
    group by tenant_id, recipient, channel
    on conflict (tenant_id, uid, channel) do update set code = excluded.code, at = excluded.at`.execute(db)
}
