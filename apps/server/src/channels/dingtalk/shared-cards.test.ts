import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SharedResult } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { approvedCardModel } from '../_card-model.ts'
import {
  CREATE,
  DELIVER,
  type FakePlatform,
  ROBOT,
  refusal,
  startFakePlatform,
  UPDATE,
  WORK,
} from './_fake-platform.ts'
import { counted, openExclusive, openStandard, receiver, seenBy } from './_open.ts'
import type { DingtalkChannel } from './index.ts'

let platform: FakePlatform
let dingtalk: DingtalkChannel
beforeEach(async () => {
  platform = await startFakePlatform()
  dingtalk = openStandard(platform)
})
afterEach(async () => {
  await platform[Symbol.asyncDispose]()
})

const alice = receiver('alice')
const chen = receiver('chen', { locale: 'zh-CN', timeZone: 'Asia/Shanghai' })
const bob = receiver('bob', { decision: 'none' })
const approved = (platformUserId: string) => ({ platformUserId, card: approvedCardModel() })

const messageOf = (result: SharedResult | undefined): unknown =>
  result?.ok === true ? result.delivered.message : expect.fail('not delivered')
const kindsOf = (results: SharedResult[]): unknown[] =>
  results.map((result) => (result.ok ? (result.delivered.message as { kind: string }).kind : result.error.code))

describe('the calls of a month', () => {
  it('are 5,000 on Standard unless the settings say otherwise, and on Exclusive what its contract says', () => {
    expect(dingtalk.callQuota?.calls).toBe(5_000)
    expect(openStandard(platform, { monthlyCallQuota: 50_000 }).callQuota?.calls).toBe(50_000)
    expect(openExclusive(platform)).not.toHaveProperty('callQuota')
    const exclusive = openExclusive(platform, { monthlyCallQuota: 9, saveCallsFrom: { cards: 'never', reminders: 5 } })
    expect(exclusive.callQuota?.saveFrom.get('reminders')).toBe(5)
    expect(exclusive.callQuota?.saveFrom.has('cards')).toBe(false)
  })
})

