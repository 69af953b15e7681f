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

const ChainEnd = z.object({ seq: z.int().min(0), mac: z.string().regex(/^[0-9a-f]{64}$/) })

/** The first line of an export of the audit. */
export const AuditExportHead = z.object({
  format: z.literal('countersign-audit/1'),
  tenant: TenantId,
  exportedAt: Timestamp,
  exportedBy: z.string(),
  /** Which entries it is to hold; empty: all. Times are RFC 3339. */
  filter: z.strictObject({
    actor: z.string().optional(),
    action: z.string().optional(),
    target: z.string().optional(),
    from: Timestamp.optional(),
    to: Timestamp.optional(),
  }),
  /** The last entry of the tenant's chain at that time: nothing after it is in the file. */
  head: ChainEnd,
})
export type AuditExportHead = z.infer<typeof AuditExportHead>

/** The last line of it. Without it the file was cut off. */
export const AuditExportEnd = z.object({
  end: z.literal('countersign-audit/1'),
  /** Lines between the first and this one. */
  entries: z.int().min(0),
  /** The whole chain of the tenant up to the head, as the host found it while it was exporting. */
  verification: z.object({
    ok: z.boolean(),
    badSeq: z.int().nullable(),
    reason: z.string().nullable(),
    checkedAt: Timestamp,
  }),
})
export type AuditExportEnd = z.infer<typeof AuditExportEnd>
