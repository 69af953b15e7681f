import { LRUCache } from 'lru-cache'
import * as client from 'openid-client'
import type { OpenOidc } from '../settings.ts'
import { providerError } from './provider-error.ts'

/** Each call to a provider: a person waits for it. */
export const providerCallSeconds = 8
/** A provider's own settings seldom change, and its keys are looked after by the library. */
const metadataMs = 10 * 60 * 1_000
const mostProviders = 1_000

/** An account that a provider has vouched for, with what it says of it. */
export interface Vouched {
  issuer: string
  subject: string
  claims: Readonly<Record<string, unknown>>
}

/** What ties an answer to the log-in that was begun. */
export interface Expected {
  state: string
  nonce: string
  codeVerifier: string
}

/** OpenID providers, asked by the authorization code flow with PKCE. All methods throw AppError for what they refuse. */
export interface OidcProviders {
  /** The provider's page on which the person says who they are. */
  authorizeUrl(settings: OpenOidc, redirectUri: string, expected: Expected): Promise<string>
  /**
   * Exchanges the code in the address to which the browser came back, and checks the ID token: signature, issuer, audience,
   * time and nonce. Where it lacks `wanted`, the provider is asked for it.
   */
  vouch(settings: OpenOidc, cameTo: URL, expected: Expected, wanted: string): Promise<Vouched>
}

export function createOidcProviders(): OidcProviders {
  const known = new LRUCache<string, client.Configuration>({ max: mostProviders, ttl: metadataMs })

  const configured = async (settings: OpenOidc): Promise<client.Configuration> => {
    const key = JSON.stringify([settings.issuer, settings.clientId, settings.version])
    const found = known.get(key) ?? (await discover(settings))
    known.set(key, found)
    return found
  }
  const asked = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await ask()
    } catch (error) {
      throw providerError(error)
    }
  }

  return {
    authorizeUrl: (settings, redirectUri, { state, nonce, codeVerifier }) =>
      asked(async () => {
        const parameters = {
          redirect_uri: redirectUri,
          scope: settings.scopes.join(' '),
          state,
          nonce,
          code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
          code_challenge_method: 'S256',
        }
        return client.buildAuthorizationUrl(await configured(settings), parameters).href
      }),
    vouch: (settings, cameTo, { state, nonce, codeVerifier }, wanted) =>
      asked(async () => {
        const configuration = await configured(settings)
        const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: codeVerifier }
        const tokens = await client.authorizationCodeGrant(configuration, cameTo, { ...checks, idTokenExpected: true })
        const token = tokens.claims()
        if (token === undefined) throw new client.ClientError('there is no ID token')
        const { iss: issuer, sub: subject } = token
        if (token[wanted] !== undefined) return { issuer, subject, claims: token }
        if (configuration.serverMetadata().userinfo_endpoint === undefined) return { issuer, subject, claims: token }
        const told = await client.fetchUserInfo(configuration, tokens.access_token, subject)
        return { issuer, subject, claims: { ...token, ...told } }
      }),
  }
}

/** Finds the provider's settings. Throws what the library throws. */
export function discover(
  { issuer, clientId, clientSecret }: Pick<OpenOidc, 'issuer' | 'clientId' | 'clientSecret'>,
  timeout = providerCallSeconds,
): Promise<client.Configuration> {
  const url = new URL(issuer)
  return client.discovery(url, clientId, undefined, bySecret(clientSecret), {
    timeout,
    // Signatures are looked at whatever the connection: it may be plain http, where the administrator says so.
    execute: [client.enableNonRepudiationChecks, ...(url.protocol === 'http:' ? [client.allowInsecureRequests] : [])],
  })
}

/** In the header, as every provider must take it, unless it says that it does not. */
function bySecret(secret: string): client.ClientAuth {
  const basic = client.ClientSecretBasic(secret)
  const post = client.ClientSecretPost(secret)
  return (server, ...call) => {
    const taken = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    const how = taken.includes('client_secret_basic') || !taken.includes('client_secret_post') ? basic : post
    return how(server, ...call)
  }
}
