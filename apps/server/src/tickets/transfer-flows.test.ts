import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newTicket } from './_flow.ts'
import { involvement } from './involvement.ts'
import { stuckNodes } from './only-them.ts'
import { refuseActor } from './policy.ts'
import { eligibleNodes } from './submission.ts'
import { approvalsNeeded, approvalsOutOfReach, isNodeComplete, type Ticket, transition } from './ticket.ts'
import { planTransfer } from './transfer.ts'

/* Decisions, changed contents, people who leave and come back, and transfers, in any order. Bob submits. */

const people = ['alice', 'bob', 'carol', 'dan', 'erin', 'frank']
const uid = fc.constantFrom(...people)
const rule = fc.oneof(
  fc.constant('any' as const),
  fc.constant('all' as const),
  fc.integer({ min: 1, max: 4 }).map((quorum) => ({ quorum })),
)
const node = fc.record({ approvers: fc.uniqueArray(uid, { minLength: 1, maxLength: 5 }), rule })
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('decide' as const), actor: uid, approves: fc.boolean() }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('transfer' as const),
      from: uid,
      to: fc.uniqueArray(uid, { maxLength: 3 }),
      scope: fc.oneof(
        fc.constant('open' as const),
        fc.constant('stuck' as const),
        fc.record({ node: fc.integer({ min: 0, max: 3 }) }),
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('leave' as const), who: uid }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('return' as const), who: uid }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('change' as const) }) },
)
const flow = fc.record({
  nodes: fc.array(node, { minLength: 1, maxLength: 4 }),
  goesOn: fc.boolean(),
  allowsSelfApproval: fc.boolean(),
  steps: fc.array(step, { maxLength: 40 }),
})
type Flow = typeof flow extends fc.Arbitrary<infer Value> ? Value : never

interface Moment {
  kind: Flow['steps'][number]['kind']
  before: Ticket
  after: Ticket
  gone: ReadonlySet<string>
  from: string | null
  actor: string | null
}

function play(given: Flow): Moment[] | null {
  const named = given.nodes.map((each, index) => ({ name: `n${index}`, ...each }))
  const { nodes, errors } = eligibleNodes(named, 'bob', given.allowsSelfApproval)
  if (errors.length > 0) return null
  let ticket: Ticket = { ...newTicket({ nodes: [], rejectWhenQuorumImpossible: given.goesOn }), nodes }
  let gone: ReadonlySet<string> = new Set()
  const moments: Moment[] = []
  for (const [index, one] of given.steps.entries()) {
    const at = 2_000 + index
    const before = ticket
    const by = { via: 'h5' as const, comment: null, at }
    let from: string | null = null
    let actor: string | null = null
    if (one.kind === 'leave') gone = new Set([...gone, one.who])
    else if (one.kind === 'return') gone = new Set([...gone].filter((each) => each !== one.who))
    else if (ticket.status !== 'pending') continue
    else if (one.kind === 'change') {
      ticket = transition(ticket, {
        type: 'change',
        actor: 'bob',
        ...by,
        content: ticket.content,
        contentHash: `h${at}`,
      })
    } else if (one.kind === 'decide') {
      if (gone.has(one.actor) || refuseActor(ticket, one.actor) !== null) continue
      actor = one.actor
      ticket = transition(ticket, { type: 'decide', actor, action: one.approves ? 'approve' : 'reject', ...by })
    } else {
      const { allowsSelfApproval } = given
      const isActive = (who: string): boolean => !gone.has(who)
      const { places } = planTransfer(ticket, one, { isActive, allowsSelfApproval })
      if (places.length === 0) continue
      from = one.from
      ticket = transition(ticket, { type: 'transfer', actor: 'eve', ...by, from, places })
    }
    moments.push({ kind: one.kind, before, after: ticket, gone, from, actor })
  }
  return moments
}

function forAllFlows(check: (moments: Moment[], given: Flow) => void): void {
  fc.assert(
    fc.property(flow, (given) => {
      const moments = play(given)
      fc.pre(moments !== null)
      if (moments !== null) check(moments, given)
    }),
    { numRuns: 3_000 },
  )
}
const transfers = (moments: Moment[]): Moment[] => moments.filter(({ kind }) => kind === 'transfer')

