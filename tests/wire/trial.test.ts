import type { TrialView, Welcome } from '@countersign/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, logIn } from '../_session.ts'
import { startWorld, type World } from '../_world.ts'

/* The trial card: sent to oneself, decided by a tap and by nothing else, and no way around the ban on self-approval. */

let world: World
let clock = 0
let alice: Browser
beforeAll(async () => {
  world = await startWorld({ now: () => Date.now() + clock, strangers: [] })
  alice = await logIn(world, 'alice')
})
afterAll(() => world[Symbol.asyncDispose]())

const path = '/api/app/console/channels/lark/trial'
const start = async (): Promise<TrialView> => {
  const answer = await alice.call('POST', path)
  expect(answer).toMatchObject({ status: 201 })
  return answer.body
}
const last = async (query = ''): Promise<TrialView> => (await alice.call('GET', `${path}${query}`)).body.trial
const audit = async (id: string): Promise<string[]> => {
  const { body } = await alice.call('GET', `/api/app/console/audit?target=ticket:${id}`)
  return body.items.map(({ action, actor }: { action: string; actor: { uid: string } }) => `${actor.uid} ${action}`)
}

describe('a trial card', () => {
  it('comes to whoever asked for it, and the page is told as soon as their tap has come back', async () => {
    const asked = await start()
    expect(asked).toMatchObject({ channel: 'lark', tap: null, ticket: { status: 'pending' } })
    await world.drain()
    const sent = await last()
    expect(sent).toMatchObject({ delivery: { state: 'sent', code: '0' }, tap: null })
    expect(sent.callback).toMatchObject({ id: 'callback_reached', status: 'unknown', fix: expect.any(String) })

    const waiting = last(`?known=${sent.mark}&timeout=30`)
    const card = world.card('alice', sent.ticket)
    const tap = await world.sandbox.press('alice', card.messageId, 'Approve')
    expect(tap.toast).toMatchObject({ type: 'success' })
    const back = await waiting
    expect(back).toMatchObject({
      ticket: { status: 'approved' },
      tap: { by: { uid: 'alice', name: 'Alice Tan' }, action: 'approve', via: 'card:lark' },
      callback: null,
    })
    expect(back.tap?.tookMs).toBeGreaterThanOrEqual(0)
    await world.drain()
    // Her card turned; no second message says so.
    const { body } = await world.api.call('GET', `/api/v1/tickets/${sent.ticket.id}/deliveries`)
    expect(body.items).toMatchObject([{ recipient: 'alice', channel: 'lark', event: 'pending' }])
    expect(await audit(sent.ticket.id)).toEqual(['alice ticket.approve', 'alice ticket.submit'])
    const metrics = await (await fetch(`${world.url}/metrics`)).text()
    expect(metrics).toContain('outcome="trial"')
    expect(metrics).not.toContain('countersign_decisions_total{')
    const { body: guide } = (await alice.call('GET', '/api/app/console/welcome')) as { body: Welcome }
    const lark = guide.platforms.find(({ channel }) => channel === 'lark')
    expect(lark?.steps).toMatchObject({ me: { state: 'done' }, trial: { state: 'done', at: back.tap?.at } })
  })

  it('goes through that channel alone, and to nobody else, whatever the rules say', async () => {
    await start()
    await world.drain()
    const { ticket } = await last()
    const { body } = await world.api.call('GET', `/api/v1/tickets/${ticket.id}/deliveries`)
    expect(body.items.map(({ recipient, channel }: Record<string, string>) => `${recipient} ${channel}`)).toEqual([
      'alice lark',
    ])
  })

  it('is decided by no other way than a tap', async () => {
    const { ticket } = await start()
    const { contentHash } = await world.api.get(ticket.id)
    for (const place of ['/api/app/console/tickets', '/api/app/tickets']) {
      const answer = await alice.call('POST', `${place}/${ticket.id}/decision`, { action: 'approve', contentHash })
      expect([answer.status, answer.body.code]).toEqual([409, 'surface_not_allowed'])
    }
    await world.drain()
    const { number } = await world.api.get(ticket.id)
    await world.sandbox.say('alice', `approve ${number}`)
    expect((await world.api.get(ticket.id)).status).toBe('pending')
  })

  it('takes the place of the one before, which is withdrawn', async () => {
    const first = await start()
    const second = await start()
    expect((await world.api.get(first.ticket.id)).status).toBe('withdrawn')
    expect((await last()).ticket.id).toBe(second.ticket.id)
    clock += 11 * 60_000
  })

  it('expires when nobody answers it, and its card says so', async () => {
    const { ticket } = await start()
    await world.drain()
    await world.server.context.overdueTrials.runDue()
    expect((await world.api.get(ticket.id)).status).toBe('pending')
    clock += 15 * 60_000
    await world.server.context.overdueTrials.runDue()
    await world.drain()
    expect(await last()).toMatchObject({ ticket: { status: 'expired' }, tap: null })
    expect(JSON.stringify(world.card('alice', ticket).card)).toContain('Expired without a decision')
    expect(await audit(ticket.id)).toEqual(['countersign ticket.expire', 'alice ticket.submit'])
    const { body } = await alice.call('GET', '/api/app/console/welcome')
    const lark = body.platforms.find(({ channel }: { channel: string }) => channel === 'lark')
    expect(lark.steps.trial).toMatchObject({ state: 'done' })
  })

  it('stands among the tickets as what it is, and in no list of what the tenant uses', async () => {
    const { ticket } = await start()
    expect(await world.api.get(ticket.id)).toMatchObject({ module: 'countersign_trial', submitter: 'alice' })
    const { body } = await alice.call('GET', '/api/app/notification-rules')
    const modules: string[] = body.items.map(({ module }: { module: string }) => module)
    expect(modules).toContain('perm_apply')
    expect(modules).not.toContain('countersign_trial')
    const person = await alice.call('GET', '/api/app/console/people/alice')
    expect(JSON.stringify(person.body)).not.toContain(ticket.id)
  })
})

