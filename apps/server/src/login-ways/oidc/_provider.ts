import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import jwt from 'jsonwebtoken'

/* An OpenID provider that can be made to err in every way that one must not believe. */

export interface Quirks {
  claims: Record<string, unknown>
  /** What the userinfo endpoint adds. */
  userInfo: Record<string, unknown>
  /** In place of what was asked for. */
  nonce?: string
  audience?: string
  issuer?: string
  /** Signs with a key that it does not show. */
  isForged: boolean
  isUnsigned: boolean
  /** Seconds from now until the ID token runs out. */
  lifetime: number
  /** Status of the token endpoint, with its error. */
  refusal: { status: number; error: string } | null
  /** Of its settings. */
  calledIssuer?: string
  discoveryStatus: number
  answersWithPage: boolean
  /** Never answers any more. */
  hangs: boolean
}

interface Granted {
  nonce: string
  challenge: string
  redirectUri: string
  /** Of whoever said yes. */
  claims: Record<string, unknown>
}

export interface Provider extends AsyncDisposable {
  readonly issuer: string
  readonly quirks: Quirks
  /** What the browser is sent back with by somebody who has said yes: a query string. */
  consent(authorizeUrl: string): string
  /** Calls so far, by path. */
  readonly calls: string[]
}

const clientId = 'countersign'
const clientSecret = 'a client secret'

export async function openProvider(): Promise<Provider> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey
  const granted = new Map<string, Granted>()
  const calls: string[] = []
  const quirks: Quirks = {
    claims: { sub: 'S-alice', email: 'alice@acme.test', email_verified: true },
    userInfo: {},
    isForged: false,
    isUnsigned: false,
    lifetime: 300,
    refusal: null,
    discoveryStatus: 200,
    answersWithPage: false,
    hangs: false,
  }
  let issuer = ''

  const idToken = ({ nonce, claims }: Granted): string => {
    const { isForged, isUnsigned, lifetime } = quirks
    const now = Math.floor(Date.now() / 1_000)
    const payload = {
      iss: quirks.issuer ?? issuer,
      aud: quirks.audience ?? clientId,
      iat: now,
      exp: now + lifetime,
      nonce: quirks.nonce ?? nonce,
      ...claims,
    }
    if (isUnsigned) return jwt.sign(payload, '', { algorithm: 'none' })
    return jwt.sign(payload, isForged ? stranger : privateKey, { algorithm: 'RS256', keyid: 'k1' })
  }
  const token = (request: IncomingMessage, body: URLSearchParams): [number, unknown] => {
    if (quirks.refusal !== null) return [quirks.refusal.status, { error: quirks.refusal.error }]
    const basic = Buffer.from(`${clientId}:${encodeURIComponent(clientSecret).replaceAll('%20', '+')}`).toString(
      'base64',
    )
    if (request.headers.authorization !== `Basic ${basic}`) return [401, { error: 'invalid_client' }]
    const grant = granted.get(body.get('code') ?? '')
    granted.delete(body.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url')
    const isRight = grant?.challenge === challenge && grant.redirectUri === body.get('redirect_uri')
    if (!isRight) return [400, { error: 'invalid_grant' }]
    return [200, { access_token: 'at', token_type: 'Bearer', expires_in: 60, id_token: idToken(grant) }]
  }
  const answer = (request: IncomingMessage, body: URLSearchParams): [number, unknown] => {
    const at = (path: string): string => `${issuer}${path}`
    switch (request.url) {
      case '/.well-known/openid-configuration': {
        const endpoints = {
          authorization_endpoint: at('/authorize'),
          token_endpoint: at('/token'),
          jwks_uri: at('/jwks'),
        }
        const more = {
          userinfo_endpoint: at('/userinfo'),
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
        }
        return [quirks.discoveryStatus, { issuer: quirks.calledIssuer ?? issuer, ...endpoints, ...more }]
      }
      case '/jwks':
        return [200, { keys: [{ ...jwkOf(publicKey), kid: 'k1', use: 'sig', alg: 'RS256' }] }]
      case '/token':
        return token(request, body)
      case '/userinfo':
        return [200, { sub: quirks.claims.sub, ...quirks.userInfo }]
      default:
        return [404, { error: 'not_found' }]
    }
  }
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    calls.push(request.url ?? '')
    if (quirks.hangs) return
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const [status, body] = answer(request, new URLSearchParams(Buffer.concat(chunks).toString('utf8')))
    if (quirks.answersWithPage) response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hello</h1>')
    else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  const server = createServer((request, response) => void handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    issuer,
    quirks,
    calls,
    consent(authorizeUrl) {
      const { searchParams } = new URL(authorizeUrl)
      const code = `code-${granted.size}-${searchParams.get('state')}`
      granted.set(code, {
        nonce: searchParams.get('nonce') ?? '',
        challenge: searchParams.get('code_challenge') ?? '',
        redirectUri: searchParams.get('redirect_uri') ?? '',
        claims: quirks.claims,
      })
      return `?${new URLSearchParams({ code, state: searchParams.get('state') ?? '' })}`
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const jwkOf = (key: KeyObject): object => key.export({ format: 'jwk' })