describe('over random flows with transfers', () => {
  it('no decision is lost, doubled or changed, and the content stays what it was', () => {
    forAllFlows((moments) => {
      for (const { before, after } of transfers(moments)) {
        expect(after.nodes.map(({ decisions }) => decisions)).toEqual(before.nodes.map(({ decisions }) => decisions))
        expect([after.contentHash, after.contentVersion, after.content]).toEqual([
          before.contentHash,
          before.contentVersion,
          before.content,
        ])
        expect(after.version).toBe(before.version + 1)
      }
      for (const { after } of moments) {
        for (const { decisions } of after.nodes) {
          expect(new Set(decisions.map((each) => each.uid)).size).toBe(decisions.length)
        }
      }
    })
  })

  it('a transfer neither completes a step nor moves or closes a ticket, and asks for as many approvals as before', () => {
    forAllFlows((moments) => {
      for (const { before, after } of transfers(moments)) {
        const place = ({ status, currentNode, reachedNode, decidedAt }: Ticket) => [
          status,
          currentNode,
          reachedNode,
          decidedAt,
        ]
        expect(place(after)).toEqual(place(before))
        expect(after.nodes.map(isNodeComplete)).toEqual(before.nodes.map(isNodeComplete))
        expect(after.nodes.map(approvalsNeeded)).toEqual(before.nodes.map(approvalsNeeded))
      }
    })
  })

  it('every decision is that of somebody who was an approver of that step at that moment, and there', () => {
    forAllFlows((moments) => {
      for (const { before, actor, gone } of moments) {
        if (actor === null) continue
        expect(before.nodes[before.currentNode]?.approvers).toContain(actor)
        expect(gone.has(actor)).toBe(false)
      }
      for (const { after } of moments) {
        for (const { approvers, decisions } of after.nodes) {
          expect(decisions.every((each) => approvers.includes(each.uid))).toBe(true)
        }
      }
    })
  })

  it('whoever hands on has no place left where it could go, nobody stands twice, and only who may comes in', () => {
    forAllFlows((moments, { allowsSelfApproval }) => {
      for (const { before, after, gone, from } of transfers(moments)) {
        for (const [index, { approvers, former = [] }] of after.nodes.entries()) {
          const was = before.nodes[index]
          expect(new Set(approvers).size).toBe(approvers.length)
          expect(approvers.some((each) => former.includes(each))).toBe(false)
          const lost = (was?.approvers ?? []).filter((each) => !approvers.includes(each))
          expect(lost.every((each) => each === from)).toBe(true)
          const come = approvers.filter((each) => was?.approvers.includes(each) !== true)
          expect(come.every((each) => !gone.has(each) && (allowsSelfApproval || each !== 'bob'))).toBe(true)
          // One place for one place, but where a single approval is enough.
          if (was?.rule !== 'any') expect(come.length).toBeLessThanOrEqual(lost.length)
        }
        expect(after.nodes.slice(0, before.currentNode)).toEqual(before.nodes.slice(0, before.currentNode))
      }
    })
  })

  it('no ticket becomes impossible to complete by it, and no step lacks more than before', () => {
    forAllFlows((moments) => {
      for (const { before, after, gone } of transfers(moments)) {
        const isThere = (who: string): boolean => !gone.has(who)
        const lacking = (ticket: Ticket) => ticket.nodes.map((each) => approvalsOutOfReach(each, isThere))
        const was = lacking(before)
        for (const [index, now] of lacking(after).entries()) {
          if (index >= before.currentNode) expect(now).toBeLessThanOrEqual(was[index] ?? 0)
        }
        const whoeverComesBack = () => true
        expect(stuckNodes(after, whoeverComesBack).length).toBeLessThanOrEqual(
          stuckNodes(before, whoeverComesBack).length,
        )
      }
    })
  })

  it('a second transfer of the same finds nothing to do', () => {
    forAllFlows((moments, { allowsSelfApproval }) => {
      for (const { after, gone, from } of transfers(moments)) {
        if (from === null) continue
        const isActive = (who: string): boolean => !gone.has(who)
        const again = { from, to: people, scope: 'open' } as const
        const { places } = planTransfer(after, again, { isActive, allowsSelfApproval })
        const done =
          places.length === 0
            ? after
            : transition(after, { type: 'transfer', actor: 'eve', via: 'api', comment: null, at: 9_000, from, places })
        expect(planTransfer(done, again, { isActive, allowsSelfApproval }).places).toEqual([])
      }
    })
  })

  it('a ticket waits in the list of exactly those who may decide', () => {
    forAllFlows((moments) => {
      for (const { after } of moments) {
        const waiting = involvement(after).flatMap((each) => (each.tab === 'pending' ? [each.uid] : []))
        expect(waiting.toSorted()).toEqual(people.filter((who) => refuseActor(after, who) === null).toSorted())
      }
    })
  })
})
