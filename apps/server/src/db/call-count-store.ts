import type { ChannelName, TenantId } from '@countersign/contracts'
import type { Kysely } from 'kysely'
import type { Database } from './schema.ts'

export interface CountedApp {
  tenantId: TenantId
  channel: ChannelName
  appId: string
  /** As 2026-11, in China's time. */
  month: string
}

/** How many calls that its platform counts each app has made in each month, all instances together. */
export interface CallCountStore {
  /** Adds calls; how many there are now. */
  add(app: CountedApp, calls: number): Promise<number>
  calls(app: CountedApp): Promise<number>
  /** True for the first to warn of this percentage, or of a higher one, in this month. */
  warn(app: CountedApp, percentage: number): Promise<boolean>
}

export function createCallCountStore(db: Kysely<Database>): CallCountStore {
  return {
    async add(app, calls) {
      const row = await db
        .insertInto('call_counts')
        .values({ ...keyOf(app), calls, warned: 0 })
        .onConflict((conflict) =>
          conflict
            .columns(['tenant_id', 'channel', 'app_id', 'month'])
            .doUpdateSet((eb) => ({ calls: eb('call_counts.calls', '+', eb.ref('excluded.calls')) })),
        )
        .returning('calls')
        .executeTakeFirstOrThrow()
      return Number(row.calls)
    },
    async calls(app) {
      const { tenant_id, channel, app_id, month } = keyOf(app)
      const row = await db
        .selectFrom('call_counts')
        .select('calls')
        .where('tenant_id', '=', tenant_id)
        .where('channel', '=', channel)
        .where('app_id', '=', app_id)
        .where('month', '=', month)
        .executeTakeFirst()
      return Number(row?.calls ?? 0)
    },
    async warn(app, percentage) {
      const { tenant_id, channel, app_id, month } = keyOf(app)
      const { numUpdatedRows } = await db
        .updateTable('call_counts')
        .set({ warned: percentage })
        .where('tenant_id', '=', tenant_id)
        .where('channel', '=', channel)
        .where('app_id', '=', app_id)
        .where('month', '=', month)
        .where('warned', '<', percentage)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },
  }
}

const keyOf = ({ tenantId, channel, appId, month }: CountedApp) => ({
  tenant_id: tenantId,
  channel,
  app_id: appId,
  month,
})
