import { createHmac } from 'node:crypto'
import type { LookupAddress } from 'node:dns'
import { HttpUrl } from '@countersign/contracts'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { letterOf, noticeOf } from '#server/channels/_letter.ts'
import { type Received, type Receiver, startReceiver } from '#server/channels/_receiver.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { MessageContent, Messenger } from '#server/channels/messenger.ts'
import { hostileUrls } from '#server/net/_hostile-urls.ts'
import { createEgress } from '#server/net/egress.ts'
import { createWebhook } from './index.ts'

/* What is the web hook's own: the body of DMS's, its signatures, and whom it never calls. */

const egress = {
  open: createEgress({ allowPrivateNetworks: true }),
  publicOnly: createEgress({ allowPrivateNetworks: false }),
}
let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver(() => ({ status: 200 }))
})
afterAll(() => receiver[Symbol.asyncDispose]())

const open = (settings: Record<string, unknown> = { allowPrivateNetworks: true }, guards = egress): Messenger =>
  createWebhook({ tenantId: 'acme', settings }, { now: Date.now, egress: guards })
const addressOf = (more: Record<string, string> = {}) => ({ url: `${receiver.url}/in`, ...more })

async function sent(
  messenger: Messenger,
  address: unknown = addressOf(),
  content: MessageContent = noticeOf(),
  locale: 'en' | 'zh-CN' = 'zh-CN',
): Promise<Received> {
  await messenger.send(await letterOf(messenger, address, content, { locale }))
  return receiver.received.at(-1) ?? expect.fail('nothing was received')
}

