import type { TicketView } from '@countersign/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, logIn } from '../_session.ts'
import { startWorld, type World } from '../_world.ts'

/*
 * Somebody is disabled while tickets wait for them: their card changes and a tap on it is refused, whoever takes over gets
 * a card that decides. Erin is on Lark with Sam's account, Hui on DingTalk with Qian's.
 */

let world: World
let alice: Browser
beforeAll(async () => {
  world = await startWorld({ dingtalk: 'http' })
  alice = await logIn(world, 'alice')
  await add('erin', 'lark', { email: 'sam@elsewhere.test' })
  await add('hui', 'dingtalk', { mobile: '+8613900139000' })
})
afterAll(() => world[Symbol.asyncDispose]())

async function add(uid: string, channel: string, address: object): Promise<void> {
  const settings = `/api/app/people/${uid}/notification-settings/channels/${channel}`
  expect((await alice.call('POST', '/api/app/console/people', { uid, name: `${uid} Wong` })).status).toBe(201)
  expect((await alice.call('PUT', settings, { address })).status).toBe(200)
}
const disable = (uid: string, reroute?: object) =>
  alice.call('PATCH', `/api/app/console/people/${uid}`, {
    disabled: true,
    ...(reroute === undefined ? {} : { reroute }),
  })
const enable = (uid: string) => alice.call('PATCH', `/api/app/console/people/${uid}`, { disabled: false })
const submit = async (ticket: Parameters<World['api']['submit']>[0]): Promise<TicketView> => {
  const submitted = await world.api.submit(ticket)
  await world.drain()
  return submitted
}
const cardText = (uid: string, ticket: TicketView): string => JSON.stringify(world.card(uid, ticket).card)
const buttons = (uid: string, ticket: TicketView): number =>
  (cardText(uid, ticket).match(/"type":"callback"/g) ?? []).length

/** What the Approve button of a card says, as it stands there now. */
function buttonOf(uid: string, ticket: TicketView): unknown {
  const found: unknown[] = []
  JSON.stringify(world.card(uid, ticket).card, (key, value) => {
    if (key === 'value' && value?.action === 'approve') found.push(value)
    return value
  })
  return found[0]
}

/** A tap of Sam's on an old card, which his phone still shows: built on one that he really made. */
async function tapOld(made: { callback?: { plain: string } }, button: unknown, eventId: string) {
  const body = JSON.parse(made.callback?.plain ?? '{}')
  body.header.event_id = eventId
  body.event.action.value = button
  const sealed = world.sandbox.signedCallback(body.header.app_id, body)
  const init = { method: 'POST', headers: sealed.headers, body: sealed.body }
  const response = await fetch(`${world.url}/callbacks/lark/${body.header.app_id}`, init)
  return (await response.json()) as { toast: { type: string; content: string }; card?: object }
}

