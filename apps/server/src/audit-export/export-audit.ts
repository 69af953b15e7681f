import type { AuditExportEnd, AuditExportHead, AuditRecord } from '@countersign/contracts'
import type { AuditAnchor, AuditFilter, AuditStore } from '#server/db/stores.ts'

/** Entries that are in memory at once. */
const pageSize = 500

export const auditFormat = 'countersign-audit/1'
/** The end of a chain without any entry. */
const noEntry: AuditAnchor = { seq: 0, mac: '0'.repeat(64) }

export interface AuditExport {
  audit: Pick<AuditStore, 'head' | 'inOrder' | 'verify'>
  tenantId: string
  /** The uid. */
  exportedBy: string
  filter: AuditFilter
  now: () => number
}

export type ExportedLine =
  | { kind: 'head'; head: AuditExportHead }
  | { kind: 'entry'; entry: AuditRecord }
  | { kind: 'end'; end: AuditExportEnd }

/**
 * The audit as far as the filter names it, oldest first, up to what was the last entry when it began: read page by page,
 * so that it costs the same memory however long it is. The chain as a whole is checked at the end, up to that entry.
 */
export async function* exportAudit({
  audit,
  tenantId,
  exportedBy,
  filter,
  now,
}: AuditExport): AsyncGenerator<ExportedLine> {
  const head = (await audit.head(tenantId)) ?? noEntry
  yield {
    kind: 'head',
    head: {
      ...{ format: auditFormat, tenant: tenantId, exportedAt: iso(now()), exportedBy },
      filter: writtenFilter(filter),
      head,
    },
  }
  let entries = 0
  for (let after = 0; after < head.seq; ) {
    const page = await audit.inOrder(tenantId, filter, { after, upTo: head.seq, limit: pageSize })
    for (const entry of page) yield { kind: 'entry', entry }
    entries += page.length
    after = page.length < pageSize ? head.seq : (page.at(-1)?.seq ?? head.seq)
  }
  const checked = await audit.verify(tenantId, head.seq === 0 ? undefined : head)
  const fault = checked.ok ? { badSeq: null, reason: null } : { badSeq: checked.badSeq, reason: checked.reason }
  const verification = { ok: checked.ok, ...fault, checkedAt: iso(now()) }
  yield { kind: 'end', end: { end: auditFormat, entries, verification } }
}

const iso = (at: number): string => new Date(at).toISOString()

function writtenFilter({ actor, action, target, from, to }: AuditFilter): AuditExportHead['filter'] {
  return {
    ...(actor === undefined ? {} : { actor }),
    ...(action === undefined ? {} : { action }),
    ...(target === undefined ? {} : { target }),
    ...(from === undefined ? {} : { from: iso(from) }),
    ...(to === undefined ? {} : { to: iso(to) }),
  }
}

/** The filter that an export was made with. */
export function filterOf({ filter: { from, to, ...rest } }: AuditExportHead): AuditFilter {
  return {
    ...rest,
    ...(from === undefined ? {} : { from: Date.parse(from) }),
    ...(to === undefined ? {} : { to: Date.parse(to) }),
  }
}
