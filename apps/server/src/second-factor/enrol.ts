import type { AddPasskey, NewAuthenticator, PasskeyCreation } from '@countersign/contracts'
import { authenticatorSecretPlace } from '#server/db/authenticator-rows.ts'
import type { Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import type { Visitor } from '#server/session/sessions.ts'
import { newSecret, setupUri, stepOf } from './authenticator.ts'
import type { SecondFactorDeps } from './deps.ts'
import { purposeOf } from './give.ts'
import { newRecoveryCodes, recoveryCodeHash } from './recovery-codes.ts'
import { challengeMs } from './relying-party.ts'
import { requireRecent } from './standing.ts'

/* Adding a factor. Whoever has one has given it just before; whoever adds their first has thereby given it. */

/** An authenticator app that was begun is forgotten after this, unless a code made with it was given. */
export const pendingMs = 60 * 60 * 1_000
/** Far more than anybody has devices. */
const mostPasskeys = 20

/** A secret that counts once it is confirmed; the one before counts until then. Throws `second_factor_needed`. */
export async function beginAuthenticator(deps: SecondFactorDeps, visitor: Visitor): Promise<NewAuthenticator> {
  const { store, sealer, now } = deps
  const { user } = visitor
  const secret = newSecret()
  await store.run(async (tx) => {
    await requireRecent(tx, visitor, now())
    await tx.secondFactors.beginAuthenticator(user, sealer.seal(secret, authenticatorSecretPlace(user)), now())
  })
  return { secret, uri: setupUri(secret, `${user.uid} (${await tenantName(deps, visitor)})`) }
}

/** Throws `second_factor_needed`, `not_found` where nothing was begun, and `second_factor_wrong`. */
export async function confirmAuthenticator(
  { store, sealer, now }: SecondFactorDeps,
  visitor: Visitor,
  code: string,
): Promise<string[] | null> {
  const { user } = visitor
  return store.run(async (tx) => {
    await requireRecent(tx, visitor, now())
    const sealed = await tx.secondFactors.pendingAuthenticator(user, now() - pendingMs)
    if (sealed === null) throw new AppError('not_found', 'begin to set up the authenticator app first')
    const step = stepOf(sealer.open(sealed, authenticatorSecretPlace(user)), code, now())
    // The code has been used with this: it opens no other session.
    const isRight = step !== null && (await tx.secondFactors.confirmAuthenticator(user, sealed, { step, now: now() }))
    if (!isRight) throw new AppError('second_factor_wrong', 'this code is not of the app that is being set up')
    return added(tx, visitor, { way: 'authenticator' }, now())
  })
}

/** What the browser is to make. Throws `second_factor_needed`, `passkeys_impossible` and `too_many_passkeys`. */
export async function beginPasskey(deps: SecondFactorDeps, visitor: Visitor): Promise<PasskeyCreation> {
  const { store, relyingParty, now } = deps
  const { secondFactors } = store.stores
  if (!relyingParty.isPossible) {
    throw new AppError('passkeys_impossible', 'browsers keep passkeys only for hosts with a name, called by https')
  }
  await requireRecent(store.stores, visitor, now())
  const known = await secondFactors.passkeys(visitor.user)
  if (known.length >= mostPasskeys) throw new AppError('too_many_passkeys', `at most ${mostPasskeys}; remove one first`)
  const creation = await relyingParty.creation(visitor.user, await tenantName(deps, visitor), known)
  const expiresAt = now() + challengeMs
  await secondFactors.putChallenge({ ...purposeOf(visitor, 'add'), challenge: creation.challenge, expiresAt })
  return creation
}

/** Throws `second_factor_needed`, `passkey_refused` and `conflict`. */
export async function addPasskey(
  { store, relyingParty, now, newId }: SecondFactorDeps,
  visitor: Visitor,
  { name, passkey }: AddPasskey,
): Promise<string[] | null> {
  const { tenantId, uid } = visitor.user
  const challenge = await store.stores.secondFactors.takeChallenge(purposeOf(visitor, 'add'), now())
  if (challenge === null) throw new AppError('passkey_refused', 'this was not begun here, or has run out; begin again')
  const made = await relyingParty.verifyCreated(passkey, challenge)
  const record = { tenantId, uid, id: newId(), name, ...made, createdAt: now(), lastUsedAt: null }
  return store.run(async (tx) => {
    await requireRecent(tx, visitor, now())
    if (!(await tx.secondFactors.addPasskey(record))) throw new AppError('conflict', 'this passkey was added already')
    return added(tx, visitor, { way: 'passkey', name }, now())
  })
}

/** New codes in place of all before. Throws `second_factor_needed`, and `second_factor_missing` without any factor. */
export async function makeRecoveryCodes({ store, now }: SecondFactorDeps, visitor: Visitor): Promise<string[]> {
  const { user } = visitor
  return store.run(async (tx) => {
    await requireRecent(tx, visitor, now())
    const { enrolled } = await tx.secondFactors.standing(user)
    if (!enrolled) throw new AppError('second_factor_missing', 'add a passkey or an authenticator app first')
    return renewCodes(tx, visitor, now())
  })
}

type Tx = Pick<Stores, 'secondFactors' | 'audit'>

/** Gives the recovery codes that come with a first factor. */
async function added(
  tx: Tx,
  visitor: Visitor,
  factor: { way: 'passkey' | 'authenticator'; name?: string },
  at: number,
): Promise<string[] | null> {
  const { session, user } = visitor
  const isThere = await tx.secondFactors.noteGiven(user, session.id, at)
  if (!isThere) throw new AppError('no_session', 'log in first')
  const entry = { tenantId: user.tenantId, at, actor: user.uid, target: `user:${user.uid}` }
  await tx.audit.append({ ...entry, action: 'user.second_factor_add', detail: factor })
  const hasCodes = (await tx.secondFactors.recoveryCodes(user)) !== null
  return hasCodes ? null : renewCodes(tx, visitor, at)
}

async function renewCodes(tx: Tx, { user }: Visitor, at: number): Promise<string[]> {
  const codes = newRecoveryCodes()
  const hashes = codes.map((code) => recoveryCodeHash(user, code))
  await tx.secondFactors.putRecoveryCodes(user, hashes, at)
  const entry = { tenantId: user.tenantId, at, actor: user.uid, target: `user:${user.uid}` }
  await tx.audit.append({ ...entry, action: 'user.recovery_codes', detail: { count: codes.length } })
  return codes
}

async function tenantName({ store }: SecondFactorDeps, { user }: Visitor): Promise<string> {
  return (await store.stores.tenants.tenant(user.tenantId))?.name ?? user.tenantId
}
