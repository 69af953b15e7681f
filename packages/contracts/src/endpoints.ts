import type { z } from 'zod'
import {
  AppComment,
  AppTicketQuery,
  Decide,
  FinishedLogin,
  FinishLogin,
  InAppLogin,
  LinkLogin,
  LoginOptions,
  LoginOptionsQuery,
  Session,
  SessionList,
  StartedLogin,
  StartLogin,
  TicketDetail,
  TicketSummaryPage,
} from './app.ts'
import { ChannelList, DoctorReport, DoctorStep, RunDoctor } from './channel.ts'
import {
  ApiKeyList,
  AuditExportQuery,
  AuditPage,
  AuditQuery,
  AuditVerification,
  CreateApiKey,
  CreatedApiKey,
  PeoplePage,
  PeopleQuery,
  TenantTicketPage,
  TenantTicketQuery,
} from './console.ts'
import {
  CardTemplateFile,
  ChangeChannel,
  ChannelSetup,
  ManagedChannel,
  ManagedChannelList,
} from './console-channels.ts'
import {
  CancelledDeliveries,
  ChooseDeliveries,
  DeliveryCount,
  DeliveryCountQuery,
  LiveDeliveries,
  LiveDeliveryQuery,
  ResentDeliveries,
  TenantDeliveryPage,
  TenantDeliveryQuery,
  WebhookDetail,
  WebhookPage,
  WebhookQuery,
} from './console-deliveries.ts'
import {
  AppliedDirectorySync,
  ApplyDirectorySync,
  DepartmentList,
  DepartmentQuery,
  Directory,
  DirectoryList,
  DirectorySyncPreview,
  PreviewDirectorySync,
  StartDirectoryRead,
} from './console-directory-sync.ts'
import {
  AppliedImport,
  ApplyImport,
  ChangePerson,
  CreatePerson,
  ImportPreview,
  LoginLink,
  PeopleExport,
  PersonDetail,
  PreviewImport,
} from './console-people.ts'
import {
  OrderReroute,
  PersonReroute,
  ReroutedTicket,
  RerouteTicket,
  StuckTicketPage,
  StuckTicketQuery,
} from './console-reroutes.ts'
import {
  ApprovalTemplateList,
  ApprovalTemplatePreview,
  ApprovalTemplateView,
  CreateApprovalTemplate,
  PreviewApprovalTemplate,
  ReplaceApprovalTemplate,
} from './console-templates.ts'
import { Coverage, CoverageQuery } from './coverage.ts'
import { DeliveryList } from './delivery.ts'
import { Evidence } from './evidence.ts'
import { CardLedger } from './ledger.ts'
import {
  ChangeLoginWays,
  EmailLogin,
  FinishOidcLogin,
  LoginWays,
  OidcTest,
  SendLoginCode,
  SentLoginCode,
  StartOidcLogin,
  TestOidc,
} from './login-ways.ts'
import { NotificationRuleList, NotificationRuleView, SetNotificationRule } from './notification-rules.ts'
import {
  ChangeNotificationSettings,
  ChannelTest,
  NotificationSettings,
  SendVerificationCode,
  SentVerificationCode,
  SetNotificationChannel,
} from './notification-settings.ts'
import { Overview, OverviewQuery } from './overview.ts'
import type { RouteName } from './routes.ts'
import {
  AddedFactor,
  AddPasskey,
  AuthenticatorCode,
  GivePasskey,
  GiveRecoveryCode,
  NewAuthenticator,
  PasskeyCreation,
  PasskeyRequest,
  PasskeyView,
  RecoveryCodes,
  RecoveryCodesLeft,
  RenamePasskey,
  SecondFactor,
  SecondFactorRule,
  SetSecondFactorRule,
} from './second-factor.ts'
import {
  EffectiveText,
  EffectiveTexts,
  ListTexts,
  PreviewTexts,
  ResetText,
  SaveText,
  TextPreviews,
} from './text-templates.ts'
import {
  ChangeTicket,
  CommentOnTicket,
  ListTickets,
  RemindResult,
  SubmitTicket,
  TicketPage,
  TicketView,
  WaitForTicket,
  WithdrawTicket,
} from './ticket.ts'
import { LastTrial, TrialView, WaitForTrial, Welcome } from './welcome.ts'

