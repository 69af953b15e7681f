import { type NodeRule, trialModule } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { newTicket } from './_flow.ts'
import { involvement } from './involvement.ts'
import { mayRead, refuseActor } from './policy.ts'
import { pendingApprovers, type Ticket, transition } from './ticket.ts'
import { planTransfer, type TransferPeople, type TransferScope } from './transfer.ts'

const everybody: TransferPeople = { isActive: () => true, allowsSelfApproval: false }
const without = (...gone: string[]): TransferPeople => ({ ...everybody, isActive: (uid) => !gone.includes(uid) })

const say = (ticket: Ticket, actor: string, action: 'approve' | 'reject' = 'approve'): Ticket =>
  transition(ticket, { type: 'decide', actor, action, via: 'h5', comment: 'so', at: 2_000 })

/** Alice hands on, is not there any more, and the plan is carried out. */
function handOn(ticket: Ticket, to: string[], people = without('alice'), scope: TransferScope = 'open') {
  const plan = planTransfer(ticket, { from: 'alice', to, scope }, people)
  if (plan.places.length === 0) return { plan, after: ticket }
  const event = { type: 'transfer', actor: 'eve', via: 'console', comment: null, at: 3_000, from: 'alice' } as const
  return { plan, after: transition(ticket, { ...event, places: plan.places }) }
}
const at = (approvers: string[], rule: NodeRule = 'any') => newTicket({ nodes: [{ approvers, rule }] })
const approversOf = ({ after }: { after: Ticket }) => after.nodes.map(({ approvers }) => approvers)

describe('a place at a step', () => {
  it('of a trial goes to nobody: it is between one person and their own phone', () => {
    const ticket = at(['alice'])
    const trial = { ...ticket, content: { ...ticket.content, module: trialModule } }
    expect(approversOf(handOn(trial, ['dan']))).toEqual([['alice']])
  })

  it('goes to every successor where one approval is enough', () => {
    expect(approversOf(handOn(at(['alice']), ['dan', 'erin']))).toEqual([['dan', 'erin']])
    expect(approversOf(handOn(at(['carol', 'alice', 'zoe']), ['dan']))).toEqual([['carol', 'dan', 'zoe']])
  })

  it('goes to one of them where several must approve, so that nobody’s successors outvote the others', () => {
    expect(approversOf(handOn(at(['alice', 'carol'], 'all'), ['dan', 'erin']))).toEqual([['dan', 'carol']])
    expect(approversOf(handOn(at(['alice', 'carol', 'zoe'], { quorum: 2 }), ['carol', 'erin', 'dan']))).toEqual([
      ['erin', 'carol', 'zoe'],
    ])
  })

  it('falls away where the successor stands there already, and the step can be completed all the same', () => {
    expect(approversOf(handOn(at(['alice', 'carol']), ['carol']))).toEqual([['carol']])
    const three = at(['alice', 'carol', 'dan'], { quorum: 2 })
    expect(approversOf(handOn(three, ['carol']))).toEqual([['carol', 'dan']])
  })

  it('stays where one approval less would be asked for, or too few would be left', () => {
    const left = [{ node: 0, problem: 'no_place' }]
    const all = handOn(at(['alice', 'carol'], 'all'), ['carol'])
    expect([all.plan, approversOf(all)]).toEqual([{ places: [], left }, [['alice', 'carol']]])
    // Carol has approved: were Alice's place to fall away, a step would be complete that she never saw.
    expect(handOn(say(at(['alice', 'carol'], 'all'), 'carol'), ['carol']).plan.left).toEqual(left)
    expect(handOn(at(['alice', 'carol'], { quorum: 2 }), ['carol']).plan.left).toEqual(left)
    const three = at(['alice', 'carol', 'dan'], { quorum: 2 })
    expect(handOn(three, ['carol'], without('alice', 'dan')).plan.left).toEqual(left)
  })

  it('goes neither to the submitter, unless the tenant allows it, nor to who is not there, nor to the person', () => {
    const nobody = [{ node: 0, problem: 'nobody' }]
    expect(handOn(at(['alice']), ['bob']).plan).toEqual({ places: [], left: nobody })
    expect(handOn(at(['alice']), ['dan', 'alice'], without('alice', 'dan')).plan.left).toEqual(nobody)
    expect(approversOf(handOn(at(['alice']), ['bob', 'dan', 'dan']))).toEqual([['dan']])
    expect(approversOf(handOn(at(['alice']), ['bob'], { ...without('alice'), allowsSelfApproval: true }))).toEqual([
      ['bob'],
    ])
  })

  it('is handed on now and at later steps; what is passed or decided stays', () => {
    const three = newTicket({
      nodes: [
        { approvers: ['alice', 'carol'] },
        { approvers: ['alice', 'zoe'], rule: 'all' },
        { approvers: ['alice'] },
      ],
    })
    const moved = say(three, 'carol')
    expect(approversOf(handOn(moved, ['dan']))).toEqual([['alice', 'carol'], ['dan', 'zoe'], ['dan']])
    const decided = say(moved, 'alice')
    expect(approversOf(handOn(decided, ['dan']))).toEqual([['alice', 'carol'], ['alice', 'zoe'], ['dan']])
    expect(handOn(say(decided, 'zoe'), ['dan'], without('alice'), { node: 1 }).plan.places).toEqual([])
    expect(
      handOn(transition(three, { type: 'withdraw', actor: 'bob', via: 'api', comment: null, at: 1 }), ['dan']).plan,
    ).toEqual({ places: [], left: [] })
  })

  it('can be handed on only where nobody else could complete the step', () => {
    const ticket = newTicket({
      nodes: [{ approvers: ['alice', 'carol'] }, { approvers: ['alice', 'carol'], rule: 'all' }],
    })
    expect(approversOf(handOn(ticket, ['dan'], without('alice'), 'stuck'))).toEqual([
      ['alice', 'carol'],
      ['dan', 'carol'],
    ])
    expect(approversOf(handOn(ticket, ['dan'], without('alice', 'carol'), 'stuck'))).toEqual([
      ['dan', 'carol'],
      ['dan', 'carol'],
    ])
  })

  it('leaves content and decisions alone, and gives the ticket a new version', () => {
    const before = say(at(['alice', 'carol', 'dan'], 'all'), 'carol')
    const { after } = handOn(before, ['erin'])
    expect(after).toMatchObject({
      version: before.version + 1,
      contentVersion: before.contentVersion,
      updatedAt: 3_000,
    })
    expect([after.contentHash, after.content]).toEqual([before.contentHash, before.content])
    expect(after.nodes[0]?.decisions).toEqual(before.nodes[0]?.decisions)
  })

  it('throws rather than take a place that is not the person’s, or let somebody stand twice', () => {
    const event = { type: 'transfer', actor: 'eve', via: 'console', comment: null, at: 3_000, from: 'alice' } as const
    const take = (ticket: Ticket, newcomers: string[]) => () =>
      transition(ticket, { ...event, places: [{ node: 0, newcomers, successors: newcomers }] })
    expect(take(at(['carol']), ['dan'])).toThrow(/does not wait for alice/)
    expect(take(say(at(['alice', 'carol'], 'all'), 'alice'), ['dan'])).toThrow(/does not wait for alice/)
    expect(take(at(['alice', 'carol']), ['carol'])).toThrow(/stand twice/)
  })
})

