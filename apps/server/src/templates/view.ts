import type {
  ApprovalTemplatePreview,
  ApprovalTemplateView,
  TemplatePerson,
  TenantId,
  Uid,
} from '@countersign/contracts'
import type { KeptTemplate } from '#server/db/approval-template-store.ts'
import type { UserRow } from '#server/db/settings-store.ts'
import type { Stores } from '#server/db/stores.ts'
import { revisionOf } from './keep.ts'

/** Templates with the names of the people in them. `all`: every template of their modules, to know the defaults. */
export async function viewTemplates(
  stores: Pick<Stores, 'people'>,
  tenantId: TenantId,
  shown: readonly KeptTemplate[],
  all: readonly KeptTemplate[],
): Promise<ApprovalTemplateView[]> {
  const rows = await stores.people.rows(tenantId, [...new Set(shown.flatMap(uidsIn))])
  const defaults = new Map(all.toReversed().map(({ template }) => [template.module, template.id]))
  return shown.map((kept) => ({
    template: kept.template,
    people: [...new Set(uidsIn(kept))].map((uid) => templatePerson(uid, rows.get(uid))),
    isDefault: defaults.get(kept.template.module) === kept.template.id,
    provisioned: kept.provisioned,
    revision: revisionOf(kept.template),
  }))
}

export function templatePerson(uid: Uid, row: UserRow | undefined): ApprovalTemplatePreview['submitter'] {
  if (row === undefined) return { uid, name: uid, state: 'gone' }
  const state: TemplatePerson['state'] = row.disabled === 1 ? 'disabled' : 'active'
  return { uid, name: row.name, state }
}

function uidsIn({ template }: Pick<KeptTemplate, 'template'>): Uid[] {
  return template.nodes.flatMap((node) => node.approvers)
}
