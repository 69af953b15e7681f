import type { AuditRecord } from '@countersign/contracts'
import { type Kysely, sql } from 'kysely'
import { recordOf } from './audit-record.ts'
import { decodeCursor, encodeCursor, NumberCursor } from './cursor.ts'
import type { Database } from './schema.ts'
import type { AuditFilter, Page } from './stores.ts'
import { searchPattern } from './ticket-search.ts'

function found(db: Kysely<Database>, tenantId: string, { actor, action, target, from, to }: AuditFilter) {
  let query = db.selectFrom('audit').selectAll().where('tenant_id', '=', tenantId)
  if (actor !== undefined) query = query.where('actor', '=', actor)
  if (target !== undefined) query = query.where('target', '=', target)
  if (from !== undefined) query = query.where('at', '>=', from)
  if (to !== undefined) query = query.where('at', '<', to)
  if (action === undefined) return query
  // The pattern for a part of a text, held to the beginning.
  return query.where(sql<boolean>`action like ${searchPattern(action).slice(1)} escape '\\'`)
}

/** Entries of a tenant's audit, newest first. */
export async function listAudit(
  db: Kysely<Database>,
  tenantId: string,
  filter: AuditFilter,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<AuditRecord>> {
  let query = found(db, tenantId, filter)
  if (cursor !== undefined) query = query.where('seq', '<', decodeCursor(cursor, NumberCursor)[0])
  const rows = await query
    .orderBy('seq', 'desc')
    .limit(limit + 1)
    .execute()
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map(recordOf),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor([last.seq]) : null,
  }
}

/** The same from the beginning of a range of the chain. */
export async function auditInOrder(
  db: Kysely<Database>,
  tenantId: string,
  filter: AuditFilter,
  { after, upTo, limit }: { after: number; upTo: number; limit: number },
): Promise<AuditRecord[]> {
  const rows = await found(db, tenantId, filter)
    .where('seq', '>', after)
    .where('seq', '<=', upTo)
    .orderBy('seq')
    .limit(limit)
    .execute()
  return rows.map(recordOf)
}