describe('one card for all', () => {
  it('is an approval in two counted calls: one to tell approvers and submitter, one to tell them the outcome', async () => {
    const [first] = await dingtalk.shared.create('key-1', [alice, chen, bob])
    await dingtalk.shared.update(messageOf(first), [approved('alice'), approved('chen'), approved('bob')])
    expect(counted).toEqual([CREATE, UPDATE])
    expect(platform.cards.get('key-1')?.holders).toEqual(['alice', 'chen', 'bob'])
    for (const person of ['alice', 'chen', 'bob']) {
      const { texts, buttons } = seenBy(platform, 'key-1', person)
      expect(texts.join()).toContain('Approved by Dan')
      expect(buttons).toEqual([])
    }
  })

  it('is sent as the platform wants it', async () => {
    await dingtalk.shared.create('key-1', [alice, bob])
    const [call] = platform.callsTo(CREATE)
    expect(call?.headers['content-type']).toContain('application/json')
    expect(call?.body).toMatchObject({
      cardTemplateId: 'template-1.schema',
      outTrackId: 'key-1',
      userIdType: 1,
      callbackType: 'HTTP',
      callbackRouteKey: 'countersign-dingexampleappkey01',
      openSpaceId: 'dtv1.card//IM_ROBOT.alice;IM_ROBOT.bob',
      imRobotOpenSpaceModel: {
        supportForward: false,
        lastMessageI18n: { ZH_CN: expect.stringContaining('等待您审批'), EN_US: expect.stringContaining('decision') },
      },
      imRobotOpenDeliverModel: { spaceType: 'IM_ROBOT' },
    })
    const maps = [call?.body.cardData, ...Object.values(call?.body.privateData as object)] as { cardParamMap: object }[]
    for (const { cardParamMap } of maps) {
      expect(Object.values(cardParamMap).every((value) => typeof value === 'string')).toBe(true)
    }
  })

  it('asks for taps over the connection where the host has no public address', async () => {
    dingtalk = openStandard(platform, { connection: 'stream' })
    await dingtalk.shared.create('key-1', [alice])
    expect(platform.callsTo(CREATE)[0]?.body).toMatchObject({ callbackType: 'STREAM' })
    expect(platform.callsTo(CREATE)[0]?.body).not.toHaveProperty('callbackRouteKey')
  })

  it('shows each person their own buttons, language and clock, and nobody another’s proof', async () => {
    await dingtalk.shared.create('key-1', [alice, chen, bob])
    const [seenByAlice, seenByChen, seenByBob] = ['alice', 'chen', 'bob'].map((who) => seenBy(platform, 'key-1', who))
    expect(seenByAlice?.texts).toContain(
      'Submitted by: Bob Tan\nSubmitted: 21 Nov 2026, 14:05\nDue: 23 Nov 2026, 18:00\nAttachments: 2 files',
    )
    expect(seenByChen?.texts).toContain('低风险')
    expect(seenByBob?.buttons).toEqual([])
    const proofs = [seenByAlice, seenByChen].map((seen) => seen?.buttons.map(({ params }) => params.proof))
    expect(proofs[0]).toHaveLength(2)
    expect(new Set(proofs[0]).size).toBe(1)
    expect(proofs[0]).not.toEqual(proofs[1])
    for (const proof of proofs.flat()) expect(proof?.length).toBeGreaterThanOrEqual(24)
  })

  it('takes the buttons away from whoever the update does not name', async () => {
    const [first] = await dingtalk.shared.create('key-1', [alice, chen])
    await dingtalk.shared.update(messageOf(first), [approved('alice')])
    expect(seenBy(platform, 'key-1', 'chen').buttons).toEqual([])
    expect(platform.callsTo(UPDATE)[0]?.body).toMatchObject({
      cardUpdateOptions: { updateCardDataByKey: true, updatePrivateDataByKey: true },
    })
  })

  it('is shown to the next approvers by two calls, which also tell the first ones', async () => {
    const [first] = await dingtalk.shared.create('key-1', [alice, bob])
    counted.length = 0
    const done = { ...alice, card: { ...alice.card, decision: 'none' as const, mine: 'approve' as const } }
    const added = await dingtalk.shared.add(messageOf(first), [chen], [done, bob])
    expect(counted).toEqual([UPDATE, DELIVER])
    expect(added).toMatchObject([{ ok: true, delivered: { message: messageOf(first) } }])
    expect(platform.cards.get('key-1')?.holders).toEqual(['alice', 'bob', 'chen'])
    expect(seenBy(platform, 'key-1', 'chen').buttons).toHaveLength(2)
    expect(seenBy(platform, 'key-1', 'alice').texts).toContain('You approved this ticket. It waits for others.')
  })

  it('goes to more people than one call takes', async () => {
    const people = Array.from({ length: 120 }, (_, index) => receiver(`user-${index}`))
    const results = await dingtalk.shared.create('key-1', people)
    expect(kindsOf(results)).toEqual(people.map(() => 'card'))
    expect(new Set(platform.cards.get('key-1')?.holders).size).toBe(120)
    expect(platform.callsTo(CREATE)).toHaveLength(1)
    for (const { body } of [...platform.callsTo(CREATE), ...platform.callsTo(UPDATE)]) {
      expect(Object.keys(body.privateData as object).length).toBeLessThanOrEqual(50)
      expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(100_000)
    }
    const [first] = results
    const { code } = await dingtalk.shared.update(
      messageOf(first),
      people.map(({ platformUserId }) => approved(platformUserId)),
    )
    expect(code).toBe('ok')
    for (const { platformUserId } of people) expect(seenBy(platform, 'key-1', platformUserId).buttons).toEqual([])
  })

  it('reaches those who are there though somebody who holds it has left the organisation', async () => {
    const [first] = await dingtalk.shared.create('key-1', [alice, chen, bob])
    const keep = platform.handler(UPDATE)
    platform.on(UPDATE, (call, response) =>
      Object.keys((call.body.privateData ?? {}) as object).includes('chen')
        ? refusal('param.userIdNotExist')
        : keep(call, response),
    )
    const done = await dingtalk.shared.update(messageOf(first), [approved('alice'), approved('chen'), approved('bob')])
    expect(done.code).toBe('ok')
    for (const person of ['alice', 'bob']) {
      expect(seenBy(platform, 'key-1', person).texts.join()).toContain('Approved by Dan')
    }
    expect(seenBy(platform, 'key-1', 'chen').buttons).toEqual([])
  })

  it('names several receivers in the other way where the platform does not understand the first', async () => {
    const keep = platform.handler(CREATE)
    platform.on(CREATE, (call, response) => {
      const { openSpaceId } = call.body as { openSpaceId: string }
      const parts = openSpaceId.split(';')
      if (!parts.every((part) => part.startsWith('dtv1.card//'))) return refusal('param.openSpaceIdInvalid')
      const once = `dtv1.card//${openSpaceId.replaceAll('dtv1.card//', '')}`
      return keep({ ...call, body: { ...call.body, openSpaceId: once } }, response)
    })
    for (const key of ['key-1', 'key-2']) {
      expect(kindsOf(await dingtalk.shared.create(key, [alice, chen, bob]))).toEqual(['card', 'card', 'card'])
    }
    expect(platform.callsTo(CREATE)).toHaveLength(3)
  })

  it('is nothing without receivers, and takes no key that is too long for an id', async () => {
    await expect(dingtalk.shared.create('key-1', [])).resolves.toEqual([])
    await expect(dingtalk.shared.create('k'.repeat(51), [alice])).rejects.toMatchObject({ kind: 'rejected' })
    expect(platform.calls).toEqual([])
  })
})

