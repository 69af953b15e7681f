import type { AuditRecord } from '@countersign/contracts'
import type { AuditTable } from './schema.ts'

/** An entry as it goes out, with the text that its MAC covers. */
export function recordOf(row: AuditTable): AuditRecord {
  const { seq, at, actor, action, target, detail, prev_mac: prevMac, mac } = row
  return { seq, at: new Date(at).toISOString(), actor, action, target, detail, prevMac, mac }
}

/** The row that an entry was made from. */
export function rowOf(tenantId: string, { prevMac, at, ...record }: AuditRecord): AuditTable {
  return { tenant_id: tenantId, at: Date.parse(at), prev_mac: prevMac, ...record }
}
