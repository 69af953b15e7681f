import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWorld, type World } from '../_world.ts'

/* The main job: ticket in, card out, tap, decision, every card true. */

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

const shows = (uid: string, ticket: { id: string }, text: string): boolean =>
  JSON.stringify(world.card(uid, ticket).card).includes(text)
const buttons = (uid: string, ticket: { id: string }): number =>
  (JSON.stringify(world.card(uid, ticket).card).match(/"type":"callback"/g) ?? []).length

describe('a low-risk ticket', () => {
  it('becomes a card on each approver’s phone, and one tap decides it for all', async () => {
    const ticket = await world.api.submit({
      title: 'Read access to invoices',
      nodes: [{ name: 'Owner', approvers: ['alice', 'carol'] }],
    })
    await world.drain()
    expect(world.card('carol', ticket).state).toBe('shown')

    const tap = await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Approve')
    expect(tap).toMatchObject({ outcome: 'answered', status: 200, toast: { type: 'success' } })
    expect(buttons('alice', ticket)).toBe(0)
    const decided = await world.api.get(ticket.id)
    expect(decided.status).toBe('approved')
    expect(decided.history.at(-1)).toMatchObject({ actor: 'alice', action: 'approve', via: 'card:lark', node: 0 })

    await world.drain()
    expect(buttons('carol', ticket)).toBe(0)
    expect(shows('carol', ticket, 'Alice Tan')).toBe(true)
  })

  it('tells the submitter the outcome', async () => {
    const ticket = await world.api.submit({ title: 'Outcome for Bob' })
    await world.drain()
    await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Approve')
    await world.drain()
    expect(shows('bob', ticket, 'Outcome for Bob')).toBe(true)
    expect(buttons('bob', ticket)).toBe(0)
  })

  it('is rejected from the card with a reason, which the history keeps', async () => {
    const ticket = await world.api.submit()
    await world.drain()
    const message = world.card('alice', ticket).messageId
    const empty = await world.sandbox.press('alice', message, 'Reject')
    expect(empty.outcome).toBe('missing-fields')
    const tap = await world.sandbox.press('alice', message, 'Reject', { formValues: { reason: 'Too wide' } })
    expect(tap.toast?.type).toBe('success')
    const decided = await world.api.get(ticket.id)
    expect(decided.status).toBe('rejected')
    expect(decided.history.at(-1)).toMatchObject({ action: 'reject', comment: 'Too wide' })
  })

  it('answers a second tap of the same person with what they decided, not with another decision', async () => {
    const ticket = await world.api.submit({ nodes: [{ name: 'Owners', approvers: ['alice', 'carol'], rule: 'all' }] })
    await world.drain()
    const card = world.card('alice', ticket)
    const stale = await world.sandbox.press('alice', card.messageId, 'Approve')
    expect(stale.toast?.type).toBe('success')
    const version = await world.api.get(ticket.id)
    const replayed = await pressStale('alice', stale)
    expect(replayed.toast.type).toBe('info')
    expect((await world.api.get(ticket.id)).version).toBe(version.version)
  })

  it('tells a late approver who has decided, and repairs their card', async () => {
    const ticket = await world.api.submit({ nodes: [{ name: 'Owner', approvers: ['alice', 'carol'] }] })
    await world.drain()
    const [mine, theirs] = [world.card('alice', ticket), world.card('carol', ticket)]
    const [first, second] = await Promise.all([
      world.sandbox.press('alice', mine.messageId, 'Approve'),
      world.sandbox.press('carol', theirs.messageId, 'Approve'),
    ])
    const types = [first.toast?.type, second.toast?.type]
    expect(types.filter((type) => type === 'success')).toHaveLength(1)
    const [late, winner] = types[0] === 'success' ? [second, 'Alice Tan'] : [first, 'Carol Ng']
    expect(late.toast?.content).toContain(winner)
    expect(buttons('alice', ticket) + buttons('carol', ticket)).toBe(0)
    const decisions = (await world.api.get(ticket.id)).history.filter(({ action }) => action === 'approve')
    expect(decisions).toHaveLength(1)
  })
})

