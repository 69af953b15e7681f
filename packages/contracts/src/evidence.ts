import { z } from 'zod'
import { DeliveryView } from './delivery.ts'
import { TenantId, Timestamp } from './identifiers.ts'
import { TicketView } from './ticket.ts'

/** One entry of a tenant's audit as it is stored: enough to compute its MAC again. */
export const AuditRecord = z.object({
  seq: z.int().min(1),
  at: Timestamp,
  actor: z.string(),
  action: z.string(),
  target: z.string(),
  /** The JSON text that the MAC covers, byte for byte. */
  detail: z.string(),
  /** Hex of the entry before, and of this one: HMAC-SHA-256 under a key that only the host has. */
  prevMac: z.string().regex(/^[0-9a-f]{64}$/),
  mac: z.string().regex(/^[0-9a-f]{64}$/),
})
export type AuditRecord = z.infer<typeof AuditRecord>

/**
 * `GET /api/v1/tickets/{id}/evidence`: all there is to prove how a ticket was decided. `cli verify-audit evidence.json`
 * checks it against the keys and the audit of the host.
 */
export const Evidence = z.object({
  format: z.literal('countersign-evidence/1'),
  tenant: TenantId,
  exportedAt: Timestamp,
  ticket: TicketView,
  deliveries: z.array(DeliveryView),
  audit: z.array(AuditRecord),
  /** The last entry of the tenant's chain at that time. */
  head: z.object({ seq: z.int(), mac: z.string() }),
})
export type Evidence = z.infer<typeof Evidence>
