import type { Uid } from '@countersign/contracts'
import type { Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import type { By } from './change.ts'

/**
 * Forgets the person's company account, and ends what was begun by it. The next one that fits them becomes theirs. To be
 * called inside a unit of work. Throws `not_found`.
 */
export async function unbindCompanyAccount(
  tx: Pick<Stores, 'companyAccounts' | 'sessions' | 'audit'>,
  { admin, at }: By,
  uid: Uid,
): Promise<void> {
  const { tenantId } = admin
  if ((await tx.companyAccounts.unbind(tenantId, uid)) === 0) {
    throw new AppError('not_found', 'this person has no company account')
  }
  await tx.sessions.revokeByWay({ tenantId, uid, way: 'oidc' }, at)
  const entry = { tenantId, at, actor: admin.uid, action: 'user.company_account_unbound', target: `user:${uid}` }
  await tx.audit.append({ ...entry, detail: {} })
}
