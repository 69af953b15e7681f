import * as http from 'node:http'
import { expect, it } from 'vitest'
import { startSandbox } from '#sandbox/sandbox.ts'

const client = { clientId: 'console', clientSecret: 'secret', redirectUris: ['http://localhost:9/back'] }
const seed = {
  apps: [],
  people: [{ id: 'alice', name: 'Alice', platform: 'lark' as const, email: 'alice@acme.test', locale: 'en_us' }],
  openid: { clients: [client] },
}

/** An address of the provider to which a client sends a browser. */
function authorize(issuer: string, more: Record<string, string> = {}): string {
  const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
  return `${issuer}/auth?${new URLSearchParams({
    client_id: client.clientId,
    redirect_uri: client.redirectUris[0] ?? '',
    response_type: 'code',
    scope: 'openid email profile',
    state: 'state-1',
    nonce: 'nonce-1',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...more,
  })}`
}

/** The verifier of the challenge above (RFC 7636, appendix B). */
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'

async function redeem(issuer: string, code: string, codeVerifier = verifier) {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('console:secret').toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: client.redirectUris[0] ?? '',
      code_verifier: codeVerifier,
    }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}

it('leads a person through the page and back, and gives an ID token for the code once', async () => {
  await using sandbox = await startSandbox({ port: 0, seed })
  const { issuer } = sandbox.openid
  expect(sandbox.openid.accounts).toMatchObject([{ id: 'co-alice', email: 'alice@acme.test', uid: 'alice' }])
  const back = new URL(await sandbox.openid.consent(authorize(issuer), 'co-alice'))
  expect(back.searchParams.get('state')).toBe('state-1')
  const code = back.searchParams.get('code') ?? ''
  const { status, body } = await redeem(issuer, code)
  expect(status).toBe(200)
  const claims = JSON.parse(Buffer.from(body.id_token?.split('.')[1] ?? '', 'base64url').toString('utf8'))
  expect(claims).toMatchObject({
    iss: issuer,
    aud: 'console',
    sub: 'co-alice',
    nonce: 'nonce-1',
    email: 'alice@acme.test',
    email_verified: true,
    uid: 'alice',
  })
  expect((await redeem(issuer, code)).body.error).toBe('invalid_grant')
  expect(sandbox.wire.map(({ platform, direction }) => `${platform} ${direction}`)).toContain('openid in')
})

it('refuses another verifier, a flow without PKCE, an address of nobody and a person who says no', async () => {
  await using sandbox = await startSandbox({ port: 0, seed })
  const { issuer } = sandbox.openid
  const back = new URL(await sandbox.openid.consent(authorize(issuer), 'co-alice'))
  expect((await redeem(issuer, back.searchParams.get('code') ?? '', 'x'.repeat(43))).body.error).toBe('invalid_grant')
  const bare = await sandbox.openid.consent(
    authorize(issuer, { code_challenge: '', code_challenge_method: '' }),
    'co-alice',
  )
  expect(new URL(bare).searchParams.get('error')).toBe('invalid_request')
  await expect(sandbox.openid.consent(authorize(issuer, { redirect_uri: 'http://evil.test/' }), null)).rejects.toThrow(
    'redirect_uri',
  )
  const denied = await sandbox.openid.consent(authorize(issuer), null)
  expect(new URL(denied).searchParams.get('error')).toBe('access_denied')
})

it('knows another address of a client at once, shows every account, and can be out of order', async () => {
  await using sandbox = await startSandbox({ port: 0, seed })
  const { issuer } = sandbox.openid
  sandbox.openid.putClient({ ...client, redirectUris: ['http://localhost:9/other'] })
  const back = await sandbox.openid.consent(authorize(issuer, { redirect_uri: 'http://localhost:9/other' }), 'co-alice')
  expect(back).toContain('http://localhost:9/other?code=')
  sandbox.faults.set({ kind: 'server-error', platform: 'openid', times: 1 })
  const settings = `${issuer}/.well-known/openid-configuration`
  expect((await fetch(settings)).status).toBe(502)
  expect((await fetch(settings)).status).toBe(200)
  sandbox.faults.set({ kind: 'reset', platform: 'openid', times: 1 })
  await expect(new Promise((resolve, reject) => http.get(settings, resolve).on('error', reject))).rejects.toThrow()
})
