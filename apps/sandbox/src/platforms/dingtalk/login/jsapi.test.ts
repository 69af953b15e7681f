import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { runInThisContext } from 'node:vm'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  createDingtalkWorld,
  type DingtalkWorld,
  exclusiveApp,
  standardApp,
} from '#sandbox/platforms/dingtalk/_world.ts'

/** A page of the app, and its address inside a person's web view. */
async function openPage(world: DingtalkWorld, person: string) {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html><head></head><body></body></html>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const appKey of [standardApp, exclusiveApp]) {
    world.sandbox.dingtalk.configureApp(appKey, { redirectUrls: [`${origin}/console/mobile/index/`] })
  }
  const answer = await fetch(`${world.sandbox.url}/_sandbox/people/${person}/web-view`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url: `${origin}/console/mobile/index/` }),
  })
  const { frameUrl } = (await answer.json()) as { frameUrl: string }
  return { frameUrl, server }
}

/** What the web view puts around the page before the page's own scripts run. */
async function becomeWebView(frameUrl: string): Promise<void> {
  const html = await (await fetch(frameUrl)).text()
  const userAgent = /data-whole-user-agent="([^"]+)"/.exec(html)?.[1] ?? ''
  const bridge = readFileSync(new URL('bridge.client.js', import.meta.url), 'utf8')
  const realFetch = fetch
  vi.stubGlobal('window', globalThis)
  vi.stubGlobal('parent', globalThis)
  vi.stubGlobal('top', globalThis)
  vi.stubGlobal('document', { addEventListener() {}, createEvent() {} })
  vi.stubGlobal('location', new URL(frameUrl))
  vi.stubGlobal('navigator', { userAgent, language: 'zh-CN' })
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => realFetch(new URL(path, frameUrl), init))
  runInThisContext(bridge)
}

afterEach(() => void vi.unstubAllGlobals())

describe('dingtalk-jsapi in the web view of a phone', () => {
  it.each([
    ['wang', 'dingacmestandard0001', standardApp],
    ['sun', 'dingacmeexclusive001', exclusiveApp],
  ])('gets %s a log-in code by its newer and its older call', async (personId, corpId, appKey) => {
    await using world = await createDingtalkWorld()
    const { frameUrl, server } = await openPage(world, personId)
    await becomeWebView(frameUrl)
    await import('dingtalk-jsapi/entry/union.js')
    const { requestAuthCode$: newer } = await import('dingtalk-jsapi/api/union/requestAuthCode.js')
    const { requestAuthCode$: older } = await import('dingtalk-jsapi/api/runtime/permission/requestAuthCode.js')
    const { userId } = world.sandbox.person(personId)
    const secret = world.sandbox.dingtalk.app(appKey).appSecret
    const codes = [await newer({ corpId, clientId: appKey }), await older({ corpId })] as { code: string }[]
    vi.unstubAllGlobals()
    const token = await world.appToken(appKey, secret)
    for (const { code } of codes) {
      const who = async () => (await world.oapi('/topapi/v2/user/getuserinfo', { code }, token)).body
      expect(await who()).toMatchObject({ errcode: 0, result: { userid: userId } })
      expect(await who()).toMatchObject({ errcode: 40078 })
    }
    server.close()
  })
})

describe('the bridge', () => {
  it('refuses pages of other domains, other organisations and other apps', async () => {
    await using world = await createDingtalkWorld()
    const page = world.sandbox.dingtalk.app(standardApp).redirectUrls[0] ?? ''
    const ask = (input: object, url = page) =>
      world.sandbox.dingtalk.bridge('wang', 'runtime.permission.requestAuthCodeV2', { ...input }, url)
    const own = { corpId: 'dingacmestandard0001', clientId: standardApp }
    expect(ask(own)).toMatchObject({ errorCode: '0', result: { code: expect.any(String) } })
    expect(ask(own, 'https://evil.example/')).toMatchObject({ errorCode: '3' })
    expect(ask({ ...own, corpId: 'dingacmeexclusive001' })).toMatchObject({ errorCode: '3' })
    expect(ask({ ...own, clientId: exclusiveApp })).toMatchObject({ errorCode: '3' })
    const call = (person: string, name: string) => world.sandbox.dingtalk.bridge(person, name, {}, page)
    expect(call('sun', 'biz.realm.getUserExclusiveInfo')).toMatchObject({ result: { isExclusiveApp: 1 } })
    expect(call('wang', 'biz.navigation.setTitle')).toMatchObject({ errorCode: '0' })
    expect(call('wang', 'biz.contact.choose')).toMatchObject({ errorCode: '1' })
  })
})
