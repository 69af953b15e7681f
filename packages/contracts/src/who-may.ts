import type { RouteName, routes } from './routes.ts'
import type { apiScopes, roles } from './vocabulary.ts'

/*
 * Who may call each endpoint, and nothing else. The server refuses by it, the console leaves out by it what would be
 * refused, and docs/who-may.md and tests/wire/who-may.test.ts, which tries every endpoint with everybody, are made from it. Like routes.ts this file
 * is bundled by the web apps, and imports no validator.
 */

type Role = (typeof roles)[number]

/** What a path may name. Of another tenant, it is as if there were none: `not_found`. */
export type Thing =
  | 'ticket'
  | 'webhook'
  | 'person'
  | 'session'
  | 'channel'
  | 'approval_template'
  | 'api_key'
  | 'notification_rule'
  | 'passkey'

/** Roles that read every ticket of their tenant, and so what was sent of it. */
export const readsEveryTicket = ['admin', 'dba', 'security_admin'] as const satisfies readonly Role[]

/**
 * What somebody must be to the thing that the path names, and what is said to others who have the role. `not_found` as if
 * there were no such thing; `forbidden` to those who know that there is. A relation of a ticket is only looked at with
 * those who may read it; to others there is none.
 */
export const relations = {
  /** The submitter, approvers once it has come to them, cc, owners, and whoever reads every ticket. */
  reader: { of: 'ticket', others: 'not_found' },
  submitter: { of: 'ticket', others: 'forbidden' },
  /** Awaited now. The refusal is the reason why the decision was not taken. */
  approver: { of: 'ticket', others: 'refusal' },
  /** Whose session it is. */
  holder: { of: 'session', others: 'not_found' },
  /** Whose passkey it is. */
  owner: { of: 'passkey', others: 'not_found' },
  /** The person themself, or somebody with a role of `orRoles`. */
  self: { of: 'person', others: 'forbidden' },
} as const satisfies Record<string, { of: Thing; others: 'not_found' | 'forbidden' | 'refusal' }>

export type Relation = keyof typeof relations

/** Before anybody is logged in. */
interface Anybody {
  by: 'anybody'
}
/** An API key of the tenant that has the scope. */
interface KeyHolder {
  by: 'key'
  scope: (typeof apiScopes)[number]
}
/** Somebody who is logged in, and not disabled. */
interface Member {
  by: 'session'
  /** One of these; `everybody` whatever their roles. */
  roles: readonly Role[] | 'everybody'
}
type Related = {
  [Name in Exclude<Relation, 'self'>]: { of: (typeof relations)[Name]['of']; as: Name }
}[Exclude<Relation, 'self'>]
/** The person themself, and whoever may do it for somebody else. */
interface Self {
  of: 'person'
  as: 'self'
  orRoles: readonly Role[]
}
type About = { of: Thing; as?: never } | Related | Self

export type WhoMay = (Anybody | KeyHolder | Member) & { of?: Thing; as?: Relation; orRoles?: readonly Role[] }

/** The REST API is for keys, everything else for the web apps; what the path names, the declaration names too. */
type Declared<Path extends string> = Path extends `/api/v1/${string}`
  ? KeyHolder & (Path extends `${string}:${string}` ? { of: Thing; as?: never } : { of?: never })
  : (Anybody | Member) & (Path extends `${string}:${string}` ? About : { of?: never })

const read = { by: 'key', scope: 'tickets:read' } as const
const write = { by: 'key', scope: 'tickets:write' } as const
const anybody = { by: 'anybody' } as const
const everybody = { by: 'session', roles: 'everybody' } as const
const overseers = { by: 'session', roles: readsEveryTicket } as const
const managers = { by: 'session', roles: ['admin', 'dba'] } as const
const administrators = { by: 'session', roles: ['admin'] } as const
const auditors = { by: 'session', roles: ['admin', 'security_admin'] } as const

const mine = { ...everybody, of: 'person', as: 'self', orRoles: ['admin'] } as const
const readers = { ...everybody, of: 'ticket', as: 'reader' } as const
const submitters = { ...everybody, of: 'ticket', as: 'submitter' } as const
const approvers = { ...everybody, of: 'ticket', as: 'approver' } as const

