import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createTestWorld, type TestWorld } from '#sandbox/_world.ts'

const robot = 'dba-duty-robot'
const text = (content = '#1042 waits', more: object = {}) => ({ msgtype: 'text', text: { content, ...more } })
const action = { type: 1, url: 'https://acme.example/t/1042' }
const card = (more: object = {}) => ({
  msgtype: 'template_card',
  template_card: { card_type: 'text_notice', main_title: { title: '#1042' }, card_action: action, ...more },
})

async function post({ sandbox }: TestWorld, body: unknown, url = sandbox.wecom.robotUrl(robot)) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  expect(response.status).toBe(200)
  return (await response.json()) as { errcode: number; errmsg: string }
}

describe('a WeCom group bot', () => {
  it('speaks in its group and calls members', async () => {
    await using world = await createTestWorld()
    const { sandbox } = world
    expect(
      await post(world, text('#1042', { mentioned_list: ['chen', 'nobody'], mentioned_mobile_list: ['13900139000'] })),
    ).toEqual({ errcode: 0, errmsg: 'ok' })
    await post(world, { msgtype: 'markdown', markdown: { content: '**#1042** <@wang>' } })
    await post(world, text('all', { mentioned_list: ['@all'] }))
    expect(sandbox.wecom.messages(robot).map(({ mentions }) => mentions)).toEqual([
      { personIds: ['chen', 'lin'], isAll: false },
      { personIds: ['wang'], isAll: false },
      { personIds: [], isAll: true },
    ])
    expect(sandbox.groups.of('alice').map(({ title }) => title)).toEqual(['DBA 值班群'])
  })

  it('counts bytes, not characters', async () => {
    await using world = await createTestWorld()
    const markdown = (type: string, content: string) => ({ msgtype: type, [type]: { content } })
    expect(await post(world, text('长'.repeat(682)))).toMatchObject({ errcode: 0 })
    expect(await post(world, text('长'.repeat(683)))).toMatchObject({
      errcode: 40058,
      errmsg: expect.stringContaining('text.content exceed max length 2048'),
    })
    for (const type of ['markdown', 'markdown_v2']) {
      expect(await post(world, markdown(type, 'x'.repeat(4_096)))).toMatchObject({ errcode: 0 })
      expect(await post(world, markdown(type, 'x'.repeat(4_097)))).toMatchObject({ errcode: 40058 })
    }
  })

  it('takes two kinds of cards, and only with somewhere to go', async () => {
    await using world = await createTestWorld()
    const row = (more: object = {}) => ({ keyname: 'DB', value: 'orders', ...more })
    const cards: [object, number][] = [
      [card(), 0],
      [card({ main_title: undefined, sub_title_text: 'waits' }), 0],
      [card({ main_title: undefined }), 40058],
      [card({ card_action: undefined }), 40058],
      [card({ card_action: { type: 1 } }), 40058],
      [card({ card_action: { type: 2, appid: 'wx1' } }), 0],
      [card({ horizontal_content_list: Array(6).fill(row()) }), 0],
      [card({ horizontal_content_list: Array(7).fill(row()) }), 40058],
      [card({ horizontal_content_list: [row({ type: 1 })] }), 40058],
      [card({ jump_list: Array(3).fill({ type: 1, title: 'x', url: action.url }) }), 0],
      [card({ jump_list: Array(4).fill({ title: 'x' }) }), 40058],
      [card({ card_type: 'news_notice', card_image: { url: action.url } }), 0],
      [card({ card_type: 'news_notice' }), 40058],
      [card({ card_type: 'button_interaction' }), 40058],
    ]
    for (const [body, errcode] of cards)
      expect(await post(world, body), JSON.stringify(body)).toMatchObject({ errcode })
  })

  it('takes pictures that are what their digest says, and articles', async () => {
    await using world = await createTestWorld()
    const png = Buffer.from('89504e470d0a1a0a', 'hex')
    const image = (md5: string) => ({ msgtype: 'image', image: { base64: png.toString('base64'), md5 } })
    expect(await post(world, image(createHash('md5').update(png).digest('hex')))).toMatchObject({ errcode: 0 })
    expect(await post(world, image('0'.repeat(32)))).toMatchObject({ errcode: 40058 })
    const articles = [{ title: '长'.repeat(50), url: action.url }]
    expect(await post(world, { msgtype: 'news', news: { articles } })).toMatchObject({ errcode: 0 })
    expect(world.sandbox.wecom.messages(robot)[1]?.content).toContain(`"title":"${'长'.repeat(42)}"`)
    expect(await post(world, { msgtype: 'news', news: { articles: [] } })).toMatchObject({ errcode: 40058 })
    expect(await post(world, { msgtype: 'file', file: { media_id: 'x' } })).toMatchObject({ errcode: 40007 })
  })

  it('answers with the documented code for everything that can befall it', async () => {
    await using world = await createTestWorld()
    const { wecom, faults } = world.sandbox
    expect(await post(world, { msgtype: 'shout', shout: {} })).toMatchObject({ errcode: 40008 })
    expect(await post(world, text(''))).toMatchObject({ errcode: 44004 })
    expect(await post(world, '{"msgtype"')).toMatchObject({ errcode: 47001 })
    expect(await post(world, text(), `${wecom.url}/cgi-bin/webhook/send?key=x`)).toMatchObject({
      errcode: 93000,
      errmsg: expect.stringContaining('invalid webhook url'),
    })
    const states = { disabled: 93004, 'not-in-group': 93008, removed: 93000, active: 0 } as const
    for (const [state, errcode] of Object.entries(states)) {
      wecom.configureRobot(robot, { state: state as keyof typeof states })
      expect(await post(world, text())).toMatchObject({ errcode })
    }
    faults.set({ kind: 'server-error', platform: 'wecom', times: 1 })
    expect(await post(world, text())).toMatchObject({ errcode: -1 })
    faults.set({ kind: 'dropped-answer', platform: 'wecom', times: 1 })
    await expect(post(world, text())).rejects.toThrow()
    expect(wecom.messages(robot)).toHaveLength(2)
  })

  it('speaks twenty times a minute', async () => {
    await using world = await createTestWorld()
    for (let count = 0; count < 20; count += 1) expect(await post(world, text())).toMatchObject({ errcode: 0 })
    expect(await post(world, text())).toMatchObject({ errcode: 45009 })
    await world.sandbox.advance(60_000)
    expect(await post(world, text())).toMatchObject({ errcode: 0 })
  })
})
