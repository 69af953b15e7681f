import { Secret, TOTP } from 'otpauth'

/*
 * Authenticator apps: RFC 6238 with the parameters that all of them know (SHA-1, six digits, 30 seconds), since several
 * ignore any others.
 */

const secretBytes = 20
const periodSeconds = 30
const digits = 6
/** Steps before and after the present one: for a phone whose clock is a little off, and a code typed slowly. */
const window = 1
const issuer = 'Countersign'

/** 160 bits in base32. */
export function newSecret(): string {
  return new Secret({ size: secretBytes }).base32
}

/** The time step whose code this is, or null for no code that is good now. `now`: epoch ms. */
export function stepOf(secret: string, code: string, now: number): number | null {
  const totp = new TOTP({ secret: Secret.fromBase32(secret), digits, period: periodSeconds })
  const delta = totp.validate({ token: code, timestamp: now, window })
  return delta === null ? null : Math.floor(now / 1_000 / periodSeconds) + delta
}

/** What authenticator apps read from a QR code. `account`: how the app tells it from others. */
export function setupUri(secret: string, account: string): string {
  return new TOTP({
    issuer,
    label: account,
    secret: Secret.fromBase32(secret),
    digits,
    period: periodSeconds,
  }).toString()
}