describe('whoever has handed their place on', () => {
  const ticket = newTicket({ nodes: [{ approvers: ['alice', 'carol'] }, { approvers: ['alice'] }] })
  const { after } = handOn(ticket, ['dan'])

  it('decides no more, and is told so; the successor does', () => {
    expect(pendingApprovers(after)).toEqual(['dan', 'carol'])
    expect(refuseActor(after, 'alice')).toEqual({ reason: 'handed_over', by: null })
    expect(refuseActor(say(after, 'carol'), 'alice')).toEqual({ reason: 'handed_over', by: null })
    expect(refuseActor(after, 'dan')).toBeNull()
    expect(refuseActor(say(say(after, 'dan'), 'dan'), 'alice')).toMatchObject({
      reason: 'already_approved',
      by: { uid: 'dan' },
    })
  })

  it('may still read what they were asked, and finds it in their list; of a step not reached they know nothing', () => {
    expect(mayRead(after, { uid: 'alice', roles: ['user'] })).toBe(true)
    expect(involvement(after).filter(({ uid }) => uid === 'alice')).toEqual([{ uid: 'alice', tab: 'done' }])
    const later = handOn(newTicket({ nodes: [{ approvers: ['carol'] }, { approvers: ['alice'] }] }), ['dan']).after
    expect(mayRead(later, { uid: 'alice', roles: ['user'] })).toBe(false)
    expect(refuseActor(later, 'alice')).toEqual({ reason: 'not_approver', by: null })
  })

  it('is an approver like any other where the place comes back', () => {
    const plan = planTransfer(after, { from: 'dan', to: ['alice'], scope: { node: 0 } }, everybody)
    const event = { type: 'transfer', actor: 'eve', via: 'console', comment: null, at: 4_000, from: 'dan' } as const
    const back = transition(after, { ...event, places: plan.places })
    expect(refuseActor(back, 'alice')).toBeNull()
    expect(back.nodes[0]).toMatchObject({ approvers: ['alice', 'carol'], former: ['dan'] })
  })
})
