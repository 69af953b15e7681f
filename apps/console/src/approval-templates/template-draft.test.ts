import type { ApprovalTemplate } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { draftOf, nextReminder, problemOf, templateOf } from './template-draft.ts'

const template: ApprovalTemplate = {
  id: 'export-default',
  module: 'data_export',
  nodes: [
    { name: 'Owner', approvers: ['alice'], rule: 'all' },
    { name: 'DBA', approvers: ['alice', 'carol'], rule: { quorum: 2 } },
  ],
  risk: 'high',
  surfaces: ['console'],
  expireAfter: 'PT48H',
  rejectWhenQuorumImpossible: true,
  reminders: [
    { after: 'PT4H', buzz: false },
    { after: 'P1DT4H', buzz: true },
  ],
}

describe('a template in the form', () => {
  it('comes out as it went in, also how its time is written and what the form does not show', () => {
    const more = { ...template, later: 'kept' }
    expect(templateOf(draftOf(more), more)).toEqual(more)
    for (const expireAfter of [90, 3_600, 'P1DT2H30M', 'PT60M']) {
      const other = { ...template, expireAfter }
      expect(templateOf(draftOf(other), other)).toEqual(other)
    }
  })

  it('shows times in the largest unit that fits, and writes a changed one down in it', () => {
    const draft = draftOf(template)
    expect([draft.expireAmount, draft.expireUnit]).toEqual([2, 'days'])
    expect(templateOf({ ...draft, expireAmount: 3 }, template).expireAfter).toBe('P3D')
    expect(templateOf({ ...draft, expireUnit: 'hours' }, template).expireAfter).toBe('PT2H')
    expect(templateOf({ ...draft, expireAmount: null }, template)).not.toHaveProperty('expireAfter')
    expect(draftOf({ ...template, expireAfter: 5_400 })).toMatchObject({ expireAmount: 90, expireUnit: 'minutes' })
  })

  it('leaves out what was emptied', () => {
    const draft = {
      ...draftOf(template),
      risk: '' as const,
      surfaces: [],
      rejectWhenQuorumImpossible: false,
      reminders: null,
    }
    const { risk: _r, surfaces: _s, rejectWhenQuorumImpossible: _q, reminders: _m, ...rest } = template
    expect(templateOf(draft, template)).toEqual(rest)
  })

  it('keeps reminders as they are written, says no reminders apart from the default, and adds one a day later', () => {
    const draft = draftOf(template)
    const [first, second] = draft.reminders ?? []
    expect([first, second]).toMatchObject([
      { amount: 4, unit: 'hours', buzz: false },
      { amount: 28, unit: 'hours', buzz: true },
    ])
    expect(nextReminder(second)).toMatchObject({ amount: 52, unit: 'hours' })
    expect(templateOf({ ...draft, reminders: [] }, template).reminders).toEqual([])
    expect(templateOf({ ...draft, reminders: null }, template)).not.toHaveProperty('reminders')
    expect(templateOf({ ...draft, reminders: [nextReminder(undefined)] }, undefined).reminders).toEqual([
      { after: 'PT4H', buzz: false },
    ])
  })

  it('says when reminders come too close, or too late', () => {
    const draft = draftOf(template)
    const at = (amount: number, unit: 'minutes' | 'hours' | 'days') => ({ ...nextReminder(undefined), amount, unit })
    expect(problemOf({ ...draft, reminders: [at(30, 'minutes')] })).toBeNull()
    expect(problemOf({ ...draft, reminders: [at(4, 'hours'), at(299, 'minutes')] })).toBe('templates.reminderTooSoon')
    expect(problemOf({ ...draft, reminders: [at(61, 'days')] })).toBe('templates.reminderTooLate')
  })

  it('says what is missing', () => {
    const draft = draftOf(template)
    const [first, second] = draft.nodes
    if (first === undefined || second === undefined) throw new Error('there are two nodes')
    expect(problemOf(draft)).toBeNull()
    expect(problemOf({ ...draft, id: 'not an id' })).toBe('templates.idBad')
    expect(problemOf({ ...draft, module: 'Data export' })).toBe('templates.moduleBad')
    expect(problemOf({ ...draft, nodes: [{ ...first, name: ' ' }] })).toBe('templates.nodeNameMissing')
    expect(problemOf({ ...draft, nodes: [{ ...first, approvers: [] }] })).toBe('templates.approversMissing')
    expect(problemOf({ ...draft, nodes: [{ ...second, quorum: 3 }] })).toBe('templates.quorumBad')
  })
})