/** What an endpoint takes and gives. Who may call it stands in who-may.ts. */
export interface Endpoint {
  summary: string
  query?: z.ZodType
  body?: z.ZodType
  /** Absent: 204 without a body. */
  response?: z.ZodType
  /** One line of an answer that comes line by line, each a JSON text (NDJSON); there is no `response` then. */
  line?: z.ZodType
  /** Success status, 200 unless said. */
  status?: number
}

/** Every endpoint's schemas: the server validates with them, the OpenAPI document is made from them. */
export const endpoints = {
  submitTicket: { summary: 'Submit a ticket', body: SubmitTicket, response: TicketView, status: 201 },
  listTickets: { summary: 'List tickets, newest first', query: ListTickets, response: TicketPage },
  getTicket: { summary: 'Read a ticket', response: TicketView },
  changeTicket: { summary: 'Change a pending ticket', body: ChangeTicket, response: TicketView },
  withdrawTicket: { summary: 'Withdraw a pending ticket', body: WithdrawTicket, response: TicketView },
  remindApprovers: { summary: 'Remind who has not decided', response: RemindResult },
  commentOnTicket: { summary: 'Comment on a ticket', body: CommentOnTicket, response: TicketView },
  listDeliveries: { summary: 'What was sent to whom', response: DeliveryList },
  getEvidence: { summary: 'How the ticket was decided, with proof', response: Evidence },
  waitForTicket: {
    summary: 'Wait until the ticket is no longer pending',
    query: WaitForTicket,
    response: TicketView,
  },
  listChannels: { summary: 'Channels and how each stands', response: ChannelList },
  runDoctor: {
    summary: 'Look at a channel for what is wrong with it, with evidence',
    body: RunDoctor,
    response: DoctorReport,
  },
  getCoverage: { summary: 'Who would be told, and who not', query: CoverageQuery, response: Coverage },
  loginOptions: { summary: 'How to log in', query: LoginOptionsQuery, response: LoginOptions },
  startLogin: { summary: 'Begin log-in by redirect', body: StartLogin, response: StartedLogin },
  finishLogin: { summary: 'Finish log-in by redirect', body: FinishLogin, response: FinishedLogin },
  inAppLogin: { summary: 'Log in inside the platform', body: InAppLogin, response: Session },
  linkLogin: { summary: 'Log in by a link that works once', body: LinkLogin, response: Session },
  sendLoginCode: { summary: 'Send a code to log in by', body: SendLoginCode, response: SentLoginCode, status: 202 },
  emailLogin: { summary: 'Log in by a code in an e-mail', body: EmailLogin, response: Session },
  startOidcLogin: { summary: 'Begin log-in by OpenID Connect', body: StartOidcLogin, response: StartedLogin },
  finishOidcLogin: { summary: 'Finish log-in by OpenID Connect', body: FinishOidcLogin, response: FinishedLogin },
  getSession: { summary: 'Who is logged in', response: Session },
  endSession: { summary: 'Log out', status: 204 },
  listMySessions: { summary: 'Where I am logged in', response: SessionList },
  endMySession: { summary: 'End one of my sessions', status: 204 },
  getMySecondFactor: { summary: 'My second factor', response: SecondFactor },
  beginAuthenticator: { summary: 'Set up an authenticator app', response: NewAuthenticator },
  confirmAuthenticator: {
    summary: 'Show that the authenticator app is set up',

    body: AuthenticatorCode,
    response: AddedFactor,
  },
  removeAuthenticator: { summary: 'Remove the authenticator app', status: 204 },
  beginPasskey: { summary: 'Ask the browser to make a passkey', response: PasskeyCreation },
  addPasskey: { summary: 'Add a passkey', body: AddPasskey, response: AddedFactor, status: 201 },
  renamePasskey: { summary: 'Rename a passkey', body: RenamePasskey, response: PasskeyView },
  removePasskey: { summary: 'Remove a passkey', status: 204 },
  makeRecoveryCodes: {
    summary: 'Make new recovery codes, shown this once',

    response: RecoveryCodes,
    status: 201,
  },
  askForPasskey: { summary: 'Ask the browser for a passkey', response: PasskeyRequest },
  givePasskey: { summary: 'Give a passkey as second factor', body: GivePasskey, status: 204 },
  giveAuthenticatorCode: {
    summary: 'Give a code of the authenticator app as second factor',

    body: AuthenticatorCode,
    status: 204,
  },
  giveRecoveryCode: {
    summary: 'Give a recovery code as second factor',

    body: GiveRecoveryCode,
    response: RecoveryCodesLeft,
  },
  getSecondFactorRule: {
    summary: 'Whether administrators need a second factor',

    response: SecondFactorRule,
  },
  setSecondFactorRule: {
    summary: 'Say whether administrators need a second factor',

    body: SetSecondFactorRule,
    response: SecondFactorRule,
  },
  resetSecondFactor: { summary: 'Take away the second factor of a person', status: 204 },
  listMyTickets: { summary: 'My tickets', query: AppTicketQuery, response: TicketSummaryPage },
  getMyTicket: { summary: 'One ticket, as I see it', response: TicketDetail },
  decide: { summary: 'Approve or reject', body: Decide, response: TicketDetail },
  withdrawMyTicket: { summary: 'Withdraw my ticket', body: WithdrawTicket, response: TicketDetail },
  remindMyTicket: { summary: 'Remind who has not decided', response: RemindResult },
  commentAsMe: { summary: 'Comment', body: AppComment, response: TicketDetail },
  getNotificationSettings: {
    summary: "A person's notification settings",
    response: NotificationSettings,
  },
  changeNotificationSettings: {
    summary: 'Change language, time zone, quiet hours or the time of the summary',
    body: ChangeNotificationSettings,
    response: NotificationSettings,
  },
  setNotificationChannel: {
    summary: 'Be told through a channel, or change how',
    body: SetNotificationChannel,
    response: NotificationSettings,
  },
  removeNotificationChannel: {
    summary: 'Forget the address of a channel',
    response: NotificationSettings,
  },
  sendVerificationCode: {
    summary: 'Send a code to an address, to show whose it is',
    body: SendVerificationCode,
    response: SentVerificationCode,
    status: 202,
  },
  testNotificationChannel: { summary: 'Send a test message', response: ChannelTest },
  listTenantTickets: {
    summary: 'Every ticket of the tenant',
    query: TenantTicketQuery,
    response: TenantTicketPage,
  },
  decideInConsole: {
    summary: 'Approve or reject at the desktop',
    body: Decide,
    response: TicketDetail,
  },
  listTicketCards: { summary: 'Which cards of a ticket live, and what they show', response: CardLedger },
  listTicketDeliveries: { summary: 'What was sent to whom', response: DeliveryList },
  listTenantDeliveries: {
    summary: 'Deliveries of all tickets',
    query: TenantDeliveryQuery,
    response: TenantDeliveryPage,
  },
  liveTenantDeliveries: {
    summary: 'What has changed among the newest deliveries',
    query: LiveDeliveryQuery,
    response: LiveDeliveries,
  },
  countTenantDeliveries: {
    summary: 'How many deliveries a filter finds',
    query: DeliveryCountQuery,
    response: DeliveryCount,
  },
  resendDeliveries: {
    summary: 'Send deliveries once more',
    body: ChooseDeliveries,
    response: ResentDeliveries,
  },
  cancelDeliveries: {
    summary: 'Cancel deliveries that are queued',
    body: ChooseDeliveries,
    response: CancelledDeliveries,
  },
  listWebhooks: {
    summary: 'What was posted to addresses outside',
    query: WebhookQuery,
    response: WebhookPage,
  },
  getWebhook: { summary: 'A web hook with the bodies as sent', response: WebhookDetail },
  replayWebhooks: {
    summary: 'Post web hooks again under the same id',
    body: ChooseDeliveries,
    response: ResentDeliveries,
  },
  /** A file, streamed. */
  exportAudit: { summary: 'The audit as a file', query: AuditExportQuery },
  exportEvidence: { summary: 'How a ticket was decided, with proof', response: Evidence },
  listAudit: { summary: 'What was done and refused', query: AuditQuery, response: AuditPage },
  verifyAudit: { summary: 'Check the audit', response: AuditVerification },
  listApiKeys: { summary: 'API keys of the tenant', response: ApiKeyList },
  createApiKey: {
    summary: 'Make an API key, shown this once',
    body: CreateApiKey,
    response: CreatedApiKey,
    status: 201,
  },
  getOverview: {
    summary: 'What waits, how long approvals take, how deliveries fare',
    query: OverviewQuery,
    response: Overview,
  },
  revokeApiKey: { summary: 'End an API key', status: 204 },
  listPeople: { summary: 'People of the tenant', query: PeopleQuery, response: PeoplePage },
  listTexts: {
    summary: 'What is said through a channel, and what a template may name',
    query: ListTexts,
    response: EffectiveTexts,
  },
  saveText: { summary: 'Say something in our own words', body: SaveText, response: EffectiveText },
  resetText: { summary: 'Go back to the default text', query: ResetText, response: EffectiveText },
  myCoverage: { summary: 'Who would be told, and who not', query: CoverageQuery, response: Coverage },
  previewTexts: {
    summary: 'A text in every language, with a ticket',
    body: PreviewTexts,
    response: TextPreviews,
  },
  listNotificationRules: { summary: 'Who is told of what', response: NotificationRuleList },
  setNotificationRule: {
    summary: 'Change who is told of an event of a module',
    body: SetNotificationRule,
    response: NotificationRuleView,
  },
  resetNotificationRule: {
    summary: 'Go back to the default for an event of a module',
    response: NotificationRuleView,
  },
  getPerson: { summary: 'A person, and what is bound to them', response: PersonDetail },
  createPerson: { summary: 'Add a person', body: CreatePerson, response: PersonDetail, status: 201 },
  changePerson: {
    summary: 'Change, disable or enable a person',
    body: ChangePerson,
    response: PersonDetail,
  },
  issueLoginLink: {
    summary: 'Make a link that logs a person in once',
    response: LoginLink,
    status: 201,
  },
  unbindCompanyAccount: { summary: 'Forget the company account of a person', response: PersonDetail },
  exportPeople: { summary: 'All people as CSV', response: PeopleExport },
  previewImport: {
    summary: 'What an import would do',
    body: PreviewImport,
    response: ImportPreview,
  },
  applyImport: { summary: 'Import people', body: ApplyImport, response: AppliedImport },
  getReroute: { summary: 'What waits for a person, and who takes over', response: PersonReroute },
  orderReroute: {
    summary: 'Name who takes over from a disabled person',
    body: OrderReroute,
    response: PersonReroute,
  },
  stopReroute: { summary: 'Let nothing more be taken over', response: PersonReroute },
  listStuckTickets: {
    summary: 'Tickets that nobody can complete',
    query: StuckTicketQuery,
    response: StuckTicketPage,
  },
  rerouteTicket: {
    summary: 'Name who takes over in a ticket that nobody can complete',
    body: RerouteTicket,
    response: ReroutedTicket,
  },
  listDirectories: { summary: 'Directories that can be read', response: DirectoryList },
  getDirectory: { summary: 'A directory, and how far its reading is', response: Directory },
  listDepartments: {
    summary: 'Departments of a directory',
    query: DepartmentQuery,
    response: DepartmentList,
  },
  startDirectoryRead: {
    summary: 'Begin to read a directory',
    body: StartDirectoryRead,
    response: Directory,
    status: 202,
  },
  cancelDirectoryRead: { summary: 'Stop reading a directory', response: Directory },
  previewDirectorySync: {
    summary: 'What synchronising with a directory would do',
    body: PreviewDirectorySync,
    response: DirectorySyncPreview,
  },
  applyDirectorySync: {
    summary: 'Synchronise people with a directory',
    body: ApplyDirectorySync,
    response: AppliedDirectorySync,
  },
  listApprovalTemplates: { summary: 'Approval templates', response: ApprovalTemplateList },
  getApprovalTemplate: { summary: 'An approval template', response: ApprovalTemplateView },
  createApprovalTemplate: {
    summary: 'Add an approval template',
    body: CreateApprovalTemplate,
    response: ApprovalTemplateView,
    status: 201,
  },
  replaceApprovalTemplate: {
    summary: 'Change an approval template',
    body: ReplaceApprovalTemplate,
    response: ApprovalTemplateView,
  },
  removeApprovalTemplate: { summary: 'Delete an approval template', status: 204 },
  preferApprovalTemplate: {
    summary: 'Make it the default of its module',
    response: ApprovalTemplateView,
  },
  previewApprovalTemplate: {
    summary: 'Who would be asked',
    body: PreviewApprovalTemplate,
    response: ApprovalTemplatePreview,
  },
  listManagedChannels: { summary: 'Channels with their settings', response: ManagedChannelList },
  getManagedChannel: { summary: 'A channel with its settings', response: ManagedChannel },
  changeManagedChannel: {
    summary: 'Set up a channel, switch it on or off',
    body: ChangeChannel,
    response: ManagedChannel,
  },
  examineManagedChannel: {
    summary: 'Look at a channel for what is wrong with it, with evidence',
    body: RunDoctor,
    response: DoctorReport,
  },
  followExamination: {
    summary: 'Look at a channel, each finding as it is made; whoever hangs up ends it',
    body: RunDoctor,
    line: DoctorStep,
  },
  getCardTemplate: {
    summary: 'The card template to import into DingTalk',
    response: CardTemplateFile,
  },
  getChannelSetup: { summary: 'What to enter in the console of a platform', response: ChannelSetup },
  getLoginWays: { summary: 'Which ways in are open', response: LoginWays },
  changeLoginWays: { summary: 'Open or close a way in', body: ChangeLoginWays, response: LoginWays },
  testOidc: { summary: 'Ask an OpenID provider what it offers', body: TestOidc, response: OidcTest },
  getWelcome: { summary: 'How far the set-up of each platform has come', response: Welcome },
  startTrial: { summary: 'Send myself a trial card', response: TrialView, status: 201 },
  getTrial: {
    summary: 'What has become of my last trial card, at once or as soon as it changes',
    query: WaitForTrial,
    response: LastTrial,
  },
} as const satisfies Record<RouteName, Endpoint>

export type Endpoints = typeof endpoints
type Inferred<Schema, Direction extends 'in' | 'out'> = Schema extends z.ZodType
  ? Direction extends 'in'
    ? z.input<Schema>
    : z.output<Schema>
  : undefined
type Part<Name extends RouteName, Key extends 'query' | 'body' | 'response' | 'line'> =
  Endpoints[Name] extends Record<Key, infer Schema> ? Schema : undefined

/** What a caller gives. */
export type QueryOf<Name extends RouteName> = Inferred<Part<Name, 'query'>, 'in'>
export type BodyOf<Name extends RouteName> = Inferred<Part<Name, 'body'>, 'in'>
/** What the server works with after validation. */
export type ParsedQueryOf<Name extends RouteName> = Inferred<Part<Name, 'query'>, 'out'>
export type ParsedBodyOf<Name extends RouteName> = Inferred<Part<Name, 'body'>, 'out'>
export type ResponseOf<Name extends RouteName> = Inferred<Part<Name, 'response'>, 'out'>
export type LineOf<Name extends RouteName> = Inferred<Part<Name, 'line'>, 'out'>
