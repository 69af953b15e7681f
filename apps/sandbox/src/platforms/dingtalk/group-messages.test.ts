import { describe, expect, it } from 'vitest'
import type { JsonObject } from '#sandbox/json.ts'
import { createDingtalkWorld, standardApp } from './_world.ts'

const group = 'db-changes'

describe('a group with the app’s robot', () => {
  it('passes on who spoke where, and every member reads the answer', async () => {
    await using world = await createDingtalkWorld()
    const { sandbox } = world
    world.answerWith(() => ({ body: { msgtype: 'text', text: { content: 'see your own chat' } } }))
    const { event } = await sandbox.say('wang', 'pending', { group })
    expect(event.state).toBe('delivered')
    const body = JSON.parse(world.received[0]?.body ?? '') as JsonObject
    expect(body).toMatchObject({
      conversationType: '2',
      conversationId: sandbox.groups.get(group).conversationId,
      conversationTitle: '数据库变更群',
      senderStaffId: sandbox.person('wang').userId,
      isInAtList: true,
      atUsers: [{ dingtalkId: body.chatbotUserId }],
      msgtype: 'text',
      text: { content: ' pending' },
    })
    const reply = await fetch(String(body.sessionWebhook), {
      method: 'POST',
      body: JSON.stringify({
        msgtype: 'markdown',
        markdown: { title: 'x', text: `@${sandbox.person('wang').userId} done` },
        at: { atUserIds: [sandbox.person('wang').userId] },
      }),
    })
    expect(await reply.json()).toMatchObject({ errcode: 0 })
    expect(sandbox.groups.messages(group)).toMatchObject([
      { from: { kind: 'person', personId: 'wang' }, content: '{"content":"@Countersign 会签 pending"}' },
      { from: { kind: 'app', appId: standardApp }, content: '{"content":"see your own chat"}' },
      { from: { kind: 'app', appId: standardApp }, msgType: 'markdown', mentions: { personIds: ['wang'] } },
    ])
    expect(sandbox.chat('wang')).toEqual([])
  })

  it('is closed to those who are not in it', async () => {
    await using world = await createDingtalkWorld()
    await expect(world.sandbox.say('sun', 'pending', { group })).rejects.toThrow(/not a member/)
    await expect(world.sandbox.say('alice', 'pending', { group })).rejects.toThrow(/not on lark/)
  })

  it('can be written to by its conversation id, and the message taken back', async () => {
    await using world = await createDingtalkWorld()
    const { groups } = world.sandbox
    const openConversationId = groups.get(group).conversationId
    const send = (more: object = {}) =>
      world.api('POST', '/v1.0/robot/groupMessages/send', {
        robotCode: standardApp,
        openConversationId,
        msgKey: 'sampleMarkdown',
        msgParam: JSON.stringify({ title: 'x', text: '#42' }),
        ...more,
      })
    const { processQueryKey } = (await send()).body
    const call = (path: string, more: object) =>
      world.api('POST', `/v1.0/robot/groupMessages/${path}`, { robotCode: standardApp, openConversationId, ...more })
    expect((await call('query', { processQueryKey })).body).toMatchObject({ sendStatus: 'SUCCESS', readUserIds: [] })
    expect((await call('recall', { processQueryKeys: [processQueryKey] })).body).toMatchObject({
      successResult: [processQueryKey],
    })
    expect(groups.messages(group)).toMatchObject([{ state: 'recalled', msgType: 'sampleMarkdown' }])
    expect((await send({ openConversationId: undefined })).body.code).toBe('miss.openConversationId')
    expect((await send({ openConversationId: 'cidx' })).body.code).toBe('invalid.openConversationId')
    groups.configure(group, { state: 'dissolved' })
    expect((await send()).body.code).toBe('group.disbanded')
  })
})
