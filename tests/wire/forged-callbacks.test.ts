import { createHash } from 'node:crypto'
import * as lark from '@larksuiteoapi/node-sdk'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apps, startWorld, type World } from '../_world.ts'

/* What arrives at the public door and must not get in, and what must. */

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

const { appId } = apps.lark
type Body = Record<string, unknown>

interface Posted {
  status: number
  text: string
}
async function post(headers: Record<string, string>, body: string, path = `/callbacks/lark/${appId}`): Promise<Posted> {
  const response = await fetch(`${world.url}${path}`, { method: 'POST', headers, body })
  return { status: response.status, text: await response.text() }
}

/** A ticket with its card, and the true callback of a tap on Approve, sealed but not sent. */
async function tapOf(
  uid = 'alice',
  operator = uid,
  overrides: Record<string, unknown> = {},
): Promise<{ ticketId: string; body: Body }> {
  const ticket = await world.api.submit(overrides)
  await world.drain()
  const card = world.card(uid, ticket)
  const value = findValue(card.card, 'approve')
  const body = {
    schema: '2.0',
    header: {
      event_id: `ev-${ticket.id}`,
      event_type: 'card.action.trigger',
      create_time: `${Date.now()}000`,
      token: apps.lark.verificationToken,
      app_id: appId,
      tenant_key: 'tenant',
    },
    event: {
      operator: { tenant_key: 'tenant', open_id: world.sandbox.openId(operator) },
      token: 'c-1',
      action: { tag: 'button', value },
      host: 'im_message',
      context: { open_message_id: card.messageId, open_chat_id: card.chatId },
    },
  }
  return { ticketId: ticket.id, body }
}

function findValue(node: unknown, action: string): unknown {
  if (typeof node !== 'object' || node === null) return undefined
  if ('action' in node && node.action === action && 'proof' in node) return node
  for (const child of Object.values(node)) {
    const found = findValue(child, action)
    if (found !== undefined) return found
  }
  return undefined
}

const statusOf = async (id: string): Promise<string> => (await world.api.get(id)).status

describe('a tap that is what it says', () => {
  it('is taken, and answered with a toast and the new card', async () => {
    const { ticketId, body } = await tapOf()
    const { headers, body: sealed } = world.sandbox.signedCallback(appId, body)
    const answer = await post(headers, sealed)
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.text)).toMatchObject({ toast: { type: 'success' }, card: { type: 'raw' } })
    expect(await statusOf(ticketId)).toBe('approved')
  })

  it('is refused as an exact replay, and repeated as a re-delivery, without a second decision', async () => {
    const { ticketId, body } = await tapOf()
    const first = world.sandbox.signedCallback(appId, body)
    const answer = await post(first.headers, first.body)
    expect((await post(first.headers, first.body)).status).toBe(409)
    const again = world.sandbox.signedCallback(appId, body)
    expect(await post(again.headers, again.body)).toEqual(answer)
    expect((await post(again.headers, again.body)).status).toBe(409)
    const { history } = await world.api.get(ticketId)
    expect(history.filter(({ action }) => action === 'approve')).toHaveLength(1)
  })

  it('told once more after others have decided, keeps its outcome and shows the ticket as it stands by then', async () => {
    const nodes = [{ name: 'Owners', rule: 'all', approvers: ['alice', 'carol'] }]
    const { ticketId, body } = await tapOf('alice', 'alice', { nodes })
    const first = world.sandbox.signedCallback(appId, body)
    const answer = JSON.parse((await post(first.headers, first.body)).text)
    await world.api.call('POST', `/api/v1/tickets/${ticketId}/withdraw`, {})
    const again = world.sandbox.signedCallback(appId, body)
    const later = JSON.parse((await post(again.headers, again.body)).text)
    expect(later.toast).toEqual(answer.toast)
    expect(JSON.stringify(answer.card)).not.toContain('Withdrawn')
    expect(JSON.stringify(later.card)).toContain('Withdrawn')
  })

  it('may have been sealed by the official SDK’s conventions', async () => {
    const { ticketId, body } = await tapOf()
    const dispatcher = new lark.EventDispatcher({ encryptKey: apps.lark.encryptKey }).register({
      'card.action.trigger': () => ({ seen: true }),
    } as Record<string, () => unknown>)
    const { headers, body: sealed } = world.sandbox.signedCallback(appId, body)
    const lowered = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
    const data = Object.assign(Object.create({ headers: lowered }), JSON.parse(sealed))
    expect(await dispatcher.invoke(data)).toEqual({ seen: true })
    expect((await post(headers, sealed)).status).toBe(200)
    expect(await statusOf(ticketId)).toBe('approved')
  })
})

