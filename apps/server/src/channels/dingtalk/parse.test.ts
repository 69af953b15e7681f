import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { RawCallback } from '#server/channels/channel.ts'
import { cardModel } from '../_card-model.ts'
import {
  appSecret,
  callbackSecret,
  cardBody,
  corpId,
  fixture,
  paramsOf,
  receivedAt,
  signedCard,
  signedMessage,
} from './_callback.ts'
import { createPersonProofs } from './button-proof.ts'
import { type CallbackIdentity, parseCallback, parsePushed } from './parse.ts'

const proofs = createPersonProofs(appSecret)
const identity: CallbackIdentity = {
  ...{ callbackSecret, callbackSignature: 'timestamp', appSecret, toleranceMs: 3_600_000, corpId, proofs },
}
const { approve, reject } = cardModel()
const read = (callback: RawCallback, changes: Partial<CallbackIdentity> = {}) =>
  parseCallback(callback, { ...identity, ...changes })
const refusal = (callback: RawCallback, changes: Partial<CallbackIdentity> = {}) => {
  try {
    return read(callback, changes)
  } catch (error) {
    return error
  }
}
const tap = (params: object, more: object = {}) => read(signedCard(cardBody('alice', params, more)))
const approving = paramsOf(approve, 'alice')

describe('signatures', () => {
  it('are those of the platform’s documents', () => {
    const timestamp = '1577262236757'
    const at = { timestamp, receivedAt: Number(timestamp) }
    const card = signedCard({}, { ...at, secret: 'example-secret' })
    expect(card.headers['x-ddpaas-signature']).toBe('9EQUhx+gSqHfgSF/OnOV2ifDC9m1VzjPj00L/WOZeew=')
    const robot = signedMessage({}, { ...at, secret: 'this is a secret' })
    expect(robot.headers.sign).toBe('DJrE6qdyVGCQz9z5r2MDuNcNAhwYnuAkyj13cx169CA=')
  })

  it('of a card may by setting cover the secret as well, and then only that counts', () => {
    const timestamp = String(receivedAt)
    const signature = createHmac('sha256', callbackSecret).update(`${timestamp}\n${callbackSecret}`).digest('base64')
    const callback = {
      ...signedCard(cardBody('alice', approving)),
      headers: { 'x-ddpaas-signature-timestamp': timestamp, 'x-ddpaas-signature': signature },
    }
    expect(read(callback, { callbackSignature: 'timestamp-and-secret' })).toMatchObject({ kind: 'action' })
    expect(refusal(callback)).toMatchObject({ kind: 'forged', code: 'bad_signature' })
    const plain = signedCard(cardBody('alice', approving))
    expect(refusal(plain, { callbackSignature: 'timestamp-and-secret' })).toMatchObject({ code: 'bad_signature' })
  })

  it.each([
    [-3_600_000, null],
    [3_600_000, null],
    [-3_600_001, 'stale'],
    [3_600_001, 'stale'],
  ])('hold for an hour (%i ms from now)', (offset, code) => {
    const timestamp = String(receivedAt + offset)
    for (const callback of [
      signedCard(cardBody('alice', approving), { timestamp }),
      signedMessage(fixture('robot-message'), { timestamp }),
    ]) {
      expect(refusal(callback)).toMatchObject(code === null ? {} : { kind: 'forged', code })
    }
  })

  it('hold for less where a setting says so', () => {
    const callback = signedCard(cardBody('alice', approving), { timestamp: String(receivedAt - 61_000) })
    expect(refusal(callback, { toleranceMs: 60_000 })).toMatchObject({ code: 'stale' })
  })

  it('may count seconds', () => {
    const timestamp = String(Math.floor(receivedAt / 1_000))
    expect(read(signedCard(cardBody('alice', approving), { timestamp }))).toMatchObject({ kind: 'action' })
  })

  it('of the robot are no proof of a tap, nor the other way round', () => {
    const body = cardBody('alice', approving)
    const asRobot = signedMessage(body)
    expect(refusal(asRobot)).toMatchObject({ kind: 'malformed', code: 'unknown_shape' })
    expect(refusal({ ...asRobot, part: 'card' })).toMatchObject({ kind: 'forged', code: 'missing_signature' })
    const asCard = signedCard(fixture('robot-message'))
    expect(refusal(asCard)).toMatchObject({ kind: 'malformed' })
    expect(refusal({ ...asCard, part: 'robot' })).toMatchObject({ kind: 'forged', code: 'missing_signature' })
    expect(refusal({ ...asCard, part: 'other' })).toMatchObject({ kind: 'forged', code: 'unknown_address' })
  })

  it('of the robot under another secret, or none, are forged', () => {
    const body = fixture('robot-message')
    expect(refusal(signedMessage(body, { secret: 'other' }))).toMatchObject({ kind: 'forged', code: 'bad_signature' })
    const genuine = signedMessage(body)
    expect(refusal({ ...genuine, headers: { sign: genuine.headers.sign } })).toMatchObject({
      code: 'missing_signature',
    })
    expect(refusal({ ...genuine, headers: {}, part: 'robot' })).toMatchObject({ code: 'missing_signature' })
  })

  it('of the robot need no callback secret, those of cards nothing else', () => {
    const without = { callbackSecret: null }
    expect(read(signedMessage(fixture('robot-message')), without)).toMatchObject({ kind: 'message' })
    expect(refusal(signedCard(cardBody('alice', approving)), without)).toMatchObject({ code: 'not_configured' })
  })
})

