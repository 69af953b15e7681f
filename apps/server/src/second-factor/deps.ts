import type { Sealer } from '#server/crypto/seal.ts'
import type { Store } from '#server/db/stores.ts'
import type { Throttles } from '#server/verification/throttles.ts'
import type { RelyingParty } from './relying-party.ts'

export interface SecondFactorDeps {
  store: Store
  sealer: Sealer
  throttles: Throttles
  relyingParty: RelyingParty
  /** Epoch milliseconds. */
  now: () => number
  newId: () => string
}
