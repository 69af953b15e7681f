import { randomUUID } from 'node:crypto'
import { type BodyOf, ImportPreview, type QueryOf, type RouteName, type TicketView } from '@countersign/contracts'
import { ask, must } from './ask.ts'
import type { Caller } from './callers.ts'
import type { Named } from './things.ts'
import { markerOf, onlyOf, personNames, type Tenant, type TwoTenants } from './two-tenants.ts'

/** For whom a request is made up. */
export interface Scene {
  world: TwoTenants
  caller: Caller
  tenant: Tenant
  /** What the path names. */
  named: Named | null
  /** An administrator of the same tenant, who prepares things. */
  admin: Caller
}

type Given<Part> = Part | ((scene: Scene) => Part | Promise<Part>)

/**
 * A request that would be granted, was the caller allowed: with a good body, so that a refusal is never by accident. A path
 * gets its parameters from the thing that it names; `params` adds to them.
 */
export type Sample<Name extends RouteName> = {
  params?: Readonly<Record<string, string>>
  /** Of the answer where it is no success also for whoever is allowed, and a word why. */
  answers?: { code: string; since: string }
  /** Whether it ends the session that it comes with. */
  endsSession?: true
} & ([QueryOf<Name>] extends [undefined] ? unknown : { query?: QueryOf<Name> & object }) &
  ([BodyOf<Name>] extends [undefined] ? unknown : { body: Given<BodyOf<Name>> })

const fresh = (): string => `made-${randomUUID()}`
const nodes = [{ name: 'Owner', approvers: ['approver'] }]
const submission = { module: 'perm_apply', title: 'Read access', submitter: 'submitter', nodes }
const template = (id: string) => ({ id, module: 'perm_apply', nodes })
const text = { kind: 'approved', channel: 'webhook', locale: 'en' } as const
const words = { title: 'Approved', body: 'It is approved.' }
const hook = { channel: 'webhook' } as const
const address = { url: 'http://127.0.0.1/hook' }
const decision = ({ named }: Scene) => ({ action: 'approve' as const, ...seen(named?.ticket) })
const seen = (ticket: TicketView | undefined) =>
  ticket === undefined ? { contentHash: 'sha256:none' } : { contentHash: ticket.contentHash, node: ticket.currentNode }
const noDirectory = { code: 'not_found', since: 'a web hook has no directory' }
const planning = { readId: 'a reading that was never made' }
const everything = { create: true, change: true, bind: true, disable: true }
const csv = () => `uid,name\n${fresh()},Somebody new\n`

/** As a browser would send it, had it been asked. */
const passkey = { id: 'none', rawId: 'none', type: 'public-key' as const }
const created = { ...passkey, response: { clientDataJSON: 'e30', attestationObject: 'oA' } }
const signed = { ...passkey, response: { clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'AA' } }
const noFactor = { code: 'second_factor_missing', since: 'there is no second factor' }

