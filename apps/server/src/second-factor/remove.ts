import type { Uid } from '@countersign/contracts'
import type { PersonKey } from '#server/db/second-factor-store.ts'
import type { Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import { logOutEverywhere } from '#server/people/change.ts'
import type { Visitor } from '#server/session/sessions.ts'
import type { SecondFactorDeps } from './deps.ts'
import { requireRecent } from './standing.ts'

/** Throws `second_factor_needed` and `not_found`. */
export async function removeAuthenticator({ store, now }: SecondFactorDeps, visitor: Visitor): Promise<void> {
  await store.run(async (tx) => {
    await requireRecent(tx, visitor, now())
    const isRemoved = await tx.secondFactors.removeAuthenticator(visitor.user)
    if (!isRemoved) throw new AppError('not_found', 'there is no authenticator app')
    await removed(tx, visitor, { way: 'authenticator' }, now())
  })
}

/** Throws `second_factor_needed` and `not_found`. */
export async function removePasskey({ store, now }: SecondFactorDeps, visitor: Visitor, id: string): Promise<void> {
  const { user } = visitor
  await store.run(async (tx) => {
    await requireRecent(tx, visitor, now())
    const name = (await tx.secondFactors.passkeys(user)).find((passkey) => passkey.id === id)?.name
    const isRemoved = await tx.secondFactors.removePasskey(user, id)
    if (!isRemoved || name === undefined) throw new AppError('not_found', 'there is no such passkey')
    await removed(tx, visitor, { way: 'passkey', name }, now())
  })
}

type Tx = Pick<Stores, 'secondFactors' | 'audit'>

/** Recovery codes alone are no factor: they go with the last one. */
async function removed(tx: Tx, { user }: Visitor, factor: { way: string; name?: string }, at: number): Promise<void> {
  const { enrolled } = await tx.secondFactors.standing(user)
  if (!enrolled) await tx.secondFactors.removeAll(user)
  const entry = { tenantId: user.tenantId, at, actor: user.uid, target: `user:${user.uid}` }
  await tx.audit.append({ ...entry, action: 'user.second_factor_remove', detail: { ...factor, last: !enrolled } })
}

/**
 * An administrator takes away all that somebody has, who has lost it. Throws `second_factor_needed`, `not_found`, and
 * `second_factor_missing` where there is nothing.
 */
export async function resetFor(deps: SecondFactorDeps, visitor: Visitor, uid: Uid): Promise<void> {
  const { store, now } = deps
  const { tenantId } = visitor.user
  await store.run(async (tx) => {
    await requireRecent(tx, visitor, now())
    if ((await tx.people.row(tenantId, uid)) === null) throw new AppError('not_found', 'there is no such person')
    // A stolen session of somebody without one must not take away what protects the others.
    const { enrolled } = await tx.secondFactors.standing(visitor.user)
    if (!enrolled) throw new AppError('second_factor_missing', 'set up a second factor of your own first')
    const isReset = await resetSecondFactor(tx, { tenantId, uid }, { actor: visitor.user.uid, at: now() })
    if (!isReset) throw new AppError('second_factor_missing', 'this person has no second factor')
    await deps.throttles.secondFactorGiven(tx, { tenantId, uid })
  })
}

/** Ends all sessions of the person too. False: there was nothing to take away. To be called inside a unit of work. */
export async function resetSecondFactor(
  tx: Tx & Pick<Stores, 'settings' | 'sessions'>,
  person: PersonKey,
  { actor, at }: { actor: string; at: number },
): Promise<boolean> {
  const { tenantId, uid } = person
  // What was only begun is no factor: nobody is logged out for it.
  const { enrolled } = await tx.secondFactors.standing(person)
  if (!enrolled) return false
  await tx.secondFactors.removeAll(person)
  await logOutEverywhere(tx, tenantId, uid, at)
  const entry = { tenantId, at, actor, action: 'user.second_factor_reset', target: `user:${uid}` }
  await tx.audit.append({ ...entry, detail: {} })
  return true
}
