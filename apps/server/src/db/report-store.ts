import type { TenantId, Uid } from '@countersign/contracts'
import type { Kysely } from 'kysely'
import { CoverageReport } from '#server/coverage/report.ts'
import type { Database } from './schema.ts'

/** The event of a delivery that tells administrators something; it belongs to no ticket. */
export const reportEvent = 'report'

export interface KeptReport {
  /** `2026-11-28`, in the tenant's time zone. */
  day: string
  report: CoverageReport
}

/** What administrators are told once a day. */
export interface ReportStore {
  /** Keeps the report of a day. False when there is one already: whoever was first tells of it. */
  keep(tenantId: TenantId, kept: KeptReport, at: number): Promise<boolean>
  report(tenantId: TenantId, day: string): Promise<CoverageReport | null>
  latest(tenantId: TenantId): Promise<KeptReport | null>
  /** Whom it is for: administrators who may log in. */
  administrators(tenantId: TenantId): Promise<Uid[]>
  /** Forgets reports older than the given time. */
  forgetBefore(at: number): Promise<void>
}

export function createReportStore(db: Kysely<Database>): ReportStore {
  return {
    async keep(tenantId, { day, report }, at) {
      const kept = await db
        .insertInto('coverage_reports')
        .values({ tenant_id: tenantId, day, content: JSON.stringify(report), created_at: at })
        .onConflict((conflict) => conflict.doNothing())
        .returning('day')
        .executeTakeFirst()
      return kept !== undefined
    },
    async report(tenantId, day) {
      const row = await db
        .selectFrom('coverage_reports')
        .select('content')
        .where('tenant_id', '=', tenantId)
        .where('day', '=', day)
        .executeTakeFirst()
      return row === undefined ? null : CoverageReport.parse(JSON.parse(row.content))
    },
    async latest(tenantId) {
      const row = await db
        .selectFrom('coverage_reports')
        .select(['day', 'content'])
        .where('tenant_id', '=', tenantId)
        .orderBy('day', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row === undefined ? null : { day: row.day, report: CoverageReport.parse(JSON.parse(row.content)) }
    },
    async administrators(tenantId) {
      const rows = await db
        .selectFrom('users')
        .select('uid')
        .where('tenant_id', '=', tenantId)
        .where('disabled', '=', 0)
        // A list of JSON strings: the quotes keep `admin` and `security_admin` apart.
        .where('roles', 'like', '%"admin"%')
        .orderBy('uid')
        .execute()
      return rows.map(({ uid }) => uid)
    },
    async forgetBefore(at) {
      await db.deleteFrom('coverage_reports').where('created_at', '<', at).execute()
    },
  }
}
