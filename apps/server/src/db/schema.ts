import type { Generated } from 'kysely'

/*
 * Every table, as both engines store it. Times are epoch milliseconds (bigint), JSON is text, booleans are 0 or 1:
 * the same values on SQLite and PostgreSQL. Every table begins with the tenant, and so does every key.
 */

type Json = string
type Flag = 0 | 1

export interface TenantTable {
  id: string
  name: string
  locale: string | null
  time_zone: string | null
  allow_self_approval: Flag
  /** ReminderStep[] of the contracts, JSON; null: nobody is reminded. */
  reminders: Generated<Json | null>
  next_ticket_number: Generated<number>
  /** Whether administrators are told once a day who cannot be reached. */
  coverage_report: Generated<Flag>
  /** As the provisioning file says; null: it says nothing, and the console does. */
  administrators_need_second_factor: Generated<Flag | null>
  updated_at: number
}

export interface ChannelTable {
  tenant_id: string
  name: string
  enabled: Flag
  /** The platform's id of the app (appId or appKey); unique per channel name, because callbacks name only it. */
  app_id: string | null
  /** Settings without secrets, JSON. */
  settings: Json
  /** Secrets by name, JSON of sealed values (AES-256-GCM, key id inside). */
  secrets: Json
  provisioned: Flag
  updated_at: number
}

export interface UserTable {
  tenant_id: string
  uid: string
  name: string
  roles: Json
  locale: string | null
  time_zone: string | null
  email: string | null
  mobile: string | null
  employee_id: string | null
  disabled: Flag
  provisioned: Flag
  updated_at: number
}

/** Through what a person can be reached: the address they gave, per channel. */
export interface UserChannelTable {
  tenant_id: string
  uid: string
  channel: string
  /** JSON, shape by channel, for example `{"email":"…"}`. Secrets in it are sealed. */
  address: Json
  /** Written by the provisioning file; bindings that people made themselves outlive it. */
  provisioned: Flag
  /** Whether the person wants to be told through it. Who they are on the platform does not depend on it. */
  enabled: Generated<Flag>
  /** `instant` or `digest`. */
  mode: Generated<string>
  /** Digest of the address that the person has shown to be theirs; another address has yet to be shown. */
  proved: Generated<string | null>
  updated_at: number
}

/** How a person wants to be told, where it differs from the default. Times of day as `22:00`, in the person's zone. */
export interface NotificationPreferencesTable {
  tenant_id: string
  uid: string
  quiet_from: string | null
  quiet_to: string | null
  digest_at: string | null
  /** Their own choice, before what the provisioning file says of them. */
  locale: string | null
  time_zone: string | null
}

/** A platform account known to be a person. Primary key (tenant, channel, platform id); unique (tenant, channel, uid). */
export interface IdentityTable {
  tenant_id: string
  channel: string
  platform_user_id: string
  uid: string
  /** Digest of the address it was found by: another address means the person must be looked up again. */
  address_digest: string
  created_at: number
}

export interface ApiKeyTable {
  tenant_id: string
  name: string
  /** SHA-256 of the key, hex; unique over all tenants. */
  key_hash: string
  scopes: Json
  /** Sealed. */
  webhook_secret: string | null
  provisioned: Flag
  created_at: number
  /** Null: never. */
  expires_at: number | null
  /** To the minute. */
  last_used_at: number | null
}

export interface ApprovalTemplateTable {
  tenant_id: string
  id: string
  module: string
  /** The ApprovalTemplate of the contracts, JSON. */
  template: Json
  /** The place in the provisioning file: the first template of a module is its default. */
  position: number
  provisioned: Flag
}

export interface NotificationRuleTable {
  tenant_id: string
  module: string
  event: string
  enabled: Flag
  /** JSON list of channel names, or null for every channel. */
  channels: Json | null
  /** JSON list of the roles that are told beside the default one. */
  roles: Generated<Json>
  additional_users: Json
  provisioned: Flag
}

