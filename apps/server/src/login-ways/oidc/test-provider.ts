import type { OidcTest } from '@countersign/contracts'
import { AppError } from '#server/errors.ts'
import { discover, providerCallSeconds } from './provider.ts'
import { causeOf, providerError } from './provider-error.ts'

type Fault = NonNullable<OidcTest['fault']>

/** Asks a provider for its settings, as a log-in would: says what it offers, or what is wrong. */
export async function testProvider(issuer: string, withinSeconds = providerCallSeconds): Promise<OidcTest> {
  const began = performance.now()
  const answer = (found: Partial<OidcTest> & Pick<OidcTest, 'evidence'>): OidcTest => ({
    ...{ ok: false, fault: null, issuer: null, authorizationEndpoint: null, tokenEndpoint: null },
    ...found,
    ms: Math.round(performance.now() - began),
  })
  try {
    // Nothing of a client goes to a provider that is asked for its settings.
    const found = (await discover({ issuer, clientId: 'test', clientSecret: 'test' }, withinSeconds)).serverMetadata()
    const { authorization_endpoint: authorizationEndpoint = null, token_endpoint: tokenEndpoint = null } = found
    const facts = { issuer: found.issuer, authorizationEndpoint, tokenEndpoint }
    const isComplete = authorizationEndpoint !== null && tokenEndpoint !== null && found.jwks_uri !== undefined
    const hasCode = found.response_types_supported?.some((type) => type.split(' ').includes('code')) ?? true
    if (!isComplete || !hasCode) {
      const evidence = `response_types_supported: ${found.response_types_supported?.join(', ') ?? 'not given'}`
      return answer({ ...facts, fault: 'no_code_flow', evidence })
    }
    const methods = found.code_challenge_methods_supported
    const pkce = methods === undefined ? 'PKCE is not announced' : `PKCE: ${methods.join(', ')}`
    return answer({ ...facts, ok: true, evidence: pkce })
  } catch (error) {
    const { fault, evidence } = faultOf(error)
    return answer({ fault, evidence })
  }
}

function faultOf(error: unknown): { fault: Fault; evidence: string } {
  const seen = providerError(error)
  if (!(seen instanceof AppError) || !(error instanceof Error)) throw error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const evidence = [causeOf(error), code, error.message].filter((part) => part !== undefined && part !== '').join(' · ')
  if (code === 'OAUTH_TIMEOUT' || code === 'OAUTH_ABORT') return { fault: 'timeout', evidence }
  if (code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED') return { fault: 'issuer_differs', evidence }
  if (code === 'OAUTH_HTTP_REQUEST_FORBIDDEN') return { fault: 'insecure', evidence }
  const isOut = seen.code === 'provider_unavailable' && !(error.cause instanceof Response)
  return { fault: isOut ? 'unreachable' : 'not_openid', evidence }
}
