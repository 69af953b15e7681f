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
import { ChannelList, DoctorReport, RunDoctor } from './channel.ts'
import {
  ApiKeyList,
  AuditPage,
  AuditQuery,
  AuditVerification,
  CreateApiKey,
  CreatedApiKey,
  PeoplePage,
  PeopleQuery,
  TenantDeliveryPage,
  TenantDeliveryQuery,
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
import { NotificationRuleList, NotificationRuleView, SetNotificationRule } from './notification-rules.ts'
import {
  ChangeNotificationSettings,
  ChannelTest,
  NotificationSettings,
  SendVerificationCode,
  SentVerificationCode,
  SetNotificationChannel,
} from './notification-settings.ts'
import type { ApiScope } from './provisioning.ts'
import type { RouteName } from './routes.ts'
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

/** What an endpoint takes and gives. `scope` marks the REST API (Bearer key); `session` the H5 app (cookie). */
export interface Endpoint {
  summary: string
  auth: { scope: ApiScope } | 'session' | 'public'
  query?: z.ZodType
  body?: z.ZodType
  /** Absent: 204 without a body. */
  response?: z.ZodType
  /** Success status, 200 unless said. */
  status?: number
}

const read = { scope: 'tickets:read' } as const
const write = { scope: 'tickets:write' } as const

/** Every endpoint's schemas: the server validates with them, the OpenAPI document is made from them. */
export const endpoints = {
  submitTicket: { summary: 'Submit a ticket', auth: write, body: SubmitTicket, response: TicketView, status: 201 },
  listTickets: { summary: 'List tickets, newest first', auth: read, query: ListTickets, response: TicketPage },
  getTicket: { summary: 'Read a ticket', auth: read, response: TicketView },
  changeTicket: { summary: 'Change a pending ticket', auth: write, body: ChangeTicket, response: TicketView },
  withdrawTicket: { summary: 'Withdraw a pending ticket', auth: write, body: WithdrawTicket, response: TicketView },
  remindApprovers: { summary: 'Remind who has not decided', auth: write, response: RemindResult },
  commentOnTicket: { summary: 'Comment on a ticket', auth: write, body: CommentOnTicket, response: TicketView },
  listDeliveries: { summary: 'What was sent to whom', auth: read, response: DeliveryList },
  getEvidence: { summary: 'How the ticket was decided, with proof', auth: read, response: Evidence },
  waitForTicket: {
    summary: 'Wait until the ticket is no longer pending',
    auth: read,
    query: WaitForTicket,
    response: TicketView,
  },
  listChannels: { summary: 'Channels and how each stands', auth: read, response: ChannelList },
  runDoctor: {
    summary: 'Look at a channel for what is wrong with it, with evidence',
    auth: write,
    body: RunDoctor,
    response: DoctorReport,
  },
  getCoverage: { summary: 'Who would be told, and who not', auth: read, query: CoverageQuery, response: Coverage },
  loginOptions: { summary: 'How to log in', auth: 'public', query: LoginOptionsQuery, response: LoginOptions },
  startLogin: { summary: 'Begin log-in by redirect', auth: 'public', body: StartLogin, response: StartedLogin },
  finishLogin: { summary: 'Finish log-in by redirect', auth: 'public', body: FinishLogin, response: FinishedLogin },
  inAppLogin: { summary: 'Log in inside the platform', auth: 'public', body: InAppLogin, response: Session },
  linkLogin: { summary: 'Log in by a link that works once', auth: 'public', body: LinkLogin, response: Session },
  getSession: { summary: 'Who is logged in', auth: 'session', response: Session },
  endSession: { summary: 'Log out', auth: 'session', status: 204 },
  listMySessions: { summary: 'Where I am logged in', auth: 'session', response: SessionList },
  endMySession: { summary: 'End one of my sessions', auth: 'session', status: 204 },
  listMyTickets: { summary: 'My tickets', auth: 'session', query: AppTicketQuery, response: TicketSummaryPage },
  getMyTicket: { summary: 'One ticket, as I see it', auth: 'session', response: TicketDetail },
  decide: { summary: 'Approve or reject', auth: 'session', body: Decide, response: TicketDetail },
  withdrawMyTicket: { summary: 'Withdraw my ticket', auth: 'session', body: WithdrawTicket, response: TicketDetail },
  remindMyTicket: { summary: 'Remind who has not decided', auth: 'session', response: RemindResult },
  commentAsMe: { summary: 'Comment', auth: 'session', body: AppComment, response: TicketDetail },
  getNotificationSettings: {
    summary: "A person's notification settings",
    auth: 'session',
    response: NotificationSettings,
  },
  changeNotificationSettings: {
    summary: 'Change language, time zone, quiet hours or the time of the summary',
    auth: 'session',
    body: ChangeNotificationSettings,
    response: NotificationSettings,
  },
  setNotificationChannel: {
    summary: 'Be told through a channel, or change how',
    auth: 'session',
    body: SetNotificationChannel,
    response: NotificationSettings,
  },
  removeNotificationChannel: {
    summary: 'Forget the address of a channel',
    auth: 'session',
    response: NotificationSettings,
  },
  sendVerificationCode: {
    summary: 'Send a code to an address, to show whose it is',
    auth: 'session',
    body: SendVerificationCode,
    response: SentVerificationCode,
    status: 202,
  },
  testNotificationChannel: { summary: 'Send a test message', auth: 'session', response: ChannelTest },
  listTenantTickets: {
    summary: 'Every ticket of the tenant',
    auth: 'session',
    query: TenantTicketQuery,
    response: TenantTicketPage,
  },
  decideInConsole: {
    summary: 'Approve or reject at the desktop',
    auth: 'session',
    body: Decide,
    response: TicketDetail,
  },
  listTicketDeliveries: { summary: 'What was sent to whom', auth: 'session', response: DeliveryList },
  listTenantDeliveries: {
    summary: 'Deliveries of all tickets',
    auth: 'session',
    query: TenantDeliveryQuery,
    response: TenantDeliveryPage,
  },
  listAudit: { summary: 'What was done and refused', auth: 'session', query: AuditQuery, response: AuditPage },
  verifyAudit: { summary: 'Check the audit', auth: 'session', response: AuditVerification },
  listApiKeys: { summary: 'API keys of the tenant', auth: 'session', response: ApiKeyList },
  createApiKey: {
    summary: 'Make an API key, shown this once',
    auth: 'session',
    body: CreateApiKey,
    response: CreatedApiKey,
    status: 201,
  },
  revokeApiKey: { summary: 'End an API key', auth: 'session', status: 204 },
  listPeople: { summary: 'People of the tenant', auth: 'session', query: PeopleQuery, response: PeoplePage },
  listTexts: {
    summary: 'What is said through a channel, and what a template may name',
    auth: 'session',
    query: ListTexts,
    response: EffectiveTexts,
  },
  saveText: { summary: 'Say something in our own words', auth: 'session', body: SaveText, response: EffectiveText },
  resetText: { summary: 'Go back to the default text', auth: 'session', query: ResetText, response: EffectiveText },
  myCoverage: { summary: 'Who would be told, and who not', auth: 'session', query: CoverageQuery, response: Coverage },
  previewTexts: {
    summary: 'A text in every language, with a ticket',
    auth: 'session',
    body: PreviewTexts,
    response: TextPreviews,
  },
  listNotificationRules: { summary: 'Who is told of what', auth: 'session', response: NotificationRuleList },
  setNotificationRule: {
    summary: 'Change who is told of an event of a module',
    auth: 'session',
    body: SetNotificationRule,
    response: NotificationRuleView,
  },
  resetNotificationRule: {
    summary: 'Go back to the default for an event of a module',
    auth: 'session',
    response: NotificationRuleView,
  },
  getPerson: { summary: 'A person, and what is bound to them', auth: 'session', response: PersonDetail },
  createPerson: { summary: 'Add a person', auth: 'session', body: CreatePerson, response: PersonDetail, status: 201 },
  changePerson: {
    summary: 'Change, disable or enable a person',
    auth: 'session',
    body: ChangePerson,
    response: PersonDetail,
  },
  issueLoginLink: {
    summary: 'Make a link that logs a person in once',
    auth: 'session',
    response: LoginLink,
    status: 201,
  },
  exportPeople: { summary: 'All people as CSV', auth: 'session', response: PeopleExport },
  previewImport: {
    summary: 'What an import would do',
    auth: 'session',
    body: PreviewImport,
    response: ImportPreview,
  },
  applyImport: { summary: 'Import people', auth: 'session', body: ApplyImport, response: AppliedImport },
  listApprovalTemplates: { summary: 'Approval templates', auth: 'session', response: ApprovalTemplateList },
  getApprovalTemplate: { summary: 'An approval template', auth: 'session', response: ApprovalTemplateView },
  createApprovalTemplate: {
    summary: 'Add an approval template',
    auth: 'session',
    body: CreateApprovalTemplate,
    response: ApprovalTemplateView,
    status: 201,
  },
  replaceApprovalTemplate: {
    summary: 'Change an approval template',
    auth: 'session',
    body: ReplaceApprovalTemplate,
    response: ApprovalTemplateView,
  },
  removeApprovalTemplate: { summary: 'Delete an approval template', auth: 'session', status: 204 },
  preferApprovalTemplate: {
    summary: 'Make it the default of its module',
    auth: 'session',
    response: ApprovalTemplateView,
  },
  previewApprovalTemplate: {
    summary: 'Who would be asked',
    auth: 'session',
    body: PreviewApprovalTemplate,
    response: ApprovalTemplatePreview,
  },
  listManagedChannels: { summary: 'Channels with their settings', auth: 'session', response: ManagedChannelList },
  getManagedChannel: { summary: 'A channel with its settings', auth: 'session', response: ManagedChannel },
  changeManagedChannel: {
    summary: 'Set up a channel, switch it on or off',
    auth: 'session',
    body: ChangeChannel,
    response: ManagedChannel,
  },
  examineManagedChannel: {
    summary: 'Look at a channel for what is wrong with it, with evidence',
    auth: 'session',
    body: RunDoctor,
    response: DoctorReport,
  },
  getCardTemplate: {
    summary: 'The card template to import into DingTalk',
    auth: 'session',
    response: CardTemplateFile,
  },
  getChannelSetup: { summary: 'What to enter in the console of a platform', auth: 'session', response: ChannelSetup },
} as const satisfies Record<RouteName, Endpoint>

export type Endpoints = typeof endpoints
type Inferred<Schema, Direction extends 'in' | 'out'> = Schema extends z.ZodType
  ? Direction extends 'in'
    ? z.input<Schema>
    : z.output<Schema>
  : undefined
type Part<Name extends RouteName, Key extends 'query' | 'body' | 'response'> =
  Endpoints[Name] extends Record<Key, infer Schema> ? Schema : undefined

/** What a caller gives. */
export type QueryOf<Name extends RouteName> = Inferred<Part<Name, 'query'>, 'in'>
export type BodyOf<Name extends RouteName> = Inferred<Part<Name, 'body'>, 'in'>
/** What the server works with after validation. */
export type ParsedQueryOf<Name extends RouteName> = Inferred<Part<Name, 'query'>, 'out'>
export type ParsedBodyOf<Name extends RouteName> = Inferred<Part<Name, 'body'>, 'out'>
export type ResponseOf<Name extends RouteName> = Inferred<Part<Name, 'response'>, 'out'>
