import { afterAll, beforeAll, expect, it } from 'vitest'
import { dingtalkApps, startWorld, type World } from '../_world.ts'

/* What the host tells a page inside DingTalk, and what it lets that page do. */

const page = '/console/mobile/index/'
const iphone = 'Mozilla/5.0 (iPhone) AliApp(DingTalk/7.6.45) com.laiwang.DingTalk/48612345 language/zh-Hans-CN WK'
const computer = 'Mozilla/5.0 dingtalk-win/1.0.0 nw(0.14.7) DingTalk(8.0.0-Release.1) Native AppType(release)'

let world: World
beforeAll(async () => {
  world = await startWorld({ dingtalk: 'http' })
})
afterAll(() => world[Symbol.asyncDispose]())

it('the ways to log in say for which organisation of DingTalk a code is to be', async () => {
  const { body } = await world.api.call('GET', '/api/app/login-options?t=acme')
  const corpIds = Object.fromEntries(
    body.tenants[0].channels.map((channel: { channel: string; corpId: unknown }) => [channel.channel, channel.corpId]),
  )
  const { dingtalk, dingtalkExclusive } = dingtalkApps
  expect(corpIds).toMatchObject({ dingtalk: dingtalk.corpId, dingtalkExclusive: dingtalkExclusive.corpId, lark: null })
})

it('DingTalk’s own pages may frame ours, and no script of DingTalk’s may run in it', async () => {
  const policy = (await fetch(`${world.url}${page}`)).headers.get('content-security-policy') ?? ''
  const directive = (name: string) =>
    policy
      .split('; ')
      .find((part) => part.startsWith(`${name} `))
      ?.split(' ')
      .slice(1) ?? []
  expect(directive('frame-ancestors')).toContain('https://*.dingtalk.com')
  const foreign = directive('script-src').filter((source) => /dingtalk|alicdn|unsafe|\*/.test(source))
  expect(foreign).toEqual([])
  expect(directive('connect-src')).toEqual(["'self'"])
})

it.each([iphone, computer])(
  'the home page leads DingTalk’s client to the app with its organisation: %s',
  async (agent) => {
    const { corpId } = dingtalkApps.dingtalk
    const answer = await fetch(`${world.url}/?corpId=${corpId}`, {
      redirect: 'manual',
      headers: { 'user-agent': agent },
    })
    expect(answer.headers.get('location')).toBe(`${page}?corpId=${corpId}`)
  },
)

it.each(['dingtalk', 'dingtalkExclusive'])('a code that %s never gave logs nobody in', async (channel) => {
  const options = await fetch(`${world.url}/api/app/login-options?t=acme&c=${channel}`)
  const { nonce } = (await options.json()) as { nonce: string }
  const answer = await fetch(`${world.url}/api/app/login/in-app`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      origin: world.url,
      'x-requested-with': 'countersign',
      cookie: (options.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '',
    },
    body: JSON.stringify({ tenant: 'acme', channel, code: 'made-up', nonce }),
  })
  expect(answer.status).toBe(401)
  expect(await answer.json()).toMatchObject({ code: 'login_failed' })
})
