import type { LoginOptions } from '@countersign/contracts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BridgeError } from './host.ts'
import { findSilentLogin } from './index.ts'
import { type LarkWindow, larkBridge, sdkTimeoutMs } from './lark.ts'

const jsSdkUrl = 'https://sdk.example.com/h5-js-sdk.js'
const lark = { channel: 'lark', appId: 'cli_1', jsSdkUrl, corpId: null } as const
const feishu = { channel: 'feishu', appId: 'cli_2', jsSdkUrl, corpId: null } as const
const options = (channels: LoginOptions['tenants'][number]['channels']): LoginOptions => ({
  tenants: [{ id: 'acme', name: 'Acme', channels, email: false, oidc: null }],
  channelNotEnabled: false,
  nonce: 'nonce-nonce-nonce',
})
const nowhere = { tenant: undefined, channel: undefined }
const inLark = { userAgent: 'Mozilla/5.0 Lark/6.7.5 LarkLocale/en_US', framed: false }
const inDingtalk = {
  userAgent: 'Mozilla/5.0 (iPhone) AliApp(DingTalk/7.6.45) com.laiwang.DingTalk/48612345 language/zh-Hans-CN WK',
  framed: false,
}
const onComputer = { userAgent: 'Mozilla/5.0 dingtalk-win/1.0.0 nw(0.14.7) DingTalk(8.0.0-Release.1)', framed: true }
const standard = { channel: 'dingtalk', appId: 'key_1', jsSdkUrl: null, corpId: 'ding1' } as const
const exclusive = { channel: 'dingtalkExclusive', appId: 'key_2', jsSdkUrl: null, corpId: 'ding2' } as const
const inBrowser = { userAgent: 'Mozilla/5.0 Safari/604.1', framed: false }

describe('silent log-in', () => {
  it('is there inside Lark with one app, and not in a browser', () => {
    expect(findSilentLogin(options([lark]), nowhere, inLark)).toMatchObject({ tenant: 'acme', channel: lark })
    expect(findSilentLogin(options([lark]), nowhere, inBrowser)).toBeUndefined()
  })

  it('takes a frame for a platform, since nobody else may frame the page', () => {
    expect(findSilentLogin(options([feishu]), nowhere, { ...inBrowser, framed: true })).toMatchObject({
      channel: feishu,
    })
  })

  it('asks the person when two apps are possible, unless the address names one', () => {
    expect(findSilentLogin(options([lark, feishu]), nowhere, inLark)).toBeUndefined()
    const hint = { tenant: 'acme', channel: 'feishu' }
    expect(findSilentLogin(options([lark, feishu]), hint, inLark)).toMatchObject({ channel: feishu })
  })

  it('is not possible without an SDK address, for another platform, or another tenant', () => {
    expect(findSilentLogin(options([{ ...lark, jsSdkUrl: null }]), nowhere, inLark)).toBeUndefined()
    expect(findSilentLogin(options([{ ...lark, channel: 'dingtalk' }]), nowhere, inLark)).toBeUndefined()
    expect(findSilentLogin(options([lark]), { tenant: 'globex', channel: undefined }, inLark)).toBeUndefined()
  })

  it('is there inside DingTalk, on phones and computers, whatever other apps there are', () => {
    for (const signs of [inDingtalk, onComputer]) {
      expect(findSilentLogin(options([lark, standard]), nowhere, signs)).toMatchObject({ channel: standard })
      expect(findSilentLogin(options([exclusive]), nowhere, signs)).toMatchObject({ channel: exclusive })
      expect(findSilentLogin(options([lark]), nowhere, signs)).toBeUndefined()
    }
    expect(findSilentLogin(options([standard]), nowhere, inBrowser)).toBeUndefined()
    expect(findSilentLogin(options([standard]), nowhere, inLark)).toBeUndefined()
  })

  it('tells the two editions of DingTalk apart by the link, else by the organisation, else not at all', () => {
    const both = options([standard, exclusive])
    const find = (hint: object) => findSilentLogin(both, { ...nowhere, ...hint }, inDingtalk)?.channel
    expect(find({ corpId: 'ding2' })).toEqual(exclusive)
    expect(find({ corpId: 'ding1' })).toEqual(standard)
    expect(find({ tenant: 'acme', channel: 'dingtalk', corpId: 'ding2' })).toEqual(standard)
    expect(find({})).toBeUndefined()
    expect(find({ corpId: 'ding3' })).toBeUndefined()
  })

  it('takes an organisation that nobody here knows for no hint', () => {
    const hint = { ...nowhere, corpId: 'ding3' }
    expect(findSilentLogin(options([standard]), hint, inDingtalk)).toMatchObject({ channel: standard })
  })
})

describe('the bridge to Lark and Feishu', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })
  const neverLoads = () => new Promise<void>(() => undefined)
  const ready = { ready: (callback: () => void) => callback() }

  it('loads the SDK of the channel and asks for basic identity only', async () => {
    const host: LarkWindow = {}
    const requestAccess = vi.fn((request: { success: (answer: { code: string }) => void }) =>
      request.success({ code: 'c1' }),
    )
    const load = vi.fn(async () => {
      Object.assign(host, { h5sdk: ready, tt: { requestAccess } })
    })
    expect(await larkBridge(host, load).requestCode(lark)).toBe('c1')
    expect(load).toHaveBeenCalledWith(jsSdkUrl, sdkTimeoutMs)
    expect(requestAccess.mock.calls[0]?.[0]).toMatchObject({ appID: 'cli_1', scopeList: [] })
  })

  it('falls back to the older call on a client that is too old for the newer one', async () => {
    const host: LarkWindow = {
      h5sdk: ready,
      tt: {
        requestAccess: ({ fail }) => fail({ errno: 103, errString: 'client too old' }),
        requestAuthCode: ({ appId, success }) => success({ code: `old-${appId}` }),
      },
    }
    expect(await larkBridge(host, neverLoads).requestCode(lark)).toBe('old-cli_1')
  })

  it('passes on that the client refused, with its number', async () => {
    const host: LarkWindow = {
      h5sdk: ready,
      tt: { requestAccess: ({ fail }) => fail({ errno: 2601002, errString: 'auth failed' }) },
    }
    const error = await larkBridge(host, neverLoads)
      .requestCode(lark)
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(BridgeError)
    expect(error).toMatchObject({ code: 'refused', message: '2601002 auth failed' })
  })

  it('gives up on an SDK that is loaded and never ready', async () => {
    const call = larkBridge({ h5sdk: { ready: () => undefined } }, neverLoads).requestCode(lark)
    const outcome = expect(call).rejects.toMatchObject({ code: 'unavailable' })
    await vi.advanceTimersByTimeAsync(sdkTimeoutMs)
    await outcome
  })

  it('gives up on a client that never answers', async () => {
    const call = larkBridge({ h5sdk: ready, tt: { requestAccess: () => undefined } }, neverLoads).requestCode(lark)
    const outcome = expect(call).rejects.toMatchObject({ code: 'unavailable' })
    await vi.advanceTimersByTimeAsync(15_000)
    await outcome
  })
})
