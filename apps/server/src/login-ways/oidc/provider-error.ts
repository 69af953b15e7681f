import * as client from 'openid-client'
import { AppError, type AppErrorCode } from '#server/errors.ts'

/** What the browser comes back with when the person, or the provider for them, has said no. */
const denials = ['access_denied', 'login_required', 'interaction_required', 'consent_required']
/** What a provider says of itself when it is out of order. */
const outages = ['server_error', 'temporarily_unavailable']
/** Codes of the library for answers that never came. */
const unanswered = ['OAUTH_TIMEOUT', 'OAUTH_ABORT']
const notProved = [
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_KEY_SELECTION_FAILED',
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
]

/**
 * What went wrong between us and an OpenID provider, as an error that says who can do something about it:
 * `provider_denied` (the person), `provider_unavailable` (time), `provider_misconfigured` (the administrator), and
 * `login_failed` for an answer that proves nothing. What is no error of the provider is given back as it is.
 */
export function providerError(error: unknown): unknown {
  if (error instanceof client.AuthorizationResponseError) {
    if (denials.includes(error.error)) return told('provider_denied', error.error, error)
    return told(outages.includes(error.error) ? 'provider_unavailable' : 'provider_misconfigured', error.error, error)
  }
  if (error instanceof client.ResponseBodyError) {
    // The code was used before, has run out, or was not given to us.
    if (error.error === 'invalid_grant') return told('login_failed', error.error, error)
    return told(outages.includes(error.error) ? 'provider_unavailable' : 'provider_misconfigured', error.error, error)
  }
  if (error instanceof client.WWWAuthenticateChallengeError) {
    return told('provider_misconfigured', `HTTP ${error.status}`, error)
  }
  if (error instanceof client.ClientError) return ofClient(error)
  // What fetch throws where there is nobody: it has no class of its own.
  if (error instanceof TypeError) return told('provider_unavailable', causeOf(error) ?? 'no answer', error)
  return error
}

function ofClient(error: client.ClientError): AppError {
  const { code = '' } = error
  if (unanswered.includes(code)) return told('provider_unavailable', code, error)
  if (notProved.includes(code)) return told('login_failed', code, error)
  const { cause } = error
  if (cause instanceof Response) {
    const isOut = cause.status >= 500 || cause.status === 429
    return told(isOut ? 'provider_unavailable' : 'provider_misconfigured', `HTTP ${cause.status}`, error)
  }
  if (code === '' || cause instanceof TypeError)
    return told('provider_unavailable', causeOf(error) ?? 'no answer', error)
  return told('provider_misconfigured', code, error)
}

/** The system's own word for why a connection did not come about. */
export function causeOf(error: Error): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string' && !at.code.startsWith('OAUTH')) return at.code
  }
  return undefined
}

const sentences = {
  provider_denied: 'the company account was not confirmed',
  provider_unavailable: 'the OpenID provider does not answer; try again',
  provider_misconfigured: 'the OpenID provider does not accept how it is set up here',
  login_failed: 'the answer of the OpenID provider does not hold',
} as const satisfies Partial<Record<AppErrorCode, string>>

function told(code: keyof typeof sentences, why: string, cause: Error): AppError {
  // Their own descriptions may hold anything, so that only their code is passed on.
  return new AppError(code, `${sentences[code]} (${/^[\w .:-]{1,80}$/.test(why) ? why : 'unknown'})`, { cause })
}
