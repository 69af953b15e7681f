import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Channel } from '#server/channels/channel.ts'
import { type FakePlatform, type Reply, startFakePlatform, TOKEN_PATH } from './_fake-platform.ts'
import { createLark } from './index.ts'

const USER_TOKEN = '/open-apis/authen/v2/oauth/token'
const USER_INFO = '/open-apis/authen/v1/user_info'
const redirectUri = 'https://approve.example.com/console/mobile/index/'
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'

let platform: FakePlatform
let lark: Channel
beforeEach(async () => {
  platform = await startFakePlatform()
  platform.on(USER_TOKEN, () => granted)
  platform.on(USER_INFO, () => alice)
  lark = createLark(
    {
      tenantId: 'acme',
      name: 'feishu',
      settings: { appId: 'cli_0123456789abcdef', appSecret: 's3cret', openUrl: platform.openUrl },
    },
    { log: { debug: () => undefined }, now: Date.now },
  )
})
afterEach(async () => {
  await platform[Symbol.asyncDispose]()
})

const granted: Reply = { body: { code: '0', access_token: 'u-1', expires_in: 7_200, token_type: 'Bearer', scope: '' } }
const alice: Reply = {
  body: {
    code: 0,
    msg: 'success',
    data: { open_id: 'ou_alice', union_id: 'on_1', tenant_key: 'tk1', name: 'Alice', en_name: 'Alice' },
  },
}
const login = { code: 'the-code', redirectUri, codeVerifier: verifier, inApp: false }

describe('the log-in page of the platform', () => {
  it('is asked for a code with state and PKCE, and comes back to the bare address', () => {
    const codeChallenge = createHash('sha256').update(verifier).digest('base64url')
    const url = new URL(lark.authorizeUrl({ redirectUri, state: 'st/ate+1', codeChallenge }))
    expect(url.origin + url.pathname).toBe('https://accounts.feishu.cn/open-apis/authen/v1/authorize')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'cli_0123456789abcdef',
      redirect_uri: redirectUri,
      response_type: 'code',
      state: 'st/ate+1',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    })
  })
})

describe('a log-in code', () => {
  it('is exchanged for the person, without a tenant token', async () => {
    await expect(lark.exchange(login)).resolves.toEqual({
      platformUserId: 'ou_alice',
      organisation: 'tk1',
      name: 'Alice',
    })
    const [token] = platform.callsTo(USER_TOKEN)
    expect(token?.headers.authorization).toBeUndefined()
    expect(token?.body).toEqual({
      grant_type: 'authorization_code',
      client_id: 'cli_0123456789abcdef',
      client_secret: 's3cret',
      code: 'the-code',
      redirect_uri: redirectUri,
      code_verifier: verifier,
    })
    expect(platform.callsTo(USER_INFO)[0]?.headers.authorization).toBe('Bearer u-1')
    expect(platform.callsTo(TOKEN_PATH)).toEqual([])
  })

  it('may come with a number or a string as success', async () => {
    platform.on(USER_TOKEN, () => ({ body: { code: 0, access_token: 'u-2' } }))
    await expect(lark.exchange(login)).resolves.toMatchObject({ platformUserId: 'ou_alice' })
  })

  it.each([20003, 20004, 20010, 20024, 20049, 20065, 20071])('that is no good is rejected (%i)', async (code) => {
    platform.on(USER_TOKEN, () => ({
      status: 400,
      body: { code: String(code), error: 'invalid_grant', error_description: 'bad code' },
    }))
    await expect(lark.exchange(login)).rejects.toMatchObject({
      kind: 'rejected',
      code: String(code),
      message: 'bad code',
    })
    expect(platform.callsTo(USER_INFO)).toEqual([])
  })

  it.each([
    [20002, 400, 'auth'],
    [20069, 400, 'auth'],
    [20050, 500, 'retry'],
    [20072, 503, 'retry'],
  ])('meeting a fault of the app or the platform is not the person’s fault (%i)', async (code, status, kind) => {
    platform.on(USER_TOKEN, () => ({ status, body: { code: String(code), error: 'server_error' } }))
    await expect(lark.exchange(login)).rejects.toMatchObject({ kind, code: String(code) })
  })

  it.each([20005, 20008, 20021, 20022, 20023])(
    'of a person who is gone is rejected (%i, with HTTP 200)',
    async (code) => {
      platform.on(USER_INFO, () => ({ body: { code, msg: 'resigned' } }))
      await expect(lark.exchange(login)).rejects.toMatchObject({ kind: 'rejected', code: String(code) })
    },
  )

  it('whose person has no id is not believed', async () => {
    for (const data of [{}, { open_id: '' }, { open_id: 7 }, null]) {
      platform.on(USER_INFO, () => ({ body: { code: 0, data } }))
      await expect(lark.exchange(login)).rejects.toMatchObject({ kind: 'retry' })
    }
  })

  it('of the H5 SDK is tried with the page’s address, and without it when that does not fit', async () => {
    platform.on(USER_TOKEN, ({ body }) => ('redirect_uri' in body ? { status: 400, body: { code: '20071' } } : granted))
    const inApp = { ...login, codeVerifier: null, inApp: true }
    await expect(lark.exchange(inApp)).resolves.toMatchObject({ platformUserId: 'ou_alice' })
    expect(platform.callsTo(USER_TOKEN).map(({ body }) => [body.redirect_uri, body.code_verifier])).toEqual([
      [redirectUri, undefined],
      [undefined, undefined],
    ])
    await expect(lark.exchange(login)).rejects.toMatchObject({ kind: 'rejected', code: '20071' })
  })
})
