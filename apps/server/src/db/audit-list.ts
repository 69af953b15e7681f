import type { AuditRecord } from '@countersign/contracts'
import { type Kysely, sql } from 'kysely'
import { recordOf } from './audit-record.ts'
import { decodeCursor, encodeCursor, NumberCursor } from './cursor.ts'
import type { Database } from './schema.ts'
import type { AuditFilter, Page } from './stores.ts'
import { searchPattern } from './ticket-search.ts'

/** Entries of a tenant's audit, newest first. */
export async function listAudit(
  db: Kysely<Database>,
  tenantId: string,
  { actor, action, target }: AuditFilter,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<AuditRecord>> {
  let query = db.selectFrom('audit').selectAll().where('tenant_id', '=', tenantId)
  if (actor !== undefined) query = query.where('actor', '=', actor)
  if (target !== undefined) query = query.where('target', '=', target)
  if (action !== undefined) {
    // The pattern for a part of a text, held to the beginning.
    query = query.where(sql<boolean>`action like ${searchPattern(action).slice(1)} escape '\\'`)
  }
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
