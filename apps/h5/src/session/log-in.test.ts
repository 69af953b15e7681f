import { ApiError } from '@countersign/api-client'
import type { LoginOptions, Session } from '@countersign/contracts'
import { describe, expect, it, vi } from 'vitest'
import { finishLogIn, type LoginDeps, logIn, logInWith } from './log-in.ts'
import { createRedirectGuard } from './redirect-guard.ts'

const lark = { channel: 'lark', appId: 'cli_1', jsSdkUrl: 'https://sdk.example.com/sdk.js', corpId: null } as const
const otherwise = { email: false, oidc: null }
const options: LoginOptions = {
  tenants: [
    {
      id: 'acme',
      name: 'Acme',
      channels: [lark, { channel: 'feishu', appId: 'cli_2', jsSdkUrl: null, corpId: null }],
      ...otherwise,
    },
    { id: 'globex', name: 'Globex', channels: [lark], ...otherwise },
  ],
  channelNotEnabled: false,
  nonce: 'nonce-nonce-nonce',
}
const problem = (status: number, code: string) => new ApiError({ status, code, detail: '' })

function memory(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const values = new Map<string, string>()
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  }
}

function setUp(more: Partial<LoginDeps['api']> = {}) {
  const left: string[] = []
  const clock = { now: 1_000_000 }
  const storage = memory()
  const deps: LoginDeps = {
    api: {
      loginOptions: vi.fn(async () => options),
      startLogin: vi.fn(async () => ({ authorizeUrl: 'https://accounts.example.com/authorize' })),
      inAppLogin: vi.fn(async () => ({}) as Session),
      ...more,
    },
    guard: createRedirectGuard(
      () => storage,
      () => clock.now,
    ),
    signs: { userAgent: 'Safari', framed: false },
    leaveFor: (url) => left.push(url),
    target: () => '?t=acme&c=lark&ticket=tk_1',
  }
  return { deps, left, clock }
}
const linked = { tenant: 'acme', channel: 'lark' }

describe('logging in from a browser', () => {
  it('leaves for the platform at once when the link says which, and comes back to the ticket', async () => {
    const { deps, left } = setUp()
    expect(await logIn(deps, linked)).toEqual({ kind: 'leaving' })
    expect(left).toEqual(['https://accounts.example.com/authorize'])
    const body = { tenant: 'acme', channel: 'lark', target: '?t=acme&c=lark&ticket=tk_1' }
    expect(deps.api.startLogin).toHaveBeenCalledWith({ body })
  })

  it('does not bounce: back without a session, the person chooses, and a minute later it may leave again', async () => {
    const { deps, left, clock } = setUp()
    await logIn(deps, linked)
    clock.now += 5_000
    expect(await logIn(deps, linked)).toMatchObject({ kind: 'choose', problem: undefined })
    expect(left).toHaveLength(1)
    clock.now += 60_000
    expect(await logIn(deps, linked)).toEqual({ kind: 'leaving' })
  })

  it('asks the person when the address says nothing', async () => {
    const { deps, left } = setUp()
    expect(await logIn(deps, { tenant: undefined, channel: undefined })).toMatchObject({ kind: 'choose' })
    expect(left).toEqual([])
  })

  it('leaves at once when the home page says for which organisation, and to no other', async () => {
    const dingtalk = { channel: 'dingtalk', appId: 'key_1', jsSdkUrl: null, corpId: 'ding1' } as const
    const tenants = options.tenants.map((tenant) => ({ ...tenant, channels: [...tenant.channels, dingtalk] }))
    const [acme] = tenants
    const { deps, left } = setUp({ loginOptions: async () => ({ ...options, tenants: acme ? [acme] : [] }) })
    const home = { tenant: undefined, channel: undefined }
    expect(await logIn(deps, { ...home, corpId: 'ding2' })).toMatchObject({ kind: 'choose' })
    expect(left).toEqual([])
    expect(await logIn(deps, { ...home, corpId: 'ding1' })).toEqual({ kind: 'leaving' })
    expect(deps.api.startLogin).toHaveBeenCalledWith({ body: expect.objectContaining({ channel: 'dingtalk' }) })
    // The same organisation with two tenants is no answer to the question which.
    deps.api.loginOptions = async () => ({ ...options, tenants })
    expect(await logIn(deps, { ...home, corpId: 'ding1' })).toMatchObject({ kind: 'choose' })
  })

  it('says what went wrong before instead of leaving again', async () => {
    const { deps, left } = setUp()
    expect(await logIn(deps, linked, { problem: 'not_bound' })).toMatchObject({ kind: 'choose', problem: 'not_bound' })
    expect(left).toEqual([])
  })

  it('says that the channel of the link is switched off', async () => {
    const { deps } = setUp({ loginOptions: async () => ({ ...options, channelNotEnabled: true }) })
    expect(await logIn(deps, linked)).toMatchObject({ kind: 'choose', problem: 'channel_not_enabled', channel: 'lark' })
  })

  it('never leaves by itself where the browser keeps nothing', async () => {
    const { deps, left } = setUp()
    const refusing = () => {
      throw new Error('storage is switched off')
    }
    deps.guard = createRedirectGuard(refusing, () => 0)
    expect(await logIn(deps, linked)).toMatchObject({ kind: 'choose' })
    expect(left).toEqual([])
  })

  it('fails openly without a connection', async () => {
    const { deps } = setUp({ loginOptions: () => Promise.reject(problem(0, 'network')) })
    expect(await logIn(deps, linked)).toMatchObject({ kind: 'failed', error: { code: 'network' } })
  })
})

