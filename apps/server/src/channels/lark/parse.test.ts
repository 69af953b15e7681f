import { EventDispatcher, LoggerLevel } from '@larksuiteoapi/node-sdk'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CallbackRefused, type Inbound, type RawCallback } from '#server/channels/channel.ts'
import {
  appId,
  changed,
  encrypt,
  encryptKey,
  fixture,
  receivedAt,
  sealed,
  secrets,
  signed,
  unsigned,
} from './_callback.ts'
import { parseCallback } from './parse.ts'

const parse = (callback: RawCallback): Inbound => parseCallback(callback, secrets)
const refusal = (callback: RawCallback): string => {
  try {
    return `accepted as ${parse(callback).kind}`
  } catch (error) {
    if (!(error instanceof CallbackRefused)) throw error
    return `${error.kind} ${error.code}`
  }
}
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

describe('a tap', () => {
  it('on Approve says who, what and by which proof', () => {
    expect(parse(sealed(fixture('card-action')))).toEqual({
      kind: 'action',
      eventId: '5e3702a84e847582be8db7fb73283c02',
      signatureHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      platformUserId: 'ou_84aad35d084aa403a838cf73ee18467',
      button: {
        ticketId: '0192f0a4-7b1c-7c3e-9d55-1f0c2f6a9e01',
        node: 0,
        action: 'approve',
        contentHash: 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
        proof: 'qL0kq3V8Zr0mC1z6n6x9yYH7o4yQm8c1n2b3v4c5x6z',
      },
      comment: null,
    })
  })

  it('on Reject carries the reason of the form', () => {
    expect(parse(sealed(fixture('card-action-reject')))).toMatchObject({
      kind: 'action',
      button: { action: 'reject' },
      comment: '太多个人数据，请去掉手机号 📵',
    })
  })

  it.each([
    ['is missing', undefined],
    ['is a string', 'approve'],
    ['is empty', {}],
    ['names another action', { ticketId: 't', node: 0, action: 'delete', contentHash: 'h', proof: 'p' }],
    ['has the node as text', { ticketId: 't', node: '0', action: 'approve', contentHash: 'h', proof: 'p' }],
    ['has more in it', { ticketId: 't', node: 0, action: 'approve', contentHash: 'h', proof: 'p', user: 'eve' }],
    ['has an array for an id', { ticketId: ['t'], node: 0, action: 'approve', contentHash: 'h', proof: 'p' }],
  ])('whose value %s is on no button of ours', (_, value) => {
    expect(parse(sealed(changed('card-action', { 'event.action.value': value })))).toMatchObject({ button: null })
  })

  it('by nobody named is read, so that it can be refused politely', () => {
    const nameless = changed('card-action', { 'event.operator.open_id': undefined })
    expect(parse(sealed(nameless))).toMatchObject({ kind: 'action', platformUserId: null })
  })

  it('keeps no more of a reason than the form allows', () => {
    const long = changed('card-action-reject', { 'event.action.form_value.reason': 'x'.repeat(5_000) })
    expect(parse(sealed(long))).toMatchObject({ comment: 'x'.repeat(1_000) })
    for (const reason of ['   ', 7, ['a'], null]) {
      const odd = changed('card-action-reject', { 'event.action.form_value.reason': reason })
      expect(parse(sealed(odd))).toMatchObject({ comment: null })
    }
  })
})

describe('a message to the bot', () => {
  it('is told apart by its message id', () => {
    expect(parse(sealed(fixture('message-private')))).toMatchObject({
      kind: 'message',
      eventId: 'om_dd947ef3b1c1c2b1a6d1f2d3e4f5a6b7',
      platformUserId: 'ou_84aad35d084aa403a838cf73ee18467',
      text: 'approve 1042',
      isGroup: false,
    })
  })

  it('in a group is read without its mentions', () => {
    expect(parse(sealed(fixture('message-group')))).toMatchObject({ text: 'pending', isGroup: true })
  })

  it('counts as one in a group unless it says that it is private', () => {
    for (const type of [undefined, '', 'P2P', 'topic']) {
      expect(parse(sealed(changed('message-private', { 'event.message.chat_type': type })))).toMatchObject({
        isGroup: true,
      })
    }
  })

  it('that is no text, or broken, says nothing', () => {
    for (const content of ['{"image_key":"img_1"}', 'not json', '[]', '{"text":7}']) {
      expect(parse(sealed(changed('message-private', { 'event.message.content': content })))).toMatchObject({
        text: '',
      })
    }
    const image = changed('message-private', { 'event.message.message_type': 'image' })
    expect(parse(sealed(image))).toMatchObject({ text: '' })
  })

  it('by another bot is not listened to', () => {
    const bot = changed('message-private', { 'event.sender.sender_type': 'app' })
    expect(parse(sealed(bot))).toMatchObject({ kind: 'other' })
  })
})

