import type {
  ApiScope,
  ApprovalTemplate,
  AuditRecord,
  ChannelName,
  DeliveryState,
  Locale,
  LoginWay,
  NoticeEvent,
  NotificationRule,
  Role,
  TenantId,
  TicketStatus,
  TicketTab,
  Uid,
  WaitReason,
} from '@countersign/contracts'
import type { Held, Timing } from '#server/delivery/hold.ts'
import type {
  AuditLog,
  Notice,
  NoticeBoard,
  PeopleDirectory,
  TicketStore,
  Transaction,
  UnitOfWork,
  User,
} from '#server/tickets/ports.ts'
import type { HistoryEntry, Ticket } from '#server/tickets/ticket.ts'
import type { ApprovalTemplateStore } from './approval-template-store.ts'
import type { CallCountStore } from './call-count-store.ts'
import type { LedgerRow } from './card-ledger.ts'
import type { ChatStore, replyEvent } from './chat-store.ts'
import type { CompanyAccountStore } from './company-account-store.ts'
import type { CoverageStore } from './coverage-store.ts'
import type { DecisionLinkStore } from './decision-link-store.ts'
import type { DeliveryActionStore } from './delivery-action-store.ts'
import type { DiagnosisStore } from './diagnosis-store.ts'
import type { DirectoryReadStore } from './directory-read-store.ts'
import type { LoginWayStore } from './login-way-store.ts'
import type { PlannedDelivery, Reach } from './notice-fan-out.ts'
import type { NotificationSettingsStore } from './notification-settings-store.ts'
import type { OverviewStore } from './overview-store.ts'
import type { PeopleStore } from './people-store.ts'
import type { ReportStore, reportEvent } from './report-store.ts'
import type { RerouteStore } from './reroute-store.ts'
import type { SecondFactorStore } from './second-factor-store.ts'
import type { SettingsStore } from './settings-store.ts'
import type { SightingStore } from './sighting-store.ts'
import type { TextStore } from './text-store.ts'
import type { ThrottleStore } from './throttle-store.ts'
import type { TrialStore } from './trial-store.ts'
import type { VerificationStore } from './verification-store.ts'
import type { WebhookCallStore } from './webhook-call-store.ts'

/* What the rest of the server may ask of the database. Each interface is implemented by the file of its name. */

export interface Page<Item> {
  items: Item[]
  /** Opaque; null at the end. */
  nextCursor: string | null
}

export interface TicketFilter {
  status?: TicketStatus | undefined
  module?: string | undefined
  approver?: Uid | undefined
  submitter?: Uid | undefined
  q?: string | undefined
  externalId?: string | undefined
}

export interface TicketQueries extends TicketStore {
  /** Newest first. Throws AppError('invalid_cursor') on a cursor it did not make. */
  list(
    tenantId: TenantId,
    filter: TicketFilter,
    page: { limit: number; cursor?: string | undefined },
  ): Promise<Page<Ticket>>
  /** A person's list, newest first, by index alone: as fast with a million tickets as with a thousand. */
  listForPerson(
    tenantId: TenantId,
    uid: Uid,
    tab: TicketTab,
    page: { limit: number; cursor?: string | undefined; q?: string | undefined },
  ): Promise<Page<Ticket>>
  /** Counted up to 1,000. */
  counts(tenantId: TenantId, uid: Uid): Promise<Record<TicketTab, number>>
  /** By the number that people call it by. */
  findByNumber(tenantId: TenantId, number: number): Promise<Ticket | null>
  historyOf(tenantId: TenantId, ticketIds: readonly string[]): Promise<Map<string, HistoryEntry[]>>
}

export interface ChannelRecord {
  tenantId: TenantId
  name: ChannelName
  enabled: boolean
  appId: string | null
  /** Settings with the secrets opened: never log or return it. */
  settings: unknown
  updatedAt: number
}

export interface Tenant {
  id: TenantId
  name: string
  locale: string | null
  timeZone: string | null
  allowSelfApproval: boolean
  /** Administrators are told once a day who cannot be reached. */
  coverageReport: boolean
}

export interface ApiKey {
  tenantId: TenantId
  name: string
  scopes: ApiScope[]
}

