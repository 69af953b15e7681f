import { describe, expect, it } from 'vitest'
import { ticketOf } from '#server/db/_fixtures.ts'
import { waitsForNobodyElse } from './only-them.ts'
import type { Decision, TicketNode } from './ticket.ts'

const node = (approvers: string[], rule: TicketNode['rule'], decisions: Decision[] = []): TicketNode => ({
  name: 'Step',
  approvers,
  rule,
  decisions,
})
const approval = (uid: string): Decision => ({ uid, action: 'approve', at: 1, via: 'h5', comment: null })
const everybody = () => true

describe('a ticket waits for nobody else', () => {
  it('where the person is the only approver left who is there', () => {
    const ticket = ticketOf({ number: 1, nodes: [node(['alice', 'carol'], 'any')] })
    expect(waitsForNobodyElse(ticket, 'alice', everybody)).toBe(false)
    expect(waitsForNobodyElse(ticket, 'alice', (uid) => uid !== 'carol')).toBe(true)
    expect(waitsForNobodyElse(ticket, 'bob', everybody)).toBe(false)
  })

  it('where all must approve, or the quorum needs them', () => {
    expect(
      waitsForNobodyElse(ticketOf({ number: 1, nodes: [node(['alice', 'carol'], 'all')] }), 'alice', everybody),
    ).toBe(true)
    const three = ['alice', 'carol', 'dan']
    const quorum = (decisions: Decision[]) => ticketOf({ number: 1, nodes: [node(three, { quorum: 2 }, decisions)] })
    expect(waitsForNobodyElse(quorum([]), 'alice', everybody)).toBe(false)
    expect(waitsForNobodyElse(quorum([]), 'alice', (uid) => uid !== 'dan')).toBe(true)
    expect(waitsForNobodyElse(quorum([approval('dan')]), 'alice', (uid) => uid !== 'dan')).toBe(false)
  })

  it('at a later step too, but not at one that is passed or where they have decided', () => {
    const nodes = [node(['alice'], 'any', [approval('alice')]), node(['carol'], 'any'), node(['dan'], 'any')]
    const ticket = ticketOf({ number: 1, nodes, currentNode: 1 })
    expect(waitsForNobodyElse(ticket, 'alice', everybody)).toBe(false)
    expect(waitsForNobodyElse(ticket, 'dan', everybody)).toBe(true)
    expect(waitsForNobodyElse({ ...ticket, status: 'rejected' }, 'dan', everybody)).toBe(false)
  })
})
