import { readsEveryTicket, type SecondFactorRule, type TenantId } from '@countersign/contracts'
import type { Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import type { Visitor } from '#server/session/sessions.ts'
import type { SecondFactorDeps } from './deps.ts'
import { requireRecent } from './standing.ts'

/** As many of those without one are named. */
const mostNamed = 100

/** Whether administrators, DBAs and security administrators of the tenant need a second factor, and who of them has none. */
export async function secondFactorRule(
  stores: Pick<Stores, 'secondFactors' | 'people'>,
  tenantId: TenantId,
): Promise<SecondFactorRule> {
  const active = await Promise.all(readsEveryTicket.map((role) => stores.people.activeWith(tenantId, role)))
  const uids = [...new Set(active.flat())].sort()
  const enrolled = await stores.secondFactors.enrolledOf(tenantId, uids)
  const without = uids.filter((uid) => !enrolled.has(uid)).slice(0, mostNamed)
  const rows = await stores.people.rows(tenantId, without)
  return {
    ...(await stores.secondFactors.rule(tenantId)),
    without: without.map((uid) => ({ uid, name: rows.get(uid)?.name ?? uid })),
  }
}

/**
 * Whoever asks it of others has one themself, lest nobody is left to take it back. Throws `second_factor_needed`,
 * `second_factor_missing` and `provisioned`.
 */
export async function setSecondFactorRule(
  { store, now }: SecondFactorDeps,
  visitor: Visitor,
  administratorsNeed: boolean,
): Promise<void> {
  const { tenantId, uid } = visitor.user
  await store.run(async (tx) => {
    await tx.settings.lock()
    await requireRecent(tx, visitor, now())
    const before = await tx.secondFactors.rule(tenantId)
    if (before.provisioned) {
      throw new AppError('provisioned', 'this stands in the provisioning file, and is changed there')
    }
    const { enrolled } = await tx.secondFactors.standing(visitor.user)
    if (administratorsNeed && !enrolled) {
      throw new AppError('second_factor_missing', 'add a second factor yourself first')
    }
    if (before.administratorsNeed === administratorsNeed) return
    await tx.secondFactors.putRule(tenantId, administratorsNeed)
    const entry = { tenantId, at: now(), actor: uid, action: 'tenant.second_factor', target: `tenant:${tenantId}` }
    await tx.audit.append({ ...entry, detail: { administratorsNeed } })
  })
}
