import { describe, expect, it } from 'vitest'
import { newTicket } from './_flow.ts'
import { nodeStatus, pendingApprovers, type Ticket, transition } from './ticket.ts'

const say = (ticket: Ticket, actor: string, action: 'approve' | 'reject', at = 2_000): Ticket =>
  transition(ticket, { type: 'decide', actor, action, via: 'h5', comment: null, at })

describe('a node', () => {
  it('with the rule any is complete with the first approval', () => {
    const ticket = say(newTicket({ nodes: [{ approvers: ['alice', 'carol'] }] }), 'alice', 'approve')
    expect(ticket).toMatchObject({ status: 'approved', decidedAt: 2_000, version: 2 })
  })

  it('with the rule all waits for everybody who is eligible', () => {
    const first = say(newTicket({ nodes: [{ approvers: ['alice', 'carol'], rule: 'all' }] }), 'alice', 'approve')
    expect(first.status).toBe('pending')
    expect(pendingApprovers(first)).toEqual(['carol'])
    expect(say(first, 'carol', 'approve').status).toBe('approved')
  })

  it('with a quorum is complete when that many have approved', () => {
    const nodes = [{ approvers: ['alice', 'carol', 'dan'], rule: { quorum: 2 } }]
    const first = say(newTicket({ nodes }), 'dan', 'approve')
    expect(first.status).toBe('pending')
    expect(say(first, 'alice', 'approve').status).toBe('approved')
  })

  it('rejects the ticket with one rejection', () => {
    const nodes = [{ approvers: ['alice', 'carol', 'dan'], rule: { quorum: 2 } }, { approvers: ['erin'] }]
    const ticket = say(newTicket({ nodes }), 'alice', 'reject')
    expect(ticket.status).toBe('rejected')
    expect([nodeStatus(ticket, 0), nodeStatus(ticket, 1)]).toEqual(['rejected', 'waiting'])
  })

  it('goes on after a rejection while the quorum can be reached, where the template says so', () => {
    const nodes = [{ approvers: ['alice', 'carol', 'dan'], rule: { quorum: 2 } }]
    const one = say(newTicket({ nodes, rejectWhenQuorumImpossible: true }), 'alice', 'reject')
    expect(one.status).toBe('pending')
    expect(say(one, 'carol', 'reject').status).toBe('rejected')
    expect(say(say(one, 'carol', 'approve'), 'dan', 'approve').status).toBe('approved')
  })
})

describe('a ticket', () => {
  const nodes = [{ approvers: ['alice'] }, { approvers: ['carol'] }]

  it('goes through its nodes in order', () => {
    const first = say(newTicket({ nodes }), 'alice', 'approve')
    expect(first).toMatchObject({ status: 'pending', currentNode: 1, reachedNode: 1 })
    expect([nodeStatus(first, 0), nodeStatus(first, 1)]).toEqual(['approved', 'pending'])
    expect(say(first, 'carol', 'approve').status).toBe('approved')
  })

  it('goes back to its first node when the content changes, and forgets earlier approvals', () => {
    const first = say(newTicket({ nodes }), 'alice', 'approve')
    const content = { ...first.content, title: 'Export orders Q4' }
    const changed = transition(first, {
      type: 'change',
      actor: 'bob',
      via: 'api',
      comment: null,
      at: 3_000,
      content,
      contentHash: 'sha256:new',
    })
    expect(changed).toMatchObject({ currentNode: 0, contentVersion: 2, contentHash: 'sha256:new', reachedNode: 1 })
    expect(pendingApprovers(changed)).toEqual(['alice'])
  })

  it('takes nothing more once it is withdrawn', () => {
    const withdrawn = transition(newTicket({ nodes }), {
      type: 'withdraw',
      actor: 'bob',
      via: 'api',
      comment: null,
      at: 2_000,
    })
    expect(withdrawn.status).toBe('withdrawn')
    expect(() => say(withdrawn, 'alice', 'approve')).toThrow(/withdrawn/)
  })
})