/** An API key as an administrator sees it: never the key itself. Times are epoch milliseconds. */
export interface ApiKeyRecord extends ApiKey {
  hasWebhookSecret: boolean
  provisioned: boolean
  createdAt: number
  expiresAt: number | null
  lastUsedAt: number | null
}

export interface NewApiKey extends ApiKey {
  /** SHA-256 of the key, hex. */
  keyHash: string
  /** Sealed by the store. */
  webhookSecret: string | null
  createdAt: number
  expiresAt: number | null
}

export interface StoredRule extends NotificationRule {
  /** The provisioning file wrote it. */
  isProvisioned: boolean
}

/** Tenants and what they have set. */
export interface TenantStore {
  tenants(): Promise<Tenant[]>
  tenant(id: TenantId): Promise<Tenant | null>
  channels(tenantId: TenantId): Promise<ChannelRecord[]>
  channel(tenantId: TenantId, name: ChannelName): Promise<ChannelRecord | null>
  /** Every tenant's enabled channels that hold a connection to the platform in place of being called by it. */
  connectedChannels(): Promise<ChannelRecord[]>
  /** The tenant whose app this is; callbacks name nothing else. */
  channelByApp(name: ChannelName, appId: string): Promise<ChannelRecord | null>
  /** Null also for one that has run out by `now`. */
  apiKeyByHash(keyHash: string, now: number): Promise<ApiKey | null>
  /** By name. */
  apiKeys(tenantId: TenantId): Promise<ApiKeyRecord[]>
  /** False: there is one of that name already. */
  addApiKey(key: NewApiKey): Promise<boolean>
  /** False: there is none of that name which was made in the console. */
  removeApiKey(tenantId: TenantId, name: string): Promise<boolean>
  noteApiKeyUse(key: Pick<ApiKey, 'tenantId' | 'name'>, at: number): Promise<void>
  webhookSecret(tenantId: TenantId, apiKeyName: string): Promise<string | null>
  rule(tenantId: TenantId, module: string, event: NoticeEvent): Promise<NotificationRule | null>
  /** Every rule that is not the default. */
  rules(tenantId: TenantId): Promise<StoredRule[]>
  /** Of all tickets there ever were but trials, in alphabetical order. */
  usedModules(tenantId: TenantId): Promise<string[]>
  templates(tenantId: TenantId): Promise<ApprovalTemplate[]>
}

export interface Binding {
  uid: Uid
  channel: ChannelName
  /** Shape by channel: for Lark `{ email?, mobile? }`. */
  address: unknown
  addressDigest: string
  /** The provisioning file wrote it, and not the person. */
  isProvisioned: boolean
}

/** People, and which platform account is whose. */
export interface Directory extends PeopleDirectory {
  /** By uid. Throws AppError('invalid_cursor') on a cursor it did not make. */
  list(
    tenantId: TenantId,
    filter: { q?: string | undefined; role?: Role | undefined },
    page: { limit: number; cursor?: string | undefined },
  ): Promise<Page<ListedPerson>>
  /** The person of a platform account; null when nobody or when the binding's address has changed since. */
  findByPlatformId(tenantId: TenantId, channel: ChannelName, platformUserId: string): Promise<User | null>
  platformId(tenantId: TenantId, channel: ChannelName, uid: Uid): Promise<string | null>
  binding(tenantId: TenantId, channel: ChannelName, uid: Uid): Promise<Binding | null>
  /** Bound to the channel and not yet known on the platform. */
  unresolved(tenantId: TenantId, channel: ChannelName): Promise<Binding[]>
  /** Whether somebody else is known by this account, or claims it. */
  isOthers(tenantId: TenantId, channel: ChannelName, platformUserId: string, uid: Uid): Promise<boolean>
  /** Bound to the channel and known on the platform. */
  known(tenantId: TenantId, channel: ChannelName): Promise<{ uid: Uid; platformUserId: string }[]>
  /** Remembers whose account it is. False when another person already has that account: then nobody may use it. */
  remember(tenantId: TenantId, binding: Binding, platformUserId: string, at: number): Promise<boolean>
}

