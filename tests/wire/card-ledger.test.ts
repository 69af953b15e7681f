import { CardLedger, type LedgerEntry, type TicketView } from '@countersign/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { logIn, type Member } from '../_member.ts'
import { startWorld, type World } from '../_world.ts'

/* The ledger of a ticket's cards: which card lives with whom, what it shows, and whether that is true. For overseers only. */

let world: World
let alice: Member
beforeAll(async () => {
  world = await startWorld({
    dingtalk: 'stream',
    change: ({ tenants: [tenant] }) => {
      const carol = tenant?.users.find(({ uid }) => uid === 'carol')
      if (carol !== undefined) carol.roles = ['security_admin']
    },
  })
  alice = await logIn(world, 'alice')
})
afterAll(() => world[Symbol.asyncDispose]())

async function ledger({ id }: Pick<TicketView, 'id'>, member = alice): Promise<CardLedger> {
  const { status, body } = await member.call('GET', `/api/app/console/tickets/${id}/cards`)
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
  return CardLedger.parse(body)
}
const entry = ({ items }: CardLedger, uid: string): LedgerEntry => {
  const found = items.find(({ recipient, event }) => recipient.uid === uid && event === 'pending')
  if (found === undefined) throw new Error(`no card of ${uid}`)
  return found
}

describe('the ledger of cards', () => {
  it('tells of each approver and channel which card lives, before and after a decision', async () => {
    const nodes = [{ name: 'Owners', approvers: ['alice', 'chen', 'wang'], rule: 'any' as const }]
    const ticket = await world.api.submit({ nodes })
    const queued = await ledger(ticket)
    expect(entry(queued, 'alice')).toMatchObject({ kind: 'none', messageId: null, shows: null, shownVersion: 0 })
    await world.drain()
    const shown = await ledger(ticket)
    for (const [uid, channel] of [
      ['alice', 'lark'],
      ['chen', 'feishu'],
      ['wang', 'dingtalk'],
    ] as const) {
      expect(entry(shown, uid)).toMatchObject({
        ...{ channel, part: 'approver', kind: 'card', state: 'sent', shows: 'pending' },
        ...{ shownVersion: shown.ticket.version, wantedVersion: shown.ticket.version, nextAttemptAt: null },
      })
    }
    const card = world.card('alice', ticket)
    expect(entry(shown, 'alice').messageId).toBe(card.messageId)
    await world.sandbox.press('alice', card.messageId, 'Approve')
    await world.drain()
    const decided = await ledger(ticket)
    expect(decided.ticket).toMatchObject({ status: 'approved', version: shown.ticket.version + 1 })
    // The card that was tapped was renewed by the answer; its own update follows a little later.
    expect(entry(decided, 'alice')).toMatchObject({ wantedVersion: decided.ticket.version, shownVersion: 1 })
    expect(entry(decided, 'alice').nextAttemptAt).not.toBeNull()
    for (const uid of ['chen', 'wang']) {
      const each = entry(decided, uid)
      expect([each.shows, each.shownVersion, each.messageId]).toEqual([
        'approved',
        decided.ticket.version,
        entry(shown, uid).messageId,
      ])
    }
    expect(decided.items.find(({ part }) => part === 'submitter')).toMatchObject({ recipient: { uid: 'bob' } })
  })

  it('says which card is behind, what is wrong with it, and when it is tried again', async () => {
    const nodes = [{ name: 'Owners', approvers: ['alice', 'dan'], rule: 'any' as const }]
    const ticket = await world.api.submit({ nodes })
    await world.drain()
    const fault = world.sandbox.faults.set({ kind: 'server-error', platform: 'lark', path: '/im/v1/messages' })
    expect((await world.api.call('POST', `/api/v1/tickets/${ticket.id}/withdraw`, {})).status).toBe(200)
    await world.drain()
    world.sandbox.faults.clear(fault)
    const behind = await ledger(ticket)
    expect(behind.ticket.status).toBe('withdrawn')
    const dan = entry(behind, 'dan')
    expect(dan).toMatchObject({ shows: 'pending', state: 'queued', lastAttempt: { code: '502' } })
    expect(dan.shownVersion).toBeLessThan(dan.wantedVersion)
    expect(Date.parse(dan.nextAttemptAt ?? '')).toBeGreaterThan(Date.now())
  })

  it('is for overseers of the tenant: not even for those who decide', async () => {
    const ticket = await world.api.submit({ nodes: [{ name: 'Owner', approvers: ['dan'] }] })
    const path = `/api/app/console/tickets/${ticket.id}/cards`
    for (const [account, through, status] of [
      ['carol', 'lark', 200],
      ['chen', 'feishu', 200],
      ['dan', 'lark', 403],
      ['bob', 'lark', 403],
    ] as const) {
      const member = await logIn(world, account, through)
      expect([account, (await member.call('GET', path)).status]).toEqual([account, status])
    }
    expect((await alice.call('GET', '/api/app/console/tickets/nobodys-ticket/cards')).status).toBe(404)
  })
})
