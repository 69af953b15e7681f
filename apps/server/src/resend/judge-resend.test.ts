import type { DeliveryState } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { ticketOf } from '#server/db/_fixtures.ts'
import type { StandingDelivery } from '#server/db/delivery-action-store.ts'
import { judgeResend, type ResendFacts } from './judge-resend.ts'

/* What may be sent once more, and how: every reason to, and not to. */

const ticket = ticketOf({ number: 1001 })

function delivery(more: Partial<StandingDelivery> = {}): StandingDelivery {
  return {
    ...{ tenantId: 'acme', id: 'd1', ticketId: ticket.id, noticeKey: 'pending:1:0', event: 'pending' },
    ...{ recipient: 'alice', channel: 'lark', state: 'failed', hasCard: false, isShared: false, isReplaced: false },
    carriedBy: null,
    ...more,
  }
}

/** Alice is asked, can be told through Lark, and nothing has reached her. */
function facts(about: Partial<StandingDelivery> = {}, more: Partial<ResendFacts> = {}): ResendFacts {
  const one = delivery(about)
  const planned = { recipient: one.recipient, channel: one.channel, state: 'queued', reason: null, held: null } as const
  return {
    delivery: one,
    isEnabled: true,
    ticket,
    person: { disabled: false, roles: ['user'] },
    reach: { channels: [{ channel: one.channel, isWanted: true, isDigest: false }] },
    planned: [planned],
    hasReport: false,
    ...more,
  }
}

const judge = (about: Partial<StandingDelivery> = {}, more: Partial<ResendFacts> = {}) =>
  judgeResend(facts(about, more))

describe('a delivery is sent once more', () => {
  it.each([
    ['failed', false, 'again'],
    ['suppressed', false, 'again'],
    // The card is there, and is only to be brought up to date.
    ['failed', true, 'again'],
    ['sent', true, 'anew'],
    ['updated', true, 'anew'],
    // Of a messenger: what was sent has no address.
    ['sent', false, 'anew'],
    // The card is gone.
    ['suppressed', true, 'anew'],
  ] as const)('%s, with a card: %s, goes %s', (state, hasCard, way) => {
    expect(judge({ state, hasCard })).toEqual({ way })
  })

  it.each(['sent', 'failed'] as const)('a web hook that has %s goes again under its own id', (state) => {
    expect(judge({ channel: 'webhook', state })).toEqual({ way: 'again' })
    const told = { ...ticket, status: 'approved' as const, callbackUrl: 'https://source.example/done' }
    const callback = { channel: 'callback', event: 'approved', recipient: 'source.example', state } as const
    expect(judge(callback, { ticket: told, isEnabled: false, person: null, planned: [] })).toEqual({ way: 'again' })
  })

  it('the outcome, to the submitter, once the ticket is closed', () => {
    const closed = { ...ticket, status: 'approved' as const }
    expect(judge({ event: 'approved', recipient: 'bob' }, { ticket: closed })).toEqual({ way: 'again' })
    expect(judge({ event: 'rejected', recipient: 'bob' }, { ticket: closed })).toEqual({ refusal: 'other_outcome' })
  })

  it('a card that could not be brought up to date, whatever has become of ticket and person', () => {
    const closed = { ...ticket, status: 'approved' as const }
    const stale = { state: 'failed', hasCard: true } as const
    expect(judge(stale, { ticket: closed, planned: [], reach: null })).toEqual({ way: 'again' })
    expect(judge(stale, { isEnabled: false })).toEqual({ refusal: 'channel_disabled' })
  })

  it('the card that many share, to the submitter who only looks on', () => {
    const onlooker = { isShared: true, channel: 'dingtalk', recipient: 'bob', state: 'sent', hasCard: true } as const
    expect(judge(onlooker, { planned: [] })).toEqual({ way: 'anew' })
    expect(judge({ ...onlooker, recipient: 'dan' }, { planned: [] })).toEqual({ refusal: 'not_told' })
  })

  it('a report that is still kept, to administrators', () => {
    const report = { event: 'report', ticketId: '', noticeKey: 'report:2026-11-28', state: 'failed' } as const
    const admin = { disabled: false, roles: ['admin' as const] }
    const none = { ticket: null, planned: [] }
    expect(judge(report, { ...none, person: admin, hasReport: true })).toEqual({ way: 'again' })
    expect(judge(report, { ...none, person: admin })).toEqual({ refusal: 'report_gone' })
    expect(judge(report, { ...none, hasReport: true })).toEqual({ refusal: 'not_administrator' })
  })
})