export interface TicketTable {
  tenant_id: string
  id: string
  number: number
  external_id: string | null
  idempotency_key: string | null
  request_hash: string
  api_key_name: string | null
  template: string | null
  module: string
  title: string
  submitter: string
  risk: string
  status: string
  current_node: number
  reached_node: number
  version: number
  content_version: number
  content_hash: string
  /** TicketContent, TicketNode[], string[]: JSON. */
  content: Json
  nodes: Json
  cc: Json
  /** string[]: JSON. */
  owners: Json
  /** ReminderStep[] of tickets/ticket.ts, JSON; null: nobody is reminded. */
  reminders: Json | null
  surfaces: Json | null
  reject_when_quorum_impossible: Flag
  callback_url: string | null
  /** Lower case: number, title, external id, submitter. */
  search_text: string
  created_at: number
  updated_at: number
  decided_at: number | null
}

/** A ticket in a person's list; see tickets/involvement.ts. */
export interface TicketPersonTable {
  tenant_id: string
  uid: string
  /** `pending`, `done`, `submitted` or `cc`. */
  tab: string
  ticket_id: string
  /** When it came into this list; newest first. */
  sort_at: number
}

export interface TicketHistoryTable {
  tenant_id: string
  ticket_id: string
  seq: number
  at: number
  actor: string
  /** A decision is unique per (tenant, ticket, content version, node, actor): partial unique index. */
  action: string
  via: string
  comment: string | null
  node: number | null
  content_version: number
  /** Of a transfer: `{ from, to }`, JSON. */
  transfer: Json | null
}

export interface AuditTable {
  tenant_id: string
  seq: number
  at: number
  actor: string
  action: string
  target: string
  detail: Json
  /** Hex of the entry before, and of this one: HMAC-SHA-256(audit key, prev ‖ canonical row). */
  prev_mac: string
  mac: string
}

/** A card or message that is to reach one recipient through one channel: the transactional outbox and the card ledger. */
export interface DeliveryTable {
  tenant_id: string
  id: string
  ticket_id: string
  /** Unique per (tenant, ticket, notice_key, recipient, channel). */
  notice_key: string
  event: string
  recipient: string
  channel: string
  /** `queued`, `sending`, `sent`, `updated`, `failed`, `suppressed`. */
  state: string
  /** The ticket version the recipient should see, and does see (0: nothing yet). An update is due while they differ. */
  wanted_version: number
  shown_version: number
  /** The platform's address of the message (JSON), once sent. */
  message: Json | null
  /** When to work on it next; null: nothing to do. */
  due_at: number | null
  /** Why `due_at` is later than it might be: `quiet_hours`, `digest`, `rate_limit`, `ladder`; null: it is not held. */
  waits_for: string | null
  /** The delivery in whose message this one is told: of the same group, or of many at once. Alone it never comes due. */
  carried_by: string | null
  lease_owner: string | null
  lease_until: number | null
  /** Attempts of the present piece of work (reset by success). */
  tries: number
  /** When the first attempt of a send whose outcome is unknown was made; see worker. */
  first_tried_at: number | null
  created_at: number
  updated_at: number
  /** Which sending of the same notice it is: 0, and one more for each time that somebody asked for it once more. */
  sending: Generated<number>
  /** The later sending that took its place: a card of it has no buttons any more. */
  replaced_by: string | null
}

/** One POST to an address outside that got an answer, or none in time. Primary key (tenant, webhook id, seq). */
export interface WebhookCallTable {
  tenant_id: string
  /** As the receiver was given it. */
  webhook_id: string
  seq: number
  at: number
  host: string
  /** The HTTP status, or our own code where there was none. */
  code: string
  took_ms: number
  body_digest: string
}

