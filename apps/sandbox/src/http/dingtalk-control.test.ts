import { describe, expect, it } from 'vitest'
import { createDingtalkWorld, type DingtalkWorld, standardApp } from '#sandbox/platforms/dingtalk/_world.ts'
import { sampleTemplate } from '#sandbox/platforms/dingtalk/template/sample.ts'

async function control(world: DingtalkWorld, method: string, path: string, body?: object) {
  const response = await fetch(`${world.sandbox.url}/_sandbox${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
}

describe('the control API with DingTalk', () => {
  it('shows people and apps of both editions, and their cards drawn', async () => {
    await using world = await createDingtalkWorld()
    await world.register()
    await world.sendCard(['wang'])
    const { body: state } = await control(world, 'GET', '/state')
    expect(state.people).toContainEqual(
      expect.objectContaining({ id: 'sun', platform: 'dingtalk', edition: 'exclusive' }),
    )
    expect(state.apps).toContainEqual(expect.objectContaining({ appId: standardApp, edition: 'standard' }))
    const chat = await control(world, 'GET', '/people/wang/chat')
    expect(chat.body.messages[0].drawn).toContainEqual({ kind: 'header', text: '#42 Export orders' })
    const { messageId } = world.cardOf('wang')
    const pressed = await control(world, 'POST', '/press', { person: 'wang', messageId, index: 0 })
    expect(pressed.body).toMatchObject({ outcome: 'answered', status: 200 })
    expect(await control(world, 'POST', '/say', { person: 'wang', text: '帮助' })).toMatchObject({
      body: { state: 'delivered' },
    })
    expect((await control(world, 'POST', '/people/wang/enter', {})).body).toEqual({ state: 'entered-before' })
  })

  it('imports templates, changes switches and tells the use of the month', async () => {
    await using world = await createDingtalkWorld()
    const imported = await control(world, 'POST', '/dingtalk/templates', {
      appKey: standardApp,
      template: sampleTemplate(),
      templateId: 'mine.schema',
    })
    expect(imported).toEqual({ status: 201, body: { templateId: 'mine.schema' } })
    expect((await world.sendCard(['wang'], { cardTemplateId: 'mine.schema' })).status).toBe(200)
    expect((await control(world, 'POST', '/dingtalk/templates', { appKey: standardApp, template: {} })).status).toBe(
      422,
    )
    await control(world, 'POST', '/dingtalk/settings', { oldHostRefusals: 'wrapped' })
    expect(world.sandbox.dingtalk.settings).toMatchObject({ oldHostRefusals: 'wrapped', callsPerSecond: 20 })
    expect((await control(world, 'POST', '/dingtalk/settings', { callsPerMinute: 1 })).status).toBe(400)
    const app = await control(world, 'GET', `/dingtalk/apps/${standardApp}`)
    expect(app.body).toMatchObject({ usage: { calls: 1 }, limits: { calls: 5_000, pushes: 3_000 }, connections: [] })
    expect((await control(world, 'POST', '/dingtalk/connections', { appKey: standardApp, action: 'cut' })).status).toBe(
      204,
    )
  })

  it('opens the page inside a link that only the client understands', async () => {
    await using world = await createDingtalkWorld()
    const link = `dingtalk://dingtalkclient/page/link?url=${encodeURIComponent('http://127.0.0.1:9/x')}&pc_slide=true`
    const opened = await control(world, 'POST', '/people/wang/web-view', { url: link })
    expect(opened.body.frameUrl).toBe(`${opened.body.viewOrigin}/x`)
  })
})
