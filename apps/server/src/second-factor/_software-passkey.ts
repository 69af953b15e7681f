import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto'
import type { AddPasskey, GivePasskey, PasskeyCreation, PasskeyRequest } from '@countersign/contracts'
import { isoCBOR } from '@simplewebauthn/server/helpers'

/* An authenticator with one key, and the browser before it, that can be told to do what a real one would not. */

export interface Liberties {
  /** The page that asks. */
  origin?: string
  /** The host whose key it says this is. */
  rpId?: string
  challenge?: string
  /** Whether it has made sure that its person is there. */
  isVerified?: boolean
  /** How often it says that it has signed. */
  counter?: number
  userHandle?: string
}

export interface SoftwarePasskey {
  create(options: PasskeyCreation, liberties?: Liberties): AddPasskey['passkey']
  sign(options: PasskeyRequest, liberties?: Liberties): GivePasskey['passkey']
}

const origin = 'https://sign.acme.test'
/** Of authenticator data: W3C WebAuthn Level 3, section 6.1. */
const flags = { present: 0x01, verified: 0x04, attested: 0x40 } as const

export function createSoftwarePasskey(): SoftwarePasskey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const credential = randomBytes(32)
  const id = credential.toString('base64url')
  const shared = { id, rawId: id, type: 'public-key' as const }
  let handle = ''

  const authData = (rpId: string, liberties: Liberties, attested?: Buffer): Buffer => {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(liberties.counter ?? 0)
    const verified = liberties.isVerified === false ? 0 : flags.verified
    const said = flags.present | verified | (attested === undefined ? 0 : flags.attested)
    const parts = [createHash('sha256').update(rpId).digest(), Buffer.from([said]), counter]
    return Buffer.concat([...parts, ...(attested === undefined ? [] : [attested])])
  }
  const clientData = (type: string, challenge: string, { origin: from = origin }: Liberties): Buffer =>
    Buffer.from(JSON.stringify({ type, challenge, origin: from, crossOrigin: false }))

  return {
    create(options, liberties = {}) {
      handle = options.user.id
      const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
      // COSE_Key of an ES256 key (RFC 9053, section 7.1.1).
      const cose = new Map<number, number | Uint8Array>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, Uint8Array.from(Buffer.from(x, 'base64url'))],
        [-3, Uint8Array.from(Buffer.from(y, 'base64url'))],
      ])
      const length = Buffer.alloc(2)
      length.writeUInt16BE(credential.length)
      const attested = Buffer.concat([Buffer.alloc(16), length, credential, isoCBOR.encode(cose)])
      const data = authData(liberties.rpId ?? options.rp.id, liberties, attested)
      const attestation = new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', Uint8Array.from(data)],
      ])
      const said = clientData('webauthn.create', liberties.challenge ?? options.challenge, liberties)
      return {
        ...shared,
        response: {
          clientDataJSON: said.toString('base64url'),
          attestationObject: Buffer.from(isoCBOR.encode(attestation as never)).toString('base64url'),
          transports: ['internal', 'a-way-of-tomorrow'],
        },
      }
    },
    sign(options, liberties = {}) {
      const data = authData(liberties.rpId ?? options.rpId, liberties)
      const said = clientData('webauthn.get', liberties.challenge ?? options.challenge, liberties)
      const signed = Buffer.concat([data, createHash('sha256').update(said).digest()])
      return {
        ...shared,
        response: {
          clientDataJSON: said.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: createSign('sha256').update(signed).sign(privateKey).toString('base64url'),
          userHandle: liberties.userHandle ?? handle,
        },
      }
    },
  }
}