/** A body as it was sent, without secrets. Primary key (tenant, webhook id, digest). */
export interface WebhookBodyTable {
  tenant_id: string
  webhook_id: string
  /** SHA-256 of it, hex. */
  digest: string
  body: string
  last_sent_at: number
}

export interface DeliveryAttemptTable {
  tenant_id: string
  delivery_id: string
  seq: number
  at: number
  code: string
  message: string
}

/** Callbacks received and accepted, for replay and re-delivery. Key (tenant, channel, event_id, signature_hash). */
export interface InboundCallbackTable {
  tenant_id: string
  channel: string
  event_id: string
  signature_hash: string
  /** What came of it the first time, JSON: a re-delivery is answered with it. */
  outcome: Json | null
  at: number
}

/** Single-use values of log-in: OAuth states and nonces, and what a code in an e-mail is given back with; stored hashed. */
export interface LoginAttemptTable {
  tenant_id: string
  /** SHA-256 of the state or nonce, hex. */
  secret_hash: string
  kind: 'state' | 'nonce' | 'email' | 'oidc'
  channel: string
  /** SHA-256 of the browser's own cookie: another browser cannot use it. */
  browser_hash: string
  /** PKCE verifier (sealed) and target; for whom a code is; JSON. */
  detail: Json
  expires_at: number
}

/** A log-in link that was given to a person and not used yet. */
export interface OneTimeLinkTable {
  tenant_id: string
  /** SHA-256 of the secret in the link, hex. */
  secret_hash: string
  uid: string
  expires_at: number
}

export interface SessionTable {
  tenant_id: string
  id: string
  uid: string
  channel: string | null
  /** SHA-256 of the current refresh token and of the one before, with the time it was replaced (a short grace). */
  refresh_hash: string
  previous_hash: string | null
  rotated_at: number
  created_at: number
  expires_at: number
  revoked_at: number | null
  /** Of the browser that logged in, as it called itself. */
  user_agent: string | null
  /** The platform account that logged in; null where no platform did, or before it was kept. */
  platform_user_id: string | null
  /** `platform`, `email`, `oidc` or `link`; null: begun before it was kept. */
  way: Generated<string | null>
  /** When a second factor was given last; null: not in this session. */
  second_factor_at: number | null
}

/** The authenticator app of a person. */
export interface AuthenticatorTable {
  tenant_id: string
  uid: string
  /** Sealed; null: none counts yet. */
  secret: string | null
  created_at: number | null
  /** The time step of the last code that was accepted (RFC 6238): none at or before it is accepted again. */
  last_step: number | null
  last_used_at: number | null
  /** Sealed, and counts once a code made with it was given. */
  pending_secret: string | null
  pending_at: number | null
}

export interface PasskeyTable {
  tenant_id: string
  id: string
  uid: string
  name: string
  /** As the authenticator calls it, base64url. */
  credential_id: string
  /** COSE key, base64url. */
  public_key: string
  counter: number
  /** How the browser reached it, JSON list. */
  transports: Json
  synced: Flag
  created_at: number
  last_used_at: number | null
}

/** A code that was not used yet. */
export interface RecoveryCodeTable {
  tenant_id: string
  uid: string
  code_hash: string
  created_at: number
}

export interface PasskeyChallengeTable {
  tenant_id: string
  session_id: string
  purpose: 'add' | 'give'
  challenge: string
  expires_at: number
}

/** What the console says of a tenant, where the provisioning file says nothing. */
export interface SecondFactorRuleTable {
  tenant_id: string
  administrators_need: Flag
}

/** A code that was sent to an address, to show that it is the person's own. */
export interface VerificationCodeTable {
  tenant_id: string
  uid: string
  purpose: string
  channel: string
  /** Of a log-in: its attempt, so that one code does not take the place of another. Else empty. */
  attempt: string
  /** `<key id>.<HMAC>` over the code and all that it is bound to; see verification/codes.ts. */
  code_hash: string
  /** How often a guess may still be compared with it. */
  checks_left: number
  /** The platform account to which a bot said it. */
  platform_user_id: string | null
  expires_at: number
}

