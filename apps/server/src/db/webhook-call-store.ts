import type { TenantId } from '@countersign/contracts'
import { type Kysely, sql } from 'kysely'
import type { Database } from './schema.ts'

/** One POST to an address outside, as it is kept. */
export interface WebhookCall {
  /** Epoch milliseconds of its beginning. */
  at: number
  host: string
  /** The HTTP status, or our own code where there was none. */
  code: string
  tookMs: number
  bodyDigest: string
}

export interface WebhookBody {
  digest: string
  body: string
}

/** What was POSTed outside, for as long as it is kept. */
export interface WebhookCallStore {
  /** Keeps a call, and its body once however often it is sent. */
  note(call: WebhookCall & { tenantId: TenantId; webhookId: string; body: string }): Promise<void>
  /** By webhook id, oldest first. */
  callsOf(tenantId: TenantId, webhookIds: readonly string[]): Promise<Map<string, WebhookCall[]>>
  bodiesOf(tenantId: TenantId, webhookId: string): Promise<WebhookBody[]>
  /** Forgets what was sent before the given time. */
  forgetBefore(at: number): Promise<void>
}

export function createWebhookCallStore(db: Kysely<Database>): WebhookCallStore {
  return {
    async note({ tenantId, webhookId, at, host, code, tookMs, bodyDigest, body }) {
      await sql`
        insert into webhook_calls (tenant_id, webhook_id, seq, at, host, code, took_ms, body_digest)
        select cast(${tenantId} as text), cast(${webhookId} as text), coalesce(max(seq), 0) + 1, cast(${at} as bigint),
          cast(${host} as text), cast(${code} as text), cast(${tookMs} as bigint), cast(${bodyDigest} as text)
        from webhook_calls where tenant_id = ${tenantId} and webhook_id = ${webhookId}
        on conflict do nothing`.execute(db)
      await db
        .insertInto('webhook_bodies')
        .values({ tenant_id: tenantId, webhook_id: webhookId, digest: bodyDigest, body, last_sent_at: at })
        .onConflict((conflict) =>
          conflict.columns(['tenant_id', 'webhook_id', 'digest']).doUpdateSet({ last_sent_at: at }),
        )
        .execute()
    },
    async callsOf(tenantId, webhookIds) {
      if (webhookIds.length === 0) return new Map()
      const rows = await db
        .selectFrom('webhook_calls')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where('webhook_id', 'in', [...webhookIds])
        .orderBy('webhook_id')
        .orderBy('seq')
        .execute()
      const calls = rows.map(({ webhook_id, at, host, code, took_ms, body_digest }) => ({
        webhookId: webhook_id,
        call: { at: Number(at), host, code, tookMs: Number(took_ms), bodyDigest: body_digest },
      }))
      const grouped = Map.groupBy(calls, ({ webhookId }) => webhookId)
      return new Map([...grouped].map(([id, own]) => [id, own.map(({ call }) => call)]))
    },
    async bodiesOf(tenantId, webhookId) {
      return db
        .selectFrom('webhook_bodies')
        .select(['digest', 'body'])
        .where('tenant_id', '=', tenantId)
        .where('webhook_id', '=', webhookId)
        .execute()
    },
    async forgetBefore(at) {
      await db.deleteFrom('webhook_calls').where('at', '<', at).execute()
      await db.deleteFrom('webhook_bodies').where('last_sent_at', '<', at).execute()
    },
  }
}
