import { createHash } from 'node:crypto'
import type { ApprovalTemplate, TenantId } from '@countersign/contracts'
import canonicalize from 'canonicalize'
import type { KeptTemplate } from '#server/db/approval-template-store.ts'
import type { TemplateRow } from '#server/db/settings-store.ts'
import type { Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import { validateTemplate } from '#server/provisioning/validate-template.ts'
import type { User } from '#server/tickets/ports.ts'

/** Who changes, and when (epoch ms). */
export interface By {
  who: Pick<User, 'tenantId' | 'uid'>
  at: number
}
type Tx = Pick<Stores, 'settings' | 'people' | 'approvalTemplates' | 'audit'>

/** The provisioning file counts its templates from 0: what is made in the console stands behind all of those. */
const firstPosition = 1_000_000

/** Adds a template, behind the others of its module. To be called inside a unit of work. Throws `conflict` and `invalid_request`. */
export async function createTemplate(tx: Tx, by: By, template: ApprovalTemplate): Promise<void> {
  const { tenantId } = by.who
  await tx.settings.lock()
  if ((await tx.approvalTemplates.find(tenantId, template.id)) !== null) {
    throw new AppError('conflict', `there is an approval template ${template.id} already`)
  }
  await refuseBadReferences(tx, tenantId, template)
  const position = behind(await tx.approvalTemplates.ofModule(tenantId, template.module))
  await tx.settings.putTemplates([rowOf(tenantId, template, position)])
  await note(tx, by, 'template.create', template)
}

/**
 * Puts a template in the place of the one of its id that was seen. To be called inside a unit of work. Throws `not_found`,
 * `provisioned`, `version_conflict` and `invalid_request`.
 */
export async function replaceTemplate(
  tx: Tx,
  by: By,
  id: string,
  { template, revision }: { template: ApprovalTemplate; revision: string },
): Promise<void> {
  const { tenantId } = by.who
  await tx.settings.lock()
  const before = await templateToChange(tx, tenantId, id)
  if (template.id !== id) throw badFields([{ path: 'template.id', message: `must stay ${id}` }])
  if (revisionOf(before.template) !== revision) {
    throw new AppError('version_conflict', 'somebody has changed this template meanwhile; look at it again')
  }
  await refuseBadReferences(tx, tenantId, template)
  // In another module it comes last: it must not become what that module uses unasked.
  const position =
    template.module === before.template.module
      ? before.position
      : behind(await tx.approvalTemplates.ofModule(tenantId, template.module))
  await tx.settings.putTemplates([rowOf(tenantId, template, position)])
  await note(tx, by, 'template.change', template)
}

/** Tickets that were submitted by it go on. To be called inside a unit of work. Throws `not_found` and `provisioned`. */
export async function removeTemplate(tx: Tx, by: By, id: string): Promise<void> {
  const { tenantId } = by.who
  await tx.settings.lock()
  const { template } = await templateToChange(tx, tenantId, id)
  await tx.settings.removeTemplate({ tenant_id: tenantId, id })
  await note(tx, by, 'template.remove', template)
}

/**
 * Makes it the one that its module uses. Where the provisioning file has a template of the module, the file decides. To be
 * called inside a unit of work. Throws `not_found` and `provisioned`.
 */
export async function preferTemplate(tx: Tx, by: By, id: string): Promise<void> {
  const { tenantId } = by.who
  await tx.settings.lock()
  const preferred = await templateToChange(tx, tenantId, id)
  const { module } = preferred.template
  const all = await tx.approvalTemplates.ofModule(tenantId, module)
  if (all.some((each) => each.provisioned)) {
    throw new AppError('provisioned', `the default of ${module} stands in the provisioning file, and is changed there`)
  }
  if (all[0]?.template.id === id) return
  const order = [preferred, ...all.filter((each) => each.template.id !== id)]
  await tx.settings.putTemplates(order.map(({ template }, index) => rowOf(tenantId, template, firstPosition + index)))
  await note(tx, by, 'template.prefer', preferred.template)
}

/** Changes with whatever the template says. */
export function revisionOf(template: ApprovalTemplate): string {
  return createHash('sha256')
    .update(canonicalize(template) ?? '')
    .digest('base64url')
}

async function templateToChange(
  tx: Pick<Stores, 'approvalTemplates'>,
  tenantId: TenantId,
  id: string,
): Promise<KeptTemplate> {
  const found = await tx.approvalTemplates.find(tenantId, id)
  if (found === null) throw new AppError('not_found', 'there is no such approval template')
  if (found.provisioned) {
    throw new AppError('provisioned', 'this template stands in the provisioning file, and is changed there')
  }
  return found
}

async function refuseBadReferences(
  tx: Pick<Stores, 'people'>,
  tenantId: TenantId,
  template: ApprovalTemplate,
): Promise<void> {
  const people = await tx.people.rows(tenantId, [...new Set(template.nodes.flatMap((node) => node.approvers))])
  const problems = validateTemplate(template, (uid) => people.has(uid), 'template.')
  if (problems.length > 0) throw badFields(problems)
}

function badFields(errors: { path: string; message: string }[]): AppError {
  return new AppError('invalid_request', 'the template is not acceptable', { errors })
}

function behind(others: readonly KeptTemplate[]): number {
  return Math.max(firstPosition, ...others.map(({ position }) => position + 1))
}

function rowOf(tenantId: TenantId, template: ApprovalTemplate, position: number): TemplateRow {
  const { id, module } = template
  return { tenant_id: tenantId, id, module, template: JSON.stringify(template), position, provisioned: 0 }
}

async function note(
  { audit }: Pick<Stores, 'audit'>,
  { who, at }: By,
  action: string,
  template: ApprovalTemplate,
): Promise<void> {
  const entry = { tenantId: who.tenantId, at, actor: who.uid, action, target: `template:${template.id}` }
  await audit.append({ ...entry, detail: { module: template.module, template: JSON.stringify(template) } })
}