describe('coming back from the platform', () => {
  it('carries the session and where to go', async () => {
    const session = { target: '?ticket=tk_1' } as Parameters<typeof finishLogIn>[0] extends Promise<infer Value>
      ? Value
      : never
    expect(await finishLogIn(Promise.resolve(session))).toEqual({ session })
  })

  it.each(['not_bound', 'user_disabled', 'state_invalid'])('tells %s apart', async (code) => {
    expect(await finishLogIn(Promise.reject(problem(403, code)))).toEqual({ problem: code })
  })

  it('offers the choice again when the platform does not answer, and a retry when we do not', async () => {
    expect(await finishLogIn(Promise.reject(problem(503, 'platform_unavailable')))).toEqual({
      problem: 'platform_unavailable',
    })
    expect(await finishLogIn(Promise.reject(problem(500, 'internal')))).toMatchObject({ error: { code: 'internal' } })
  })
})

describe('logging in inside a chat app', () => {
  const inLark = { userAgent: 'Lark/7.0 LarkLocale/zh_CN', framed: false }
  const host = (answer: 'code' | 'fails') => ({
    h5sdk: { ready: (callback: () => void) => callback() },
    tt: {
      requestAccess: (request: {
        success: (answer: { code: string }) => void
        fail: (refusal: { errno: number }) => void
      }) => (answer === 'code' ? request.success({ code: 'c1' }) : request.fail({ errno: 104 })),
    },
  })

  it('sends the code of the SDK with the nonce of the options', async () => {
    vi.stubGlobal('window', host('code'))
    const { deps } = setUp()
    deps.signs = inLark
    expect(await logIn(deps, linked)).toMatchObject({ kind: 'session' })
    const body = { tenant: 'acme', channel: 'lark', code: 'c1', nonce: 'nonce-nonce-nonce' }
    expect(deps.api.inAppLogin).toHaveBeenCalledWith({ body })
    vi.unstubAllGlobals()
  })

  it('goes on by redirect when the SDK gives no code', async () => {
    vi.stubGlobal('window', host('fails'))
    const { deps } = setUp()
    deps.signs = inLark
    expect(await logIn(deps, linked)).toEqual({ kind: 'leaving' })
    vi.unstubAllGlobals()
  })

  it('tells a person without an account here so, with a fresh nonce for another way', async () => {
    vi.stubGlobal('window', host('code'))
    const { deps, left } = setUp({ inAppLogin: () => Promise.reject(problem(403, 'not_bound')) })
    deps.signs = inLark
    expect(await logIn(deps, linked)).toMatchObject({ kind: 'choose', problem: 'not_bound', channel: 'lark' })
    expect(deps.api.loginOptions).toHaveBeenCalledTimes(2)
    expect(left).toEqual([])
    vi.unstubAllGlobals()
  })

  it('asks the SDK for the app that the person chose, and the log-in page when that was tried before', async () => {
    vi.stubGlobal('window', host('code'))
    const { deps, left } = setUp()
    deps.signs = inLark
    const chosen = { tenant: 'acme', channel: 'lark' as const }
    expect(await logInWith(deps, chosen, options)).toMatchObject({ kind: 'session' })
    expect(left).toEqual([])
    expect(await logInWith(deps, chosen, undefined)).toEqual({ kind: 'leaving' })
    vi.unstubAllGlobals()
  })
})
