import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createTestWorld, larkApp, type TestWorld } from '#sandbox/_world.ts'
import { CookieJar } from './cookie-jar.ts'

/** A page that counts its visits in a cookie and tells what it was asked with. */
async function startPage() {
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo
    if (request.url === '/leave') {
      response.writeHead(302, { location: `http://localhost:${port}/there` }).end()
      return
    }
    const visits = Number(/visits=(\d+)/.exec(request.headers.cookie ?? '')?.[1] ?? 0) + 1
    response.writeHead(200, {
      'content-type': 'text/html',
      'set-cookie': `visits=${visits}; HttpOnly; Path=/`,
      'x-frame-options': 'DENY',
      'content-security-policy': "default-src 'self'; frame-ancestors 'none'",
    })
    const { host, origin, 'user-agent': agent } = request.headers
    response.end(
      `<html><head><title>x</title></head><body>${JSON.stringify({ visits, host, origin, agent })}</body></html>`,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  return { server, origin: `http://localhost:${(server.address() as AddressInfo).port}` }
}

async function open(world: TestWorld, person: string, url: string) {
  const response = await fetch(`${world.sandbox.url}/_sandbox/people/${person}/web-view`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url }),
  })
  return (await response.json()) as { frameUrl: string; viewOrigin?: string }
}
const read = async (url: string, headers: Record<string, string> = {}) => {
  const response = await fetch(url, { headers })
  const html = await response.text()
  return {
    html,
    headers: response.headers,
    told: JSON.parse(/<body>(.*)<\/body>/.exec(html)?.[1] ?? '{}') as Record<string, unknown>,
  }
}

describe('the web view of a phone', () => {
  it('gives every person their own cookies on an origin of their own', async () => {
    await using world = await createTestWorld()
    const { server, origin } = await startPage()
    const alice = await open(world, 'alice', `${origin}/page?x=1`)
    const bob = await open(world, 'bob', `${origin}/page`)
    expect(alice.viewOrigin).not.toBe(bob.viewOrigin)
    expect(alice.frameUrl).toBe(`${alice.viewOrigin}/page?x=1`)
    expect((await read(alice.frameUrl)).told.visits).toBe(1)
    expect((await read(alice.frameUrl)).told.visits).toBe(2)
    expect((await read(bob.frameUrl)).told.visits).toBe(1)
    server.close()
  })

  it('looks to the page like the client on its real origin', async () => {
    await using world = await createTestWorld()
    const { server, origin } = await startPage()
    const { frameUrl, viewOrigin = '' } = await open(world, 'chen', `${origin}/page`)
    const { html, headers, told } = await read(frameUrl, { origin: viewOrigin })
    expect(told).toMatchObject({ host: new URL(origin).host, origin })
    expect(told.agent).toMatch(/ Lark\/7\.32\.8 LarkLocale\/zh_CN$/)
    expect(headers.get('x-frame-options')).toBeNull()
    expect(headers.get('content-security-policy')).not.toContain('frame-ancestors')
    expect(headers.getSetCookie()).toEqual([])
    expect(html).toContain('<head><script src="/__sandbox/web-view.js"')
    const moved = await fetch(`${viewOrigin}/leave`, { redirect: 'manual' })
    expect(moved.headers.get('location')).toBe(`${viewOrigin}/there`)
    server.close()
  })

  it('shows foreign sites as they are and says when a page cannot be reached', async () => {
    await using world = await createTestWorld()
    expect(await open(world, 'alice', 'https://example.com/x')).toEqual({ frameUrl: 'https://example.com/x' })
    const { frameUrl } = await open(world, 'alice', 'http://127.0.0.1:9/x')
    expect((await fetch(frameUrl)).status).toBe(502)
  })

  it('asks for log-in codes in the name of the real page', async () => {
    await using world = await createTestWorld()
    const page = world.sandbox.app(larkApp).redirectUrls[0] ?? ''
    const { frameUrl } = await open(world, 'alice', page)
    const response = await fetch(`${world.sandbox.url}/_sandbox/bridge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ person: 'alice', operation: 'requestAccess', input: { appID: larkApp }, url: frameUrl }),
    })
    expect(await response.json()).toMatchObject({ code: expect.stringMatching(/^[\w-]{64}$/) })
  })
})

describe('a cookie jar', () => {
  it('sends cookies by path and forgets expired ones', () => {
    const jar = new CookieJar()
    jar.take(['a=1; Path=/', 'b=x=y; Path=/api/session; HttpOnly'], 0)
    expect(jar.header('/')).toBe('a=1')
    expect(jar.header('/api/session/refresh')).toBe('a=1; b=x=y')
    expect(jar.header('/api/sessions')).toBe('a=1')
    jar.take(['a=; Max-Age=0', 'b=; Path=/api/session; Expires=Thu, 01 Jan 1970 00:00:00 GMT'], 1)
    expect(jar.header('/api/session')).toBe('')
  })
})
