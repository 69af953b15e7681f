import type { PasskeyView, SecondFactor } from '@countersign/contracts'
import type { PasskeyRecord } from '#server/db/passkey-rows.ts'
import type { Visitor } from '#server/session/sessions.ts'
import type { SecondFactorDeps } from './deps.ts'
import { recoveryCodeCount } from './recovery-codes.ts'
import { mayChangeUntil } from './standing.ts'

/** What the person has, for themself. */
export async function viewSecondFactor(
  { store, relyingParty, now }: SecondFactorDeps,
  { session, user }: Visitor,
): Promise<SecondFactor> {
  const { secondFactors } = store.stores
  const [passkeys, app, codes] = await Promise.all([
    secondFactors.passkeys(user),
    secondFactors.authenticator(user),
    secondFactors.recoveryCodes(user),
  ])
  return {
    passkeys: passkeys.map(viewPasskey),
    authenticator:
      app === null ? null : { createdAt: written(app.createdAt), lastUsedAt: writtenOrNull(app.lastUsedAt) },
    recoveryCodes:
      codes === null ? null : { left: codes.left, of: recoveryCodeCount, createdAt: written(codes.createdAt) },
    mayChangeUntil: writtenOrNull(mayChangeUntil(session, now())),
    isFirst: passkeys.length === 0 && app === null,
    passkeysPossible: relyingParty.isPossible,
  }
}

export function viewPasskey({ id, name, isSynced, createdAt, lastUsedAt }: PasskeyRecord): PasskeyView {
  return { id, name, isSynced, createdAt: written(createdAt), lastUsedAt: writtenOrNull(lastUsedAt) }
}

const written = (at: number): string => new Date(at).toISOString()
const writtenOrNull = (at: number | null): string | null => (at === null ? null : written(at))
