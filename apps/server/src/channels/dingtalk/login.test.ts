import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { done, type FakePlatform, oldRefusal, refusal, startFakePlatform, TOKEN } from './_fake-platform.ts'
import { openExclusive, openStandard } from './_open.ts'

const USER_TOKEN = '/v1.0/oauth2/userAccessToken'
const ME = '/v1.0/contact/users/me'
const BY_UNION_ID = '/topapi/user/getbyunionid'
const BY_CODE = '/topapi/v2/user/getuserinfo'
const redirectUri = 'https://approve.example.com/console/mobile/index/'

let platform: FakePlatform
beforeEach(async () => {
  platform = await startFakePlatform()
  platform.on(USER_TOKEN, () => ({ body: { accessToken: 'user-token', refreshToken: 'r', expireIn: 7_200 } }))
  platform.on(ME, () => ({ body: { nick: 'Alice', unionId: 'union-1', openId: 'o' } }))
  platform.on(BY_UNION_ID, () => done({ contact_type: 0, userid: 'alice' }))
  platform.on(BY_CODE, () => done({ userid: 'alice', name: 'Alice', sys: false, sys_level: 0 }))
})
afterEach(async () => {
  await platform[Symbol.asyncDispose]()
})

const byBrowser = { code: 'the-code', redirectUri, codeVerifier: 'verifier', inApp: false }
const inApp = { code: 'the-code', redirectUri, codeVerifier: null, inApp: true }
const alice = { platformUserId: 'alice', organisation: 'ding0123456789abcdef', name: 'Alice' }
const start = { redirectUri, state: 'st/ate+1', codeChallenge: 'challenge' }

describe('the log-in page of the platform', () => {
  it('is asked for a code, and comes back to the bare address', () => {
    const url = new URL(openStandard(platform).authorizeUrl(start))
    expect(url.pathname).toBe('/dingtalk/oauth2/auth')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      redirect_uri: redirectUri,
      response_type: 'code',
      client_id: 'dingexampleappkey01',
      scope: 'openid',
      state: 'st/ate+1',
      prompt: 'consent',
    })
  })

  it('of the Exclusive Edition is the organisation’s own', () => {
    const url = new URL(openExclusive(platform).authorizeUrl(start))
    expect(url.searchParams.get('exclusiveLogin')).toBe('true')
    expect(url.searchParams.get('exclusiveCorpId')).toBe('ding0123456789abcdef')
  })
})

describe('a code of a browser', () => {
  it('is exchanged for the member, asking as the person and then as the app', async () => {
    await expect(openStandard(platform).exchange(byBrowser)).resolves.toEqual(alice)
    const [token] = platform.callsTo(USER_TOKEN)
    expect(token?.headers['x-acs-dingtalk-access-token']).toBeUndefined()
    expect(token?.body).toEqual({
      clientId: 'dingexampleappkey01',
      clientSecret: 'example-app-secret',
      code: 'the-code',
      grantType: 'authorization_code',
    })
    expect(platform.callsTo(ME)[0]).toMatchObject({
      method: 'GET',
      headers: { 'x-acs-dingtalk-access-token': 'user-token' },
    })
    expect(platform.callsTo(BY_UNION_ID)[0]?.body).toEqual({ unionid: 'union-1' })
    expect(platform.tokensIssued).toBe(1)
  })

  it.each([
    ['60121', () => oldRefusal(60121)],
    ['contact_type', () => done({ contact_type: 1, userid: 'guest' })],
  ])('of somebody who is no member is rejected (%s)', async (code, reply) => {
    platform.on(BY_UNION_ID, reply)
    await expect(openStandard(platform).exchange(byBrowser)).rejects.toMatchObject({ kind: 'rejected', code })
  })

  it.each(['invalidParameter.authCode.notFound', 'someNewCode'])('that is no good is rejected (%s)', async (code) => {
    platform.on(USER_TOKEN, () => refusal(code))
    await expect(openStandard(platform).exchange(byBrowser)).rejects.toMatchObject({ kind: 'rejected', code })
  })

  it.each([
    ['system.busy', 500, 'retry'],
    ['invalidClientIdOrSecret', 400, 'auth'],
    ['Forbidden.AccessDenied.AccessTokenPermissionDenied', 403, 'auth'],
  ])('meeting a fault of the app or the platform is not the person’s fault (%s)', async (code, status, kind) => {
    platform.on(USER_TOKEN, () => refusal(code, status))
    await expect(openStandard(platform).exchange(byBrowser)).rejects.toMatchObject({ kind, code })
  })

  it('whose person has no id is not believed', async () => {
    for (const body of [{}, { unionId: '' }, { unionId: 7 }]) {
      platform.on(ME, () => ({ body }))
      await expect(openStandard(platform).exchange(byBrowser)).rejects.toMatchObject({ kind: 'retry' })
    }
  })
})

describe('a code of the DingTalk client', () => {
  it('is exchanged for the member, in both editions', async () => {
    for (const channel of [openStandard(platform), openExclusive(platform)]) {
      await expect(channel.exchange(inApp)).resolves.toEqual(alice)
    }
    expect(platform.callsTo(BY_CODE)[0]?.body).toEqual({ code: 'the-code' })
    expect(platform.callsTo(USER_TOKEN)).toEqual([])
    expect(platform.callsTo(TOKEN)).toHaveLength(2)
  })

  it.each([40078, 40102, 42008])('that was used or has run out is rejected (%i)', async (code) => {
    platform.on(BY_CODE, () => oldRefusal(code))
    await expect(openStandard(platform).exchange(inApp)).rejects.toMatchObject({ kind: 'rejected', code: String(code) })
  })
})