describe('a callback that is not what it says gets 401 and decides nothing', () => {
  const cases: [string, (body: Body) => { headers: Record<string, string>; body: string }][] = [
    ['a wrong signature', (body) => world.sandbox.signedCallback(appId, body, { signature: 'f'.repeat(64) })],
    [
      'an empty signature',
      (body) => world.sandbox.signedCallback(appId, body, { headers: { 'X-Lark-Signature': '' } }),
    ],
    ['another key', (body) => world.sandbox.signedCallback(appId, body, { encryptKey: 'some other key' })],
    ['plain text', (body) => world.sandbox.signedCallback(appId, body, { plain: true })],
    ['a timestamp six minutes old', (body) => world.sandbox.signedCallback(appId, body, { timestamp: ago(360) })],
    ['a timestamp six minutes ahead', (body) => world.sandbox.signedCallback(appId, body, { timestamp: ago(-360) })],
    ['a timestamp that is none', (body) => world.sandbox.signedCallback(appId, body, { timestamp: 'yesterday' })],
    ['a wrong token', (body) => world.sandbox.signedCallback(appId, withHeader(body, { token: 'wrong' }))],
    ['no token', (body) => world.sandbox.signedCallback(appId, withHeader(body, { token: undefined }))],
    [
      'another app inside',
      (body) => world.sandbox.signedCallback(appId, withHeader(body, { app_id: apps.feishu.appId })),
    ],
    ['a body cut in half', (body) => cut(world.sandbox.signedCallback(appId, body))],
  ]
  it.each(cases)('%s', async (_name, seal) => {
    const { ticketId, body } = await tapOf()
    const sealed = seal(body)
    expect((await post(sealed.headers, sealed.body)).status).toBe(401)
    expect(await statusOf(ticketId)).toBe('pending')
  })

  it('any single flipped bit of body or signature', async () => {
    const { ticketId, body } = await tapOf()
    const sealed = world.sandbox.signedCallback(appId, body)
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.body.length - 1), fc.integer({ min: 0, max: 5 }), async (at, bit) => {
        const bytes = Buffer.from(sealed.body)
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
        const { status } = await post(sealed.headers, bytes.toString('latin1'))
        expect(status).toBe(401)
      }),
      { numRuns: 300 },
    )
    expect(await statusOf(ticketId)).toBe('pending')
  })
})

const ago = (seconds: number): string => String(Math.floor(Date.now() / 1_000) - seconds)
const withHeader = (body: Body, change: Body): Body => ({ ...body, header: { ...(body.header as Body), ...change } })
const cut = ({ headers, body }: { headers: Record<string, string>; body: string }) => ({
  headers,
  body: body.slice(0, body.length / 2),
})