export interface ClaimedDelivery {
  tenantId: TenantId
  id: string
  ticketId: string
  noticeKey: string
  /** `reply`: an answer of the bot; `report`: news for administrators. Neither belongs to a ticket. */
  event: NoticeEvent | typeof replyEvent | typeof reportEvent
  recipient: string
  channel: string
  /** The version that the recipient should see by now. */
  wantedVersion: number
  shownVersion: number
  /** Null: to be sent; else the message to be updated. */
  message: unknown
  tries: number
  /** When a send was first tried whose outcome is not known; null: every attempt so far is known to have failed. */
  firstTriedAt: number | null
  /** Epoch milliseconds. */
  createdAt: number
  /** Why it was held back until now. */
  waitsFor: WaitReason | null
  /** Another card took its place: this one is to say so, and has nothing to tap. */
  isReplaced: boolean
}

/** A delivery that is told in the message of another. */
export interface CarriedDelivery {
  id: string
  ticketId: string
  noticeKey: string
  event: NoticeEvent
  recipient: Uid
  createdAt: number
  /** When a message with it was first begun whose outcome is not known. */
  firstTriedAt: number | null
}

/** The outcome of one piece of work on a delivery. `code` is the platform's own. */
export type DeliveryResult =
  | { kind: 'delivered'; state: 'sent' | 'updated'; shownVersion: number; message: unknown; code: string; text: string }
  /** `counted`: towards giving up. `firstTriedAt` is what the delivery carries from now on. */
  | {
      kind: 'retry'
      dueAt: number
      code: string
      text: string
      counted: boolean
      firstTriedAt: number | null
      waitsFor?: WaitReason
    }
  /** `alone`: what it carries for others is not concerned, and goes on without it. */
  | { kind: 'failed'; code: string; text: string; alone?: boolean }
  | { kind: 'suppressed'; code: string; text: string; alone?: boolean }
  /** Not sent before that time, and why. Counts as no attempt. */
  | ({ kind: 'held' } & Held)
  /** One person's part in a shared card, held until now: the card's carrier takes it. `note` is for the log. */
  | { kind: 'joined'; note: { code: string; text: string } | null }
  /** Given back untouched, for example for want of a rate-limit token or at shutdown; counts as no attempt. */
  | { kind: 'released'; dueAt: number; waitsFor?: WaitReason }

/** One person's part in a card that many see. */
export interface SharedDelivery {
  id: string
  recipient: Uid
  event: NoticeEvent
  /** Has not reached the person yet. */
  isQueued: boolean
  /** Somebody asked for it to be sent once more: who has the card gets it again. */
  isAgain: boolean
  /** What the person sees is older than it should be. */
  isOutdated: boolean
  /** As the channel gave it for this person; null before anything reached them. */
  message: unknown
  /** When a send to this person was first begun whose outcome is not known. */
  firstTriedAt: number | null
  /** When the person wants to be told; null where nothing is waiting for them, or nothing is known. */
  timing: Timing | null
}

/** What became of one person's part. `retry`: it stays queued, and has surely not reached them. */
export type SharedOutcome =
  | ({ id: string; code: string; text: string } & (
      | { kind: 'delivered'; state: 'sent' | 'updated'; shownVersion: number; message: unknown }
      | { kind: 'failed' | 'suppressed' | 'retry' }
    ))
  /** It is not sent before that time, and joins the others then. */
  | ({ id: string; kind: 'held' } & Held)

/** What became of a card or message to one person. */
export interface RecentDelivery {
  recipient: Uid
  state: string
  /** Has failed for good, or its last attempt has and it is tried again. */
  isFailing: boolean
  /** Of the last attempt; the platform's own. */
  code: string
  text: string
  /** Epoch milliseconds. */
  at: number
}

/** What waits for a limit of a channel: how many deliveries, and when the first is tried again (epoch ms). */
export interface HeldByLimit {
  count: number
  until: number
}

export interface DeliveryRecord {
  id: string
  recipient: string
  channel: string
  event: NoticeEvent
  state: DeliveryState
  noticeKey: string
  announcedAt: number
  dueAt: number | null
  waitsFor: WaitReason | null
  attempts: { at: number; code: string; message: string }[]
}

/** A delivery among those of all tickets. */
export interface ListedDelivery extends Omit<DeliveryRecord, 'noticeKey' | 'announcedAt' | 'event'> {
  event: NoticeEvent | typeof reportEvent
  /** Null: it tells of none. */
  ticket: { id: string; number: number; title: string } | null
  createdAt: number
  /** How often the same had been sent before because somebody asked for it. */
  sending: number
  /** The delivery that took its place. */
  replacedBy: string | null
  /** In whose message it is, or was, told. */
  carriedBy: string | null
}

