import { AESCipher, EventDispatcher } from '@larksuiteoapi/node-sdk'
import { describe, expect, it } from 'vitest'
import { approvalCard, createTestWorld, larkApp, larkEncryptKey } from '#sandbox/_world.ts'
import type { JsonObject } from '#sandbox/json.ts'
import { decrypt, sign } from './seal.ts'

const decidedCard = { schema: '2.0', header: { title: { tag: 'plain_text', content: 'Approved' }, template: 'green' } }

describe('pressing a button', () => {
  it('posts a signed and encrypted card.action.trigger and applies toast and card of the answer', async () => {
    await using world = await createTestWorld()
    const messageId = await world.sendCard('alice', approvalCard())
    world.answerWith(() => ({
      body: {
        toast: { type: 'success', content: 'Done', i18n: { en_us: 'Approved', zh_cn: '已同意' } },
        card: { type: 'raw', data: decidedCard },
      },
    }))
    const result = await world.sandbox.press('alice', messageId, 'approve')
    expect(result).toMatchObject({ outcome: 'answered', status: 200, toast: { type: 'success', text: 'Approved' } })
    expect(world.sandbox.message(messageId).card).toEqual(decidedCard)

    const [callback] = world.received
    const { encrypt } = JSON.parse(callback?.body ?? '') as { encrypt: string }
    const event = JSON.parse(decrypt(larkEncryptKey, encrypt)) as JsonObject
    expect(event).toMatchObject({
      schema: '2.0',
      header: { event_type: 'card.action.trigger', app_id: larkApp, token: 'sandbox-lark-verification-token' },
      event: {
        operator: { open_id: world.sandbox.openId('alice') },
        action: { tag: 'button', name: 'approve', value: { ticket: '42', act: 'approve' } },
        host: 'im_message',
        context: { open_message_id: messageId },
      },
    })
    expect((event.header as JsonObject).create_time).toMatch(/^\d{16}$/)
    expect(callback?.headers['x-lark-signature']).toBe(
      sign({
        timestamp: String(callback?.headers['x-lark-request-timestamp']),
        nonce: String(callback?.headers['x-lark-request-nonce']),
        encryptKey: larkEncryptKey,
        body: callback?.body ?? '',
      }),
    )
  })

  it('is accepted by the official SDK', async () => {
    await using world = await createTestWorld()
    const messageId = await world.sendCard('alice', approvalCard())
    const { callback } = await world.sandbox.press('alice', messageId, 'approve')
    const { encrypt } = JSON.parse(callback?.body ?? '') as { encrypt: string }
    expect(new AESCipher(larkEncryptKey).decrypt(encrypt)).toBe(callback?.plain)

    const seen: unknown[] = []
    const dispatcher = new EventDispatcher({ encryptKey: larkEncryptKey }).register({
      'card.action.trigger': (data: unknown) => seen.push(data),
    } as Parameters<EventDispatcher['register']>[0])
    // The SDK reads the headers from the prototype of the body (its own Express adapter does the same).
    const headers = Object.fromEntries(
      Object.entries(callback?.headers ?? {}).map(([key, value]) => [key.toLowerCase(), value]),
    )
    await dispatcher.invoke(Object.assign(Object.create({ headers }) as object, JSON.parse(callback?.body ?? '')))
    expect(seen).toHaveLength(1)
  })

  it('sends what was typed into the form, and nothing while a required field is empty', async () => {
    await using world = await createTestWorld()
    const messageId = await world.sendCard('alice', approvalCard())
    expect(await world.sandbox.press('alice', messageId, 'reject')).toEqual({
      outcome: 'missing-fields',
      missing: ['reason'],
    })
    expect(world.received).toHaveLength(0)
    const result = await world.sandbox.press('alice', messageId, 'reject', { formValues: { reason: 'too expensive' } })
    const { event } = JSON.parse(result.callback?.plain ?? '') as { event: JsonObject }
    expect(event.action).toMatchObject({ name: 'reject', form_value: { reason: 'too expensive' } })
  })

  it('finds a button by its text in any language and opens addresses without calling the server', async () => {
    await using world = await createTestWorld()
    const messageId = await world.sendCard('alice', approvalCard())
    expect(await world.sandbox.press('alice', messageId, '同意')).toMatchObject({ outcome: 'answered' })
    expect(await world.sandbox.press('alice', messageId, 'open')).toEqual({
      outcome: 'opened',
      openedUrl: 'http://localhost:8080/console/mobile/index/',
    })
    await expect(async () => world.sandbox.press('alice', messageId, 'no such')).rejects.toThrow(
      /no such button.*approve/,
    )
  })

  it.each([
    ['a status other than 200', { status: 500 }, 200671],
    ['a redirect', { status: 302 }, 200671],
    ['no JSON', { raw: '<html>' }, 200672],
    ['an empty body', { raw: '' }, 200672],
    ['an unknown toast type', { body: { toast: { type: 'warn', content: 'x' } } }, 200672],
    ['an unknown toast language', { body: { toast: { type: 'info', i18n: { ar: 'x' } } } }, 200672],
    ['an unknown property', { body: { tost: {} } }, 200672],
    ['a card type that is neither raw nor template', { body: { card: { type: 'new', data: {} } } }, 200673],
    [
      'a card the platform would refuse',
      { body: { card: { type: 'raw', data: { schema: '2.0', elements: [] } } } },
      200673,
    ],
  ])('shows an error and leaves the card alone when the answer has %s', async (_what, answer, number) => {
    await using world = await createTestWorld()
    const messageId = await world.sendCard('alice', approvalCard())
    world.answerWith(() => answer)
    const result = await world.sandbox.press('alice', messageId, 'approve')
    expect(result).toMatchObject({ outcome: 'failed', error: { number } })
    expect(world.sandbox.message(messageId).card).toEqual(approvalCard())
  })

  it('gives the server three seconds and calls it once', async () => {
    await using world = await createTestWorld()
    const messageId = await world.sendCard('alice', approvalCard())
    world.answerWith(() => 'hang')
    const result = await world.sandbox.press('alice', messageId, 'approve')
    expect(result).toMatchObject({ outcome: 'failed', error: { number: 200340 } })
    expect(result.ms).toBeGreaterThan(2_900)
    expect(world.received).toHaveLength(1)
  }, 10_000)

  it('shows 200340 when nobody listens at the address', async () => {
    await using world = await createTestWorld()
    const messageId = await world.sendCard('alice', approvalCard())
    world.sandbox.configureApp(larkApp, { callbackUrl: 'http://127.0.0.1:9/callbacks' })
    expect(await world.sandbox.press('alice', messageId, 'approve')).toMatchObject({ error: { number: 200340 } })
  })
})