describe('a tap', () => {
  it('says who, what and on which content', () => {
    expect(tap(approving)).toMatchObject({ platformUserId: 'alice', button: approve, comment: null })
    expect(tap({ ...paramsOf(reject, 'alice'), form: { reason: ' 太贵了 ' } })).toMatchObject({
      button: reject,
      comment: '太贵了',
    })
  })

  it.each([
    ['in a form of another name', { rejectForm: { reason: 'no' } }],
    ['as the field itself', { reason: 'no' }],
    ['as a text input', { input: 'no' }],
  ])('gives its reason %s', (_name, more) => {
    expect(tap({ ...approving, ...more })).toMatchObject({ comment: 'no' })
  })

  it.each([
    [
      'with `value` for `content`',
      { content: undefined, value: JSON.stringify({ cardPrivateData: { params: approving } }) },
    ],
    [
      'with its params beside',
      { content: JSON.stringify({ cardPrivateData: { actionIds: ['1'] }, params: approving }) },
    ],
    ['without a type', { type: undefined }],
    ['with what Stream adds', { userIdType: 1, spaceType: 'im', spaceId: 's', extension: '{}' }],
    ['without an organisation', { corpId: undefined }],
  ])('is understood %s', (_name, more) => {
    expect(tap(approving, more)).toMatchObject({ kind: 'action', platformUserId: 'alice', button: approve })
  })

  it.each([
    ['of another person', paramsOf(approve, 'bob')],
    ['cut short', { ...approving, proof: approving.proof?.slice(0, -2) }],
    ['missing', { ...approving, proof: undefined }],
    ['of the plain kind', { ...approving, proof: approve.proof }],
    ['with more behind it', { ...approving, proof: `${approving.proof}.x` }],
    [
      'under the secret of another app',
      { ...approving, proof: createPersonProofs('other').prove('alice', { approve, reject }) },
    ],
  ])('with a proof %s is no button of ours', (_name, params) => {
    expect(tap(params)).toMatchObject({ kind: 'action', platformUserId: 'alice', button: null })
  })

  it('carries the proof of the action it names, so that no other can be put in its place', () => {
    const card = { approve: { ...approve, proof: 'a'.repeat(43) }, reject: { ...reject, proof: 'r'.repeat(43) } }
    const proof = proofs.prove('alice', card)
    expect(tap({ ...approving, proof })).toMatchObject({ button: { action: 'approve', proof: 'a'.repeat(43) } })
    expect(tap({ ...approving, action: 'reject', proof })).toMatchObject({
      button: { action: 'reject', proof: 'r'.repeat(43) },
    })
  })

  it.each([
    ['node', '-1'],
    ['node', '1e9'],
    ['node', ''],
    ['action', 'delete'],
    ['ticketId', ''],
    ['contentHash', 7],
  ])('with %s %j is no button of ours', (name, value) => {
    expect(tap({ ...approving, [name]: value })).toMatchObject({ button: null })
  })

  it('of a member of another organisation is nobody’s', () => {
    expect(tap(approving, { corpId: 'dingother' })).toMatchObject({ platformUserId: null, button: null })
    expect(tap(approving, { userId: undefined })).toMatchObject({ platformUserId: null })
  })

  it('of a kind that we do not know is acknowledged', () => {
    expect(tap(approving, { type: 'somethingElse' })).toMatchObject({ kind: 'other', type: 'somethingElse' })
  })

  it.each([['not json'], ['[]'], ['{}'], ['{"outTrackId":""}']])('that is %s is malformed', (body) => {
    expect(refusal(signedCard(body))).toMatchObject({ kind: 'malformed' })
  })

  it('that is nested without end is refused, outside and inside', () => {
    const deep = `${'{"a":'.repeat(50)}1${'}'.repeat(50)}`
    expect(refusal(signedCard(deep))).toMatchObject({ kind: 'malformed', code: 'too_deep' })
    expect(tap({}, { content: deep })).toMatchObject({ button: null })
  })

  it('that comes twice with the same signature, even at once, is two requests, of which neither is taken for a replay', () => {
    const [one, two] = [signedCard(cardBody('alice', approving)), signedCard(cardBody('alice', approving))].map(
      (each) => read(each),
    )
    expect(one).toMatchObject({ kind: 'action', button: approve })
    expect(one).not.toEqual(two)
  })
})