/** A way in beside the chat platforms. Primary key (tenant, way); without a row the default holds. */
export interface LoginWayTable {
  tenant_id: string
  /** `email` or `oidc`. */
  way: string
  enabled: Flag
  /** Settings without the secret, JSON. */
  settings: Json
  /** Sealed. */
  secret: string | null
  provisioned: Flag
  updated_at: number
}

/** An account at an OpenID provider known to be a person's. Unique also per (tenant, uid, issuer). */
export interface CompanyAccountTable {
  tenant_id: string
  issuer: string
  /** The provider's own name for the account, `sub`. */
  subject: string
  uid: string
  created_at: number
}

/** How often something was done in a window of time that began with the first. */
export interface ThrottleTable {
  tenant_id: string
  /** A keyed digest of what is counted: addresses and callers are nobody's business. */
  key: string
  since: number
  count: number
  last_at: number
}

/** What a delivery of the event `reply` says, and to whom. */
export interface ChatReplyTable {
  tenant_id: string
  delivery_id: string
  platform_user_id: string
  text: string
  at: number
}

/** What a person was asked to confirm by one more word. */
export interface ChatConfirmationTable {
  tenant_id: string
  uid: string
  channel: string
  ticket_id: string
  node: number
  content_hash: string
  action: 'approve' | 'reject'
  comment: string | null
  expires_at: number
}

/** Calls of an app in a month that its platform counts. `month` as 2026-11, in China's time. */
export interface CallCountTable {
  tenant_id: string
  channel: string
  app_id: string
  month: string
  calls: number
  /** The highest percentage of the quota of which a warning was given; 0: none yet. */
  warned: number
}

/** When something of a kind last came in from an app's platform. `way`: `http` or `connection`. */
export interface SightingTable {
  tenant_id: string
  channel: string
  app_id: string
  way: string
  /** `action`, `message`, `other`, `handshake`, or `refused:` and our code for why. */
  kind: string
  at: number
}

/** That a ticket is a trial, and through which channel it went. Primary key (tenant, ticket). */
export interface TrialTable {
  tenant_id: string
  ticket_id: string
  channel: string
  uid: string
  asked_at: number
  expires_at: number
}

/** The doctor's last look at a channel. Primary key (tenant, channel). */
export interface DiagnosisTable {
  tenant_id: string
  channel: string
  at: number
  /** When the settings that were examined were last changed. */
  settings_at: number
  /** JSON, without evidence. */
  findings: string
}

/** A text that a tenant says in its own words. Primary key (tenant, kind, channel, locale). */
export interface TextTemplateTable {
  tenant_id: string
  /** An event of a ticket, or `bundle`, `code`, `test`, `report`. */
  kind: string
  channel: string
  locale: string
  title: string
  body: string
  updated_at: number
  /** The uid. */
  updated_by: string
}

/** Whom the last message through a channel did not reach for good. Primary key (tenant, uid, channel). */
export interface ReachFailureTable {
  tenant_id: string
  uid: string
  channel: string
  /** The platform's own. */
  code: string
  at: number
}

/** What administrators are told once a day: who cannot be reached. Primary key (tenant, day). */
export interface CoverageReportTable {
  tenant_id: string
  /** `2026-11-28`, in the tenant's time zone. */
  day: string
  /** CoverageReport, JSON. */
  content: Json
  created_at: number
}