const day = 24 * 3_600_000
const text = (content: string) => ({ tag: 'plain_text', content })
const button = (more: JsonObject): JsonObject => ({
  schema: '2.0',
  body: {
    elements: [{ tag: 'button', text: text('Go'), behaviors: [{ type: 'callback', value: { act: 'go' } }], ...more }],
  },
})

describe('what the client decides by itself', () => {
  it('asks before a button with a confirmation calls the server', async () => {
    await using world = await createTestWorld()
    const messageId = await world.sendCard(
      'alice',
      button({ confirm: { title: text('Sure?'), text: text('For ever.') } }),
    )
    const press = (options = {}) => world.sandbox.press('alice', messageId, 'Go', options)
    const confirmation = { title: 'Sure?', text: 'For ever.' }
    expect(await press()).toEqual({ outcome: 'needs-confirmation', confirmation })
    expect(await press({ confirm: false })).toEqual({ outcome: 'cancelled', confirmation })
    expect(world.received).toHaveLength(0)
    expect(await press({ confirm: true })).toMatchObject({ outcome: 'answered' })
  })

  it('leaves disabled and reset buttons on the phone', async () => {
    await using world = await createTestWorld()
    const disabled = await world.sendCard('alice', button({ disabled: true }))
    expect(await world.sandbox.press('alice', disabled, 'Go')).toEqual({ outcome: 'disabled' })
    const submit = { tag: 'button', name: 's', form_action_type: 'submit', text: text('Send') }
    const reset = { tag: 'button', name: 'r', form_action_type: 'reset', text: text('Clear') }
    const form = { schema: '2.0', body: { elements: [{ tag: 'form', name: 'f', elements: [submit, reset] }] } }
    const messageId = await world.sendCard('alice', form)
    expect(await world.sandbox.press('alice', messageId, 'Clear')).toEqual({ outcome: 'reset' })
    expect(world.received).toHaveLength(0)
  })

  it('takes presses on the buttons of a 1.0 card, and no new card after 14 days', async () => {
    await using world = await createTestWorld()
    const old = (title: string): JsonObject => ({
      config: { update_multi: true },
      header: { title: text(title) },
      elements: [{ tag: 'action', actions: [{ tag: 'button', text: text('Go'), value: { act: 'go' } }] }],
    })
    world.answerWith(() => ({ body: { card: { type: 'raw', data: old('after') } } }))
    const messageId = await world.sendCard('alice', old('before'))
    await world.sandbox.advance(15 * day)
    expect(await world.sandbox.press('alice', messageId, 'Go')).toMatchObject({ outcome: 'answered', status: 200 })
    expect(world.sandbox.message(messageId).card).toEqual(old('before'))
    await world.sandbox.advance(16 * day)
    expect(await world.sandbox.press('alice', messageId, 'Go')).toMatchObject({ outcome: 'failed' })
    expect(world.received).toHaveLength(1)
  })

  it('lets nobody press a 2.0 card after 14 days, a recalled one, or one in another chat', async () => {
    await using world = await createTestWorld()
    const messageId = await world.sendCard('alice', approvalCard())
    await expect(world.sandbox.press('bob', messageId, 'approve')).rejects.toThrow(/not in the chat of bob/)
    await world.call('DELETE', `/open-apis/im/v1/messages/${messageId}`)
    await expect(world.sandbox.press('alice', messageId, 'approve')).rejects.toThrow(/shows no card/)
    const old = await world.sendCard('alice', approvalCard())
    await world.sandbox.advance(14 * day + 1)
    expect(await world.sandbox.press('alice', old, 'approve')).toMatchObject({ outcome: 'failed' })
    expect(world.received).toHaveLength(0)
  })
})
