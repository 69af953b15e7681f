import { z } from 'zod'
import { GivenModule, HttpUrl, Module, Risk, Timestamp, TimestampIn, Uid } from './identifiers.ts'
import { ticketStatuses } from './vocabulary.ts'

/** How many approvals complete a node. */
export const NodeRule = z.union([
  z.literal('any'),
  z.literal('all'),
  z.strictObject({ quorum: z.int().min(1).max(100) }),
])
export type NodeRule = z.infer<typeof NodeRule>

export const TicketStatus = z.enum(ticketStatuses)
export type TicketStatus = z.infer<typeof TicketStatus>

export const NodeStatus = z.enum([...ticketStatuses, 'waiting'])
export type NodeStatus = z.infer<typeof NodeStatus>

export const historyActions = [
  'submit',
  'approve',
  'reject',
  'withdraw',
  'change',
  'comment',
  'remind',
  'transfer',
  'add_approver',
  'expire',
] as const
export const HistoryAction = z.enum(historyActions)
export type HistoryAction = z.infer<typeof HistoryAction>

/** Where a step came from: `card:<channel>`, `chatbot:<channel>`, `h5`, `console`, `email-link`, `api`, `dms`. */
export const Via = z.string().regex(/^(card:[A-Za-z]+|chatbot:[A-Za-z]+|h5|console|email-link|api|dms)$/)
export type Via = z.infer<typeof Via>

export const Field = z.strictObject({ label: z.string().min(1).max(128), value: z.string().max(4_000) })
export type Field = z.infer<typeof Field>
export const Code = z.strictObject({
  language: z.string().max(32).default('text'),
  title: z.string().max(256).default(''),
  text: z.string().max(64_000),
})
export type Code = z.infer<typeof Code>
export const Attachment = z.strictObject({
  name: z.string().min(1).max(256),
  url: HttpUrl,
  /** Bytes. */
  size: z.int().min(0).optional(),
})
export type Attachment = z.infer<typeof Attachment>

export const NodeInput = z.strictObject({
  name: z.string().min(1).max(128),
  approvers: z.array(Uid).min(1).max(100),
  rule: NodeRule.default('any'),
})
export type NodeInput = z.infer<typeof NodeInput>

const contentShape = {
  title: z.string().trim().min(1).max(256),
  description: z.string().max(10_000),
  risk: Risk,
  fields: z.array(Field).max(50),
  code: z.array(Code).max(10),
  attachments: z.array(Attachment).max(20),
  url: HttpUrl,
  callbackUrl: HttpUrl,
  cc: z.array(Uid).max(100),
  /** Owners of the data that it is about: told where a notification rule says so; they may read the ticket. */
  owners: z.array(Uid).max(100),
  dueAt: TimestampIn,
  executesOnApproval: z.boolean(),
}

/** `POST /api/v1/tickets`. `template` or `nodes`, or neither for the default template of the module. */
export const SubmitTicket = z
  .strictObject({
    externalId: z.string().min(1).max(128).optional(),
    module: GivenModule,
    title: contentShape.title,
    description: contentShape.description.default(''),
    submitter: Uid,
    risk: Risk.optional(),
    fields: contentShape.fields.default([]),
    code: contentShape.code.default([]),
    attachments: contentShape.attachments.default([]),
    url: contentShape.url.optional(),
    callbackUrl: contentShape.callbackUrl.optional(),
    cc: contentShape.cc.default([]),
    // No default: the digest of a request that names none stays what it was.
    owners: contentShape.owners.optional(),
    dueAt: contentShape.dueAt.optional(),
    executesOnApproval: contentShape.executesOnApproval.default(false),
    template: z.string().min(1).max(64).optional(),
    nodes: z.array(NodeInput).min(1).max(20).optional(),
  })
  .refine((ticket) => ticket.template === undefined || ticket.nodes === undefined, {
    path: ['nodes'],
    message: 'give either template or nodes, not both',
  })
export type SubmitTicket = z.infer<typeof SubmitTicket>