describe('a person who is disabled', () => {
  it('is followed by whom the administrator names: on the cards, by tap and by word, once and in the history', async () => {
    const before = await submit({ title: 'Erin alone', nodes: [{ name: 'Owner', approvers: ['erin'] }] })
    const made = await world.sandbox.press('stranger', world.card('stranger', before).messageId, 'Approve')
    expect(made.toast?.type).toBe('success')

    const ticket = await submit({ title: 'Both', nodes: [{ name: 'Owners', approvers: ['erin', 'dan'], rule: 'all' }] })
    const lost = await submit({
      title: 'By Carol',
      submitter: 'carol',
      nodes: [{ name: 'Owner', approvers: ['erin'] }],
    })
    expect(buttons('stranger', ticket)).toBeGreaterThan(0)
    const button = buttonOf('stranger', ticket)

    expect((await disable('erin')).body).toMatchObject({ status: 409, code: 'successor_required' })
    expect((await disable('erin', { to: ['nobody'] })).body).toMatchObject({
      code: 'invalid_request',
      errors: [{ path: 'reroute.to.0' }],
    })
    expect((await disable('erin', { to: ['carol'], comment: 'Erin has left' })).status).toBe(200)
    await world.drain()

    expect(buttons('stranger', ticket)).toBe(0)
    expect(cardText('stranger', ticket)).toContain('Carol Ng')
    expect(await tapOld(made, button, 'old-1')).toMatchObject({ toast: { type: 'error' } })
    expect((await world.api.get(ticket.id)).nodes[0]).toMatchObject({
      status: 'pending',
      approvers: [
        { uid: 'carol', decision: null },
        { uid: 'dan', decision: null },
      ],
    })

    // Enabled again, Erin hears that it is not hers any more, and sees the card as it is.
    expect((await enable('erin')).status).toBe(200)
    const late = await tapOld(made, button, 'old-2')
    expect(late.toast).toEqual({ type: 'info', content: 'Your place in this step has gone to somebody else.' })
    expect(JSON.stringify(late.card)).not.toContain('"type":"callback"')
    await world.sandbox.say('stranger', `approve ${ticket.number}`)
    await world.sandbox.waitFor(
      () => JSON.stringify(world.sandbox.chat('stranger')).includes('Your place in this step'),
      10_000,
    )

    expect((await world.sandbox.press('dan', world.card('dan', ticket).messageId, 'Approve')).toast?.type).toBe(
      'success',
    )
    expect((await world.api.get(ticket.id)).status).toBe('pending')
    expect((await world.sandbox.press('carol', world.card('carol', ticket).messageId, 'Approve')).toast?.type).toBe(
      'success',
    )
    const done = await world.api.get(ticket.id)
    expect(done.status).toBe('approved')
    expect(done.history.map(({ actor, action, transfer }) => [actor, action, transfer])).toEqual([
      ['bob', 'submit', null],
      ['alice', 'transfer', { from: 'erin', to: ['carol'] }],
      ['dan', 'approve', null],
      ['carol', 'approve', null],
    ])
    expect(done.history[1]).toMatchObject({ via: 'console', comment: 'Erin has left', node: 0 })
    expect(done.contentHash).toBe(ticket.contentHash)
    // What Carol asked for herself did not go to her; Erin is there again, and can do it.
    expect((await world.api.get(lost.id)).nodes[0]?.approvers).toEqual([{ uid: 'erin', decision: null }])
  })

  it('leaves what nobody can complete to be seen, and to be given to others ticket by ticket', async () => {
    const ticket = await submit({ title: 'Stuck', nodes: [{ name: 'Owner', approvers: ['erin'] }] })
    expect((await disable('erin', { to: [] })).status).toBe(200)
    await world.drain()
    const stuck = async (): Promise<string[]> =>
      (await alice.call('GET', '/api/app/console/stuck-tickets')).body.items.map(({ id }: { id: string }) => id)
    expect(await stuck()).toContain(ticket.id)
    const give = (to: string[]) => alice.call('POST', `/api/app/console/tickets/${ticket.id}/reroute`, { to })
    expect((await give(['bob'])).body).toMatchObject({ status: 409, code: 'reroute_impossible' })
    expect((await give(['carol'])).body).toEqual({ stuck: null })
    expect(await stuck()).not.toContain(ticket.id)
    await world.drain()
    expect((await world.sandbox.press('carol', world.card('carol', ticket).messageId, 'Approve')).toast?.type).toBe(
      'success',
    )
    expect((await world.api.get(ticket.id)).status).toBe('approved')
    // Later for all that is left: of somebody who is disabled, and of nobody else.
    expect((await alice.call('PUT', '/api/app/console/people/carol/reroute', { to: ['dan'] })).body).toMatchObject({
      code: 'conflict',
    })
    expect((await alice.call('PUT', '/api/app/console/people/erin/reroute', { to: ['dan'] })).status).toBe(200)
    await world.drain()
    expect(await stuck()).toEqual([])
    const seen = await alice.call('GET', '/api/app/console/people/erin/reroute')
    expect(seen.body).toMatchObject({
      waiting: 0,
      order: { to: [{ uid: 'dan', name: 'Dan Lim' }], isRunning: false, moved: 1 },
    })
    expect((await alice.call('DELETE', '/api/app/console/people/erin/reroute')).body.order).toBeNull()
  })

  it('is followed on a card that many share too: it asks the successor, and its holder no more', async () => {
    const ticket = await submit({
      title: 'Shared',
      submitter: 'bob',
      nodes: [{ name: 'Owners', approvers: ['hui', 'wang'], rule: 'all' }],
    })
    const drawn = (uid: string): string => {
      const card = world.sandbox.chat(uid).findLast((message) => message.card !== undefined)
      return card === undefined ? '' : JSON.stringify(world.sandbox.dingtalk.draw(card.messageId))
    }
    expect(drawn('qian')).toContain('Shared')
    expect(drawn('qian')).toMatch(/"Approve"|"同意"/)
    expect(drawn('grace')).not.toContain('Shared')
    expect((await disable('hui', { to: ['grace'] })).status).toBe(200)
    await world.drain()
    expect(drawn('qian')).not.toMatch(/"Approve"|"同意"/)
    expect(drawn('grace')).toContain('Shared')
    for (const uid of ['grace', 'wang']) {
      const card = world.sandbox.chat(uid).findLast((message) => message.card !== undefined)
      const label = uid === 'wang' ? '同意' : 'Approve'
      expect((await world.sandbox.press(uid, card?.messageId ?? '', label)).outcome).toBe('answered')
    }
    const done = await world.api.get(ticket.id)
    expect([done.status, done.nodes[0]?.approvers.map(({ uid }) => uid)]).toEqual(['approved', ['grace', 'wang']])
  })

  it('is only replaced by administrators, and only in their own tenant', async () => {
    const ticket = await submit({ title: 'Hands off' })
    const chen = await logIn(world, 'chen', 'feishu')
    const bob = await logIn(world, 'bob')
    const calls = [
      ['PUT', '/api/app/console/people/erin/reroute', { to: ['dan'] }],
      ['DELETE', '/api/app/console/people/erin/reroute', undefined],
      ['POST', `/api/app/console/tickets/${ticket.id}/reroute`, { to: ['dan'] }],
    ] as const
    for (const browser of [chen, bob]) {
      for (const [method, path, body] of calls)
        expect([path, (await browser.call(method, path, body)).status]).toEqual([path, 403])
    }
    for (const path of ['/api/app/console/people/erin/reroute', '/api/app/console/stuck-tickets']) {
      expect([(await chen.call('GET', path)).status, (await bob.call('GET', path)).status]).toEqual([200, 403])
    }
    expect((await alice.call('PUT', '/api/app/console/people/none/reroute', { to: ['dan'] })).status).toBe(404)
    expect((await alice.call('POST', '/api/app/console/tickets/none/reroute', { to: ['dan'] })).status).toBe(404)
  })
})
