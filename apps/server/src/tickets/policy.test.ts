import { describe, expect, it } from 'vitest'
import { newTicket } from './_flow.ts'
import { type DecisionRequest, mayRead, refuseActor, refuseDecision } from './policy.ts'
import { type Ticket, transition } from './ticket.ts'

const request = (ticket: Ticket, more: Partial<DecisionRequest> = {}): DecisionRequest => ({
  action: 'approve',
  contentHash: ticket.contentHash,
  comment: null,
  surface: 'card',
  confirmed: false,
  ...more,
})
const say = (ticket: Ticket, actor: string, action: 'approve' | 'reject' = 'approve'): Ticket =>
  transition(ticket, { type: 'decide', actor, action, via: 'h5', comment: null, at: 2_000 })
const reason = (ticket: Ticket, actor: string, more: Partial<DecisionRequest> = {}) =>
  refuseDecision(ticket, actor, request(ticket, more))?.reason ?? null

describe('a decision is refused', () => {
  const ticket = newTicket({ nodes: [{ approvers: ['alice', 'carol'] }, { approvers: ['dan'] }] })

  it('to a stranger, to the submitter and to cc', () => {
    expect(reason(ticket, 'mallory')).toBe('not_approver')
    expect(reason(ticket, 'bob')).toBe('not_approver')
  })
  it('to an approver of a later node', () => expect(reason(ticket, 'dan')).toBe('not_your_turn'))
  it('to an approver whose step somebody else has completed, naming them', () => {
    expect(refuseActor(say(ticket, 'alice'), 'carol')).toMatchObject({
      reason: 'step_already_approved',
      by: { uid: 'alice' },
    })
  })
  it('to whoever has decided already', () =>
    expect(reason(say(ticket, 'alice'), 'alice')).toBe('already_decided_by_you'))
  it('once the ticket is closed, naming who closed it', () => {
    const rejected = say(ticket, 'alice', 'reject')
    expect(refuseActor(rejected, 'carol')).toMatchObject({ reason: 'already_rejected', by: { uid: 'alice' } })
    const withdrawn = transition(ticket, { type: 'withdraw', actor: 'bob', via: 'api', comment: null, at: 2_000 })
    expect(reason(withdrawn, 'alice')).toBe('already_withdrawn')
  })
  it('when the content is not the one that was seen', () => {
    expect(reason(ticket, 'alice', { contentHash: 'sha256:other' })).toBe('content_changed')
  })
  it('when it was asked for at another node than the current one', () => {
    const twice = newTicket({ nodes: [{ approvers: ['alice', 'carol'] }, { approvers: ['alice', 'carol'] }] })
    const moved = say(twice, 'alice')
    expect(reason(moved, 'alice', { node: 1 })).toBeNull()
    expect(reason(moved, 'alice', { node: 0 })).toBe('already_decided_by_you')
    expect(refuseDecision(moved, 'carol', request(moved, { node: 0 }))).toMatchObject({
      reason: 'step_already_approved',
      by: { uid: 'alice' },
    })
    expect(reason(twice, 'alice', { node: 1 })).toBe('content_changed')
  })
  it('as a rejection without a reason', () => {
    expect(reason(ticket, 'alice', { action: 'reject', comment: '  ' })).toBe('reason_required')
    expect(reason(ticket, 'alice', { action: 'reject', comment: 'too wide' })).toBeNull()
  })
})

describe('the risk decides where a decision may come from', () => {
  const at = (risk: 'low' | 'medium' | 'high') => newTicket({ risk, nodes: [{ approvers: ['alice'] }] })

  it('low: everywhere', () => {
    expect(reason(at('low'), 'alice', { surface: 'email-link' })).toBeNull()
  })
  it('medium: card, chatbot, H5 and console', () => {
    expect(reason(at('medium'), 'alice', { surface: 'card' })).toBeNull()
    expect(reason(at('medium'), 'alice', { surface: 'email-link' })).toBe('surface_not_allowed')
  })
  it('high: H5 or console alone, with a second confirmation', () => {
    expect(reason(at('high'), 'alice', { surface: 'card' })).toBe('surface_not_allowed')
    expect(reason(at('high'), 'alice', { surface: 'h5-phone' })).toBe('confirmation_required')
    expect(reason(at('high'), 'alice', { surface: 'h5-phone', confirmed: true })).toBeNull()
  })
  it('unless the template says where', () => {
    const phonesOnly: Ticket = { ...at('low'), surfaces: ['h5-phone'] }
    expect(reason(phonesOnly, 'alice', { surface: 'card' })).toBe('surface_not_allowed')
    expect(reason(phonesOnly, 'alice', { surface: 'h5-phone' })).toBeNull()
  })
})

describe('a ticket can be read', () => {
  const ticket = newTicket({ nodes: [{ approvers: ['alice'] }, { approvers: ['dan'] }], cc: ['erin'] })
  const reads = (one: Ticket, uid: string, roles: string[] = ['user']) => mayRead(one, { uid, roles })

  it('by submitter, approvers, cc and those who administer', () => {
    expect(['bob', 'alice', 'erin'].map((uid) => reads(ticket, uid))).toEqual([true, true, true])
    expect(['dba', 'admin', 'security_admin'].map((role) => reads(ticket, 'zoe', [role]))).toEqual([true, true, true])
  })
  it('by approvers of a later node only from their turn on', () => {
    expect(reads(ticket, 'dan')).toBe(false)
    expect(reads(say(ticket, 'alice'), 'dan')).toBe(true)
  })
  it('by nobody else', () => expect(reads(ticket, 'mallory')).toBe(false))
})
