import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakePlatform, startFakePlatform } from './_fake-platform.ts'
import { openStandard } from './_open.ts'

const REGISTER = '/v1.0/card/callbacks/register'
const publicUrl = 'https://approve.example.com'
const ours = `${publicUrl}/callbacks/dingtalk/dingexampleappkey01/card`

let platform: FakePlatform
let recorded: Map<string, { callbackUrl: string; apiSecret: string }>
beforeEach(async () => {
  platform = await startFakePlatform()
  recorded = new Map()
  platform.on(REGISTER, ({ body }) => {
    const { callbackRouteKey, callbackUrl, apiSecret, forceUpdate } = body as Record<string, string>
    const key = String(callbackRouteKey)
    if (!recorded.has(key) || String(forceUpdate) === 'true') {
      recorded.set(key, { callbackUrl: String(callbackUrl), apiSecret: String(apiSecret) })
    }
    return { body: { success: true, result: recorded.get(key) } }
  })
})
afterEach(async () => {
  await platform[Symbol.asyncDispose]()
})

const register = (replace = false, changes: Record<string, unknown> = {}) =>
  openStandard(platform, changes).registerCallback?.(publicUrl, { replace })

describe('the callback address', () => {
  it('is registered with its secret, under the key that our cards name', async () => {
    await expect(register()).resolves.toEqual({ state: 'registered' })
    expect([...recorded]).toEqual([
      ['countersign-dingexampleappkey01', { callbackUrl: ours, apiSecret: 'example-callback-secret' }],
    ])
  })

  it('is found as it is at the next start, by one call', async () => {
    await register()
    await expect(register()).resolves.toEqual({ state: 'registered' })
    expect(platform.callsTo(REGISTER)).toHaveLength(2)
  })

  it('of another host is left alone until an administrator wants it replaced', async () => {
    const other = { callbackUrl: 'https://other.example/card', apiSecret: 'their-secret' }
    recorded.set('countersign-dingexampleappkey01', other)
    await expect(register()).resolves.toEqual({ state: 'taken', url: 'https://other.example/card' })
    expect([...recorded.values()]).toEqual([other])
    await expect(register(true)).resolves.toEqual({ state: 'registered', replaced: 'https://other.example/card' })
    expect([...recorded.values()]).toEqual([{ callbackUrl: ours, apiSecret: 'example-callback-secret' }])
  })

  it('gets the new secret when it has changed', async () => {
    await register()
    await expect(register(false, { callbackSecret: 'another-callback-secret' })).resolves.toEqual({
      state: 'registered',
    })
    expect([...recorded.values()]).toEqual([{ callbackUrl: ours, apiSecret: 'another-callback-secret' }])
  })

  it('is never registered without a secret, since nothing would be signed then', async () => {
    await expect(register(false, { callbackSecret: undefined })).rejects.toMatchObject({
      kind: 'auth',
      code: 'not_configured',
    })
    expect(platform.calls).toEqual([])
  })
})
