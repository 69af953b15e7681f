import { describe, expect, it } from 'vitest'
import { createTestWorld, larkApp, type TestWorld } from '#sandbox/_world.ts'
import { signPage } from '#sandbox/platforms/lark/seal.ts'

const enter = (world: TestWorld, query: string) =>
  fetch(`${world.sandbox.url}/phone/enter?${query}`, { redirect: 'manual' })

/** What the JS SDK does in a page of its own: a script whose text calls back. */
async function bridge(
  world: TestWorld,
  input: object,
  pageUrl: string,
  cookie = 'sandbox_person=alice',
  operation = 'requestAccess',
) {
  const query = new URLSearchParams({
    operation,
    input: JSON.stringify(input),
    url: pageUrl,
    callback: 'sandboxBridge1',
  })
  const response = await fetch(`${world.sandbox.baseUrl('lark')}/bridge?${query}`, { headers: { cookie } })
  const text = await response.text()
  return JSON.parse(/^sandboxBridge1\((.*)\)$/.exec(text)?.[1] ?? '{}') as {
    code?: string
    state?: string
    errno?: number
  }
}

describe('entering a phone', () => {
  it('makes the browser one person and leads on', async () => {
    await using world = await createTestWorld()
    const response = await enter(world, 'person=alice&platform=lark&next=http://localhost:3000/console/')
    expect(response.status).toBe(302)
    expect(response.headers.get('location')).toBe('http://localhost:3000/console/')
    expect(response.headers.getSetCookie()).toEqual(['sandbox_person=alice; Path=/; SameSite=Lax; HttpOnly'])
  })

  it('knows its people and leads to no foreign site', async () => {
    await using world = await createTestWorld()
    expect((await enter(world, 'person=nobody')).status).toBe(404)
    expect((await enter(world, 'person=alice&platform=feishu')).status).toBe(404)
    expect((await enter(world, 'person=alice&next=https://evil.example/')).status).toBe(400)
    expect((await enter(world, 'person=alice&next=//evil.example/')).status).toBe(400)
  })
})

describe('the JS SDK', () => {
  it('is served for both brands', async () => {
    await using world = await createTestWorld()
    for (const platform of ['lark', 'feishu'] as const) {
      const response = await fetch(world.sandbox.jsSdkUrl(platform))
      expect(response.headers.get('content-type')).toMatch(/javascript/)
      expect(await response.text()).toContain('window.h5sdk')
    }
  })

  it('gives a page that is among the redirect URLs a code, valid three minutes and once', async () => {
    await using world = await createTestWorld()
    const page = world.sandbox.app(larkApp).redirectUrls[0] ?? ''
    const { code, state } = await bridge(world, { appID: larkApp, scopeList: [], state: 's' }, `${page}?t=acme#top`)
    expect(state).toBe('s')
    const exchange = () =>
      world.call(
        'POST',
        '/open-apis/authen/v2/oauth/token',
        {
          grant_type: 'authorization_code',
          client_id: larkApp,
          client_secret: 'sandbox-lark-app-secret',
          code,
          redirect_uri: page,
        },
        null,
      )
    expect((await exchange()).body.code).toBe('0')
    expect((await exchange()).body.code).toBe('20065')
    const late = await bridge(world, { appID: larkApp }, page)
    await world.sandbox.advance(180_001)
    const answer = await world.call(
      'POST',
      '/open-apis/authen/v2/oauth/token',
      {
        grant_type: 'authorization_code',
        client_id: larkApp,
        client_secret: 'sandbox-lark-app-secret',
        code: late.code,
      },
      null,
    )
    expect(answer.body.code).toBe('20004')
  })

  it('refuses other pages, other apps and browsers that are nobody', async () => {
    await using world = await createTestWorld()
    const page = world.sandbox.app(larkApp).redirectUrls[0] ?? ''
    expect((await bridge(world, { appID: larkApp }, 'http://localhost:3000/other')).errno).toBe(2601002)
    expect((await bridge(world, { appID: 'cli_0f1e2d3c4b5a6978' }, page)).errno).toBe(104)
    expect((await bridge(world, { appID: larkApp }, page, '')).errno).toBe(2601002)
    expect((await bridge(world, { appID: larkApp }, page, 'sandbox_person=chen')).errno).toBe(2601002)
  })

  it('accepts the configuration of a page whose signature is right, once', async () => {
    await using world = await createTestWorld()
    const page = `${new URL(world.sandbox.app(larkApp).redirectUrls[0] ?? '').href}?x=1`
    const ticket = String((await world.call('GET', '/open-apis/jssdk/ticket/get')).body.data?.ticket)
    const timestamp = String(Date.now())
    const signature = signPage({ ticket, nonce: 'n', timestamp, url: page })
    const input = { appId: larkApp, timestamp, nonceStr: 'n', signature }
    const configure = (change = {}, url = `${page}#part`) =>
      bridge(world, { ...input, ...change }, url, 'sandbox_person=alice', 'config')
    expect((await configure({ signature: 'f'.repeat(40) })).errno).toBe(333441)
    expect((await configure({}, 'http://localhost:3000/')).errno).toBe(333448)
    expect((await configure({ appId: 'cli_ffffffffffffffff' })).errno).toBe(333440)
    expect(await configure()).toEqual({})
    expect((await configure()).errno).toBe(333443)
    const old = String(Date.now() - 11 * 60_000)
    const stale = signPage({ ticket, nonce: 'n', timestamp: old, url: page })
    expect((await configure({ timestamp: old, signature: stale })).errno).toBe(333444)
    world.sandbox.configureApp(larkApp, { h5TrustedDomains: [] })
    expect((await configure()).errno).toBe(333447)
  })
})
