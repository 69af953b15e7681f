import { describe, expect, it } from 'vitest'
import type { JsonObject } from '#sandbox/json.ts'
import { createDingtalkWorld, standardApp, standardSecret } from './_world.ts'
import { signCardCallback, signRobotMessage } from './signatures.ts'

const asyncsend = '/topapi/message/corpconversation/asyncsend_v2'

describe('a robot message', () => {
  it('reaches people and names those it did not reach', async () => {
    await using world = await createDingtalkWorld()
    const userIds = [world.sandbox.person('wang').userId, 'nobody']
    const send = (more: object = {}) =>
      world.api('POST', '/v1.0/robot/oToMessages/batchSend', {
        robotCode: standardApp,
        userIds,
        msgKey: 'sampleActionCard',
        msgParam: JSON.stringify({ title: '#42', text: 'waits', singleTitle: 'Open', singleURL: 'http://h5/' }),
        ...more,
      })
    expect((await send()).body).toMatchObject({ invalidStaffIdList: ['nobody'], flowControlledStaffIdList: [] })
    expect(world.sandbox.chat('wang')).toMatchObject([{ msgType: 'sampleActionCard', from: 'bot' }])
    expect((await send({ userIds: Array(21).fill('x') })).body.code).toBe('invalidParameter.userIds.overMax')
    expect((await send({ msgParam: 'text' })).body.code).toBe('invalidParameter.msgParam.invalid')
    expect((await send({ msgKey: 'sampleMarkdown', msgParam: '{"title":"x"}' })).body.code).toBe('miss.param.text')
    expect((await send({ robotCode: 'other' })).body.code).toBe('invalidParameter.robotCode.notExsit')
    world.sandbox.faults.set({ kind: 'undelivered', times: 1 })
    expect((await send()).body).toMatchObject({ flowControlledStaffIdList: userIds })
    expect(world.sandbox.chat('wang')).toHaveLength(1)
  })

  it('can be taken back within a day', async () => {
    await using world = await createDingtalkWorld()
    const sent = await world.api('POST', '/v1.0/robot/oToMessages/batchSend', {
      robotCode: standardApp,
      userIds: [world.sandbox.person('wang').userId],
      msgKey: 'sampleText',
      msgParam: '{"content":"x"}',
    })
    const recall = () =>
      world.api('POST', '/v1.0/robot/otoMessages/batchRecall', {
        robotCode: standardApp,
        processQueryKeys: [sent.body.processQueryKey],
      })
    expect((await recall()).body.successResult).toEqual([sent.body.processQueryKey])
    expect(world.sandbox.chat('wang')).toMatchObject([{ state: 'recalled' }])
  })
})

describe('a message to the robot', () => {
  it('is posted with its signature and answered in the conversation', async () => {
    await using world = await createDingtalkWorld()
    world.answerWith(() => ({ body: { msgtype: 'text', text: { content: '没有待办' } } }))
    expect(await world.sandbox.say('wang', '待办')).toMatchObject({ event: { state: 'delivered' } })
    const [received] = world.received
    const timestamp = String(received?.headers.timestamp)
    expect(received?.headers.sign).toBe(signRobotMessage(timestamp, standardSecret))
    const body = JSON.parse(received?.body ?? '') as JsonObject
    const { userId, unionId } = world.sandbox.person('wang')
    expect(body).toMatchObject({
      conversationType: '1',
      senderStaffId: userId,
      senderUnionId: unionId,
      senderCorpId: 'dingacmestandard0001',
      robotCode: standardApp,
      msgtype: 'text',
      text: { content: '待办' },
    })
    expect(world.sandbox.chat('wang').map(({ content }) => content)).toEqual(['{"text":"待办"}', '{"text":"没有待办"}'])
    const reply = await fetch(String(body.sessionWebhook), {
      method: 'POST',
      body: JSON.stringify({ msgtype: 'markdown', markdown: { title: 'x', text: '**later**' } }),
    })
    expect(await reply.json()).toMatchObject({ errcode: 0 })
    expect(world.sandbox.chat('wang')).toHaveLength(3)
    await world.sandbox.advance(91 * 60_000)
    const late = await fetch(String(body.sessionWebhook), { method: 'POST', body: '{"msgtype":"empty"}' })
    expect(await late.json()).toMatchObject({ errcode: 300001 })
  })

  it('comes from a group with its mention taken out, and is not repeated over HTTP', async () => {
    await using world = await createDingtalkWorld()
    world.answerWith(() => ({ status: 500 }))
    const { event } = await world.sandbox.say('wang', 'pending', { group: 'dba' })
    expect(event.state).toBe('given-up')
    expect(JSON.parse(world.received[0]?.body ?? '')).toMatchObject({
      conversationType: '2',
      conversationTitle: 'dba',
      text: { content: ' pending' },
    })
    await world.sandbox.advance(3_600_000)
    expect(world.received).toHaveLength(1)
  })

  it('comes without its text when the pushes of the month are used up', async () => {
    await using world = await createDingtalkWorld({ dingtalk: { monthlyPushes: { standard: 1, exclusive: 0 } } })
    await world.sandbox.say('wang', 'one')
    await world.sandbox.say('wang', 'two')
    const body = JSON.parse(world.received[1]?.body ?? '') as JsonObject
    expect(body.errCode).toBe(20001)
    expect(body).not.toHaveProperty('text')
  })
})

describe('a work notification', () => {
  it('is dropped in silence when somebody has had the same today, and says so when asked', async () => {
    await using world = await createDingtalkWorld({ now: () => 1_767_225_600_000 })
    const { userId } = world.sandbox.person('wang')
    const send = (content: string) =>
      world.oapi(asyncsend, {
        agent_id: '3300001',
        userid_list: `${userId},nobody`,
        msg: { msgtype: 'text', text: { content } },
      })
    await send('#42 waits')
    const second = await send('#42 waits')
    expect(second.body.errcode).toBe(0)
    expect(world.sandbox.chat('wang')).toHaveLength(1)
    const result = await world.oapi('/topapi/message/corpconversation/getsendresult', {
      agent_id: '3300001',
      task_id: second.body.task_id,
    })
    expect(result.body.send_result).toMatchObject({
      invalid_user_id_list: ['nobody'],
      forbidden_list: [{ code: '143106', userid: userId }],
    })
    await send('#42 waits, 10:15')
    expect(world.sandbox.chat('wang')).toHaveLength(2)
    expect((await send('x'.repeat(2_100))).body.errcode).toBe(40035)
  })
})

it('signs as the published vectors say', () => {
  expect(signRobotMessage('1577262236757', 'this is a secret')).toBe('DJrE6qdyVGCQz9z5r2MDuNcNAhwYnuAkyj13cx169CA=')
  expect(signCardCallback('1577262236757', 'example-secret')).toBe('9EQUhx+gSqHfgSF/OnOV2ifDC9m1VzjPj00L/WOZeew=')
})