export const whoMay = {
  submitTicket: write,
  listTickets: read,
  getTicket: { ...read, of: 'ticket' },
  changeTicket: { ...write, of: 'ticket' },
  withdrawTicket: { ...write, of: 'ticket' },
  remindApprovers: { ...write, of: 'ticket' },
  commentOnTicket: { ...write, of: 'ticket' },
  listDeliveries: { ...read, of: 'ticket' },
  getEvidence: { ...read, of: 'ticket' },
  waitForTicket: { ...read, of: 'ticket' },
  listChannels: read,
  runDoctor: { ...write, of: 'channel' },
  getCoverage: read,

  loginOptions: anybody,
  startLogin: anybody,
  finishLogin: anybody,
  inAppLogin: anybody,
  linkLogin: anybody,
  sendLoginCode: anybody,
  emailLogin: anybody,
  startOidcLogin: anybody,
  finishOidcLogin: anybody,
  getSession: everybody,
  endSession: everybody,
  listMySessions: everybody,
  endMySession: { ...everybody, of: 'session', as: 'holder' },

  getMySecondFactor: everybody,
  beginAuthenticator: everybody,
  confirmAuthenticator: everybody,
  removeAuthenticator: everybody,
  beginPasskey: everybody,
  addPasskey: everybody,
  renamePasskey: { ...everybody, of: 'passkey', as: 'owner' },
  removePasskey: { ...everybody, of: 'passkey', as: 'owner' },
  makeRecoveryCodes: everybody,
  askForPasskey: everybody,
  givePasskey: everybody,
  giveAuthenticatorCode: everybody,
  giveRecoveryCode: everybody,
  getSecondFactorRule: administrators,
  setSecondFactorRule: administrators,
  resetSecondFactor: { ...administrators, of: 'person' },

  listMyTickets: everybody,
  getMyTicket: readers,
  decide: approvers,
  withdrawMyTicket: submitters,
  remindMyTicket: submitters,
  commentAsMe: readers,

  getNotificationSettings: mine,
  changeNotificationSettings: mine,
  setNotificationChannel: mine,
  removeNotificationChannel: mine,
  sendVerificationCode: mine,
  testNotificationChannel: mine,

  listTenantTickets: overseers,
  decideInConsole: approvers,
  listTicketCards: { ...overseers, of: 'ticket', as: 'reader' },
  listTicketDeliveries: { ...overseers, of: 'ticket', as: 'reader' },
  listTenantDeliveries: overseers,
  liveTenantDeliveries: overseers,
  countTenantDeliveries: overseers,
  resendDeliveries: managers,
  cancelDeliveries: managers,
  listWebhooks: managers,
  getWebhook: { ...managers, of: 'webhook' },
  replayWebhooks: managers,
  listAudit: auditors,
  verifyAudit: auditors,
  exportAudit: auditors,
  exportEvidence: { ...auditors, of: 'ticket', as: 'reader' },

  getOverview: overseers,

  listPeople: overseers,
  getPerson: { ...overseers, of: 'person' },
  createPerson: administrators,
  changePerson: { ...administrators, of: 'person' },
  issueLoginLink: { ...administrators, of: 'person' },
  unbindCompanyAccount: { ...administrators, of: 'person' },
  exportPeople: administrators,
  previewImport: administrators,
  applyImport: administrators,
  getReroute: { ...overseers, of: 'person' },
  orderReroute: { ...administrators, of: 'person' },
  stopReroute: { ...administrators, of: 'person' },
  listStuckTickets: overseers,
  rerouteTicket: { ...administrators, of: 'ticket', as: 'reader' },

  listDirectories: administrators,
  getDirectory: { ...administrators, of: 'channel' },
  listDepartments: { ...administrators, of: 'channel' },
  startDirectoryRead: { ...administrators, of: 'channel' },
  cancelDirectoryRead: { ...administrators, of: 'channel' },
  previewDirectorySync: { ...administrators, of: 'channel' },
  applyDirectorySync: { ...administrators, of: 'channel' },

  listApprovalTemplates: managers,
  getApprovalTemplate: { ...managers, of: 'approval_template' },
  createApprovalTemplate: managers,
  replaceApprovalTemplate: { ...managers, of: 'approval_template' },
  removeApprovalTemplate: { ...managers, of: 'approval_template' },
  preferApprovalTemplate: { ...managers, of: 'approval_template' },
  previewApprovalTemplate: managers,

  getLoginWays: administrators,
  changeLoginWays: administrators,
  testOidc: administrators,

  listApiKeys: administrators,
  createApiKey: administrators,
  revokeApiKey: { ...administrators, of: 'api_key' },

  listTexts: managers,
  saveText: managers,
  resetText: managers,
  previewTexts: managers,
  myCoverage: managers,
  listNotificationRules: managers,
  setNotificationRule: { ...managers, of: 'notification_rule' },
  resetNotificationRule: { ...managers, of: 'notification_rule' },

  listManagedChannels: managers,
  getManagedChannel: { ...managers, of: 'channel' },
  changeManagedChannel: { ...managers, of: 'channel' },
  examineManagedChannel: { ...managers, of: 'channel' },
  followExamination: { ...managers, of: 'channel' },
  getCardTemplate: managers,
  getChannelSetup: { ...managers, of: 'channel' },

  getWelcome: managers,
  startTrial: { ...managers, of: 'channel' },
  getTrial: { ...managers, of: 'channel' },
} as const satisfies { [Name in RouteName]: Declared<(typeof routes)[Name]['path']> }

type Declarations = typeof whoMay
/** The endpoints whose declaration has this in it. */
export type RouteFor<Part> = { [Name in RouteName]: Declarations[Name] extends Part ? Name : never }[RouteName]
export type OpenRoute = RouteFor<{ by: 'anybody' }>
export type KeyRoute = RouteFor<{ by: 'key' }>
export type SessionRoute = RouteFor<{ by: 'session' }>

/** Whether somebody with these roles may call it, as far as roles decide. */
export function rolesMay(has: readonly Role[], name: SessionRoute): boolean {
  const { roles: wanted }: Member = whoMay[name]
  return wanted === 'everybody' || has.some((role) => wanted.includes(role))
}
