import { ApprovalTemplate, type TenantId } from '@countersign/contracts'
import type { Kysely, Selectable } from 'kysely'
import type { ApprovalTemplateTable, Database } from './schema.ts'

/** A template as it is kept. */
export interface KeptTemplate {
  template: ApprovalTemplate
  /** The first of its module is the module's default: by place, then by id. */
  position: number
  provisioned: boolean
}

/** Approval templates as administrators keep them. What is changed goes through the settings store, under its lock. */
export interface ApprovalTemplateStore {
  /** By place, as the provisioning file has them; those made in the console after those. */
  list(tenantId: TenantId): Promise<KeptTemplate[]>
  find(tenantId: TenantId, id: string): Promise<KeptTemplate | null>
  ofModule(tenantId: TenantId, module: string): Promise<KeptTemplate[]>
}

export function createApprovalTemplateStore(db: Kysely<Database>): ApprovalTemplateStore {
  const rows = (tenantId: TenantId) =>
    db.selectFrom('approval_templates').selectAll().where('tenant_id', '=', tenantId).orderBy('position').orderBy('id')
  return {
    list: async (tenantId) => (await rows(tenantId).execute()).map(kept),
    async find(tenantId, id) {
      const row = await rows(tenantId).where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : kept(row)
    },
    ofModule: async (tenantId, module) => (await rows(tenantId).where('module', '=', module).execute()).map(kept),
  }
}

function kept(row: Selectable<ApprovalTemplateTable>): KeptTemplate {
  return {
    template: ApprovalTemplate.parse(JSON.parse(row.template)),
    position: row.position,
    provisioned: row.provisioned === 1,
  }
}
