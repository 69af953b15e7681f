import { type AuditRecord, AuditView } from '@countersign/contracts'
import { Router } from 'express'
import { evidenceOf } from '#server/api/v1/evidence.ts'
import { exportAudit } from '#server/audit-export/export-audit.ts'
import { requireOwnLink, sendFile } from '#server/audit-export/send-file.ts'
import { csvLines, jsonLines } from '#server/audit-export/write-lines.ts'
import type { Store } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import type { Sessions } from '#server/session/sessions.ts'
import { forRoles } from '../../for-roles.ts'
import { forTickets } from '../../for-tickets.ts'
import { namesFor } from '../../my-tickets.ts'
import type { Names } from '../../ticket-detail.ts'
import { withTimes } from '../deliveries/view.ts'

export interface AuditRouterDeps {
  store: Store
  sessions: Sessions
  now: () => number
}

/** Each goes through the whole audit: more on one instance would hold up others. */
const mostExportsAtOnce = 2

/** What was done and refused, for those who may look into it, on the page and as a file. */
export function auditRouter({ store, sessions, now }: AuditRouterDeps): Router {
  const router = Router()
  const { stores } = store
  const on = forRoles(router, sessions)
  const onTicket = forTickets(router, { sessions, stores })
  let exporting = 0

  on('listAudit', async ({ who: user, query }) => {
    const { limit, cursor, ...filter } = query
    const page = await stores.audit.list(user.tenantId, withTimes(filter), { limit, cursor })
    const names = await namesFor(
      stores,
      user.tenantId,
      page.items.map(({ actor }) => actor),
    )
    return { items: page.items.map((record) => viewAudit(record, names)), nextCursor: page.nextCursor }
  })

  on('verifyAudit', async ({ who: user }) => {
    const checked = await stores.audit.verify(user.tenantId)
    const found = checked.ok
      ? { entries: checked.entries, badSeq: null, reason: null }
      : { entries: null, badSeq: checked.badSeq, reason: checked.reason }
    return { ok: checked.ok, ...found, checkedAt: new Date(now()).toISOString() }
  })

  on('exportAudit', async ({ who: user, query, req, res }) => {
    requireOwnLink(req)
    if (exporting >= mostExportsAtOnce) {
      throw new AppError('too_many_requests', 'other exports are still running', { retryAfterMs: 10_000 })
    }
    exporting += 1
    try {
      const { tenantId, uid } = user
      const { format, ...filter } = query
      const at = now()
      // Before the first line: it is in the audit whatever becomes of the download, and in the file itself.
      const entry = { tenantId, at, actor: uid, action: 'audit.export', target: `tenant:${tenantId}` }
      await store.run((tx) => tx.audit.append({ ...entry, detail: { format, ...withoutGaps(filter) } }))
      const lines = exportAudit({ audit: stores.audit, tenantId, exportedBy: uid, filter: withTimes(filter), now })
      const name = `audit-${tenantId}-${new Date(at).toISOString().slice(0, 10)}.${format}`
      await sendFile(
        res,
        format === 'csv'
          ? { name, type: 'text/csv; charset=utf-8', lines: csvLines(lines) }
          : { name, type: 'application/jsonl; charset=utf-8', lines: jsonLines(lines) },
      )
    } finally {
      exporting -= 1
    }
    return undefined
  })

  onTicket('exportEvidence', async ({ who: { user, ticket } }) => {
    const { tenantId, uid: actor } = user
    // Not about the ticket itself: its own entries say how it was decided, and nothing else.
    const entry = { tenantId, at: now(), actor, action: 'evidence.export', target: `evidence:${ticket.id}` }
    await store.run((tx) => tx.audit.append({ ...entry, detail: { ticket: ticket.number } }))
    return evidenceOf(stores, ticket, now())
  })

  return router
}

function withoutGaps(filter: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(filter).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

function viewAudit({ seq, at, actor, action, target, detail }: AuditRecord, names: Names): AuditView {
  return { seq, at, actor: names(actor), action, target, detail: AuditView.shape.detail.parse(JSON.parse(detail)) }
}