describe('the ban on self-approval', () => {
  it('holds for every ticket that somebody submits, also one that calls itself a trial', async () => {
    const own = { title: 'Mine', submitter: 'alice', nodes: [{ name: 'Me', approvers: ['alice'] }] }
    const plain = await world.api.call('POST', '/api/v1/tickets', { module: 'perm_apply', ...own })
    expect([plain.status, plain.body.errors]).toMatchObject([422, [{ path: 'nodes' }]])
    const named = await world.api.call('POST', '/api/v1/tickets', { module: 'countersign_trial', ...own })
    expect([named.status, named.body.errors]).toMatchObject([422, [{ path: 'module' }]])
  })

  it('cannot be got around by making something else of a trial', async () => {
    const { ticket } = await start()
    for (const change of [
      { title: 'Drop the table' },
      { executesOnApproval: true },
      { callbackUrl: 'https://x.test' },
    ]) {
      const answer = await world.api.call('PATCH', `/api/v1/tickets/${ticket.id}`, change)
      expect([answer.status, answer.body.code]).toEqual([409, 'trial_ticket'])
    }
    const reminded = await world.api.call('POST', `/api/v1/tickets/${ticket.id}/remind`, {})
    expect([reminded.status, reminded.body.code]).toEqual([409, 'trial_ticket'])
    expect(await world.api.get(ticket.id)).toMatchObject({ executesOnApproval: false, callbackUrl: null })
  })

  it('has no template and no rule for trials', async () => {
    const nodes = [{ name: 'All', approvers: ['bob'] }]
    const template = { id: 'trials', module: 'countersign_trial', nodes }
    const made = await alice.call('POST', '/api/app/console/approval-templates', { template })
    expect([made.status, made.body.errors]).toMatchObject([422, [{ path: 'template.module' }]])
    const body = { enabled: false, channels: null, roles: [], additionalUsers: [] }
    const put = async (module: string) =>
      (await alice.call('PUT', `/api/app/notification-rules/${module}/pending`, body)).status
    expect([await put('perm_apply'), await put('countersign_trial')]).toEqual([200, 404])
  })
})

describe('a trial card is refused', () => {
  it('to whoever may not set channels up', async () => {
    const bob = await logIn(world, 'bob')
    for (const [method, place] of [
      ['GET', '/api/app/console/welcome'],
      ['GET', path],
      ['POST', path],
    ] as const) {
      const answer = await bob.call(method, place)
      expect([answer.status, answer.body.code]).toEqual([403, 'forbidden'])
    }
    const nobody = await fetch(`${world.url}/api/app/console/welcome`)
    expect(nobody.status).toBe(401)
  })

  it('through a channel that is off, that carries no cards, or on which the person has no address', async () => {
    const codeOf = async (channel: string) =>
      (await alice.call('POST', `/api/app/console/channels/${channel}/trial`)).body.code
    expect(await codeOf('dingtalk')).toBe('channel_not_enabled')
    expect(await codeOf('email')).toBe('taps_unverifiable')
    expect(await codeOf('nothing')).toBe('not_found')
    expect(await codeOf('feishu')).toBe('not_bound')
  })

  it('to somebody who asks for one after the other', async () => {
    const codes: number[] = []
    for (let tries = 0; tries < 6; tries += 1) codes.push((await alice.call('POST', path)).status)
    expect(codes.at(-1)).toBe(429)
  })
})
