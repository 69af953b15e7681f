import type { Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import { orderReroute } from '#server/reroute/order.ts'
import { type By, lockOut } from './change.ts'
import { type PersonColumn, storedRoles } from './person-row.ts'
import { type PlannedRow, planImport } from './plan-import.ts'

/** So that a line of the audit stays a line: people named in one entry. */
const namedAtOnce = 100

/**
 * Writes what the preview with this digest showed: all of it or nothing; who takes over from whom does so afterwards. To be called inside a unit of work. Throws
 * `invalid_request` for a file with errors, and `preview_outdated` where the file or the people are not what was seen.
 */
export async function applyImport(
  tx: Pick<Stores, 'settings' | 'people' | 'sessions' | 'reroutes' | 'audit'>,
  { admin, at }: By,
  { csv, digest }: { csv: string; digest: string },
): Promise<{ create: number; change: number }> {
  const { tenantId } = admin
  await tx.settings.lock()
  const plan = await planImport(tx, admin, csv, at)
  if (plan.errors.length > 0) {
    const errors = plan.errors.map(({ line, column, message }) => ({
      path: `csv.${line}${column === null ? '' : `.${column}`}`,
      message,
    }))
    throw new AppError('invalid_request', 'the file is not acceptable', { errors: errors.slice(0, 100) })
  }
  if (plan.digest !== digest) {
    throw new AppError('preview_outdated', 'the file or the people have changed since the preview; look at it again')
  }
  const created = plan.rows.filter(({ action }) => action === 'create')
  const changed = plan.rows.filter(({ action }) => action === 'change')
  await tx.settings.putUsers([...created, ...changed].map(({ after }) => after))
  for (const { after, changes } of changed) {
    if (!changes.includes('disabled')) continue
    if (after.disabled === 1) await lockOut(tx, tenantId, after.uid, at)
    else await tx.reroutes.withdraw(tenantId, after.uid)
  }
  const entry = { tenantId, at, actor: admin.uid, action: 'user.import', target: `tenant:${tenantId}` }
  for (const part of parts(created))
    await tx.audit.append({ ...entry, detail: { digest, created: part.map(named).join(' ') } })
  for (const part of parts(changed))
    await tx.audit.append({ ...entry, detail: { digest, changed: part.map(named).join(' ') } })
  for (const { after, successors: to } of changed) {
    // What waits for whom nobody follows stays pending, and is shown: nobody is chosen that the company did not choose.
    if (to.length === 0) continue
    const orderedBy = { tenantId, actor: admin.uid, via: 'console', at } as const
    await orderReroute(tx, orderedBy, after.uid, { to, scope: 'open' })
  }
  return { create: created.length, change: changed.length }
}

/** `bob(user)` was added with this role; `carol(name,roles=admin+user)`: what was changed. Never an address. */
function named({ after, action, changes }: PlannedRow): string {
  const roles = storedRoles(after).join('+')
  if (action === 'create') return `${after.uid}(${roles})`
  const told: Partial<Record<PersonColumn, string>> = {
    roles: `roles=${roles}`,
    disabled: `disabled=${after.disabled === 1}`,
  }
  return `${after.uid}(${changes.map((column) => told[column] ?? column).join(',')})`
}

function parts(rows: readonly PlannedRow[]): PlannedRow[][] {
  return Array.from({ length: Math.ceil(rows.length / namedAtOnce) }, (_, index) =>
    rows.slice(index * namedAtOnce, (index + 1) * namedAtOnce),
  )
}