describe('a try whose answer was lost', () => {
  it('finds the card that is there, and brings it up to date', async () => {
    await dingtalk.shared.create('key-1', [alice])
    const again = await dingtalk.shared.create('key-1', [approved('alice')])
    expect(kindsOf(again)).toEqual(['card'])
    expect(platform.cards.get('key-1')?.holders).toEqual(['alice'])
    expect(seenBy(platform, 'key-1', 'alice').buttons).toEqual([])
  })

  it('does not take for reached whom the card is known to have missed', async () => {
    platform.unreachable.add('alice')
    platform.on(ROBOT, () => refusal('system.busy', 500))
    const results = await dingtalk.shared.create('key-1', [alice, chen])
    expect(results).toMatchObject([{ ok: false, error: { kind: 'retry' } }, { ok: true }])
    platform.on(ROBOT, () => ({ body: { processQueryKey: 'key-2' } }))
    expect(kindsOf(await dingtalk.shared.create('key-1', [alice]))).toEqual(['robot'])
    platform.unreachable.clear()
    expect(kindsOf(await dingtalk.shared.create('key-1', [alice]))).toEqual(['card'])
    expect(platform.cards.get('key-1')?.holders).toEqual(['chen', 'alice'])
  })
})

describe('somebody to whom no try has gone yet', () => {
  it('gets the card that is there already', async () => {
    platform.unreachable.add('alice')
    expect(kindsOf(await dingtalk.shared.create('key-1', [alice]))).toEqual(['robot'])
    expect(kindsOf(await dingtalk.shared.create('key-1', [{ ...chen, wasTried: false }]))).toEqual(['card'])
    expect(platform.cards.get('key-1')?.holders).toEqual(['chen'])
  })

  it('is not taken for reached where only the call for the others came through', async () => {
    const people = Array.from({ length: 60 }, (_, index) => receiver(`user-with-a-long-name-${index}`))
    platform.on(DELIVER, () => refusal('Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', 403))
    const results = await dingtalk.shared.create('key-1', people)
    const holders = new Set(platform.cards.get('key-1')?.holders)
    expect(holders.size).toBeLessThan(60)
    expect(results.map(({ ok }) => ok)).toEqual(people.map(({ platformUserId }) => holders.has(platformUserId)))
  })

  it('of whom the robot says that they get too much holds up nobody else', async () => {
    platform.on(ROBOT, () => ({ body: { processQueryKey: 'k', flowControlledStaffIdList: ['alice'] } }))
    const saying = { platformUserId: 'alice', text: 'hello', idempotencyKey: 'key-1' }
    await expect(dingtalk.say(saying)).rejects.toMatchObject({ kind: 'retry', retryAfterMs: 60_000 })
  })
})

