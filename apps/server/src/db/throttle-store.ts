import type { TenantId } from '@countersign/contracts'
import { type Kysely, sql } from 'kysely'
import type { Database } from './schema.ts'

/** At most `limit` times in `windowMs`, which begins with the first time, and `gapMs` or more apart. */
export interface ThrottleRule {
  limit: number
  windowMs: number
  gapMs: number
}

/** Counts what may be done so often only; in the database, so that all instances agree and no restart forgets. */
export interface ThrottleStore {
  /**
   * Counts one more. Null: it may be done; else milliseconds until it may be, and nothing was counted. Who takes several in
   * one unit of work takes them in the order of their keys, lest two wait for each other.
   */
  take(tenantId: TenantId, key: string, rule: ThrottleRule, now: number): Promise<number | null>
  /** Forgets what was counted under this key. */
  clear(tenantId: TenantId, key: string): Promise<void>
  /** Forgets what was last done before the given time. */
  forgetBefore(at: number): Promise<number>
}

export function createThrottleStore(db: Kysely<Database>): ThrottleStore {
  return {
    async take(tenantId, key, { limit, windowMs, gapMs }, now) {
      const isOver = sql<boolean>`throttles.since <= ${now - windowMs}`
      // One statement: of two at once the second sees what the first has counted.
      const counted = await db
        .insertInto('throttles')
        .values({ tenant_id: tenantId, key, since: now, count: 1, last_at: now })
        .onConflict((on) =>
          on
            .columns(['tenant_id', 'key'])
            .doUpdateSet({
              count: sql<number>`case when ${isOver} then 1 else throttles.count + 1 end`,
              since: sql<number>`case when ${isOver} then ${now} else throttles.since end`,
              last_at: now,
            })
            .where('throttles.last_at', '<=', now - gapMs)
            .where((eb) => eb.or([isOver, eb('throttles.count', '<', limit)])),
        )
        .returning('count')
        .executeTakeFirst()
      if (counted !== undefined) return null
      const row = await db
        .selectFrom('throttles')
        .select(['since', 'count', 'last_at'])
        .where('tenant_id', '=', tenantId)
        .where('key', '=', key)
        .executeTakeFirst()
      if (row === undefined) return 1
      const untilWindowEnds = row.count >= limit ? row.since + windowMs - now : 0
      return Math.max(1, row.last_at + gapMs - now, untilWindowEnds)
    },
    async clear(tenantId, key) {
      await db.deleteFrom('throttles').where('tenant_id', '=', tenantId).where('key', '=', key).execute()
    },
    async forgetBefore(at) {
      const { numDeletedRows } = await db.deleteFrom('throttles').where('last_at', '<', at).executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    },
  }
}