describe('a true callback with nonsense inside', () => {
  it('is refused as not understood when its shape is unknown', async () => {
    for (const body of [{}, { hello: 1 }, { schema: '2.0' }, [] as unknown as Body]) {
      const token = apps.lark.verificationToken
      const sealed = world.sandbox.signedCallback(appId, Array.isArray(body) ? '[]' : { token, ...body })
      const { status } = await post(sealed.headers, sealed.body)
      expect([400, 401]).toContain(status)
    }
  })

  it('nested a thousand levels deep is refused, and the server goes on', async () => {
    const deep = `${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}`
    const sealed = world.sandbox.signedCallback(appId, deep)
    expect([400, 401]).toContain((await post(sealed.headers, sealed.body)).status)
    expect((await fetch(`${world.url}/healthz`)).status).toBe(200)
  })

  it('of a megabyte is refused as too large', async () => {
    const sealed = world.sandbox.signedCallback(appId, { pad: 'x'.repeat(1_000_000) })
    expect((await post(sealed.headers, sealed.body)).status).toBe(413)
  })

  it('for an app that nobody has is 404', async () => {
    const { body } = await tapOf()
    const sealed = world.sandbox.signedCallback(appId, body)
    expect((await post(sealed.headers, sealed.body, '/callbacks/lark/cli_ffffffffffffffff')).status).toBe(404)
    expect((await post(sealed.headers, sealed.body, `/callbacks/teams/${appId}`)).status).toBe(404)
  })

  it('that names a button we never made is refused to the person, and decides nothing', async () => {
    const { ticketId, body } = await tapOf()
    const event = body.event as { action: { value: Body } }
    for (const change of [
      { proof: 'x'.repeat(43) },
      { contentHash: `sha256:${'0'.repeat(64)}` },
      { action: 'reject' },
      { node: 1 },
    ]) {
      const value = { ...event.action.value, ...change }
      const forged = {
        ...withHeader(body, { event_id: `ev-${JSON.stringify(change)}` }),
        event: { ...event, action: { tag: 'button', value } },
      }
      const sealed = world.sandbox.signedCallback(appId, forged)
      const answer = await post(sealed.headers, sealed.body)
      expect(answer.status).toBe(200)
      expect(JSON.parse(answer.text).toast.type).toBe('error')
    }
    expect(await statusOf(ticketId)).toBe('pending')
  })
})

describe('a tap by somebody who may not', () => {
  it.each([
    ['mallory', 'who is bound and no approver'],
    ['bob', 'the submitter'],
    ['stranger', 'whom no person here is bound to'],
  ])('%s, %s, is told so and decides nothing', async (operator) => {
    const { ticketId, body } = await tapOf('alice', operator)
    const sealed = world.sandbox.signedCallback(appId, body)
    const answer = await post(sealed.headers, sealed.body)
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.text).toast.type).toBe('error')
    expect(JSON.parse(answer.text).card).toBeUndefined()
    expect(await statusOf(ticketId)).toBe('pending')
  })
})

describe('the handshake', () => {
  const challenge = (token: string): Body => ({ challenge: 'c-1', token, type: 'url_verification' })

  it('is answered when it is encrypted and carries the right token, signed or not', async () => {
    const sealed = world.sandbox.signedCallback(appId, challenge(apps.lark.verificationToken))
    const unsigned = { 'content-type': 'application/json' }
    for (const headers of [sealed.headers, unsigned]) {
      const answer = await post(headers, sealed.body)
      expect(answer).toEqual({ status: 200, text: '{"challenge":"c-1"}' })
    }
  })

  it('is refused with a wrong token, or in plain text', async () => {
    const wrong = world.sandbox.signedCallback(appId, challenge('wrong'))
    expect((await post(wrong.headers, wrong.body)).status).toBe(401)
    const plain = JSON.stringify(challenge(apps.lark.verificationToken))
    expect((await post({ 'content-type': 'application/json' }, plain)).status).toBe(401)
  })
})

describe('a channel without its secrets', () => {
  it('sends cards that lead to the H5 app and refuses every callback', async () => {
    await using bare = await startWorld({
      change: ({ tenants: [tenant] }) => {
        const settings = tenant?.channels.lark
        delete settings?.encryptKey
        delete settings?.verificationToken
      },
    })
    const ticket = await bare.api.submit()
    await bare.drain()
    expect(JSON.stringify(bare.card('alice', ticket).card)).not.toContain('"type":"callback"')
    const timestamp = ago(0)
    const body = JSON.stringify({ schema: '2.0', header: {}, event: {} })
    const signature = createHash('sha256').update(`${timestamp}n${''}${body}`).digest('hex')
    const headers = {
      'content-type': 'application/json',
      'x-lark-request-timestamp': timestamp,
      'x-lark-request-nonce': 'n',
      'x-lark-signature': signature,
    }
    const response = await fetch(`${bare.url}/callbacks/lark/${appId}`, { method: 'POST', headers, body })
    expect(response.status).toBe(401)
  })
})
