import type { LoginWay, TenantId, Uid } from '@countersign/contracts'
import type { AppErrorCode } from '#server/errors.ts'
import type { AuditLog } from '#server/tickets/ports.ts'

/** Somebody who has not shown who they are. */
const visitor = 'visitor'

/** Notes that somebody was not let in: as this person, or, where nobody is known, at all. */
export async function auditRefusal(
  tx: { audit: AuditLog },
  refused: { tenantId: TenantId; way: LoginWay; uid: Uid | null; reason: AppErrorCode; at: number },
): Promise<void> {
  const { tenantId, way, uid, reason, at } = refused
  const target = uid === null ? `tenant:${tenantId}` : `user:${uid}`
  await tx.audit.append({
    tenantId,
    at,
    actor: visitor,
    action: 'session.login_refused',
    target,
    detail: { way, reason },
  })
}
