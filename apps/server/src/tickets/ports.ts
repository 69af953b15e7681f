import type {
  ChannelName,
  NoticeEvent,
  RefusalReason,
  Risk,
  Role,
  Surface,
  TenantId,
  Uid,
} from '@countersign/contracts'
import type { PlannedStep } from './ladder.ts'
import type { HistoryEntry, ReminderStep, Ticket, TicketNode } from './ticket.ts'

/** Epoch milliseconds. */
export interface Clock {
  now(): number
}

/** All that happens inside `work` commits together, or nothing of it does. No network call belongs inside. */
export interface UnitOfWork<Tx extends Transaction = Transaction> {
  run<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>
}

/** What the engine needs to have stored. The database implements it; tests may too. */
export interface Transaction {
  tickets: TicketStore
  directory: PeopleDirectory
  notices: NoticeBoard
  audit: AuditLog
}

export interface TicketStore {
  /** The next ticket number of the tenant, from 1001. */
  nextNumber(tenantId: TenantId): Promise<number>
  insert(ticket: Ticket, origin: SubmissionKeys): Promise<void>
  /** Reads a ticket and keeps others from changing it until the transaction ends. */
  lock(tenantId: TenantId, id: string): Promise<Ticket | null>
  find(tenantId: TenantId, id: string): Promise<Ticket | null>
  /** An earlier submission with the same external id or idempotency key. */
  findSubmission(tenantId: TenantId, keys: SubmissionKeys): Promise<{ ticket: Ticket; requestHash: string } | null>
  /** Compare-and-set on `before.version`; also brings every person's lists up to date. Throws if somebody was faster. */
  save(before: Ticket, after: Ticket): Promise<void>
  appendHistory(tenantId: TenantId, ticketId: string, entry: HistoryEntry): Promise<void>
  history(tenantId: TenantId, ticketId: string): Promise<HistoryEntry[]>
}

/** What makes a second submission the same one. */
export interface SubmissionKeys {
  externalId: string | null
  idempotencyKey: string | null
  /** Digest of the request body: the same key with another body is a conflict. */
  requestHash: string
}

export interface User {
  tenantId: TenantId
  uid: Uid
  name: string
  roles: Role[]
  locale: string | null
  timeZone: string | null
  disabled: boolean
}

export interface Template {
  id: string
  module: string
  nodes: Pick<TicketNode, 'name' | 'rule' | 'approvers'>[]
  risk: Risk | null
  surfaces: Surface[] | null
  rejectWhenQuorumImpossible: boolean
  /** In place of the tenant's; null: the tenant's. */
  reminders: ReminderStep[] | null
}

/** What a tenant says of every ticket. */
export interface SubmissionRules {
  allowsSelfApproval: boolean
  /** Unless the template says otherwise. */
  reminders: ReminderStep[]
}

export interface PeopleDirectory {
  user(tenantId: TenantId, uid: Uid): Promise<User | null>
  /** Of the given uids, those that are people of the tenant. */
  users(tenantId: TenantId, uids: readonly Uid[]): Promise<Map<Uid, User>>
  submissionRules(tenantId: TenantId): Promise<SubmissionRules>
  template(tenantId: TenantId, id: string): Promise<Template | null>
  /** The template used when a ticket of this module names neither template nor nodes. */
  defaultTemplate(tenantId: TenantId, module: string): Promise<Template | null>
}

/** Something people are to be told. Unique per (notice key, recipient, channel). */
export interface Notice {
  tenantId: TenantId
  ticketId: string
  module: string
  event: NoticeEvent
  /** Tells this notice from every other of the ticket, for example `pending:1:0` (content version, node). */
  key: string
  recipients: readonly Uid[]
  /** Who is not asked, but sees the card where a platform shows one card to many. */
  onlookers: readonly Uid[]
  /** Whom a rule may add: cc, and the owners of the data. */
  related: readonly Uid[]
  owners: readonly Uid[]
  /** By when the ticket is to be decided (epoch ms): what asks for that does not wait beyond it. */
  dueAt: number | null
  /** Reminders that are to follow for those who are asked and do not decide. */
  ladder: readonly PlannedStep[]
  /** It tells only the recipients: whom a rule adds have been told of it before. */
  onlyRecipients?: boolean
  /** Through this channel alone, whatever the rules say, and to nobody beside the recipients. Absent: by the rules. */
  through?: ChannelName
  at: number
}

export interface NoticeBoard {
  /** Queues one delivery per recipient and channel; a recipient whom no channel reaches gets a failed one saying so. */
  announce(notice: Notice): Promise<void>
  /**
   * Every card of the ticket is out of date and is to be brought to the ticket's present state; deliveries not yet sent
   * to people who are no longer asked are suppressed. `tapped` has the new card in the answer to the tap: its own update
   * only repairs a lost answer and may wait. `isAskedAnew`: another request follows, so that nothing unsent is needed.
   */
  refreshCards(
    ticket: Ticket,
    tapped: { uid: Uid; channel: string } | null,
    options?: { isAskedAnew: boolean },
  ): Promise<void>
  /** Sends the outcome to the ticket's `callbackUrl`, if it has one. */
  callBack(ticket: Ticket, event: NoticeEvent, at: number): Promise<void>
  /** When each person was last reminded of this ticket (epoch ms), but for the notice of this key. */
  lastReminders(tenantId: TenantId, ticketId: string, exceptKey?: string): Promise<Map<Uid, number>>
}

export interface AuditEntry {
  tenantId: TenantId
  at: number
  actor: string
  /** For example `ticket.approve`, `ticket.refused`, `session.login`. */
  action: string
  /** For example `ticket:<id>`. */
  target: string
  detail: Record<string, string | number | boolean | null | RefusalReason>
}

/** Append-only, chained by a keyed hash per tenant. */
export interface AuditLog {
  append(entry: AuditEntry): Promise<void>
}