/** The part of the body that is signed, byte for byte. */
const signedPart = (body: string): string => /^\{"messageEvent":(\{.*\}),"signatureMethod"/.exec(body)?.[1] ?? ''

describe("the body of DMS's web hook", () => {
  it('has the fields of the documents and the nesting of their sample, in the tenant’s language', async () => {
    const { body, headers } = await sent(open())
    expect(headers).toMatchObject({ 'dms-event': 'Message Hook', 'content-type': 'application/json' })
    expect(JSON.parse(body)).toEqual({
      messageEvent: {
        submitterUid: 'bob',
        submitterName: 'Bob Tan',
        category: '工单',
        module: '数据导出',
        event: '待审批',
        taskId: '0192f0a4-7b1c-7c3e-9d55-1f0c2f6a9e01',
        taskName: 'Export orders of the third quarter',
        eventTime: 1_795_241_100_000,
        message: expect.stringMatching(
          /^#1042 Export orders of the third quarter：等待您审批\n(?:.|\n)*\nhttps:\/\/approve/,
        ),
        targetUsers: [
          { uid: 'alice', name: 'Alice' },
          { uid: 'carol', name: 'Carol' },
        ],
        receivers: [{ uid: 'alice', name: 'Alice' }],
      },
      signatureMethod: 'NONE',
      signatureText: '',
    })
    expect(Object.keys(JSON.parse(body))).toEqual(['messageEvent', 'signatureMethod', 'signatureText'])
  })

  it('says in English what it says in English', async () => {
    const { body } = await sent(open(), addressOf(), noticeOf(), 'en')
    expect(JSON.parse(body).messageEvent).toMatchObject({
      ...{ category: 'Tickets', module: 'Data export', event: 'Pending approval' },
    })
  })

  it('names no ticket in a test, as the sample of the documents does', async () => {
    const { body } = await sent(open(), addressOf(), { kind: 'test' }, 'en')
    const { messageEvent } = JSON.parse(body)
    expect(messageEvent).not.toHaveProperty('taskId')
    expect(messageEvent).toMatchObject({ event: 'Test message', targetUsers: [{ uid: 'alice' }] })
    expect(messageEvent.message).toMatch(/^Test message from Countersign\n/)
  })
})

describe('its signature', () => {
  const key = 'the password'
  it.each([
    ['url-newline-event', (url: string, event: string) => `${url}\n${event}`],
    ['url-event', (url: string, event: string) => `${url}${event}`],
    ['event', (_url: string, event: string) => event],
    ['url-key-event', (url: string, event: string) => `${url}${key}${event}`],
  ])('is made over the bytes of the event as they stand in the body (%s)', async (signatureRecipe, data) => {
    const address = addressOf({ signatureMethod: 'HMAC_SHA1', signatureKey: key })
    const { body } = await sent(open({ allowPrivateNetworks: true, signatureRecipe }), address)
    const { signatureMethod, signatureText } = JSON.parse(body)
    expect(signatureMethod).toBe('HMAC_SHA1')
    expect(signatureText).toHaveLength(28)
    expect(signatureText).toBe(
      createHmac('sha1', key)
        .update(data(address.url, signedPart(body)))
        .digest('base64'),
    )
  })

  it('is the first recipe unless the tenant says otherwise', async () => {
    const address = addressOf({ signatureMethod: 'HMAC_SHA1', signatureKey: key })
    const { body } = await sent(open(), address)
    const data = `${address.url}\n${signedPart(body)}`
    expect(JSON.parse(body).signatureText).toBe(createHmac('sha1', key).update(data).digest('base64'))
  })

  it.each([
    ['the password', Buffer.from('the password')],
    [`whsec_${Buffer.alloc(24, 7).toString('base64')}`, Buffer.alloc(24, 7)],
  ])('is one of Standard Webhooks too, wherever there is a key', async (signatureKey, bytes) => {
    for (const signatureMethod of ['NONE', 'HMAC_SHA1']) {
      const { body, headers } = await sent(open(), addressOf({ signatureMethod, signatureKey }))
      const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
      expect(new Webhook(bytes, { format: 'raw' }).verify(body, given)).toHaveProperty('messageEvent')
    }
  })

  it('is none where there is no key; the id stays, so that a repetition can be told', async () => {
    const { headers } = await sent(open())
    expect(headers).not.toHaveProperty('webhook-signature')
    expect(headers['webhook-id']).toMatch(/^[\w-]{43}$/)
  })
})

describe('an address that leads into a private network', () => {
  it('is not called unless the tenant allows it', async () => {
    const before = receiver.connections
    await expect(sent(open({}))).rejects.toMatchObject({ kind: 'rejected', code: 'address_not_allowed' })
    expect(open({}).refuseAddress?.(addressOf())).toBe('the address is not a public one')
    expect(open().refuseAddress?.(addressOf())).toBeNull()
    expect(receiver.connections).toBe(before)
  })

  it(`is not called however it is written (${hostileUrls.length} ways)`, async () => {
    const before = receiver.connections
    const port = new URL(receiver.url).port
    const messenger = open({})
    for (const written of hostileUrls) {
      const url = written.replace('PORT', port)
      // What the contracts do not take for an address does not come so far.
      const letter = await letterOf(messenger, { url })
      const error: unknown = await messenger.send(letter).catch((thrown: unknown) => thrown)
      const isRefused = error instanceof ChannelError && error.code === 'address_not_allowed'
      expect(isRefused || !HttpUrl.safeParse(url).success, `${url}: ${String(error)}`).toBe(true)
    }
    expect(hostileUrls.length).toBeGreaterThanOrEqual(60)
    expect(receiver.connections).toBe(before)
  })

  it('is never connected to by a name that changes its mind, in 1,000 messages', async () => {
    const port = new URL(receiver.url).port
    const before = receiver.connections
    let asked = 0
    // Good when looked up to be checked, and loopback when looked up to be connected to; or both at once.
    const answers: LookupAddress[][] = [
      [{ address: '127.0.0.1', family: 4 }],
      [
        { address: '93.184.216.34', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ],
      [{ address: '::ffff:127.0.0.1', family: 6 }],
      [{ address: '169.254.169.254', family: 4 }],
    ]
    const publicOnly = createEgress(
      { allowPrivateNetworks: false },
      {
        resolve(_name, _options, callback) {
          callback(null, answers[asked % answers.length] ?? [])
          asked += 1
        },
      },
    )
    const messenger = open({}, { ...egress, publicOnly })
    const letter = await letterOf(messenger, { url: `http://rebound.example:${port}/in` })
    for (let n = 0; n < 1_000; n += 1) {
      await expect(messenger.send(letter)).rejects.toMatchObject({ kind: 'rejected', code: 'address_not_allowed' })
    }
    expect(asked).toBe(1_000)
    expect(receiver.connections).toBe(before)
  })
})
