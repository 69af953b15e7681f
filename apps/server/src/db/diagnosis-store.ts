import { type ChannelName, FindingStatus, type TenantId } from '@countersign/contracts'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { Database } from './schema.ts'

/** What was found, without its evidence: that is for whoever asked, and old evidence misleads. */
const SeenFinding = z.object({ id: z.string(), status: FindingStatus, optional: z.boolean() })
export type SeenFinding = z.infer<typeof SeenFinding>

export interface SeenDiagnosis {
  tenantId: TenantId
  channel: ChannelName
  /** Epoch milliseconds. */
  at: number
  /** When the settings that were examined were last changed (epoch ms): of others it says nothing. */
  settingsAt: number
  findings: SeenFinding[]
}

/** The doctor's last look at each channel. */
export interface DiagnosisStore {
  /** Takes the place of the one before; an older one never does. */
  put(diagnosis: SeenDiagnosis): Promise<void>
  of(tenantId: TenantId): Promise<SeenDiagnosis[]>
}

export function createDiagnosisStore(db: Kysely<Database>): DiagnosisStore {
  return {
    async put({ tenantId, channel, at, settingsAt, findings }) {
      const seen = findings.map(({ id, status, optional }) => ({ id, status, optional }))
      await db
        .insertInto('diagnoses')
        .values({ tenant_id: tenantId, channel, at, settings_at: settingsAt, findings: JSON.stringify(seen) })
        .onConflict((conflict) =>
          conflict
            .columns(['tenant_id', 'channel'])
            .doUpdateSet((eb) => ({
              at: eb.ref('excluded.at'),
              settings_at: eb.ref('excluded.settings_at'),
              findings: eb.ref('excluded.findings'),
            }))
            .where((eb) => eb('diagnoses.at', '<=', eb.ref('excluded.at'))),
        )
        .execute()
    },
    async of(tenantId) {
      const rows = await db.selectFrom('diagnoses').selectAll().where('tenant_id', '=', tenantId).execute()
      return rows.map((row) => ({
        tenantId,
        channel: row.channel as ChannelName,
        at: Number(row.at),
        settingsAt: Number(row.settings_at),
        findings: z.array(SeenFinding).parse(JSON.parse(row.findings)),
      }))
    },
  }
}
