import type { DirectorySyncPreview, SyncRow } from '@countersign/contracts'
import { expect, it } from 'vitest'
import { takenCounts } from './taken-counts.ts'

const row = (given: Partial<SyncRow>): SyncRow => ({
  ...{ account: 'a', uid: null, name: '', roles: [], email: null, mobile: null, employeeId: null },
  ...{ changes: [], binds: false, takenFrom: null, notes: [], conflict: null, candidates: [] },
  ...given,
})
const plan: DirectorySyncPreview = {
  digest: 'd',
  counts: { create: 3, change: 2, bind: 2, keep: 9, gone: 2, conflict: 1 },
  canDisable: 1,
  rows: [],
  nextOffset: null,
}
const all = { create: true, change: true, bind: true, disable: true }

it('counts what is selected, without what is left out', () => {
  expect(takenCounts(plan, all, new Map())).toEqual({ create: 3, change: 2, bind: 2, disable: 1 })
  expect(takenCounts(plan, { ...all, disable: false, create: false }, new Map())).toMatchObject({
    create: 0,
    disable: 0,
  })
  // Somebody who would be changed and bound is left out of both.
  const both = row({ uid: 'bob', changes: ['name'], binds: true })
  const leftOut = new Map([
    ['a', { row: row({ binds: true }), kind: 'create' as const }],
    ['b', { row: both, kind: 'bind' as const }],
    ['carol', { row: row({ uid: 'carol' }), kind: 'gone' as const }],
  ])
  expect(takenCounts(plan, all, leftOut)).toEqual({ create: 2, change: 1, bind: 1, disable: 0 })
  expect(takenCounts(undefined, all, leftOut)).toEqual({ create: 0, change: 0, bind: 0, disable: 0 })
})
