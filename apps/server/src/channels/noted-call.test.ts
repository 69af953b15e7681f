import { describe, expect, it } from 'vitest'
import { startReceiver } from '#server/channels/_receiver.ts'
import { createEgress } from '#server/net/egress.ts'
import { type NotedCall, notedCall, withoutSecrets } from './noted-call.ts'

const open = createEgress({ allowPrivateNetworks: true })

describe('a body that is kept', () => {
  it('has no signature, and of the callbackUrl only where it leads', () => {
    const body = JSON.stringify({
      messageEvent: { message: 'hello' },
      signatureMethod: 'HMAC_SHA1',
      signatureText: 'c2VjcmV0',
      data: { callbackUrl: 'https://user:pass@source.example/done?token=secret', url: 'https://dms.example/1' },
    })
    const kept = withoutSecrets(body)
    expect(kept).not.toMatch(/c2VjcmV0|token|pass|done/)
    expect(JSON.parse(kept)).toEqual({
      messageEvent: { message: 'hello' },
      signatureMethod: 'HMAC_SHA1',
      signatureText: '•••',
      data: { callbackUrl: 'https://source.example/•••', url: 'https://dms.example/1' },
    })
  })

  it('is empty where it cannot be looked into', () => {
    expect(withoutSecrets('token=secret')).toBe('')
  })
})

describe('a call', () => {
  it('is kept with host, status and body, also when nobody answers', async () => {
    const kept: NotedCall[] = []
    const notes = {
      tenantId: 'acme',
      webhookId: 'w1',
      at: 5,
      noteCall: async (call: NotedCall) => void kept.push(call),
    }
    await using receiver = await startReceiver(() => ({ status: 503 }))
    const request = { url: `${receiver.url}?key=secret`, headers: {}, body: '{"a":1}' }
    expect((await notedCall(open, request, notes)).status).toBe(503)
    const refused = { ...request, url: 'http://127.0.0.1:1/' }
    await expect(notedCall(open, refused, notes)).rejects.toMatchObject({ code: expect.any(String) })
    expect(kept).toMatchObject([
      { tenantId: 'acme', webhookId: 'w1', at: 5, host: new URL(receiver.url).host, code: '503', body: '{"a":1}' },
      { host: '127.0.0.1:1', body: '{"a":1}' },
    ])
    expect(kept[0]?.tookMs).toBeGreaterThanOrEqual(0)
    expect(JSON.stringify(kept)).not.toContain('secret')
  })
})