describe('a delivery is not sent once more', () => {
  it.each(['queued', 'sending'] satisfies DeliveryState[])('while it is %s', (state) => {
    expect(judge({ state })).toEqual({ refusal: 'under_way' })
  })

  it('once another took its place', () => {
    expect(judge({ state: 'sent', hasCard: true, isReplaced: true })).toEqual({ refusal: 'replaced' })
  })

  it('when the ticket is decided, or gone', () => {
    expect(judge({}, { ticket: { ...ticket, status: 'approved' } })).toEqual({ refusal: 'ticket_closed' })
    expect(judge({}, { ticket: null })).toEqual({ refusal: 'ticket_gone' })
  })

  it('to an approver who is not asked any more, or not yet', () => {
    const two = {
      ...ticket,
      nodes: [...ticket.nodes, { name: 'Owner', rule: 'any' as const, approvers: ['dan'], decisions: [] }],
    }
    expect(judge({ recipient: 'dan' }, { ticket: two })).toEqual({ refusal: 'not_asked' })
  })

  it('to somebody who has handed their place over, though a rule still names them', () => {
    const [node] = ticket.nodes
    if (node === undefined) throw new Error('the ticket has a step')
    const handed = { ...ticket, nodes: [{ ...node, approvers: ['carol'], former: ['alice'] }] }
    expect(judge({ state: 'sent' }, { ticket: handed })).toEqual({ refusal: 'not_asked' })
  })

  it('when it asked about an earlier content or step: another one asks about the present', () => {
    const changed = { ...ticket, contentVersion: 2 }
    expect(judge({ state: 'sent', hasCard: true }, { ticket: changed })).toEqual({ refusal: 'step_over' })
    expect(judge({ state: 'sent', hasCard: true, noticeKey: 'pending:2:0:5' }, { ticket: changed })).toEqual({
      way: 'anew',
    })
  })

  it('when the step of the reminder is over', () => {
    expect(judge({ event: 'reminded', noticeKey: 'ladder:1:0:0' })).toEqual({ refusal: 'step_over' })
  })

  it('to somebody who is gone, or disabled', () => {
    expect(judge({}, { person: null })).toEqual({ refusal: 'person_gone' })
    expect(judge({}, { person: { disabled: true, roles: [] } })).toEqual({ refusal: 'person_disabled' })
  })

  it('through a channel that does not lead to the person', () => {
    expect(judge({}, { isEnabled: false })).toEqual({ refusal: 'channel_disabled' })
    expect(judge({ channel: 'none' })).toEqual({ refusal: 'no_channel' })
    expect(judge({}, { planned: [], reach: null })).toEqual({ refusal: 'not_bound' })
    const off = { channels: [{ channel: 'lark', isWanted: false, isDigest: false }] }
    expect(judge({}, { planned: [], reach: off })).toEqual({ refusal: 'switched_off' })
  })

  it('where the rule says otherwise by now', () => {
    const elsewhere = { recipient: 'alice', channel: 'email', state: 'queued', reason: null, held: null } as const
    expect(judge({}, { planned: [elsewhere] })).toEqual({ refusal: 'not_in_rule' })
    const off = {
      ...elsewhere,
      channel: 'none',
      state: 'suppressed',
      reason: { code: 'rule_off', message: '' },
    } as const
    expect(judge({}, { planned: [off] })).toEqual({ refusal: 'rule_off' })
    expect(judge({ recipient: 'eve' }, { planned: [] })).toEqual({ refusal: 'not_told' })
  })

  it('to a ticket that names no address', () => {
    expect(judge({ channel: 'callback', event: 'approved' })).toEqual({ refusal: 'no_callback_url' })
  })
})
