import type { TicketDetail } from '@countersign/contracts'
import { expect, it } from 'vitest'
import { whatHappens } from './what-happens.ts'

type Node = TicketDetail['nodes'][number]
type Decision = Node['approvers'][number]['decision']

const node = (index: number, rule: Node['rule'], decisions: Decision[]): Node => ({
  ...{ index, name: `node ${index}`, rule, status: 'pending' },
  approvers: decisions.map((decision, place) => ({ uid: `u${place}`, name: `U${place}`, decision, decidedAt: null })),
})
const keys = (nodes: Node[], executesOnApproval: boolean): string[] =>
  whatHappens({ nodes, node: { index: 0, name: '', count: nodes.length }, executesOnApproval }).map(({ key }) => key)

it.each([
  ['the last approval of all', [node(0, 'any', [null])], ['decide.lastStep', 'decide.willRun']],
  [
    'the last of this step',
    [node(0, 'any', [null]), node(1, 'any', [null])],
    ['decide.nextStep', 'decide.willRunLater'],
  ],
  ['one of all that are needed', [node(0, 'all', [null, null])], ['decide.moreApprovals', 'decide.willRunLater']],
  [
    'the last of a quorum',
    [node(0, { quorum: 2 }, ['approve', null, 'reject'])],
    ['decide.lastStep', 'decide.willRun'],
  ],
])('says what %s does', (_what, nodes, expected) => {
  expect(keys(nodes, true)).toEqual(expected)
  expect(keys(nodes, false)).toEqual([expected[0], 'decide.willNotRun'])
})
