import type { GivePasskey, PasskeyRequest, secondFactorWays } from '@countersign/contracts'
import { authenticatorSecretPlace } from '#server/db/authenticator-rows.ts'
import type { Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import type { Visitor } from '#server/session/sessions.ts'
import { stepOf } from './authenticator.ts'
import type { SecondFactorDeps } from './deps.ts'
import { recoveryCodeHash } from './recovery-codes.ts'
import { challengeMs } from './relying-party.ts'

/*
 * Giving a second factor: from then on the session has all of the person's rights. A guess is counted, compared and
 * written down in one unit of work that commits whatever comes of it, so that many at once get no more tries than one
 * after the other.
 */

type Way = (typeof secondFactorWays)[number]
type Tx = Pick<Stores, 'secondFactors' | 'throttles' | 'audit'>

/** Throws `second_factor_wrong`, also for a code that was accepted before, and `too_many_requests`. */
export async function giveAuthenticatorCode(deps: SecondFactorDeps, visitor: Visitor, code: string): Promise<void> {
  const { store, sealer, throttles, now } = deps
  const { user } = visitor
  const isRight = await store.run(async (tx) => {
    await throttles.secondFactorGuess(tx, user)
    const app = await tx.secondFactors.authenticator(user)
    const step = app === null ? null : stepOf(sealer.open(app.secret, authenticatorSecretPlace(user)), code, now())
    const used = { step: step ?? 0, now: now() }
    const accepted = app !== null && step !== null && (await tx.secondFactors.useStep(user, app.secret, used))
    await note(deps, tx, visitor, 'authenticator', accepted)
    return accepted
  })
  if (!isRight) throw wrong()
}

/** Uses the code up, and gives how many are left. Throws `second_factor_wrong` and `too_many_requests`. */
export async function giveRecoveryCode(deps: SecondFactorDeps, visitor: Visitor, code: string): Promise<number> {
  const { store, throttles } = deps
  const { user } = visitor
  const left = await store.run(async (tx) => {
    await throttles.secondFactorGuess(tx, user)
    const accepted = await tx.secondFactors.useRecoveryCode(user, recoveryCodeHash(user, code))
    await note(deps, tx, visitor, 'recovery_code', accepted)
    return accepted ? ((await tx.secondFactors.recoveryCodes(user))?.left ?? 0) : null
  })
  if (left === null) throw wrong()
  return left
}

/** What the browser is to sign: once, in this session, within five minutes. Throws `second_factor_missing`. */
export async function askForPasskey(deps: SecondFactorDeps, visitor: Visitor): Promise<PasskeyRequest> {
  const { secondFactors } = deps.store.stores
  const known = await secondFactors.passkeys(visitor.user)
  if (known.length === 0) throw new AppError('second_factor_missing', 'you have no passkey')
  const request = await deps.relyingParty.request(known)
  const expiresAt = deps.now() + challengeMs
  await secondFactors.putChallenge({ ...purposeOf(visitor, 'give'), challenge: request.challenge, expiresAt })
  return request
}

/** Throws `passkey_refused`. */
export async function givePasskey(
  deps: SecondFactorDeps,
  visitor: Visitor,
  passkey: GivePasskey['passkey'],
): Promise<void> {
  const { store, relyingParty, now } = deps
  const { user } = visitor
  const challenge = await store.stores.secondFactors.takeChallenge(purposeOf(visitor, 'give'), now())
  const known = (await store.stores.secondFactors.passkeys(user)).find(
    ({ credentialId }) => credentialId === passkey.id,
  )
  const counter =
    challenge === null || known === undefined
      ? null
      : await relyingParty.verifyGiven(passkey, known, challenge).catch(nullWhereRefused)
  const isRight = await store.run(async (tx) => {
    const accepted =
      counter !== null &&
      known !== undefined &&
      (await tx.secondFactors.usePasskey(user, known.id, { counter, now: now() }))
    await note(deps, tx, visitor, 'passkey', accepted, known?.name)
    return accepted
  })
  if (!isRight) throw new AppError('passkey_refused', 'this passkey was not accepted; try again')
}

export const purposeOf = ({ session }: Visitor, purpose: 'add' | 'give') => ({
  tenantId: session.tenantId,
  sessionId: session.id,
  purpose,
})

async function note(
  { throttles, now }: SecondFactorDeps,
  tx: Tx,
  { session, user }: Visitor,
  way: Way,
  isAccepted: boolean,
  name?: string,
): Promise<void> {
  if (isAccepted) {
    await throttles.secondFactorGiven(tx, user)
    const isThere = await tx.secondFactors.noteGiven(user, session.id, now())
    if (!isThere) throw new AppError('no_session', 'log in first')
  }
  await tx.audit.append({
    tenantId: user.tenantId,
    at: now(),
    actor: user.uid,
    action: isAccepted ? 'session.second_factor' : 'session.second_factor_refused',
    target: `user:${user.uid}`,
    detail: { way, session: session.id, ...(name === undefined ? {} : { name }) },
  })
}

const wrong = (): AppError => new AppError('second_factor_wrong', 'this code is wrong, or was used already')

function nullWhereRefused(error: unknown): null {
  if (error instanceof AppError && error.code === 'passkey_refused') return null
  throw error
}
