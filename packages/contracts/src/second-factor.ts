import { z } from 'zod'
import { Person } from './app.ts'
import { Timestamp } from './identifiers.ts'
import { passkeyTransports } from './vocabulary.ts'

/* The second factor: passkeys, an authenticator app and recovery codes, beside whatever a person logs in by. */

/** Of the authenticator app. */
const code = z.string().regex(/^\d{6}$/, 'must be the six digits that the authenticator app shows')

export const PasskeyName = z.string().trim().min(1).max(64)

export const PasskeyView = z.object({
  id: z.string(),
  name: z.string(),
  /** Kept by the person's account at Apple, Google or the like, and so on their other devices too. */
  isSynced: z.boolean(),
  createdAt: Timestamp,
  /** Null: never since it was added. */
  lastUsedAt: Timestamp.nullable(),
})
export type PasskeyView = z.infer<typeof PasskeyView>

/** `GET /api/app/second-factor`: what the person has, never the secrets. */
export const SecondFactor = z.object({
  passkeys: z.array(PasskeyView),
  /** Null: no app. */
  authenticator: z.object({ createdAt: Timestamp, lastUsedAt: Timestamp.nullable() }).nullable(),
  /** Null: none were made yet, or all were used. */
  recoveryCodes: z.object({ left: z.int(), of: z.int(), createdAt: Timestamp }).nullable(),
  /** Until when factors may be added and removed without giving one again; null: one must be given first. */
  mayChangeUntil: Timestamp.nullable(),
  /** No factor yet: the first may be added just so. */
  isFirst: z.boolean(),
  /** Whether browsers can keep passkeys for this host: not where it is called by an IP address, or without https. */
  passkeysPossible: z.boolean(),
})
export type SecondFactor = z.infer<typeof SecondFactor>

/** `POST /api/app/second-factor/authenticator`: shown this once; counts only after a code made with it was given. */
export const NewAuthenticator = z.object({
  /** 160 bits in base32, to be typed where no picture can be taken. */
  secret: z.string(),
  /** `otpauth://`, for a QR code. */
  uri: z.string(),
})
export type NewAuthenticator = z.infer<typeof NewAuthenticator>
export const AuthenticatorCode = z.strictObject({ code })

/** With a first factor come recovery codes, shown this once; null where the person has some. */
export const AddedFactor = z.object({ recoveryCodes: z.array(z.string()).nullable() })
export type AddedFactor = z.infer<typeof AddedFactor>
export const RecoveryCodes = z.object({ recoveryCodes: z.array(z.string()) })

/** With or without hyphens and spaces, in any case. */
export const GiveRecoveryCode = z.strictObject({ code: z.string().trim().min(1).max(64) })
export const RecoveryCodesLeft = z.object({ left: z.int() })

/* What browsers take and give, as W3C WebAuthn Level 3, section 5.1 ("…OptionsJSON", "…ResponseJSON") has it. */

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/, 'must be base64url')
const credentialId = base64url.max(1_400)
const Credential = z.object({
  id: z.string(),
  type: z.literal('public-key'),
  transports: z.array(z.enum(passkeyTransports)).optional(),
})

export const PasskeyCreation = z.object({
  rp: z.object({ id: z.string(), name: z.string() }),
  user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
  challenge: z.string(),
  pubKeyCredParams: z.array(z.object({ alg: z.int(), type: z.literal('public-key') })),
  timeout: z.int(),
  excludeCredentials: z.array(Credential),
  authenticatorSelection: z.object({
    residentKey: z.literal('required'),
    requireResidentKey: z.literal(true),
    userVerification: z.literal('required'),
  }),
  attestation: z.literal('none'),
})
export type PasskeyCreation = z.infer<typeof PasskeyCreation>

export const PasskeyRequest = z.object({
  rpId: z.string(),
  challenge: z.string(),
  timeout: z.int(),
  allowCredentials: z.array(Credential),
  userVerification: z.literal('required'),
})
export type PasskeyRequest = z.infer<typeof PasskeyRequest>

/** What a browser says beside this is not looked at. */
const answer = {
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
}
const clientDataJSON = base64url.max(8_192)

export const CreatedPasskey = z.object({
  ...answer,
  response: z.object({
    clientDataJSON,
    attestationObject: base64url.max(32_768),
    transports: z.array(z.string().max(32)).max(16).optional(),
  }),
})
export const AddPasskey = z.strictObject({ name: PasskeyName, passkey: CreatedPasskey })
export type AddPasskey = z.infer<typeof AddPasskey>
export const RenamePasskey = z.strictObject({ name: PasskeyName })

export const GivenPasskey = z.object({
  ...answer,
  response: z.object({
    clientDataJSON,
    authenticatorData: base64url.max(8_192),
    signature: base64url.max(8_192),
    userHandle: base64url.max(128).optional(),
  }),
})
export const GivePasskey = z.strictObject({ passkey: GivenPasskey })
export type GivePasskey = z.infer<typeof GivePasskey>

/** `GET /api/app/console/second-factor-rule`: whether administrators, DBAs and security administrators need one. */
export const SecondFactorRule = z.object({
  administratorsNeed: z.boolean(),
  /** Written by the provisioning file, and changed there only. */
  provisioned: z.boolean(),
  /** Who has such a role and no factor: they have a member's rights while one is needed. Up to 100, by uid. */
  without: z.array(Person),
})
export type SecondFactorRule = z.infer<typeof SecondFactorRule>
export const SetSecondFactorRule = z.strictObject({ administratorsNeed: z.boolean() })
