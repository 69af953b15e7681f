import axios from 'axios'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWorld, type World } from '../_world.ts'

/* What a browser is told by the addresses that people and platforms open. */

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${world.url}${path}`, { headers, redirect: 'manual' })
const larkAgent = { 'user-agent': 'Mozilla/5.0 (iPhone) AppleWebKit/605.1 Mobile Lark/7.32.8 LarkLocale/en_US' }

describe('the bare origin', () => {
  it('leads phones and platform web views to the H5 app, query kept', async () => {
    const answer = await get('/?corpId=ding1&t=acme', larkAgent)
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/console/mobile/index/?corpId=ding1&t=acme'])
  })
  it('leads desktops to the console', async () => {
    expect((await get('/')).headers.get('location')).toBe('/console/')
  })
})

describe('the H5 page', () => {
  it('is served at its exact path, compressed, with a policy that names only the platforms', async () => {
    const answer = await get('/console/mobile/index/', { 'accept-encoding': 'br' })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-encoding')).toBe('br')
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe-inline')
    expect(policy).toContain(`frame-ancestors 'self' ${new URL(world.sandbox.url).origin}`)
    expect(await answer.text()).toContain('<html')
  })
  it('is 304 when the browser has it, and its files are kept for ever', async () => {
    const first = await get('/console/mobile/index/', { 'accept-encoding': 'br' })
    // Not by fetch, which asks past every cache once it is given a condition.
    const headers = { 'accept-encoding': 'br', 'if-none-match': first.headers.get('etag') ?? '' }
    const again = await axios.get(`${world.url}/console/mobile/index/`, {
      headers,
      decompress: false,
      validateStatus: null,
    })
    expect(again.status).toBe(304)
    const script = /src="(\/console\/mobile\/index\/assets\/[^"]+\.js)"/.exec(await first.text())?.[1] ?? ''
    const file = await get(script, { 'accept-encoding': 'br' })
    expect(file.headers.get('cache-control')).toContain('immutable')
    expect(file.headers.get('content-encoding')).toBe('br')
  })
  it('answers a path without its slash with the one that has it', async () => {
    const answer = await get('/console/mobile/index?t=acme')
    expect([answer.status, answer.headers.get('location')]).toEqual([301, '/console/mobile/index/?t=acme'])
  })
})

describe('every other answer', () => {
  it.each(['/nothing', '/api/v1/tickets', '/api/app/session', '/healthz', '/callbacks/lark/x'])(
    '%s carries the strict headers and names no server',
    async (path) => {
      const { headers } = await get(path)
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-powered-by')).toBeNull()
    },
  )
})

describe('the app’s own API', () => {
  const post = (path: string, body: unknown, headers: Record<string, string>) =>
    fetch(`${world.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })

  it('refuses changes from other sites, and such as lack its own header', async () => {
    const body = { tenant: 'acme', channel: 'lark' }
    const own = { 'x-requested-with': 'countersign' }
    for (const headers of [
      {},
      own,
      { ...own, origin: 'https://evil.example' },
      { ...own, 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-origin' },
    ]) {
      expect((await post('/api/app/login/start', body, headers)).status).toBe(403)
    }
    expect((await post('/api/app/login/start', body, { ...own, 'sec-fetch-site': 'same-origin' })).status).toBe(200)
    expect((await post('/api/app/login/start', body, { ...own, origin: world.url })).status).toBe(200)
  })

  it('sends nobody anywhere but to the platform, and comes back to the exact page without a query', async () => {
    const headers = { 'x-requested-with': 'countersign', 'sec-fetch-site': 'same-origin' }
    const target = '?t=acme&ticket=1&next=//evil.example'
    const answer = await post('/api/app/login/start', { tenant: 'acme', channel: 'lark', target }, headers)
    const { authorizeUrl } = (await answer.json()) as { authorizeUrl: string }
    const url = new URL(authorizeUrl)
    expect(authorizeUrl.startsWith(`${world.sandbox.baseUrl('lark')}/open-apis/authen/v1/authorize?`)).toBe(true)
    expect(url.searchParams.get('redirect_uri')).toBe(`${world.url}/console/mobile/index/`)
    expect(url.searchParams.get('code_challenge_method')).toBe('S256')
    expect(authorizeUrl).not.toContain('evil')
  })

  it('knows nobody without a session', async () => {
    for (const path of ['/api/app/session', '/api/app/tickets', '/api/app/tickets/1']) {
      const answer = await get(path)
      expect(answer.status).toBe(401)
      expect(await answer.json()).toMatchObject({ code: 'no_session' })
    }
  })
})

describe('the console', () => {
  it('is the same page at every address below its path, with a policy of its own', async () => {
    for (const path of ['/console/', '/console/tickets', '/console/tickets/01a2', '/console/audit?actor=alice']) {
      const answer = await get(path)
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([path, 200, 'text/html; charset=utf-8'])
      const policy = answer.headers.get('content-security-policy') ?? ''
      expect(policy).toContain("frame-ancestors 'self'")
      expect(policy).not.toContain('unsafe')
      expect(policy).not.toContain('http')
    }
  })
  it('has no page where a file is missing, nor below the H5 app', async () => {
    for (const path of ['/console/assets/none.js', '/console/none.png', '/console/mobile/other'])
      expect([path, (await get(path)).status]).toEqual([path, 404])
  })
  it('answers a path without its slash with the one that has it', async () => {
    const answer = await get('/console?a=1')
    expect([answer.status, answer.headers.get('location')]).toEqual([301, '/console/?a=1'])
  })
})
