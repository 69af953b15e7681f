import type { DirectorySyncPreview, SyncRow } from '@countersign/contracts'
import type { syncKinds } from '@countersign/contracts/vocabulary'

export type SyncKind = (typeof syncKinds)[number]
/** Rows that are not to be taken over, by account or uid, and in which list they stood. */
export type LeftOut = ReadonlyMap<string, { row: SyncRow; kind: SyncKind }>
export type Taken = Record<'create' | 'change' | 'bind' | 'disable', boolean>

/** How many would be written: of each kind that is selected, without those left out. */
export function takenCounts(
  plan: DirectorySyncPreview | undefined,
  select: Taken,
  leftOut: LeftOut,
): Record<keyof Taken, number> {
  const rows = [...leftOut.values()]
  const known = rows.filter(({ kind }) => kind === 'change' || kind === 'bind').map(({ row }) => row)
  const without = {
    create: rows.filter(({ kind }) => kind === 'create').length,
    change: known.filter(({ changes }) => changes.length > 0).length,
    bind: known.filter(({ binds }) => binds).length,
    disable: rows.filter(({ kind }) => kind === 'gone').length,
  }
  const all = {
    create: plan?.counts.create ?? 0,
    change: plan?.counts.change ?? 0,
    bind: plan?.counts.bind ?? 0,
    disable: plan?.canDisable ?? 0,
  }
  const count = (what: keyof Taken): number => (select[what] ? Math.max(0, all[what] - without[what]) : 0)
  return { create: count('create'), change: count('change'), bind: count('bind'), disable: count('disable') }
}
