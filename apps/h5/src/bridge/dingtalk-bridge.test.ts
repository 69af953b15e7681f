import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type DingtalkCalls, dingtalkBridge } from './dingtalk-bridge.ts'
import type { HostedPage } from './host.ts'

const channel = { channel: 'dingtalk', appId: 'key_1', jsSdkUrl: null, corpId: 'ding1' } as const
const refusal = { errorCode: '3', errorMessage: 'no app with this domain' }

function setUp(more: Partial<DingtalkCalls> = {}, isIos = true) {
  const calls = {
    requestCode: vi.fn(async () => ({ code: 'new' })),
    requestCodeFromOld: vi.fn(async () => ({ code: 'old' })),
    setTitle: vi.fn<DingtalkCalls['setTitle']>(async () => ({})),
    setLeft: vi.fn<DingtalkCalls['setLeft']>(async () => ({})),
    close: vi.fn(async () => ({})),
  }
  const events = new EventTarget()
  return { calls, events, bridge: dingtalkBridge({ ...calls, ...more }, { isIos, events }) }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('a code from DingTalk', () => {
  it('is asked for in the name of the app and its organisation', async () => {
    const { calls, bridge } = setUp()
    expect(await bridge.requestCode(channel)).toBe('new')
    expect(calls.requestCode).toHaveBeenCalledWith({ corpId: 'ding1', clientId: 'key_1' })
    expect(calls.requestCodeFromOld).not.toHaveBeenCalled()
  })

  it('is asked for by the older call on a client that does not know the newer one', async () => {
    const { calls, bridge } = setUp({ requestCode: () => Promise.reject({ errorCode: '1', errorMessage: 'no such' }) })
    expect(await bridge.requestCode(channel)).toBe('old')
    expect(calls.requestCodeFromOld).toHaveBeenCalledWith({ corpId: 'ding1' })
  })

  it('is refused with the client’s own words when both calls are', async () => {
    const refuse = () => Promise.reject(refusal)
    const { bridge } = setUp({ requestCode: refuse, requestCodeFromOld: refuse })
    const outcome = bridge.requestCode(channel)
    await expect(outcome).rejects.toMatchObject({ code: 'refused', message: '3 no app with this domain' })
  })

  it.each([{}, { code: '' }, { code: 7 }, null])('is not believed to be in the answer %j', async (answer) => {
    const say = async () => answer as unknown as { code: string }
    const { bridge } = setUp({ requestCode: say, requestCodeFromOld: say })
    await expect(bridge.requestCode(channel)).rejects.toMatchObject({ code: 'refused' })
  })

  it('is given up, and not asked for twice, when the bridge never answers', async () => {
    const { calls, bridge } = setUp({ requestCode: () => new Promise(() => undefined) })
    const outcome = expect(bridge.requestCode(channel)).rejects.toMatchObject({ code: 'unavailable' })
    await vi.advanceTimersByTimeAsync(8_000)
    await outcome
    expect(calls.requestCodeFromOld).not.toHaveBeenCalled()
  })

  it('needs an organisation', async () => {
    const { calls, bridge } = setUp()
    const outcome = bridge.requestCode({ ...channel, corpId: null })
    await expect(outcome).rejects.toMatchObject({ code: 'unavailable' })
    expect(calls.requestCode).not.toHaveBeenCalled()
  })
})

describe('the bars of DingTalk', () => {
  function page(steps = 0): HostedPage & { show: (title: string) => void } {
    let left = steps
    let shown: (title: string) => void = () => undefined
    return {
      watchTitle: (show) => {
        shown = show
      },
      goBack: () => left-- > 0,
      show: (title) => shown(title),
    }
  }

  it('show the title of the page as it changes', () => {
    const { calls, bridge } = setUp()
    const shown = page()
    bridge.followPage?.(shown)
    shown.show('Approvals')
    shown.show('Drop a column')
    expect(calls.setTitle.mock.calls).toEqual([[{ title: 'Approvals' }], [{ title: 'Drop a column' }]])
  })

  it('go back inside the app, and close it at its root', () => {
    const { calls, bridge } = setUp()
    bridge.followPage?.(page(1))
    const tap = calls.setLeft.mock.calls[0]?.[0].onSuccess
    tap?.()
    expect(calls.close).not.toHaveBeenCalled()
    tap?.()
    expect(calls.close).toHaveBeenCalledOnce()
  })

  it('do the same with the key of an Android phone, whose left button is left alone', () => {
    const { calls, events, bridge } = setUp({}, false)
    bridge.followPage?.(page(1))
    expect(calls.setLeft).not.toHaveBeenCalled()
    const press = () => {
      const event = new Event('backbutton', { cancelable: true })
      events.dispatchEvent(event)
      return event.defaultPrevented
    }
    expect(press()).toBe(true)
    expect(calls.close).not.toHaveBeenCalled()
    expect(press()).toBe(true)
    expect(calls.close).toHaveBeenCalledOnce()
  })

  it('stay as they are in a client that knows none of these calls', async () => {
    const refuse = () => Promise.reject(refusal)
    const { bridge } = setUp({ setTitle: refuse, setLeft: refuse, close: refuse })
    const shown = page()
    bridge.followPage?.(shown)
    expect(() => shown.show('Approvals')).not.toThrow()
  })
})