/** One for every endpoint of the contract; without one it does not compile. */
export const samples: { readonly [Name in RouteName]: Sample<Name> } = {
  submitTicket: { body: submission },
  listTickets: {},
  getTicket: {},
  changeTicket: { body: { title: 'Write access' } },
  withdrawTicket: { body: {} },
  remindApprovers: {},
  commentOnTicket: { body: { comment: 'Why?' } },
  listDeliveries: {},
  getEvidence: {},
  waitForTicket: { query: { timeout: 0 } },
  listChannels: {},
  runDoctor: { body: {} },
  getCoverage: { query: { module: 'data_export' } },

  loginOptions: {},
  startLogin: { body: { tenant: 'acme', channel: 'lark' } },
  finishLogin: {
    body: { code: 'a code', state: 'a state that nobody was given' },
    answers: { code: 'state_invalid', since: 'no log-in was begun' },
  },
  inAppLogin: {
    body: { tenant: 'acme', channel: 'lark', code: 'a code', nonce: 'a nonce that nobody was given' },
    answers: { code: 'state_invalid', since: 'no log-in was begun' },
  },
  linkLogin: { body: async ({ world, tenant }) => ({ link: await world.linkFor(tenant, onlyOf(tenant)) }) },
  sendLoginCode: {
    body: { tenant: 'acme', email: 'submitter@acme.test' },
    answers: { code: 'way_closed', since: 'no mail can be sent' },
  },
  emailLogin: {
    body: { attempt: 'an attempt that nobody has begun', code: '123456' },
    answers: { code: 'state_invalid', since: 'no log-in was begun' },
  },
  startOidcLogin: { body: { tenant: 'acme' }, answers: { code: 'way_closed', since: 'there is no provider' } },
  finishOidcLogin: {
    body: { answer: '?code=1&state=a-state-that-nobody-was-given' },
    answers: { code: 'state_invalid', since: 'no log-in was begun' },
  },
  getSession: {},
  endSession: { endsSession: true },
  listMySessions: {},
  endMySession: {},

  // Nobody gets a second factor here, which would take their roles away in the sessions of the others.
  getMySecondFactor: {},
  beginAuthenticator: {},
  confirmAuthenticator: {
    body: async ({ world, caller }) => {
      await ask(world.url, 'beginAuthenticator', {}, caller.headers)
      return { code: '000000' }
    },
    answers: { code: 'second_factor_wrong', since: 'the app shows another code' },
  },
  removeAuthenticator: { answers: { code: 'not_found', since: 'there is no app' } },
  beginPasskey: {},
  addPasskey: {
    body: { name: 'Laptop', passkey: created },
    answers: { code: 'passkey_refused', since: 'no browser has made it' },
  },
  renamePasskey: { body: { name: 'Laptop' } },
  removePasskey: {},
  makeRecoveryCodes: { answers: noFactor },
  askForPasskey: { answers: noFactor },
  givePasskey: {
    body: { passkey: signed },
    answers: { code: 'passkey_refused', since: 'there is no such passkey' },
  },
  giveAuthenticatorCode: {
    body: { code: '000000' },
    answers: { code: 'second_factor_wrong', since: 'there is no app' },
  },
  giveRecoveryCode: {
    body: { code: 'AAAA-AAAA-AAAA-AAAA' },
    answers: { code: 'second_factor_wrong', since: 'there is no such code' },
  },
  getSecondFactorRule: {},
  setSecondFactorRule: { body: { administratorsNeed: false } },
  resetSecondFactor: { answers: noFactor },

  listMyTickets: {},
  getMyTicket: {},
  decide: { body: decision },
  withdrawMyTicket: { body: {} },
  remindMyTicket: {},
  commentAsMe: { body: { comment: 'Why?' } },

  getNotificationSettings: {},
  changeNotificationSettings: { body: { digestAt: '08:30' } },
  setNotificationChannel: { params: hook, body: { address, enabled: false } },
  removeNotificationChannel: { params: hook },
  sendVerificationCode: { params: hook, body: { address } },
  testNotificationChannel: {
    params: { channel: 'wecomRobot' },
    answers: { code: 'not_found', since: 'there is no address to send a test to' },
  },

  listTenantTickets: {},
  decideInConsole: { body: decision },
  listTicketCards: {},
  listTicketDeliveries: {},
  listTenantDeliveries: {},
  liveTenantDeliveries: {},
  countTenantDeliveries: {},
  resendDeliveries: { body: { ids: ['nothing'] } },
  cancelDeliveries: { body: { ids: ['nothing'] } },
  listWebhooks: {},
  getWebhook: {},
  replayWebhooks: { body: { ids: ['nothing'] } },
  listAudit: {},
  verifyAudit: {},
  exportAudit: { query: { format: 'jsonl' } },
  exportEvidence: {},
  getOverview: {},

  listPeople: {},
  getPerson: {},
  createPerson: { body: () => ({ uid: fresh(), name: 'Somebody new' }) },
  changePerson: { body: ({ tenant }) => ({ name: `Renamed, ${markerOf(tenant)}` }) },
  issueLoginLink: {},
  unbindCompanyAccount: { answers: { code: 'not_found', since: 'nobody has a company account' } },
  exportPeople: {},
  previewImport: { body: () => ({ csv: csv() }) },
  applyImport: {
    body: async ({ world, admin }) => {
      const file = { csv: csv() }
      const preview = await must(world.url, 'previewImport', { body: file }, admin.headers)
      return { ...file, digest: ImportPreview.parse(preview).digest }
    },
  },

  getReroute: {},
  orderReroute: {
    body: { to: ['approver'] },
    answers: { code: 'conflict', since: 'whoever is there decides themself' },
  },
  stopReroute: {},
  listStuckTickets: {},
  rerouteTicket: { body: { to: ['approver'] } },
  listDirectories: {},
  getDirectory: { answers: noDirectory },
  listDepartments: { answers: noDirectory },
  startDirectoryRead: { body: {}, answers: noDirectory },
  cancelDirectoryRead: { answers: noDirectory },
  previewDirectorySync: { body: planning, answers: noDirectory },
  applyDirectorySync: { body: { ...planning, ...everything, digest: 'of nothing' }, answers: noDirectory },

  listApprovalTemplates: {},
  getApprovalTemplate: {},
  createApprovalTemplate: { body: () => ({ template: template(fresh()) }) },
  replaceApprovalTemplate: {
    body: ({ named }) => ({ template: template(named?.params.id ?? ''), revision: 'of another time' }),
    answers: { code: 'version_conflict', since: 'another revision was seen' },
  },
  removeApprovalTemplate: {},
  preferApprovalTemplate: {},
  previewApprovalTemplate: { body: { template: template('draft'), submitter: 'submitter' } },

  getLoginWays: {},
  changeLoginWays: { body: { email: { open: true } } },
  testOidc: { body: { issuer: 'http://127.0.0.1:9' } },

  listApiKeys: {},
  createApiKey: { body: () => ({ name: fresh(), scopes: ['tickets:read'] }) },
  revokeApiKey: {},

  listTexts: { query: { channel: 'webhook', locale: 'en' } },
  saveText: { body: { ...text, ...words } },
  resetText: { query: text },
  previewTexts: { body: { kind: 'approved', channel: 'webhook' } },
  myCoverage: { query: { module: 'data_export' } },
  listNotificationRules: {},
  setNotificationRule: { body: { enabled: true, channels: null, roles: [], additionalUsers: [...personNames] } },
  resetNotificationRule: {},

  listManagedChannels: {},
  getManagedChannel: {},
  changeManagedChannel: {
    body: { enabled: true },
    answers: { code: 'provisioned', since: 'it stands in the provisioning file' },
  },
  examineManagedChannel: { body: {} },
  followExamination: { body: {} },
  getCardTemplate: {},
  getChannelSetup: {},

  getWelcome: {},
  startTrial: { answers: { code: 'taps_unverifiable', since: 'a web hook carries no cards' } },
  getTrial: {},
}
