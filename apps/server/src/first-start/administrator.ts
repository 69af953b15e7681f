import type { TenantId, Uid } from '@countersign/contracts'
import type { UserRow } from '#server/db/settings-store.ts'
import type { Stores } from '#server/db/stores.ts'

export interface Administrator {
  tenantId: TenantId
  tenantName: string
  uid: Uid
  name: string
}

/** `made`: was not there. `promoted`: was, without the role. `kept`: was an administrator already. */
export type AdministratorOutcome = 'made' | 'promoted' | 'kept'

/**
 * Makes sure that this person is there, is an administrator and is not switched off; makes the tenant where there is none
 * of that id. To be called inside a unit of work.
 */
export async function ensureAdministrator(
  tx: Pick<Stores, 'settings' | 'audit'>,
  { tenantId, tenantName, uid, name }: Administrator,
  at: number,
): Promise<AdministratorOutcome> {
  const { settings } = tx
  await settings.lock()
  const tenants = await settings.tenants()
  if (!tenants.some(({ id }) => id === tenantId)) {
    const unset = { locale: null, time_zone: null, reminders: null, administrators_need_second_factor: null }
    const own = { ...unset, allow_self_approval: 0, coverage_report: 1, updated_at: at } as const
    await settings.putTenant({ id: tenantId, name: tenantName, ...own })
  }
  const existing = (await settings.rows(tenantId)).users.find((row) => row.uid === uid)
  const row = existing ?? newUser({ tenantId, uid, name })
  const roles: string[] = JSON.parse(row.roles)
  if (existing !== undefined && roles.includes('admin') && existing.disabled === 0) return 'kept'
  const promoted = { ...row, roles: JSON.stringify([...new Set([...roles, 'admin'])].sort()), disabled: 0 as const }
  await settings.putUsers([{ ...promoted, updated_at: at }])
  const outcome = existing === undefined ? 'made' : 'promoted'
  const entry = { tenantId, at, actor: 'operator', action: 'user.administrator', target: `user:${uid}` }
  await tx.audit.append({ ...entry, detail: { outcome } })
  return outcome
}

function newUser({ tenantId, uid, name }: Pick<Administrator, 'tenantId' | 'uid' | 'name'>): UserRow {
  return {
    tenant_id: tenantId,
    uid,
    name,
    roles: '["user"]',
    locale: null,
    time_zone: null,
    email: null,
    mobile: null,
    employee_id: null,
    disabled: 0,
    provisioned: 0,
    updated_at: 0,
  }
}
