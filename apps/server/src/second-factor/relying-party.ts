import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import type { AddPasskey, GivePasskey, PasskeyCreation, PasskeyRequest } from '@countersign/contracts'
import { passkeyTransports } from '@countersign/contracts'
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import type { PasskeyRecord, PasskeyTransport } from '#server/db/passkey-rows.ts'
import type { PersonKey } from '#server/db/second-factor-store.ts'
import { AppError } from '#server/errors.ts'

/** How long a browser may take, and a challenge lives. */
export const challengeMs = 5 * 60 * 1_000
const name = 'Countersign'
/** EdDSA, ES256 and RS256 (IANA COSE algorithms): what authenticators in use today sign with. */
const algorithms = [-8, -7, -257]
/** None is asked for. */
const noExtensions = { clientExtensionResults: {} }

/** What a new passkey is kept with. */
export type NewPasskey = Pick<PasskeyRecord, 'credentialId' | 'publicKey' | 'counter' | 'transports' | 'isSynced'>

/** This host as browsers and authenticators know it: by the host name of PUBLIC_URL, and answering for its origin alone. */
export interface RelyingParty {
  /** Whether browsers can keep passkeys for it: not for an IP address, and without https for localhost alone. */
  readonly isPossible: boolean
  creation(
    person: PersonKey & { name: string },
    tenantName: string,
    known: readonly PasskeyRecord[],
  ): Promise<PasskeyCreation>
  request(known: readonly PasskeyRecord[]): Promise<PasskeyRequest>
  /** Throws AppError('passkey_refused') unless the browser made it for this challenge, here, and knows its person. */
  verifyCreated(passkey: AddPasskey['passkey'], challenge: string): Promise<NewPasskey>
  /** Gives how often it has signed now. Throws AppError('passkey_refused'), also for a counter that did not go on. */
  verifyGiven(passkey: GivePasskey['passkey'], known: PasskeyRecord, challenge: string): Promise<number>
}

export function createRelyingParty(publicUrl: string): RelyingParty {
  const { hostname: rpID, origin, protocol } = new URL(publicUrl)
  const expected = { expectedOrigin: origin, expectedRPID: rpID, requireUserVerification: true }
  return {
    isPossible: isIP(rpID.replace(/^\[|\]$/g, '')) === 0 && (protocol === 'https:' || rpID === 'localhost'),
    async creation(person, tenantName, known) {
      const made = await generateRegistrationOptions({
        rpName: name,
        rpID,
        userName: `${person.uid} (${tenantName})`,
        userDisplayName: person.name,
        userID: Uint8Array.from(handleOf(person)),
        timeout: challengeMs,
        supportedAlgorithmIDs: algorithms,
        attestationType: 'none',
        excludeCredentials: known.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
        authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      })
      return {
        rp: { id: rpID, name },
        user: made.user,
        challenge: made.challenge,
        pubKeyCredParams: made.pubKeyCredParams.map(({ alg }) => ({ alg, type: 'public-key' })),
        timeout: challengeMs,
        excludeCredentials: known.map(credentialOf),
        authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
        attestation: 'none',
      }
    },
    async request(known) {
      const { challenge } = await generateAuthenticationOptions({ rpID, timeout: challengeMs })
      const allowCredentials = known.map(credentialOf)
      return { rpId: rpID, challenge, timeout: challengeMs, allowCredentials, userVerification: 'required' }
    },
    async verifyCreated({ response, ...passkey }, expectedChallenge) {
      const { transports = [], ...made } = response
      const { verified, registrationInfo } = await orRefuse(() =>
        verifyRegistrationResponse({
          response: { ...passkey, ...noExtensions, response: made },
          expectedChallenge,
          supportedAlgorithmIDs: algorithms,
          ...expected,
        }),
      )
      if (!verified) throw refused()
      const { credential, credentialBackedUp } = registrationInfo
      return {
        credentialId: credential.id,
        publicKey: Buffer.from(credential.publicKey).toString('base64url'),
        counter: credential.counter,
        transports: transports.filter(isTransport),
        isSynced: credentialBackedUp,
      }
    },
    async verifyGiven({ response, ...passkey }, known, expectedChallenge) {
      const { userHandle, ...signed } = response
      if (userHandle !== undefined && userHandle !== handleOf(known).toString('base64url')) throw refused()
      const publicKey = Uint8Array.from(Buffer.from(known.publicKey, 'base64url'))
      const credential = { id: known.credentialId, publicKey, counter: known.counter }
      const { verified, authenticationInfo } = await orRefuse(() =>
        verifyAuthenticationResponse({
          response: { ...passkey, ...noExtensions, response: signed },
          expectedChallenge,
          credential,
          ...expected,
        }),
      )
      if (!verified) throw refused()
      return authenticationInfo.newCounter
    },
  }
}

/** How authenticators tell people apart; it says nothing of them (W3C WebAuthn Level 3, section 14.6.1). */
function handleOf({ tenantId, uid }: PersonKey): Buffer {
  return createHash('sha256')
    .update(JSON.stringify(['countersign', tenantId, uid]))
    .digest()
}

const credentialOf = ({ credentialId, transports }: PasskeyRecord) => ({
  id: credentialId,
  type: 'public-key' as const,
  transports,
})

const isTransport = (word: string): word is PasskeyTransport =>
  passkeyTransports.some((transport) => transport === word)

const refused = (cause?: unknown): AppError =>
  new AppError('passkey_refused', 'this passkey was not accepted; try again', { cause })

/** The library says by a plain Error whatever is not as it should be in what the browser sent. */
async function orRefuse<Value>(verify: () => Promise<Value>): Promise<Value> {
  try {
    return await verify()
  } catch (error) {
    throw refused(error)
  }
}