/** The tap sent once more as a new event, as by a client that still shows the old card. */
async function pressStale(_person: string, tap: { callback?: { plain: string } }) {
  const body = JSON.parse(tap.callback?.plain ?? '{}')
  body.header.event_id = `again-${body.header.event_id}`
  const sealed = world.sandbox.signedCallback(body.header.app_id, body)
  const response = await fetch(`${world.url}/callbacks/lark/${body.header.app_id}`, {
    method: 'POST',
    headers: sealed.headers,
    body: sealed.body,
  })
  return (await response.json()) as { toast: { type: string } }
}

describe('the risk decides the card', () => {
  it('medium asks for a confirmation that says what will happen', async () => {
    const ticket = await world.api.submit({ risk: 'medium', executesOnApproval: true })
    await world.drain()
    const message = world.card('alice', ticket).messageId
    const first = await world.sandbox.press('alice', message, 'Approve')
    expect(first.outcome).toBe('needs-confirmation')
    expect(first.confirmation?.text).not.toBe('')
    expect((await world.api.get(ticket.id)).status).toBe('pending')
    const second = await world.sandbox.press('alice', message, 'Approve', { confirm: true })
    expect(second.toast?.type).toBe('success')
  })

  it('high leads to the H5 app and carries no button that decides', async () => {
    const ticket = await world.api.submit({ risk: 'high' })
    await world.drain()
    expect(buttons('alice', ticket)).toBe(0)
    const review = await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Review')
    expect(review.openedUrl).toContain(`${world.url}/console/mobile/index/?t=acme&c=lark`)
    expect(review.openedUrl).toContain(`ticket=${ticket.id}`)
  })
})

describe('several nodes', () => {
  it('take one tap for one step, though the next step asks the same person', async () => {
    const ticket = await world.api.submit({
      nodes: [
        { name: 'Owner', approvers: ['alice'] },
        { name: 'DBA', approvers: ['alice'] },
      ],
    })
    await world.drain()
    const tap = await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Approve')
    expect(tap.toast?.type).toBe('success')
    const again = await pressStale('alice', tap)
    expect(again.toast.type).toBe('info')
    const asked = await world.api.get(ticket.id)
    expect(asked).toMatchObject({ status: 'pending', currentNode: 1 })
    expect(asked.history.filter(({ action }) => action === 'approve')).toHaveLength(1)
  })

  it('ask the next approver once the node before is complete, across Lark and Feishu', async () => {
    const ticket = await world.api.submit({
      nodes: [
        { name: 'Owner', approvers: ['alice'] },
        { name: 'DBA', approvers: ['chen'] },
      ],
    })
    await world.drain()
    expect(() => world.card('chen', ticket)).toThrow()
    await world.sandbox.press('alice', world.card('alice', ticket).messageId, 'Approve')
    await world.drain()
    const tap = await world.sandbox.press('chen', world.card('chen', ticket).messageId, '同意')
    expect(tap.toast?.type).toBe('success')
    expect((await world.api.get(ticket.id)).history.at(-1)).toMatchObject({
      actor: 'chen',
      via: 'card:feishu',
      node: 1,
    })
    await world.drain()
    expect(shows('alice', ticket, 'DBA')).toBe(true)
  })
})

describe('a changed ticket', () => {
  it('refuses the tap on the old card and shows the new content', async () => {
    const ticket = await world.api.submit({ title: 'Old title' })
    await world.drain()
    const card = world.card('alice', ticket)
    const changed = await world.api.call('PATCH', `/api/v1/tickets/${ticket.id}`, { title: 'New title' })
    expect(changed.body.contentHash).not.toBe(ticket.contentHash)
    const tap = await world.sandbox.press('alice', card.messageId, 'Approve')
    expect(tap.toast?.type).toBe('warning')
    expect(shows('alice', ticket, 'New title')).toBe(true)
    expect((await world.api.get(ticket.id)).status).toBe('pending')
  })
})