export interface DeliveryFilter {
  state?: DeliveryState | undefined
  channel?: string | undefined
  recipient?: string | undefined
  event?: string | undefined
  /** The number of a ticket, or its id. */
  ticket?: string | undefined
  /** Queued from this time on (epoch ms), and before that one. */
  from?: number | undefined
  to?: number | undefined
  /** None but these. */
  ids?: readonly string[] | undefined
  /** Only what is POSTed to addresses outside. */
  isPosted?: boolean | undefined
}

/** A person of the tenant as an administrator sees them. */
export interface ListedPerson {
  uid: Uid
  name: string
  roles: Role[]
  locale: Locale | null
  timeZone: string | null
  disabled: boolean
  provisioned: boolean
  channels: { channel: ChannelName; enabled: boolean }[]
}

/**
 * Deliveries that share one fate: all of one tenant's app, or all to one callback host. At most `perLane` of a lane are
 * claimed at once, or as many as `room` says for it.
 */
export interface ClaimOptions {
  limit: number
  leaseMs: number
  now: number
  perLane: number
  room: ReadonlyMap<string, number>
}

/** The outbox. The worker claims with a lease, calls the platform outside any transaction, and reports. */
/** Something to be told to people that belongs to no ticket. */
export interface ReportNotice {
  tenantId: TenantId
  /** Tells this report from every other, and is what its content is found by. */
  key: string
  recipients: readonly Uid[]
  at: number
}

export interface Outbox extends NoticeBoard {
  /** What `announce` would queue for the people a notice is for. Changes nothing. */
  plan(notice: Notice): Promise<PlannedDelivery[]>
  /** Queues one delivery per recipient and channel, as `announce` does. */
  announceReport(report: ReportNotice): Promise<void>
  /** Also takes over deliveries whose lease has ended. */
  claim(owner: string, options: ClaimOptions): Promise<ClaimedDelivery[]>
  /** False when the lease was lost meanwhile: somebody else has taken over. */
  report(owner: string, delivery: ClaimedDelivery, result: DeliveryResult, now: number): Promise<boolean>
  /** What the carrier of a shared card carries, oldest first: all who have the card and all who are to get it. */
  shared(carrier: ClaimedDelivery): Promise<SharedDelivery[]>
  /**
   * To be called before a send: should its answer be lost, only these may have the card. The lease begins anew; false:
   * it was lost.
   */
  noteTried(
    owner: string,
    carrier: ClaimedDelivery,
    ids: readonly string[],
    lease: { now: number; leaseMs: number },
  ): Promise<boolean>
  /** Reports people's parts of a shared card. False, and nothing is changed, when the carrier's lease was lost. */
  reportShared(
    owner: string,
    carrier: ClaimedDelivery,
    outcomes: readonly SharedOutcome[],
    now: number,
  ): Promise<boolean>
  /** What is told in this delivery's message, oldest first, apart from what has been settled meanwhile. */
  carried(delivery: ClaimedDelivery): Promise<CarriedDelivery[]>
  /** Ends carried deliveries that are not to be told any more. False: the lease was lost. */
  dropCarried(
    owner: string,
    delivery: ClaimedDelivery,
    ids: readonly string[],
    why: { code: string; text: string },
    now: number,
  ): Promise<boolean>
  /**
   * To be called before a message is sent, with what it carries: from now on these share its fate. Should its answer be
   * lost, only these may have been told. The lease begins anew; false: it was lost.
   */
  noteSending(
    owner: string,
    delivery: ClaimedDelivery,
    carried: readonly string[],
    lease: { now: number; leaseMs: number },
  ): Promise<boolean>
  /** For whom a notice was meant, and whom it has reached or is on its way to. */
  audience(tenantId: TenantId, ticketId: string, noticeKey: string): Promise<{ intended: Uid[]; reached: Uid[] }>
  /** How a person can be reached now, and when they want to be; null where no enabled channel is theirs. */
  reachOf(tenantId: TenantId, uid: Uid): Promise<Reach | null>
  /** The person wants to be told at other times: what is held for them comes no later than they want it now. */
  reconsider(tenantId: TenantId, uid: Uid, at: number): Promise<void>
  /** The message of the card by which a person was asked last, through this channel; null when they have none. */
  cardOf(request: { tenantId: TenantId; ticketId: string; recipient: Uid; channel: string }): Promise<unknown>
  /** Epoch ms of the next due delivery or lease end, null when there is none. */
  nextDueAt(): Promise<number | null>
  deliveries(tenantId: TenantId, ticketId: string): Promise<DeliveryRecord[]>
  /** Which messages live of a ticket, and which version each shows. */
  ledger(tenantId: TenantId, ticketId: string): Promise<LedgerRow[]>
  /** Of every ticket, newest first. Throws AppError('invalid_cursor') on a cursor it did not make. */
  list(
    tenantId: TenantId,
    filter: DeliveryFilter,
    page: { limit: number; cursor?: string | undefined },
  ): Promise<Page<ListedDelivery>>
  /** Changes whenever the first so many of the list do, or what is said of them. Cheaper than the list. */
  fingerprint(tenantId: TenantId, filter: DeliveryFilter, limit: number): Promise<string>
  /** How many the filter finds, counted up to `most`. */
  count(tenantId: TenantId, filter: DeliveryFilter, most: number): Promise<number>
  /** What became of the deliveries of the newest tickets through one channel that were tried, newest ticket first. */
  recent(tenantId: TenantId, channel: ChannelName, tickets: number): Promise<RecentDelivery[]>
  /** Null where nothing waits for a limit. */
  heldByLimit(tenantId: TenantId, channel: ChannelName): Promise<HeldByLimit | null>
  countByState(): Promise<Record<string, number>>
}