describe('a message to the robot', () => {
  const message = (changes: object = {}) => read(signedMessage({ ...fixture('robot-message'), ...changes }))

  it('says who wrote what, and is known by its id', () => {
    expect(message()).toMatchObject({
      kind: 'message',
      eventId: 'msgExample0123456789==',
      platformUserId: 'manager4220',
      text: 'approve 1042',
      isGroup: false,
    })
  })

  it('is private only where it says so', () => {
    expect(message({ conversationType: '2' })).toMatchObject({ isGroup: true })
    expect(message({ conversationType: undefined })).toMatchObject({ isGroup: true })
  })

  it('in a group is for the robot where nobody else is mentioned, as far as the platform tells', () => {
    const group = { conversationType: '2' }
    const [bot, other] = [{ dingtalkId: '$:LWCP_v1:$example' }, { dingtalkId: '$:LWCP_v1:$other', staffId: 'bob' }]
    expect(message()).toMatchObject({ isForBot: true })
    expect(message({ ...group, atUsers: [bot] })).toMatchObject({ isForBot: true })
    expect(message({ ...group, atUsers: [bot, other] })).toMatchObject({ isForBot: false })
    expect(message(group)).toMatchObject({ isForBot: null })
  })

  it('may be of several pieces, or without words', () => {
    const content = { richText: [{ text: 'appr' }, { downloadCode: 'x', type: 'picture' }, { text: 'ove 7 ' }] }
    expect(message({ msgtype: 'richText', content })).toMatchObject({ text: 'approve 7' })
    expect(message({ msgtype: 'picture', content: { downloadCode: 'x' } })).toMatchObject({ text: '' })
    expect(message({ msgtype: 'text', text: undefined })).toMatchObject({ text: '' })
  })

  it('of somebody without a staff id or of another organisation, or to another’s robot, is nobody’s', () => {
    expect(message({ senderStaffId: undefined })).toMatchObject({ platformUserId: null })
    expect(message({ senderStaffId: '' })).toMatchObject({ platformUserId: null })
    expect(message({ chatbotCorpId: 'dingother' })).toMatchObject({ platformUserId: null })
    expect(message({ senderCorpId: 'dingother' })).toMatchObject({ platformUserId: null })
  })
})

describe('what comes over our own connection', () => {
  const frame = fixture('stream-card-callback') as { headers: { messageId: string }; data: string }

  it('is known by the platform’s id, and is no replay when it comes again', () => {
    const pushed = { kind: 'card', messageId: frame.headers.messageId, data: frame.data } as const
    const [one, two] = [parsePushed(pushed, identity), parsePushed(pushed, identity)]
    expect(one).toMatchObject({ kind: 'action', eventId: frame.headers.messageId, platformUserId: 'manager4220' })
    expect(two).toMatchObject({ eventId: frame.headers.messageId })
    expect(one).not.toEqual(two)
  })

  it('reads messages by their own id', () => {
    const data = JSON.stringify(fixture('robot-message'))
    expect(parsePushed({ kind: 'message', messageId: 'frame-1', data }, identity)).toMatchObject({
      kind: 'message',
      eventId: 'msgExample0123456789==',
    })
  })

  it('must be JSON all the same', () => {
    expect(() => parsePushed({ kind: 'card', messageId: 'frame-1', data: '{' }, identity)).toThrow('not JSON')
  })
})