/** That all which waits for a disabled person goes to others. Primary key (tenant, uid): the newest holds. */
export interface RerouteTable {
  tenant_id: string
  /** Whose places go. */
  uid: string
  /** Another one with every order, so that work on an order that was replaced comes to nothing. */
  revision: string
  /** string[], JSON. */
  successors: Json
  /** `open` or `stuck`. */
  scope: string
  comment: string | null
  /** The uid of the administrator, or `provisioning`. */
  ordered_by: string
  via: string
  ordered_at: number
  /** `running` or `done`. */
  state: string
  /** Tickets up to this number have been looked at. */
  after_number: number
  /** Tickets of which something has changed hands. */
  moved: number
  /** When the last look through all tickets began. */
  swept_at: number
  /** When to go on, while it is running. */
  due_at: number
  lease_owner: string | null
  lease_until: number | null
}

/** The last reading of a platform's directory. Primary key (tenant, channel). */
export interface DirectoryReadTable {
  tenant_id: string
  channel: string
  id: string
  /** Of the channel when it was read: another app knows people by other ids. */
  app_id: string
  /** `reading`, `read`, `cancelled`, `failed`, `broken_off`. */
  state: string
  /** The uid. */
  started_by: string
  started_at: number
  /** While it is being read, renewed every few seconds: silence means that whoever read is gone. */
  updated_at: number
  /** string[], JSON; null: not limited to some. */
  departments: Json | null
  departments_found: Generated<number>
  departments_read: Generated<number>
  people: Generated<number>
  calls: Generated<number>
  is_whole: Generated<Flag>
  /** Of the contract, JSON. */
  missing: Generated<Json>
  failure: Json | null
}

/** Somebody of the directory, as it was read. */
export interface DirectoryPersonTable {
  tenant_id: string
  read_id: string
  account: string
  /** DirectoryPerson, JSON. */
  content: Json
}

/** Values of the host itself, for example the canary of the secret key. */
export interface HostValueTable {
  name: string
  value: string
}

/** Every table by its name. */
/** A link in a mail that decides. The token itself is never stored: its hash finds it, its salt makes it anew. */
export interface DecisionLinkTable {
  tenant_id: string
  token_hash: string
  salt: string
  /** Of the message that carries it, stable over retries. */
  delivery_key: string
  uid: string
  /** Of the mailbox it was sent to: a link to an address that is the person's no more is dead. */
  address_digest: string
  ticket_id: string
  node: number
  content_hash: string
  action: string
  created_at: number
  expires_at: number
  spent_at: number | null
}

export interface Database {
  tenants: TenantTable
  channels: ChannelTable
  users: UserTable
  user_channels: UserChannelTable
  notification_preferences: NotificationPreferencesTable
  identities: IdentityTable
  api_keys: ApiKeyTable
  approval_templates: ApprovalTemplateTable
  notification_rules: NotificationRuleTable
  tickets: TicketTable
  ticket_people: TicketPersonTable
  ticket_history: TicketHistoryTable
  audit: AuditTable
  deliveries: DeliveryTable
  delivery_attempts: DeliveryAttemptTable
  webhook_calls: WebhookCallTable
  webhook_bodies: WebhookBodyTable
  inbound_callbacks: InboundCallbackTable
  login_attempts: LoginAttemptTable
  sessions: SessionTable
  authenticators: AuthenticatorTable
  passkeys: PasskeyTable
  recovery_codes: RecoveryCodeTable
  passkey_challenges: PasskeyChallengeTable
  second_factor_rules: SecondFactorRuleTable
  one_time_links: OneTimeLinkTable
  login_ways: LoginWayTable
  company_accounts: CompanyAccountTable
  verification_codes: VerificationCodeTable
  throttles: ThrottleTable
  chat_replies: ChatReplyTable
  chat_confirmations: ChatConfirmationTable
  decision_links: DecisionLinkTable
  call_counts: CallCountTable
  sightings: SightingTable
  trials: TrialTable
  diagnoses: DiagnosisTable
  text_templates: TextTemplateTable
  reach_failures: ReachFailureTable
  coverage_reports: CoverageReportTable
  reroutes: RerouteTable
  directory_reads: DirectoryReadTable
  directory_people: DirectoryPersonTable
  host_values: HostValueTable
}