/** The end of a tenant's audit chain. Kept elsewhere, it proves later that nothing was cut off. */
export interface AuditAnchor {
  seq: number
  /** Hex. */
  mac: string
}

export interface AuditFilter {
  actor?: string | undefined
  /** The beginning of the action. */
  action?: string | undefined
  target?: string | undefined
  /** From this time on (epoch ms), and before that one. */
  from?: number | undefined
  to?: number | undefined
}

export interface AuditStore extends AuditLog {
  /** Newest first. Throws AppError('invalid_cursor') on a cursor it did not make. */
  list(
    tenantId: TenantId,
    filter: AuditFilter,
    page: { limit: number; cursor?: string | undefined },
  ): Promise<Page<AuditRecord>>
  /** Oldest first, of those from `after` (not with it) up to `upTo` (with it). */
  inOrder(
    tenantId: TenantId,
    filter: AuditFilter,
    range: { after: number; upTo: number; limit: number },
  ): Promise<AuditRecord[]>
  /** Whether a key of this host has signed exactly this, wherever it came from. */
  isSigned(tenantId: TenantId, record: AuditRecord): boolean
  /** Every entry about one target (`ticket:<id>`), oldest first. */
  entriesAbout(tenantId: TenantId, target: string): Promise<AuditRecord[]>
  /** Whether the entry is what a key of this host has signed, and stands so in the chain. */
  holds(tenantId: TenantId, record: AuditRecord): Promise<boolean>
  /** The last entry; null when there is none. */
  head(tenantId: TenantId): Promise<AuditAnchor | null>
  /** Checks the chain, and that it still holds the anchored entry; names the first bad or missing sequence number. */
  verify(
    tenantId: TenantId,
    anchor?: AuditAnchor,
  ): Promise<{ ok: true; entries: number } | { ok: false; badSeq: number; reason: string }>
}

export interface InboundCallback {
  tenantId: TenantId
  channel: ChannelName
  eventId: string
  /** SHA-256 over timestamp, nonce and signature. */
  signatureHash: string
}

/** Which callbacks were seen: an exact replay is refused, a platform's own re-delivery finds what came of the first. */
export interface CallbackStore {
  seen(
    callback: InboundCallback,
  ): Promise<{ kind: 'new' } | { kind: 'replay' } | { kind: 'redelivery'; outcome: unknown }>
  /** `outcome` is kept as JSON: what is needed to answer the same event again, small because every callback has one. */
  remember(callback: InboundCallback, outcome: unknown, at: number): Promise<void>
  /** Forgets callbacks older than the given time; returns how many. */
  forgetBefore(at: number): Promise<number>
}

