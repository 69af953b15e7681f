import { describe, expect, it } from 'vitest'
import { createTestWorld, type TestWorld } from '#sandbox/_world.ts'
import { sendCode } from '#sandbox/platforms/sms/_client.ts'

async function control({ sandbox }: TestWorld, path: string, body?: object) {
  const response = await fetch(`${sandbox.url}/_sandbox${path}`, {
    ...(body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : text }
}

describe('the control API of groups, SMS, mail and webhooks', () => {
  it('shows what a person finds on the phone', async () => {
    await using world = await createTestWorld()
    await world.sandbox.say('wang', 'pending', { group: 'db-changes' })
    await sendCode(world.sandbox, { PhoneNumbers: '13700137000' })
    expect((await control(world, '/people/wang/groups')).body).toMatchObject({
      groups: [
        { title: '数据库变更群', members: [{ id: 'wang' }, { id: 'grace' }], messages: [{ msgType: 'text' }] },
        { title: 'DBA 值班群', platform: 'wecom', messages: [] },
      ],
    })
    expect((await control(world, '/people/wang/sms')).body).toMatchObject({ messages: [{ from: '会签' }] })
    expect((await control(world, '/people/wang/mail')).body).toEqual({ address: 'wang@acme.example', messages: [] })
    expect((await control(world, '/sms?number=13700137000')).body).toMatchObject({ messages: [{}] })
    expect((await control(world, '/people/nobody/sms')).status).toBe(422)
  })

  it('stops robots and dissolves groups', async () => {
    await using world = await createTestWorld()
    const { dingtalk, wecom, groups } = world.sandbox
    expect((await control(world, '/robots')).body).toMatchObject({
      dingtalk: [{ url: dingtalk.groupRobotUrl('db-changes-robot'), blockedUntil: null }, {}],
      wecom: [{ url: wecom.robotUrl('dba-duty-robot') }],
    })
    await control(world, '/dingtalk/group-robots/db-changes-robot', { state: 'stopped' })
    expect(dingtalk.groupRobot('db-changes-robot')).toMatchObject({ state: 'stopped', keywords: ['DMS'] })
    await control(world, '/wecom/robots/dba-duty-robot', { state: 'disabled' })
    expect(wecom.robot('dba-duty-robot').state).toBe('disabled')
    expect((await control(world, '/wecom/robots/dba-duty-robot', { state: 'asleep' })).status).toBe(400)
    await control(world, '/groups/db-changes', { state: 'dissolved' })
    expect(groups.get('db-changes').state).toBe('dissolved')
  })

  it('hides keys in the record of calls', async () => {
    await using world = await createTestWorld()
    const { dingtalk, wecom } = world.sandbox
    for (const url of [`${dingtalk.groupRobotUrl('db-changes-robot')}&sign=secret`, wecom.robotUrl('dba-duty-robot')]) {
      await fetch(url, { method: 'POST', body: '{}' })
    }
    const shown = JSON.stringify((await control(world, '/wire')).body)
    expect(shown).toContain('/cgi-bin/webhook/send?key=••••')
    expect(shown).not.toMatch(/5a11dbc0|secret/)
  })

  it('moves the limits of SMS, mail and WeCom', async () => {
    await using world = await createTestWorld()
    expect((await control(world, '/sms/settings', { codesPerMinute: 0 })).body).toMatchObject({ codesPerHour: 5 })
    expect((await control(world, '/mail/settings', { startTls: 'hide' })).body).toMatchObject({ startTls: 'hide' })
    expect((await control(world, '/wecom/settings', { perMinute: 1 })).body).toEqual({ perMinute: 1 })
    expect((await control(world, '/mail/certificate')).body).toBe(world.sandbox.mail.certificate)
    await control(world, '/sms/accounts/LTAI5tSandboxSandboxSand', { state: 'unpaid' })
    expect((await sendCode(world.sandbox)).body.Code).toBe('isv.AMOUNT_NOT_ENOUGH')
  })

  it('opens a webhook receiver, tells it how to answer and shows its calls', async () => {
    await using world = await createTestWorld()
    const opened = await control(world, '/webhooks', { id: 'second', name: 'Second' })
    expect(opened.status).toBe(201)
    const { url } = opened.body as { url: string }
    await control(world, '/webhooks/second/answer', { answer: { kind: 'status', status: 410 }, times: 1 })
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(410)
    await control(world, '/webhooks/second', { signatureMethod: 'HMAC_SHA1', signatureKey: 'x' })
    await control(world, '/webhooks/second', { name: 'Still signed' })
    await fetch(url, { method: 'POST', body: '{}' })
    expect((await control(world, '/webhooks/second/calls')).body).toMatchObject({
      calls: [
        { dms: { state: 'unsigned' }, answered: 410 },
        { dms: { state: 'missing' }, answered: 200 },
      ],
    })
    expect((await control(world, '/webhooks')).body).toMatchObject({
      receivers: [{}, { name: 'Still signed', calls: 2 }],
    })
  })
})
