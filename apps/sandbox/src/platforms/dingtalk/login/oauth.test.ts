import { describe, expect, it } from 'vitest'
import {
  createDingtalkWorld,
  type DingtalkWorld,
  exclusiveApp,
  standardApp,
  standardSecret,
} from '#sandbox/platforms/dingtalk/_world.ts'
import { resolveDingtalkLink } from './links.ts'

function authorize(world: DingtalkWorld, more: Record<string, string> = {}) {
  const query = new URLSearchParams({
    client_id: standardApp,
    redirect_uri: world.sandbox.dingtalk.app(standardApp).redirectUrls[0] ?? '',
    response_type: 'code',
    scope: 'openid',
    state: 's1',
    prompt: 'consent',
    ...more,
  })
  return fetch(`${world.sandbox.dingtalk.loginUrl}/oauth2/auth?${query}`, { redirect: 'manual' })
}

async function codeOf(world: DingtalkWorld, person: string, more: Record<string, string> = {}): Promise<string> {
  const response = await authorize(world, { sandbox_person: person, ...more })
  return new URL(response.headers.get('location') ?? 'about:blank').searchParams.get('authCode') ?? ''
}

const exchange = (world: DingtalkWorld, code: string, more: object = {}) =>
  world.api('POST', '/v1.0/oauth2/userAccessToken', {
    clientId: standardApp,
    clientSecret: standardSecret,
    code,
    grantType: 'authorization_code',
    ...more,
  })

describe('logging in from an ordinary browser', () => {
  it('leads over the page to a code, a user token, and who it is', async () => {
    await using world = await createDingtalkWorld()
    const page = await authorize(world)
    expect(await page.text()).toContain('data-person="wang"')
    const back = await authorize(world, { sandbox_person: 'wang', scope: 'openid corpid' })
    const location = new URL(back.headers.get('location') ?? '')
    expect(location.searchParams.get('state')).toBe('s1')
    expect(location.searchParams.get('code')).toBeNull()
    const granted = await exchange(world, location.searchParams.get('authCode') ?? '')
    expect(granted.body).toMatchObject({ expireIn: 7200, corpId: 'dingacmestandard0001' })
    const me = await world.api('GET', '/v1.0/contact/users/me', undefined, String(granted.body.accessToken))
    const { unionId, userId } = world.sandbox.person('wang')
    expect(me.body).toMatchObject({ nick: '王海燕', unionId, mobile: '13700137000' })
    const member = await world.oapi('/topapi/user/getbyunionid', { unionid: unionId })
    expect(member.body.result).toEqual({ contact_type: 0, userid: userId })
    const refreshed = await exchange(world, '', { grantType: 'refresh_token', refreshToken: granted.body.refreshToken })
    expect(refreshed.status).toBe(200)
  })

  it('takes a code once, for five minutes, and nothing but a user token for oneself', async () => {
    await using world = await createDingtalkWorld()
    const code = await codeOf(world, 'wang')
    expect((await exchange(world, code)).status).toBe(200)
    expect((await exchange(world, code)).status).toBe(400)
    const late = await codeOf(world, 'wang')
    await world.sandbox.advance(5 * 60_000)
    expect((await exchange(world, late)).status).toBe(400)
    expect((await exchange(world, 'x', { clientSecret: 'wrong' })).body.code).toBe('invalidClientIdOrSecret')
    expect(await world.api('GET', '/v1.0/contact/users/me')).toMatchObject({ body: { code: 'InvalidAuthentication' } })
  })

  it('says no and goes nowhere with an address that is not registered', async () => {
    await using world = await createDingtalkWorld()
    const denied = await authorize(world, { sandbox_deny: '1' })
    expect(new URL(denied.headers.get('location') ?? '').searchParams.get('error')).toBe('access_denied')
    expect((await authorize(world, { redirect_uri: 'https://evil.example/' })).status).toBe(400)
    expect((await authorize(world, { scope: 'profile' })).status).toBe(400)
  })

  it('knows the person whose phone the browser has become', async () => {
    await using world = await createDingtalkWorld()
    const { url, dingtalk } = world.sandbox
    const entered = await fetch(`${url}/phone/enter?person=wang&next=http://127.0.0.1:9/page`, { redirect: 'manual' })
    expect(entered.headers.get('location')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/page$/)
    expect(entered.headers.get('location')).not.toContain(':9/')
    const query = new URLSearchParams({
      client_id: standardApp,
      redirect_uri: dingtalk.app(standardApp).redirectUrls[0] ?? '',
      response_type: 'code',
      scope: 'openid',
    })
    const back = await fetch(`${dingtalk.loginUrl}/oauth2/auth?${query}`, {
      redirect: 'manual',
      headers: { cookie: (entered.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '' },
    })
    expect(back.headers.get('location')).toContain('authCode=')
  })

  it('offers accounts of the organisation only by its own door', async () => {
    await using world = await createDingtalkWorld()
    const page = async (more: Record<string, string>) =>
      (await authorize(world, { client_id: exclusiveApp, ...more })).text()
    expect(await page({})).not.toContain('data-person="sun"')
    const own = await page({ exclusiveLogin: 'true', exclusiveCorpId: 'dingacmeexclusive001' })
    expect(own).toContain('data-person="sun"')
    expect(own).not.toContain('data-person="wang"')
  })
})

describe('a link on a card', () => {
  it('leads to the page inside it', () => {
    const page = 'https://h5.example/a?b=c'
    const inside = encodeURIComponent(page)
    expect(resolveDingtalkLink(`dingtalk://dingtalkclient/page/link?url=${inside}&pc_slide=true`)).toBe(page)
    expect(resolveDingtalkLink(`dingtalk://dingtalkclient/action/openapp?corpid=x&redirect_url=${inside}`)).toBe(page)
    expect(resolveDingtalkLink(page)).toBe(page)
    expect(() => resolveDingtalkLink('dingtalk://dingtalkclient/page/other')).toThrow(/no page/)
  })
})
