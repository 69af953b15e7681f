import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createTestWorld, feishuApp, larkApp, larkSecret, type TestWorld } from '#sandbox/_world.ts'

// The vector of RFC 7636, appendix B.
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

const redirectUri = (world: TestWorld) => world.sandbox.app(larkApp).redirectUrls[0] ?? ''

async function authorize(world: TestWorld, change: Record<string, string> = {}, cookie = 'sandbox_person=alice') {
  const query = new URLSearchParams({ client_id: larkApp, redirect_uri: redirectUri(world), state: 's1', ...change })
  const address = `${world.sandbox.baseUrl('lark')}/open-apis/authen/v1/authorize?${query}`
  const response = await fetch(address, { redirect: 'manual', headers: { cookie } })
  const location = response.headers.get('location')
  return {
    status: response.status,
    html: await response.text(),
    location,
    code: location === null ? '' : (new URL(location).searchParams.get('code') ?? ''),
  }
}

const exchange = (world: TestWorld, change: object = {}) =>
  world.call(
    'POST',
    '/open-apis/authen/v2/oauth/token',
    {
      grant_type: 'authorization_code',
      client_id: larkApp,
      client_secret: larkSecret,
      redirect_uri: redirectUri(world),
      ...change,
    },
    null,
  )

describe('the authorise page', () => {
  it('leads straight back for a browser that is somebody, with code and state', async () => {
    await using world = await createTestWorld()
    const { status, location, code } = await authorize(world)
    expect(status).toBe(302)
    expect(location).toBe(`${redirectUri(world)}?code=${code}&state=s1`)
    expect(code).toMatch(/^[A-Za-z0-9_-]{64}$/)
  })

  it('lets an unknown browser choose a person of this platform, or refuse', async () => {
    await using world = await createTestWorld()
    const { status, html } = await authorize(world, {}, '')
    expect(status).toBe(200)
    expect(html).toContain('data-person="alice"')
    expect(html).not.toContain('data-person="chen"')
    expect((await authorize(world, { sandbox_deny: '1' }, '')).location).toBe(
      `${redirectUri(world)}?error=access_denied&state=s1`,
    )
    expect((await authorize(world, { sandbox_person: 'bob' }, '')).status).toBe(302)
  })

  it.each([
    ['the app is unknown', { client_id: 'cli_ffffffffffffffff' }, '20048'],
    ['the app is of the other platform', { client_id: feishuApp }, '20048'],
    ['the address is not registered', { redirect_uri: 'http://evil.example/' }, 'redirect_uri unmatch'],
    ['the app lacks a scope', { scope: 'calendar:calendar' }, '20027'],
  ])('ends on an error page when %s', async (_what, change, text) => {
    await using world = await createTestWorld()
    const { status, html } = await authorize(world, change)
    expect(status).toBe(400)
    expect(html).toContain(text)
  })
})

describe('the exchange of a code', () => {
  it('gives a token whose code is the string "0", and the token tells who it is', async () => {
    await using world = await createTestWorld()
    const { code } = await authorize(world, { code_challenge: challenge, code_challenge_method: 'S256' })
    const answer = await exchange(world, { code, code_verifier: verifier })
    expect(answer).toMatchObject({ status: 200, body: { code: '0', token_type: 'Bearer', expires_in: 7200 } })
    expect(answer.body).not.toHaveProperty('refresh_token')
    const token = String(answer.body.access_token)
    expect(token.length).toBeGreaterThan(1_000)
    const info = await world.call('GET', '/open-apis/authen/v1/user_info', undefined, token)
    expect(info.body.data).toMatchObject({ name: 'Alice Tan', open_id: world.sandbox.openId('alice') })
    expect(await world.call('GET', '/open-apis/authen/v1/user_info', undefined, 'u-x')).toMatchObject({
      status: 200,
      body: { code: 20005 },
    })
  })

  it('takes a plain challenge when no method was named', async () => {
    await using world = await createTestWorld()
    const { code } = await authorize(world, { code_challenge: verifier })
    expect((await exchange(world, { code, code_verifier: verifier })).body.code).toBe('0')
    expect(createHash('sha256').update(verifier).digest('base64url')).toBe(challenge)
  })

  it.each([
    ['the grant type is missing', { grant_type: '' }, 20001],
    ['the grant type is unknown', { grant_type: 'password' }, 20036],
    ['the app is unknown', { client_id: 'cli_ffffffffffffffff' }, 20048],
    ['the secret is wrong', { client_secret: 'x' }, 20002],
    ['there is no code', { code: '' }, 20001],
    ['the code is unknown', { code: 'x' }, 20003],
    ['the address differs', { redirect_uri: 'http://localhost:8080/other' }, 20071],
    ['the address is missing', { redirect_uri: undefined }, 20071],
    ['the verifier is missing', { code_verifier: undefined }, 20049],
    ['the verifier is wrong', { code_verifier: 'x'.repeat(43) }, 20049],
  ])('fails with a string code when %s', async (_what, change, code) => {
    await using world = await createTestWorld()
    const good = await authorize(world, { code_challenge: challenge, code_challenge_method: 'S256' })
    const answer = await exchange(world, { code: good.code, code_verifier: verifier, ...change })
    expect(answer).toMatchObject({ status: 400, body: { code: String(code) } })
  })

  it('takes a code once, within five minutes, from its own client, for somebody who may use the app', async () => {
    await using world = await createTestWorld()
    const used = await authorize(world)
    await exchange(world, { code: used.code })
    expect((await exchange(world, { code: used.code })).body.code).toBe('20065')
    const old = await authorize(world)
    await world.sandbox.advance(5 * 60_000 + 1)
    expect((await exchange(world, { code: old.code })).body.code).toBe('20004')
    world.sandbox.configurePerson('alice', { availableTo: false })
    const unavailable = await authorize(world)
    expect((await exchange(world, { code: unavailable.code })).body.code).toBe('20010')
  })

  it('renews with a refresh token once', async () => {
    await using world = await createTestWorld()
    const { code } = await authorize(world, { scope: 'offline_access' })
    const { refresh_token: token } = (await exchange(world, { code })).body
    const renew = () => exchange(world, { grant_type: 'refresh_token', refresh_token: token })
    expect((await renew()).body.code).toBe('0')
    expect((await renew()).body.code).toBe('20073')
    expect((await exchange(world, { grant_type: 'refresh_token', refresh_token: 'x' })).body.code).toBe('20026')
  })
})