describe('a card that somebody deleted', () => {
  it('is gone, and a message that is none of ours as well', async () => {
    const [first] = await dingtalk.shared.create('key-1', [alice])
    platform.cards.clear()
    await expect(dingtalk.shared.update(messageOf(first), [alice])).rejects.toMatchObject({ kind: 'gone' })
    for (const message of [null, {}, { kind: 'robot', processQueryKey: 'k', status: 'pending' }]) {
      await expect(dingtalk.shared.update(message, [alice])).rejects.toMatchObject({
        kind: 'gone',
        code: 'unknown_message',
      })
    }
  })
})

describe('whom the card does not reach', () => {
  it('gets the robot’s message with the link, while the others have the card', async () => {
    platform.unreachable.add('chen')
    const results = await dingtalk.shared.create('key-1', [alice, chen, bob])
    expect(kindsOf(results)).toEqual(['card', 'robot', 'card'])
    const [call] = platform.callsTo(ROBOT)
    expect(call?.body).toMatchObject({
      robotCode: 'dingexampleappkey01',
      userIds: ['chen'],
      msgKey: 'sampleActionCard',
    })
    const said = JSON.parse(String(call?.body.msgParam)) as Record<string, string>
    expect(said).toMatchObject({ title: expect.stringContaining('等待您审批'), singleTitle: '查看并审批' })
    expect(said.singleURL).toMatch(/^https:\/\/approve\.example\.com\/console\/mobile\/index\/\?.*corpId=ding/)
    const [, second] = results
    expect(second?.ok === true && second.delivered.text).toContain('not here')
  })

  it('gets a work notification where the robot does not reach them either', async () => {
    platform.unreachable.add('alice')
    platform.on(ROBOT, () => ({
      body: { processQueryKey: 'k', invalidStaffIdList: ['alice'], flowControlledStaffIdList: [] },
    }))
    expect(kindsOf(await dingtalk.shared.create('key-1', [alice]))).toEqual(['work'])
    expect(platform.callsTo(WORK)[0]?.body).toMatchObject({
      agent_id: '12345',
      userid_list: 'alice',
      msg: { msgtype: 'action_card', action_card: { single_title: 'Review' } },
    })
  })

  it('of the Exclusive Edition, which has none, is a failed delivery that says why', async () => {
    dingtalk = openExclusive(platform)
    platform.unreachable.add('alice')
    platform.on(ROBOT, () => refusal('chatbotId.notAllow.sendOTO'))
    expect(kindsOf(await dingtalk.shared.create('key-1', [alice, bob]))).toEqual(['chatbotId.notAllow.sendOTO', 'card'])
    expect(platform.callsTo(WORK)).toEqual([])
  })

  it('is not spoken to twice at once when the robot may only be too fast', async () => {
    platform.unreachable.add('alice')
    platform.on(ROBOT, () => refusal('send.too.fast'))
    const [result] = await dingtalk.shared.create('key-1', [alice])
    expect(result).toMatchObject({ ok: false, error: { kind: 'rate_limited' } })
    expect(platform.callsTo(WORK)).toEqual([])
  })

  it('does not spoil the card for the others', async () => {
    const keep = platform.handler(CREATE)
    platform.on(CREATE, (call, response) =>
      String(call.body.openSpaceId).includes('alice') ? refusal('param.userIdNotExist') : keep(call, response),
    )
    expect(kindsOf(await dingtalk.shared.create('key-1', [alice, chen, bob]))).toEqual(['robot', 'card', 'card'])
    expect(platform.cards.get('key-1')?.holders).toEqual(['chen', 'bob'])
  })
})

