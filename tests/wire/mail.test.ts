import { headerOf } from '@countersign/sandbox'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { byMail, decisionLinksIn, lastMail } from '../_post.ts'
import { startWorld, type World } from '../_world.ts'

/* Ticket in, mail out over SMTP, a decision back by its link. */

let world: World
/** How far the server's clock is ahead: waits are passed over, not sat out. */
let aheadMs = 0
beforeAll(async () => {
  world = await startWorld({ ...byMail(), now: () => Date.now() + aheadMs })
})
afterAll(() => world[Symbol.asyncDispose]())
beforeEach(() => world.sandbox.faults.clear())

const post = (link: string, form: Record<string, string> = {}): Promise<Response> =>
  fetch(link, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' })
const mails = (uid: string) => world.sandbox.mail.inbox(`${uid}@acme.test`)
const attempts = async (id: string, uid = 'alice') => {
  const { body } = await world.api.call('GET', `/api/v1/tickets/${id}/deliveries`)
  return body.items.find(({ recipient }: { recipient: string }) => recipient === uid)
}
const later = async (ms: number): Promise<void> => {
  aheadMs += ms
  await world.drain()
}
const minute = 60_000

describe('a mail', () => {
  it('reaches the approver over TLS, and the submitter with the outcome', async () => {
    const ticket = await world.api.submit({
      title: 'Read access to invoices',
      fields: [{ label: 'Table', value: 'invoices' }],
    })
    await world.drain()
    const mail = lastMail(world.sandbox, 'alice')
    expect(mail).toMatchObject({
      from: '"Countersign" <approve@acme.test>',
      envelopeFrom: 'approve@acme.test',
      isEncrypted: true,
    })
    expect(mail.subject).toBe(`#${ticket.number} Read access to invoices: your decision is needed`)
    expect(mail.text).toContain('invoices')
    expect(headerOf(mail, 'auto-submitted')).toBe('auto-generated')
    expect(await attempts(ticket.id)).toMatchObject({ channel: 'email', state: 'sent', attempts: [{ code: '250' }] })

    const { approve } = decisionLinksIn(mail)
    expect((await post(approve)).status).toBe(303)
    const decided = await world.api.get(ticket.id)
    expect(decided.status).toBe('approved')
    expect(decided.history.at(-1)).toMatchObject({ actor: 'alice', action: 'approve', via: 'email-link', node: 0 })
    await world.drain()
    expect(lastMail(world.sandbox, 'bob').subject).toBe(`#${ticket.number} Read access to invoices: approved`)
  })

  it('is spoken in the language of whoever reads it', async () => {
    await world.api.submit({ title: '查询权限', nodes: [{ name: '负责人', approvers: ['chen'] }] })
    await world.drain()
    const mail = lastMail(world.sandbox, 'chen')
    expect(mail.subject).toContain('等待您审批')
    expect(mail.html).toContain('lang="zh-CN"')
  })

  it('carries no link that decides where the risk does not allow it', async () => {
    for (const risk of ['medium', 'high'] as const) {
      await world.api.submit({ title: `Of ${risk} risk`, risk })
      await world.drain()
      const mail = lastMail(world.sandbox, 'alice')
      expect(mail.subject).toContain(`Of ${risk} risk`)
      expect(mail.text).not.toContain('decision-links')
      expect(mail.text).toContain('/console/mobile/index/?t=acme')
    }
  })

  it('lets a ticket be rejected with a reason that everybody can read afterwards', async () => {
    const ticket = await world.api.submit()
    await world.drain()
    const { reject } = decisionLinksIn(lastMail(world.sandbox, 'alice'))
    expect((await post(reject)).status).toBe(422)
    expect((await post(reject, { reason: 'Too wide' })).status).toBe(303)
    expect((await world.api.get(ticket.id)).history.at(-1)).toMatchObject({
      action: 'reject',
      comment: 'Too wide',
      via: 'email-link',
    })
    await world.drain()
    expect(lastMail(world.sandbox, 'bob').text).toContain('Too wide')
  })

  it('leads to a page that says so once the content has changed', async () => {
    const ticket = await world.api.submit({ title: 'Read one table' })
    await world.drain()
    const { approve } = decisionLinksIn(lastMail(world.sandbox, 'alice'))
    await world.api.call('PATCH', `/api/v1/tickets/${ticket.id}`, { title: 'Read all tables' })
    const answer = await post(approve)
    expect(answer.status).toBe(409)
    expect(await answer.text()).toContain('changed since this mail')
    expect((await world.api.get(ticket.id)).status).toBe('pending')
    await world.drain()
    const fresh = decisionLinksIn(lastMail(world.sandbox, 'alice'))
    expect((await post(fresh.approve)).status).toBe(303)
    expect((await world.api.get(ticket.id)).status).toBe('approved')
  })
})

describe('a mail server with troubles', () => {
  it('that says "later" gets the mail later, once', async () => {
    const before = mails('alice').length
    world.sandbox.faults.set({ kind: 'smtp-deferred', times: 1, path: 'alice@acme.test' })
    const ticket = await world.api.submit({ title: 'Deferred' })
    await world.drain()
    expect(mails('alice')).toHaveLength(before)
    expect(await attempts(ticket.id)).toMatchObject({ state: 'queued', attempts: [{ code: '451' }] })
    await later(10 * minute)
    expect(mails('alice')).toHaveLength(before + 1)
    expect(await attempts(ticket.id)).toMatchObject({ state: 'sent' })
  })

  it.each([
    ['smtp-no-such-user', '550'],
    ['smtp-too-large', '552'],
  ] as const)('that will not have it (%s) is left alone, and the log says why', async (kind, code) => {
    const before = mails('alice').length
    world.sandbox.faults.set({ kind, times: 1, path: 'alice@acme.test' })
    const ticket = await world.api.submit({ title: kind })
    await world.drain()
    await later(60 * minute)
    expect(await attempts(ticket.id)).toMatchObject({ state: 'failed', attempts: [{ code }] })
    expect(mails('alice')).toHaveLength(before)
  })

  it('whose answer is lost gets the same mail again: one Message-ID, the same links, and both of them work', async () => {
    const before = mails('alice').length
    world.sandbox.faults.set({ kind: 'dropped-answer', times: 1, path: 'alice@acme.test' })
    const ticket = await world.api.submit({ title: 'Sent twice' })
    await world.drain()
    expect(await attempts(ticket.id)).toMatchObject({ state: 'queued', attempts: [{ code: 'network' }] })
    await later(10 * minute)
    const both = mails('alice').slice(before)
    expect(both).toHaveLength(2)
    const [first, second] = both.map((mail) => ({ id: headerOf(mail, 'message-id'), ...decisionLinksIn(mail) }))
    expect(second).toEqual(first)
    expect((await post(second?.approve ?? '')).status).toBe(303)
    expect((await world.api.get(ticket.id)).status).toBe('approved')
  })
})

describe('stopping mails', () => {
  it('takes one post of a mail program, after which the person is not told by mail', async () => {
    await world.api.submit({ title: 'For Carol', nodes: [{ name: 'Owner', approvers: ['carol', 'alice'] }] })
    await world.drain()
    const mail = lastMail(world.sandbox, 'carol')
    const link = /<(.+)>/.exec(headerOf(mail, 'list-unsubscribe') ?? '')?.[1] ?? ''
    expect((await fetch(link)).status).toBe(200)
    expect((await post(link, { 'List-Unsubscribe': 'One-Click' })).status).toBe(200)
    const { notificationSettings } = world.server.context.store.stores
    expect(await notificationSettings.channel('acme', 'carol', 'email')).toMatchObject({ enabled: false })
    expect(await (await fetch(link)).text()).toContain('no longer told by e-mail')
    const before = mails('carol').length
    const nodes = [{ name: 'Owner', approvers: ['carol', 'alice'] }]
    const next = await world.api.submit({ title: 'Not for Carol', nodes })
    await world.drain()
    expect(mails('carol')).toHaveLength(before)
    expect(await attempts(next.id)).toMatchObject({ state: 'sent' })
  })
})

// Last: what the server asks for is silence of the whole channel, for a minute. On a connection that was used before it
// may only mean that one, so a fresh one is tried at once.
it('lets a mail server have its quiet when it asks for that', async () => {
  world.sandbox.faults.set({ kind: 'smtp-unavailable', times: 9, path: 'alice@acme.test' })
  const before = mails('alice').length
  const ticket = await world.api.submit({ title: 'Not now' })
  await world.drain()
  expect(await attempts(ticket.id)).toMatchObject({
    state: 'queued',
    waitsFor: 'rate_limit',
    attempts: [{ code: '421' }],
  })
  expect(mails('alice')).toHaveLength(before)
})
