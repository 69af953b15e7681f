import { z } from 'zod'
import { ChannelName, HttpUrl, TenantId, Timestamp } from './identifiers.ts'
import { Email, Secret } from './people.ts'
import { discoveryFaults, loginWays, oidcClaims } from './vocabulary.ts'

/* Ways to log in beside the chat platforms and the one-time link: a code in an e-mail, and OpenID Connect. */

export const LoginWay = z.enum(loginWays)
export type LoginWay = z.infer<typeof LoginWay>

/** Where the person wants to be afterwards: a page of the console, as a path below its own. */
const target = z.string().max(1_000).default('')

/** `POST /api/app/login/email/code`. The answer is the same whether or not anybody has this address. */
export const SendLoginCode = z.strictObject({ tenant: TenantId, email: Email })
export const SentLoginCode = z.object({
  /** Goes back with the code. Bound to this browser. */
  attempt: z.string(),
  /** Seconds until another may be asked for, and for which the code is good. */
  resendAfter: z.int(),
  validFor: z.int(),
})
export type SentLoginCode = z.infer<typeof SentLoginCode>
/** `POST /api/app/login/email`. */
export const EmailLogin = z.strictObject({
  attempt: z.string().min(16).max(256),
  code: z.string().regex(/^\d{6}$/, 'must be six digits'),
})

/** `POST /api/app/login/oidc/start`. */
export const StartOidcLogin = z.strictObject({ tenant: TenantId, target })
/** `POST /api/app/login/oidc/finish`: the query string with which the provider has sent the browser back. */
export const FinishOidcLogin = z.strictObject({ answer: z.string().min(1).max(8_192) })

export const OidcClaim = z.enum(oidcClaims)
export type OidcClaim = z.infer<typeof OidcClaim>

const issuer = HttpUrl.refine((value) => !/[?#]/.test(value), 'must be without query and fragment')
const scope = z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]{1,128}$/, 'must be one scope, without spaces')
const scopes = z
  .array(scope)
  .max(20)
  .refine((given) => given.includes('openid'), 'must name openid')
const label = z.string().trim().min(1).max(64)
const claimName = z.string().min(1).max(256)

/** An OpenID provider as it is set up, in the provisioning file and in the console alike. */
export const OidcSettings = z.strictObject({
  enabled: z.boolean().default(true),
  /** As the provider calls itself; its settings are found below it. It is the administrator's: http and loopback too. */
  issuer,
  clientId: z.string().min(1).max(512),
  clientSecret: Secret,
  /** What stands on the button. */
  label: label.optional(),
  /** By what a company account is matched with a person when it is seen first. */
  claim: OidcClaim.default('email'),
  /** How the provider calls that claim, where it is not `claim` itself. */
  claimName: claimName.optional(),
  scopes: scopes.default(['openid', 'email', 'profile']),
})
export type OidcSettings = z.infer<typeof OidcSettings>

/** Which ways in are open, and how. */
export const LoginWays = z.object({
  /** What the provider is to be told. */
  redirectUri: z.string(),
  /** Chat platforms that are switched on, and so let people in. */
  platforms: z.array(ChannelName),
  email: z.object({
    open: z.boolean(),
    provisioned: z.boolean(),
    /** Without the channel no code can be sent. */
    channelEnabled: z.boolean(),
  }),
  oidc: z.object({
    isConfigured: z.boolean(),
    enabled: z.boolean(),
    provisioned: z.boolean(),
    issuer: z.string().nullable(),
    clientId: z.string().nullable(),
    secretSet: z.boolean(),
    label: z.string().nullable(),
    claim: OidcClaim,
    claimName: z.string().nullable(),
    scopes: z.array(z.string()),
    /** How many people have a company account of this issuer. */
    people: z.int(),
  }),
})
export type LoginWays = z.infer<typeof LoginWays>

/**
 * `PATCH /api/app/console/login-ways`: what is left out stays, the secret too; null takes back to the default. A provider
 * that is set up by it is switched off unless `enabled` says otherwise. Another issuer needs the secret again.
 */
export const ChangeLoginWays = z.strictObject({
  email: z.strictObject({ open: z.boolean() }).optional(),
  oidc: z
    .strictObject({
      enabled: z.boolean(),
      issuer,
      clientId: z.string().min(1).max(512),
      clientSecret: Secret,
      label: label.nullable(),
      claim: OidcClaim,
      claimName: claimName.nullable(),
      scopes: scopes.nullable(),
    })
    .partial()
    .optional(),
})
export type ChangeLoginWays = z.infer<typeof ChangeLoginWays>

/** `POST /api/app/console/login-ways/oidc-test`: asks a provider what it offers. */
export const TestOidc = z.strictObject({ issuer })
export const OidcTest = z.object({
  ok: z.boolean(),
  fault: z.enum(discoveryFaults).nullable(),
  /** What came back, in short. */
  evidence: z.string(),
  issuer: z.string().nullable(),
  authorizationEndpoint: z.string().nullable(),
  tokenEndpoint: z.string().nullable(),
  ms: z.int(),
})
export type OidcTest = z.infer<typeof OidcTest>

/** An account at an OpenID provider that is known to be a person's. */
export const CompanyAccount = z.object({ issuer: z.string(), boundAt: Timestamp })
export type CompanyAccount = z.infer<typeof CompanyAccount>