describe('other callbacks', () => {
  it('of the second version are acknowledged by type', () => {
    expect(parse(sealed(fixture('bot-chat-entered')))).toMatchObject({
      kind: 'other',
      eventId: '81a5f1b1c1c2b1a6d1f2d3e4f5a6b7c8',
      type: 'im.chat.access_event.bot_p2p_chat_entered_v1',
    })
  })

  it.each([
    ['an event of the first version', { ts: '1', uuid: 'u', token: 'verify-token', type: 'event_callback', event: {} }],
    ['an empty object with our token', { token: 'verify-token' }],
    ['a schema of the future', changed('card-action', { schema: '3.0' })],
    ['no event', changed('card-action', { event: undefined })],
    ['an event that is a list', changed('card-action', { event: [] })],
    ['an event without an id', changed('card-action', { 'header.event_id': undefined })],
    ['an action without action', changed('card-action', { 'event.action': undefined })],
    ['an action without operator', changed('card-action', { 'event.operator': undefined })],
    ['a message without message', changed('message-private', { 'event.message': undefined })],
  ])('of an unknown shape are refused: %s', (_, payload) => {
    expect(refusal(sealed(payload))).toBe('malformed unknown_shape')
  })
})

describe('the URL verification', () => {
  const handshake = { kind: 'handshake', answer: { challenge: 'ajls384kdjx98XX' } }

  it('is echoed when encrypted with our key and carrying our token, signed or not', () => {
    expect(parse(sealed(fixture('url-verification')))).toEqual(handshake)
    expect(parse(unsigned(fixture('url-verification')))).toEqual(handshake)
  })

  it.each([
    ['another token', unsigned(changed('url-verification', { token: 'other' })), 'forged wrong_token'],
    ['an empty token', unsigned(changed('url-verification', { token: '' })), 'forged wrong_token'],
    ['another key', unsigned(fixture('url-verification'), 'other key'), 'forged undecryptable'],
    ['a bad signature', sealed(fixture('url-verification'), { signWith: 'other' }), 'forged bad_signature'],
    [
      'plain text',
      { headers: {}, body: Buffer.from(JSON.stringify(fixture('url-verification'))), receivedAt },
      'forged not_encrypted',
    ],
    ['plain text, signed', signed(JSON.stringify(fixture('url-verification'))), 'forged not_encrypted'],
  ])('is refused with %s', (_, callback, expected) => {
    expect(refusal(callback)).toBe(expected)
  })
})