describe('a template that cannot be used', () => {
  it.each(['param.templateNotExist', 'param.templateUnpublished', 'cardInstance.wrong'])(
    'leaves people told in plain words (%s), those of one language by one call',
    async (code) => {
      platform.on(CREATE, () => refusal(code))
      const results = await dingtalk.shared.create('key-1', [alice, receiver('carol'), chen])
      expect(kindsOf(results)).toEqual(['robot', 'robot', 'robot'])
      expect(platform.callsTo(ROBOT).map(({ body }) => body.userIds)).toEqual([['alice', 'carol'], ['chen']])
    },
  )
})

describe('a message in plain words', () => {
  it('stays while the ticket is as it told, and is said anew when it is not', async () => {
    platform.on(CREATE, () => refusal('param.templateNotExist'))
    const sent = await dingtalk.send({ ...alice, idempotencyKey: 'key-1' })
    const same = await dingtalk.update(sent.message, { ...alice, idempotencyKey: 'key-1' })
    expect(same.message).toEqual(sent.message)
    expect(platform.callsTo(ROBOT)).toHaveLength(1)
    const renewed = await dingtalk.update(sent.message, { ...approved('alice'), idempotencyKey: 'key-1' })
    expect(platform.callsTo(ROBOT)).toHaveLength(2)
    expect(String(platform.callsTo(ROBOT)[1]?.body.msgParam)).toContain('approved')
    const again = await dingtalk.update(renewed.message, { ...approved('alice'), idempotencyKey: 'key-1' })
    expect(again.message).toEqual(renewed.message)
    expect(platform.callsTo(ROBOT)).toHaveLength(2)
  })

  it('makes no link, mention or code of what people wrote', async () => {
    platform.on(CREATE, () => refusal('param.templateNotExist'))
    const title = '[x](https://evil.example) <at> @all `code` ![i](http://e.example)'
    await dingtalk.send({ ...receiver('alice', { title, submitter: title }), idempotencyKey: 'key-1' })
    const { text } = JSON.parse(String(platform.callsTo(ROBOT)[0]?.body.msgParam)) as { text: string }
    expect(text).not.toMatch(/[[\]<>@`!]|https?:\/\//)
    expect(text).toContain('evil.example')
  })

  it('as a work notification is never the same twice a day', async () => {
    let clock = Date.UTC(2026, 10, 21, 6, 30, 15)
    dingtalk = openStandard(platform, {}, () => clock)
    platform.on(CREATE, () => refusal('param.templateNotExist'))
    platform.on(ROBOT, () => refusal('robot.oto.notExist'))
    for (const key of ['key-1', 'key-2']) {
      await dingtalk.send({ ...alice, idempotencyKey: key })
      clock += 5_000
    }
    const texts = platform.callsTo(WORK).map(({ body }) => JSON.stringify(body.msg))
    expect(texts).toHaveLength(2)
    expect(texts[0]).toContain('06:30:15 UTC')
    expect(new Set(texts).size).toBe(2)
    for (const text of texts) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2_048)
  })

  it('takes the place of a card that would cost more calls, one for all who read the same language', async () => {
    const why = new ChannelError('rejected', 'quota_saved', 'calls are running out')
    const results = await dingtalk.shared.tell([alice, receiver('carol')], why)
    expect(kindsOf(results)).toEqual(['robot', 'robot'])
    expect(counted).toEqual([ROBOT])
    expect(dingtalk.shared.addressOf(messageOf(results[0]))).toBeNull()
  })

  it('can be anything that we have to say', async () => {
    const said = await dingtalk.say({ platformUserId: 'alice', text: 'Nothing waits for you.', idempotencyKey: 'k' })
    expect(said.code).toBe('ok')
    expect(platform.callsTo(ROBOT)[0]?.body).toMatchObject({
      ...{ userIds: ['alice'], msgKey: 'sampleText', msgParam: '{"content":"Nothing waits for you."}' },
    })
    platform.on(ROBOT, () => ({ body: { flowControlledStaffIdList: ['alice'] } }))
    await expect(dingtalk.say({ platformUserId: 'alice', text: 'x', idempotencyKey: 'k' })).rejects.toMatchObject({
      kind: 'retry',
      retryAfterMs: 60_000,
    })
  })
})
