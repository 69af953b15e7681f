import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, logIn } from '../_session.ts'
import { startWorld, type World } from '../_world.ts'

/* What a tenant says in its own words, as the console edits it. Alice is an administrator, Chen a DBA, Bob neither. */

let world: World
let alice: Browser
let chen: Browser
let bob: Browser
beforeAll(async () => {
  world = await startWorld()
  alice = await logIn(world, 'alice')
  chen = await logIn(world, 'chen', 'feishu')
  bob = await logIn(world, 'bob')
})
afterAll(() => world[Symbol.asyncDispose]())

const path = '/api/app/text-templates'
const place = { kind: 'pending', channel: 'email', locale: 'en' } as const
const text = {
  title: '{{ tenant }}: {{ ticket }}',
  body: '{{ recipient | bold }}, please decide.\n{{ link | label: "Open" }}',
}

describe('the texts of a tenant', () => {
  it('are listed with their defaults and with what a template may name', async () => {
    const { status, body } = await alice.call('GET', `${path}?channel=email&locale=zh-CN`)
    expect(status).toBe(200)
    expect(body.items.map((item: { kind: string }) => item.kind)).toEqual(
      'pending approved rejected withdrawn expired changed reminded bundle code test report'.split(' '),
    )
    expect(body.items[0]).toMatchObject({ isOwn: false, updatedAt: null, title: body.items[0].default.title })
    expect(body.variables.pending).toContainEqual({ name: 'risk', type: 'text', example: '中风险' })
    expect(body.filters).toContain('bold')
    expect(body.filters).not.toContain('raw')
    expect(body.limits.bodyBytes).toBeGreaterThan(1_000)
  })

  it('are kept, shown in a preview of every language with a real ticket, audited, and taken back', async () => {
    const ticket = await world.api.submit({ title: 'Read <b>&</b> "write" access', description: 'x' })
    const saved = await alice.call('PUT', path, { ...place, ...text })
    expect(saved).toMatchObject({ status: 200, body: { ...place, ...text, isOwn: true, updatedBy: 'alice' } })
    const preview = await chen.call('POST', `${path}/preview`, { kind: 'pending', channel: 'email', ticket: ticket.id })
    expect(preview.body.format).toBe('html')
    expect(preview.body.items.map(({ locale }: { locale: string }) => locale)).toEqual(
      'zh-CN en ja ms id ar'.split(' '),
    )
    const english = preview.body.items[1]
    expect(english).toEqual({
      locale: 'en',
      isOwn: true,
      title: `Acme: #${ticket.number} Read <b>&</b> "write" access`,
      body: `<strong><bdi>陈伟</bdi></strong>, please decide.<br>\n<a href="${world.url}/console/mobile/index/?t=acme&amp;c=email&amp;ticket=${ticket.id}">Open</a>`,
    })
    expect(preview.body.items[0].title).toBe(`#${ticket.number} Read <b>&</b> "write" access：供您知悉`)
    const query = new URLSearchParams(place)
    expect(await chen.call('DELETE', `${path}?${query}`)).toMatchObject({ status: 200, body: { isOwn: false } })
    expect(await chen.call('DELETE', `${path}?${query}`)).toMatchObject({ status: 200, body: { isOwn: false } })
    const audit = await alice.call('GET', '/api/app/console/audit')
    const changes = audit.body.items.filter(({ action }: { action: string }) => action.startsWith('text_template.'))
    expect(changes).toMatchObject([
      { actor: { uid: 'chen' }, action: 'text_template.reset', target: 'text_template:pending/email/en' },
      { actor: { uid: 'alice' }, action: 'text_template.save', target: 'text_template:pending/email/en', detail: text },
    ])
  })

  it('can be looked at before they are kept', async () => {
    const draft = { locale: 'ja', title: '{{ number }}', body: '{{ submitter }}さん' }
    const answer = await alice.call('POST', `${path}/preview`, { kind: 'approved', channel: 'wecomRobot', draft })
    expect(answer.body).toMatchObject({ format: 'wecom-markdown' })
    expect(answer.body.items[2]).toEqual({ locale: 'ja', isOwn: true, title: '1042', body: '佐藤 健さん' })
    expect(answer.body.items[5].isOwn).toBe(false)
    const list = await alice.call('GET', `${path}?channel=wecomRobot&locale=ja`)
    expect(list.body.items.filter(({ isOwn }: { isOwn: boolean }) => isOwn)).toEqual([])
  })

  it('in an SMS are the title, with the link after it', async () => {
    const { body } = await alice.call('PUT', path, { ...place, channel: 'sms', ...text })
    expect(body.body).toBe('{{ tenant }}: {{ ticket }}\n{{ link }}')
  })

  it.each([
    [{ body: 'a\n{{ nope }}' }, 'body', 'line 2, column 4: there is no variable nope'],
    [{ title: '{{ title | shout }}' }, 'title', 'line 1, column 1: undefined filter: shout'],
    [{ body: '{% if due %}' }, 'body', 'line 1, column 1: tag {% if due %} not closed'],
    [{ body: '{% include "x" %}' }, 'body', 'line 1, column 1: tag "include" not found'],
    [{ body: '{{ title | raw }}' }, 'body', 'line 1, column 1: undefined filter: raw'],
    [{ body: 'x'.repeat(4_001) }, 'body', expect.stringContaining('4000')],
    [{ kind: 'approved', channel: 'lark' }, 'kind', expect.stringContaining('is not said through lark')],
    [{ channel: 'pigeon' }, 'channel', expect.any(String)],
    [{ colour: 'red' }, 'colour', 'unknown field'],
  ])('are refused with the field and the place: %j', async (change, field, message) => {
    const answer = await alice.call('PUT', path, { ...place, ...text, ...change })
    expect(answer.status).toBe(422)
    expect(answer.body).toMatchObject({ code: 'invalid_request', errors: [{ path: field, message }] })
  })

  it('name the part of a draft that cannot be used', async () => {
    const draft = { locale: 'en', title: 'x', body: '{{ nope }}' }
    const answer = await alice.call('POST', `${path}/preview`, { kind: 'pending', channel: 'email', draft })
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, 'draft.body'])
  })

  it('are nobody’s business but that of administrators and DBAs', async () => {
    for (const [method, more, body] of [
      ['GET', '?channel=email&locale=en', undefined],
      ['PUT', '', { ...place, ...text }],
      ['DELETE', `?${new URLSearchParams(place)}`, undefined],
      ['POST', '/preview', { kind: 'pending', channel: 'email' }],
    ] as const) {
      expect((await bob.call(method, `${path}${more}`, body)).status, method).toBe(403)
    }
    expect((await fetch(`${world.url}${path}?channel=email&locale=en`)).status).toBe(401)
  })

  it('show no ticket that is not there', async () => {
    const answer = await alice.call('POST', `${path}/preview`, { kind: 'pending', channel: 'email', ticket: 'nope' })
    expect(answer.status).toBe(404)
  })
})