describe('the fail-closed matrix', () => {
  const tap = fixture('card-action')

  it.each([
    ['unsigned', unsigned(tap), 'forged missing_signature'],
    ['signed under another key', sealed(tap, { signWith: 'other key' }), 'forged bad_signature'],
    ['signed under an empty key', sealed(tap, { signWith: '' }), 'forged bad_signature'],
    ['signed with the token', sealed(tap, { signWith: 'verify-token' }), 'forged bad_signature'],
    ['encrypted under another key', sealed(tap, { key: 'other key' }), 'malformed undecryptable'],
    ['plain, though signed', signed(JSON.stringify(tap)), 'forged not_encrypted'],
    [
      'plain and encrypted at once, unsigned',
      { headers: {}, body: Buffer.from(JSON.stringify({ ...tap, encrypt: encrypt('{}') })), receivedAt },
      'forged missing_signature',
    ],
    ['stale', sealed(tap, { timestamp: '1700000000' }), 'forged stale'],
    ['of the future', sealed(tap, { timestamp: '1800000000' }), 'forged stale'],
    ['with another token', sealed(changed('card-action', { 'header.token': 'other' })), 'forged wrong_token'],
    ['with an empty token', sealed(changed('card-action', { 'header.token': '' })), 'forged wrong_token'],
    ['without a token', sealed(changed('card-action', { 'header.token': undefined })), 'forged wrong_token'],
    [
      'with a token that is no text',
      sealed(changed('card-action', { 'header.token': ['verify-token'] })),
      'forged wrong_token',
    ],
    ['of another app', sealed(changed('card-action', { 'header.app_id': 'cli_fedcba9876543210' })), 'forged wrong_app'],
    ['of no app', sealed(changed('card-action', { 'header.app_id': undefined })), 'malformed unknown_shape'],
    ['empty', signed(''), 'malformed bad_json'],
    ['empty and unsigned', { headers: {}, body: Buffer.alloc(0), receivedAt }, 'forged bad_json'],
    ['cut off', signed('{"encrypt":"abc'), 'malformed bad_json'],
    ['an array', signed('[]'), 'forged not_encrypted'],
    ['null', signed('null'), 'forged not_encrypted'],
    ['encrypt is empty', signed('{"encrypt":""}'), 'forged not_encrypted'],
    ['encrypt is an array', signed('{"encrypt":["x"]}'), 'forged not_encrypted'],
    ['nested 32 deep inside', sealed(deep(32)), 'forged wrong_token'],
    ['nested 33 deep inside', sealed(deep(33)), 'malformed too_deep'],
    ['nested 400,000 deep inside', sealed(deep(400_000)), 'malformed too_deep'],
    ['nested 400,000 deep outside', signed(deep(400_000)), 'malformed too_deep'],
    ['nested deep, unsigned', { headers: {}, body: Buffer.from(deep(1_000)), receivedAt }, 'forged too_deep'],
    ['text inside', sealed('hello'), 'malformed bad_json'],
    ['a legacy tap', signed('{"open_id":"ou_1","token":"verify-token","action":{"value":{}}}'), 'forged not_encrypted'],
  ] as [string, RawCallback, string][])('refuses a request that is %s', (_, callback, expected) => {
    expect(refusal(callback)).toBe(expected)
  })

  it('accepts no tap with any one bit of its encrypted and signed form flipped', () => {
    const genuine = sealed(tap)
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 7 }), (position, bit) => {
        const body = Buffer.from(genuine.body)
        const at = position % body.length
        body[at] = (body[at] ?? 0) ^ (1 << bit)
        expect(refusal({ ...genuine, body })).toBe('forged bad_signature')
        // Without a signature, nothing but a URL verification may come of it.
        expect(refusal({ ...genuine, headers: {}, body })).toMatch(/^forged/)
      }),
      { numRuns: 2_000 },
    )
  })

  it('never throws anything but a refusal, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), fc.boolean(), (content, isSigned) => {
        expect(refusal(isSigned ? sealed(content) : unsigned(content))).toMatch(/^(forged|malformed) /)
        expect(refusal(signed(content))).toMatch(/^(forged|malformed) /)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('what the official SDK takes', () => {
  it('is taken here too: the same request passes its check and ours', async () => {
    const seen: unknown[] = []
    const dispatcher = new EventDispatcher({ encryptKey, loggerLevel: LoggerLevel.error }).register({
      'im.message.receive_v1': (data: { message: { message_id: string } }) => {
        seen.push(data.message.message_id)
      },
    })
    const callback = sealed(fixture('message-private'))
    // The SDK wants the headers on the prototype of the parsed body.
    const data: Record<string, unknown> = Object.assign(
      Object.create({ headers: callback.headers }),
      JSON.parse(callback.body.toString()),
    )
    await dispatcher.invoke(data)
    expect(seen).toEqual(['om_dd947ef3b1c1c2b1a6d1f2d3e4f5a6b7'])
    expect(parse(callback)).toMatchObject({ kind: 'message', text: 'approve 1042' })
    expect(parseCallback(callback, { ...secrets, appId }).kind).toBe('message')
  })
})
