import type { ChangePerson, CreatePerson, TenantId, Uid } from '@countersign/contracts'
import type { UserRow } from '#server/db/settings-store.ts'
import type { Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import { orderWithDisabling } from '#server/reroute/order.ts'
import type { User } from '#server/tickets/ports.ts'
import { changedColumns, rowWith, storedRoles } from './person-row.ts'

/** Who changes, and when (epoch ms). */
export interface By {
  admin: Pick<User, 'tenantId' | 'uid'>
  at: number
}

type Tx = Pick<Stores, 'settings' | 'people' | 'sessions' | 'reroutes' | 'audit'>

/** Adds a person to the tenant. To be called inside a unit of work. Throws `conflict`. */
export async function createPerson(tx: Tx, { admin, at }: By, { uid, ...given }: CreatePerson): Promise<void> {
  const { tenantId } = admin
  await tx.settings.lock()
  if ((await tx.people.row(tenantId, uid)) !== null) throw new AppError('conflict', `there is a person ${uid} already`)
  const row = rowWith(emptyRow(tenantId, uid), given, at)
  await tx.settings.putUsers([row])
  const entry = { tenantId, at, actor: admin.uid, action: 'user.create', target: `user:${uid}` }
  await tx.audit.append({ ...entry, detail: { roles: storedRoles(row).join(' ') } })
}

/**
 * Changes, disables or enables a person. Whoever is disabled is logged out everywhere, and what waits for them goes to
 * whom `reroute` names, afterwards and for as long as they are disabled. To be called inside a unit of work. Throws
 * `not_found`, `provisioned`, `last_administrator`, and what `orderWithDisabling` does.
 */
export async function changePerson(tx: Tx, { admin, at }: By, uid: Uid, change: ChangePerson): Promise<void> {
  const { tenantId } = admin
  await tx.settings.lock()
  const before = await personToChange(tx, tenantId, uid)
  const after = rowWith(before, change, at)
  const columns = changedColumns(before, after)
  const isSwitched = columns.includes('disabled')
  if (change.reroute !== undefined && !(isSwitched && after.disabled === 1)) {
    const errors = [{ path: 'reroute', message: 'belongs to `disabled: true`, of somebody who is not disabled yet' }]
    throw new AppError('invalid_request', 'nobody is disabled by this', { errors })
  }
  if (columns.length === 0) return
  if (!isActiveAdministrator(after)) await keepAnAdministrator(tx, tenantId, [uid])
  await tx.settings.putUsers([after])
  if (after.disabled === 1) await lockOut(tx, tenantId, uid, at)
  // Before the audit, as whoever carries it out takes them in this order.
  else if (isSwitched) await tx.reroutes.withdraw(tenantId, uid)
  const entry = { tenantId, at, actor: admin.uid, target: `user:${uid}` }
  const others = columns.filter((column) => column !== 'disabled')
  if (isSwitched) {
    await tx.audit.append({ ...entry, action: after.disabled === 1 ? 'user.disable' : 'user.enable', detail: {} })
    if (after.disabled === 1) {
      await orderWithDisabling(tx, { tenantId, actor: admin.uid, via: 'console', at }, uid, change.reroute)
    }
  }
  // Which fields, and the roles; never an address.
  if (others.length > 0) {
    const roles = others.includes('roles')
      ? { rolesBefore: storedRoles(before).join(' '), roles: storedRoles(after).join(' ') }
      : {}
    await tx.audit.append({ ...entry, action: 'user.change', detail: { fields: others.join(' '), ...roles } })
  }
}

/** Throws `not_found`, and `provisioned` for somebody whom the provisioning file writes. */
export async function personToChange(tx: Pick<Stores, 'people'>, tenantId: TenantId, uid: Uid): Promise<UserRow> {
  const row = await tx.people.row(tenantId, uid)
  if (row === null) throw new AppError('not_found', 'there is no such person')
  if (row.provisioned === 1) {
    throw new AppError('provisioned', `${uid} stands in the provisioning file, and is changed there`)
  }
  return row
}

/** Throws `last_administrator` where nobody but these would be left to administer the tenant. */
export async function keepAnAdministrator(
  tx: Pick<Stores, 'people'>,
  tenantId: TenantId,
  except: readonly Uid[],
): Promise<void> {
  const active = await tx.people.activeWith(tenantId, 'admin')
  // Whom this does not concern may be changed as before.
  if (!active.some((uid) => except.includes(uid))) return
  if (active.every((uid) => except.includes(uid))) {
    throw new AppError('last_administrator', 'a tenant keeps at least one active administrator')
  }
}

export function isActiveAdministrator(row: UserRow): boolean {
  return row.disabled === 0 && storedRoles(row).includes('admin')
}

/** Of everybody who is being disabled: logs them out, and takes back an earlier order to re-route what waits for them. */
export async function lockOut(
  tx: Pick<Stores, 'settings' | 'sessions' | 'reroutes'>,
  tenantId: TenantId,
  uid: Uid,
  at: number,
): Promise<void> {
  await logOutEverywhere(tx, tenantId, uid, at)
  await tx.reroutes.withdraw(tenantId, uid)
}

/** Ends where the person is logged in, and the link they may still hold. */
export async function logOutEverywhere(
  tx: Pick<Stores, 'settings' | 'sessions'>,
  tenantId: TenantId,
  uid: Uid,
  at: number,
): Promise<void> {
  await tx.settings.endSessions(tenantId, uid, at)
  await tx.sessions.dropLink({ tenantId, uid })
}

export function emptyRow(tenantId: TenantId, uid: Uid): UserRow {
  return {
    tenant_id: tenantId,
    uid,
    name: uid,
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
