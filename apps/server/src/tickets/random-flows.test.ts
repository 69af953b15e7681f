import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newTicket } from './_flow.ts'
import { involvement } from './involvement.ts'
import { refuseDecision } from './policy.ts'
import { eligibleNodes } from './submission.ts'
import { approvalsNeeded, type Ticket, type TicketEvent, transition } from './ticket.ts'

const people = ['alice', 'bob', 'carol', 'dan', 'erin', 'mallory']
const insiders = people.slice(0, 5)

const rule = fc.oneof(
  fc.constant('any' as const),
  fc.constant('all' as const),
  fc.integer({ min: 1, max: 4 }).map((quorum) => ({ quorum })),
)
const node = fc.record({ approvers: fc.uniqueArray(fc.constantFrom(...insiders), { minLength: 1 }), rule })
const step = fc.record({
  kind: fc.constantFrom('decide', 'decide', 'decide', 'decide', 'change', 'withdraw'),
  actor: fc.constantFrom(...people),
  action: fc.constantFrom('approve' as const, 'approve' as const, 'reject' as const),
  stale: fc.boolean(),
})
const flow = fc.record({
  nodes: fc.array(node, { minLength: 1, maxLength: 4 }),
  goesOn: fc.boolean(),
  steps: fc.array(step, { maxLength: 40 }),
})

/** Plays a flow as the use cases do: policy first, then the transition; returns every state and accepted event. */
function play(given: typeof flow extends fc.Arbitrary<infer Flow> ? Flow : never) {
  const nodes = eligibleNodes(
    given.nodes.map((one, index) => ({ name: `n${index}`, ...one })),
    'bob',
    false,
  )
  if (nodes.errors.length > 0) return null
  const start: Ticket = { ...newTicket({ nodes: [], rejectWhenQuorumImpossible: given.goesOn }), nodes: nodes.nodes }
  const states = [start]
  const events: TicketEvent[] = []
  for (const [index, one] of given.steps.entries()) {
    const ticket = states.at(-1) ?? start
    const event = toEvent(ticket, one, 2_000 + index)
    if (event === null) continue
    events.push(event)
    states.push(transition(ticket, event))
  }
  return { start, states, events }
}

function toEvent(
  ticket: Ticket,
  one: { kind: string; actor: string; action: 'approve' | 'reject'; stale: boolean },
  at: number,
): TicketEvent | null {
  const by = { actor: one.actor, via: 'h5' as const, comment: 'because', at }
  if (one.kind === 'decide') {
    const refusal = refuseDecision(ticket, one.actor, {
      action: one.action,
      contentHash: one.stale ? 'sha256:stale' : ticket.contentHash,
      comment: 'because',
      surface: 'h5-phone',
      confirmed: true,
    })
    return refusal === null ? { type: 'decide', action: one.action, ...by } : null
  }
  if (ticket.status !== 'pending') return null
  if (one.kind === 'withdraw') return { type: 'withdraw', ...by }
  return { type: 'change', ...by, content: { ...ticket.content, title: `v${at}` }, contentHash: `sha256:${at}` }
}

function forAllFlows(check: (played: NonNullable<ReturnType<typeof play>>) => void): void {
  fc.assert(
    fc.property(flow, (given) => {
      const played = play(given)
      fc.pre(played !== null)
      if (played !== null) check(played)
    }),
    { numRuns: 2_000 },
  )
}

describe('over random flows', () => {
  it('a ticket never has two outcomes, and a closed one never changes again', () => {
    forAllFlows(({ states }) => {
      const closed = states.findIndex(({ status }) => status !== 'pending')
      expect(closed === -1 || closed === states.length - 1).toBe(true)
    })
  })

  it('nobody but an approver of the node decides there, nobody twice, and never the submitter', () => {
    forAllFlows(({ states }) => {
      for (const { nodes } of states) {
        for (const { approvers, decisions } of nodes) {
          const deciders = decisions.map(({ uid }) => uid)
          expect(new Set(deciders).size).toBe(deciders.length)
          expect(deciders.every((uid) => approvers.includes(uid) && uid !== 'bob')).toBe(true)
        }
      }
    })
  })

  it('an approved ticket has at every node the approvals its rule asks for', () => {
    forAllFlows(({ states }) => {
      const last = states.at(-1)
      if (last?.status !== 'approved') return
      for (const one of last.nodes) {
        const approvals = one.decisions.filter(({ action }) => action === 'approve').length
        expect(approvals).toBeGreaterThanOrEqual(approvalsNeeded(one))
      }
    })
  })

  it('the history replays to the same state', () => {
    forAllFlows(({ start, states, events }) => {
      expect(events.reduce(transition, start)).toEqual(states.at(-1))
    })
  })

  it('the node only moves forward while the content stays the same', () => {
    forAllFlows(({ states }) => {
      for (const [index, after] of states.entries()) {
        const before = states[index - 1]
        if (before === undefined || before.contentVersion !== after.contentVersion) continue
        expect(after.currentNode).toBeGreaterThanOrEqual(before.currentNode)
        expect(after.version).toBe(before.version + 1)
      }
    })
  })

  it('a ticket waits in the list of exactly those who may decide', () => {
    forAllFlows(({ states }) => {
      for (const ticket of states) {
        const waiting = involvement(ticket).flatMap(({ uid, tab }) => (tab === 'pending' ? [uid] : []))
        const may = people.filter(
          (uid) =>
            refuseDecision(ticket, uid, {
              action: 'approve',
              contentHash: ticket.contentHash,
              comment: null,
              surface: 'h5-phone',
              confirmed: true,
            }) === null,
        )
        expect(waiting.toSorted()).toEqual(may.toSorted())
      }
    })
  })
})