/** `PATCH /api/v1/tickets/{id}`: any of the content fields; `version` guards against a change in between. */
export const ChangeTicket = z
  .strictObject({
    version: z.int().min(1).optional(),
    title: contentShape.title.optional(),
    description: contentShape.description.optional(),
    risk: Risk.optional(),
    fields: contentShape.fields.optional(),
    code: contentShape.code.optional(),
    attachments: contentShape.attachments.optional(),
    url: contentShape.url.nullable().optional(),
    callbackUrl: contentShape.callbackUrl.nullable().optional(),
    cc: contentShape.cc.optional(),
    owners: contentShape.owners.optional(),
    dueAt: contentShape.dueAt.nullable().optional(),
    executesOnApproval: contentShape.executesOnApproval.optional(),
  })
  .refine((change) => Object.keys(change).some((key) => key !== 'version'), {
    message: 'give at least one content field to change',
  })
export type ChangeTicket = z.infer<typeof ChangeTicket>

/** `POST /api/v1/tickets/{id}/withdraw`. */
export const WithdrawTicket = z.strictObject({ comment: z.string().max(1_000).optional() })
/** `POST /api/v1/tickets/{id}/comments`. Without `author` the comment is the submitter's. */
export const CommentOnTicket = z.strictObject({ comment: z.string().trim().min(1).max(1_000), author: Uid.optional() })

export const DecisionAction = z.enum(['approve', 'reject'])
export type DecisionAction = z.infer<typeof DecisionAction>

export const NodeView = z.object({
  index: z.int(),
  name: z.string(),
  rule: NodeRule,
  status: NodeStatus,
  approvers: z.array(z.object({ uid: Uid, decision: DecisionAction.nullable() })),
})

export const HistoryView = z.object({
  at: Timestamp,
  actor: z.string(),
  action: HistoryAction,
  via: Via,
  comment: z.string().nullable(),
  node: z.int().nullable(),
  /** An approval of an earlier content: kept, and no longer counted. */
  superseded: z.boolean(),
  /** Of a transfer: whose place it was, and who has it now. */
  transfer: z.object({ from: Uid, to: z.array(Uid) }).nullable(),
})

/** A ticket as the REST API shows it. */
export const TicketView = z.object({
  id: z.string(),
  number: z.int(),
  externalId: z.string().nullable(),
  status: TicketStatus,
  currentNode: z.int(),
  contentHash: z.string(),
  version: z.int(),
  module: Module,
  title: z.string(),
  description: z.string(),
  submitter: Uid,
  risk: Risk,
  fields: z.array(Field),
  code: z.array(Code),
  attachments: z.array(Attachment),
  url: z.string().nullable(),
  callbackUrl: z.string().nullable(),
  cc: z.array(Uid),
  owners: z.array(Uid),
  dueAt: Timestamp.nullable(),
  executesOnApproval: z.boolean(),
  template: z.string().nullable(),
  nodes: z.array(NodeView),
  history: z.array(HistoryView),
  createdAt: Timestamp,
  updatedAt: Timestamp,
  decidedAt: Timestamp.nullable(),
})
export type TicketView = z.infer<typeof TicketView>

/** `GET /api/v1/tickets` filters. */
export const ListTickets = z.strictObject({
  status: TicketStatus.optional(),
  module: Module.optional(),
  approver: Uid.optional(),
  submitter: Uid.optional(),
  q: z.string().trim().min(1).max(128).optional(),
  externalId: z.string().min(1).max(128).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(256).optional(),
})
export const TicketPage = z.object({ items: z.array(TicketView), nextCursor: z.string().nullable() })

/** `GET /api/v1/tickets/{id}/wait?timeout=60` (seconds). */
export const WaitForTicket = z.strictObject({ timeout: z.coerce.number().int().min(0).max(120).default(60) })

export const RemindResult = z.object({
  /** Who is reminded now. */
  reminded: z.array(Uid),
  /** Who was reminded less than an hour ago. */
  tooSoon: z.array(Uid),
})