export type AttemptKind = 'state' | 'nonce' | 'email' | 'oidc'

export interface LoginAttempt {
  tenantId: TenantId
  secretHash: string
  kind: AttemptKind
  channel: string
  browserHash: string
  detail: Record<string, string>
  expiresAt: number
}

export interface SessionRecord {
  tenantId: TenantId
  id: string
  uid: Uid
  channel: ChannelName | null
  refreshHash: string
  previousHash: string | null
  rotatedAt: number
  createdAt: number
  expiresAt: number
  revokedAt: number | null
  /** Of the browser that logged in, as it called itself. */
  userAgent: string | null
  /** The account on the platform through which the person logged in. */
  platformUserId: string | null
  /** When a second factor was given last; null: not in this session. */
  secondFactorAt: number | null
  /** Null: begun before it was kept. */
  way: LoginWay | null
}

/** A log-in link for one person. */
export interface OneTimeLink {
  tenantId: TenantId
  uid: Uid
  /** SHA-256 of the secret, hex. */
  secretHash: string
  expiresAt: number
}

export interface SessionStore {
  addAttempt(attempt: LoginAttempt): Promise<void>
  /** Takes it out for good: a second call with the same secret finds nothing. Expired ones are not found either. */
  takeAttempt(kind: AttemptKind, secretHash: string, now: number): Promise<LoginAttempt | null>
  /** Leaves it there. */
  attempt(kind: AttemptKind, secretHash: string, now: number): Promise<LoginAttempt | null>
  /** Takes the place of every earlier link of that person. */
  putLink(link: OneTimeLink): Promise<void>
  /** A link that was given to this person and not used yet works no more. */
  dropLink(person: { tenantId: TenantId; uid: Uid }): Promise<void>
  /** Takes it out for good: a second call with the same secret finds nothing. Expired ones are not found either. */
  takeLink(secretHash: string, now: number): Promise<OneTimeLink | null>
  addSession(session: SessionRecord): Promise<void>
  session(id: string): Promise<SessionRecord | null>
  /** Compare-and-set on the current refresh hash. */
  rotate(id: string, from: string, to: string, now: number): Promise<boolean>
  /** A person's sessions that have neither ended nor run out, the one used last first. */
  listFor(person: { tenantId: TenantId; uid: Uid }, now: number): Promise<SessionRecord[]>
  revoke(id: string, now: number): Promise<void>
  /** Ends a person's sessions that were begun through a channel, but for one. */
  revokeBy(
    whose: { tenantId: TenantId; uid: Uid; channel: ChannelName },
    options: { except: string | null; now: number },
  ): Promise<void>
  revokeByWay(whose: { tenantId: TenantId; uid: Uid; way: LoginWay }, now: number): Promise<void>
  forgetExpired(now: number): Promise<number>
}

/** All stores over one connection: inside a transaction, or each call on its own. */
export interface Stores extends Transaction {
  tickets: TicketQueries
  directory: Directory
  notices: Outbox
  audit: AuditStore
  tenants: TenantStore
  callbacks: CallbackStore
  sessions: SessionStore
  settings: SettingsStore
  people: PeopleStore
  approvalTemplates: ApprovalTemplateStore
  chat: ChatStore
  callCounts: CallCountStore
  notificationSettings: NotificationSettingsStore
  verification: VerificationStore
  throttles: ThrottleStore
  secondFactors: SecondFactorStore
  sightings: SightingStore
  trials: TrialStore
  diagnoses: DiagnosisStore
  decisionLinks: DecisionLinkStore
  texts: TextStore
  coverage: CoverageStore
  reports: ReportStore
  overview: OverviewStore
  reroutes: RerouteStore
  directoryReads: DirectoryReadStore
  deliveryActions: DeliveryActionStore
  webhookCalls: WebhookCallStore
  loginWays: LoginWayStore
  companyAccounts: CompanyAccountStore
}

/** The database of a host. */
export interface Store extends UnitOfWork<Stores>, AsyncDisposable {
  /** For reads outside a transaction, and single writes. */
  readonly stores: Stores
  /** Throws when the database cannot be written to. */
  checkHealth(): Promise<void>
  /** Writes a consistent copy to a file that must not exist yet, while work goes on. SQLite only: throws on PostgreSQL. */
  backup(file: string): Promise<void>
}
