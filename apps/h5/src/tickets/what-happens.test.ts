import type { TicketDetail } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { outlook } from './what-happens.ts'

type Node = TicketDetail['nodes'][number]

const node = (index: number, rule: Node['rule'], decisions: Node['approvers'][number]['decision'][]): Node => ({
  index,
  name: `node ${index}`,
  rule,
  status: 'pending',
  approvers: decisions.map((decision, place) => ({ uid: `u${place}`, name: `U${place}`, decision, decidedAt: null })),
})
const ticket = (nodes: Node[], index = 0) => ({ nodes, node: { index, name: '', count: nodes.length } })

describe('what an approval will do', () => {
  it('completes a node of which one approval is enough, and names the next', () => {
    const nodes = [node(0, 'any', [null, null]), node(1, 'any', [null])]
    expect(outlook(ticket(nodes))).toEqual({ completes: true, next: 'node 1' })
  })

  it('is the end of the ticket on the last node', () => {
    expect(outlook(ticket([node(0, 'any', [null])]))).toEqual({ completes: true, next: undefined })
  })

  it('completes a node for all only as the last of them', () => {
    expect(outlook(ticket([node(0, 'all', [null, null])])).completes).toBe(false)
    expect(outlook(ticket([node(0, 'all', ['approve', null])])).completes).toBe(true)
  })

  it('counts towards a quorum', () => {
    expect(outlook(ticket([node(0, { quorum: 3 }, ['approve', null, null, null])])).completes).toBe(false)
    expect(outlook(ticket([node(0, { quorum: 2 }, ['approve', null, 'reject'])])).completes).toBe(true)
  })
})
