import { z } from 'zod'
import { Person, TicketSummary } from './app.ts'
import { ChannelName, Locale, Module, Role, Timestamp, TimestampIn, Uid } from './identifiers.ts'
import { ApiScope } from './provisioning.ts'
import { TicketStatus } from './ticket.ts'
import { auditExportFormats } from './vocabulary.ts'

/* What the desktop console asks for beside what it shares with the H5 app. Everything here needs a role. */

const page = {
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(256).optional(),
}

/** `GET /api/app/console/tickets`: every ticket of the tenant, newest first, for those who may read them all. */
export const TenantTicketQuery = z.strictObject({
  status: TicketStatus.optional(),
  module: Module.optional(),
  approver: Uid.optional(),
  submitter: Uid.optional(),
  q: z.string().trim().min(1).max(128).optional(),
  ...page,
})
export const TenantTicketPage = z.object({ items: z.array(TicketSummary), nextCursor: z.string().nullable() })
export type TenantTicketPage = z.infer<typeof TenantTicketPage>

const auditFilter = {
  actor: z.string().min(1).max(128).optional(),
  /** All actions that begin so, such as `ticket.` or `session.login`. */
  action: z
    .string()
    .regex(/^[a-z_.]{1,64}$/)
    .optional(),
  target: z.string().min(1).max(128).optional(),
  /** From this time on, and before that one. */
  from: TimestampIn.optional(),
  to: TimestampIn.optional(),
}
/** `GET /api/app/console/audit`, newest first. */
export const AuditQuery = z.strictObject({ ...auditFilter, ...page })
export const AuditView = z.object({
  seq: z.int(),
  at: Timestamp,
  actor: Person,
  action: z.string(),
  target: z.string(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
})
export type AuditView = z.infer<typeof AuditView>
export const AuditPage = z.object({ items: z.array(AuditView), nextCursor: z.string().nullable() })
export type AuditPage = z.infer<typeof AuditPage>
/**
 * `GET /api/app/console/audit-export`: the entries that the filter names, oldest first, as a file. JSON Lines: an
 * `AuditExportHead`, the entries as `AuditRecord`, an `AuditExportEnd`.
 */
export const AuditExportQuery = z.strictObject({ ...auditFilter, format: z.enum(auditExportFormats) })
export type AuditExportQuery = z.infer<typeof AuditExportQuery>
/** `POST /api/app/console/audit/verification`: the whole chain of the tenant, checked now. */
export const AuditVerification = z.object({
  ok: z.boolean(),
  entries: z.int().nullable(),
  /** The first entry that is not as it was written, and what is wrong with it. */
  badSeq: z.int().nullable(),
  reason: z.string().nullable(),
  checkedAt: Timestamp,
})
export type AuditVerification = z.infer<typeof AuditVerification>

/** `GET /api/app/console/people`, by name. */
export const PeopleQuery = z.strictObject({
  q: z.string().trim().min(1).max(128).optional(),
  role: Role.optional(),
  ...page,
})
export const PersonRow = Person.extend({
  roles: z.array(Role),
  locale: Locale.nullable(),
  timeZone: z.string().nullable(),
  disabled: z.boolean(),
  /** Written by the provisioning file. */
  provisioned: z.boolean(),
  /** Whether they have one; null to whoever may not change people. */
  secondFactor: z.boolean().nullable(),
  /** To which they are bound, and whether they want to be told through it. */
  channels: z.array(z.object({ channel: ChannelName, enabled: z.boolean() })),
})
export type PersonRow = z.infer<typeof PersonRow>
export const PeoplePage = z.object({ items: z.array(PersonRow), nextCursor: z.string().nullable() })
export type PeoplePage = z.infer<typeof PeoplePage>

/** `GET /api/app/console/api-keys`. Never the keys themselves. */
export const ApiKeyView = z.object({
  name: z.string(),
  scopes: z.array(ApiScope),
  hasWebhookSecret: z.boolean(),
  /** Written by the provisioning file: can be ended there only. */
  provisioned: z.boolean(),
  createdAt: Timestamp,
  expiresAt: Timestamp.nullable(),
  /** To the minute; null: never used. */
  lastUsedAt: Timestamp.nullable(),
})
export type ApiKeyView = z.infer<typeof ApiKeyView>
export const ApiKeyList = z.object({ items: z.array(ApiKeyView) })
export const CreateApiKey = z.strictObject({
  name: z.string().trim().min(1).max(64),
  scopes: z.array(ApiScope).min(1),
  /** Must lie ahead. Left out: never. */
  expiresAt: TimestampIn.optional(),
  /** Whether decisions sent to `callbackUrl` are signed. */
  withWebhookSecret: z.boolean().default(true),
})
export type CreateApiKey = z.infer<typeof CreateApiKey>
/** The only answer that ever has the key in it. */
export const CreatedApiKey = ApiKeyView.extend({ key: z.string(), webhookSecret: z.string().nullable() })
export type CreatedApiKey = z.infer<typeof CreatedApiKey>
