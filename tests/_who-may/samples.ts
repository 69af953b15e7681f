import { randomUUID } from 'node:crypto'
import { type BodyOf, ImportPreview, type QueryOf, type RouteName, type TicketView } from '@countersign/contracts'
import { must } from './ask.ts'
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
const csv = () => `uid,name\n${fresh()},Somebody new\n`

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
  getSession: {},
  endSession: { endsSession: true },
  listMySessions: {},
  endMySession: {},

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
  listTicketDeliveries: {},
  listTenantDeliveries: {},
  listAudit: {},
  verifyAudit: {},
  getOverview: {},

  listPeople: {},
  getPerson: {},
  createPerson: { body: () => ({ uid: fresh(), name: 'Somebody new' }) },
  changePerson: { body: ({ tenant }) => ({ name: `Renamed, ${markerOf(tenant)}` }) },
  issueLoginLink: {},
  exportPeople: {},
  previewImport: { body: () => ({ csv: csv() }) },
  applyImport: {
    body: async ({ world, admin }) => {
      const file = { csv: csv() }
      const preview = await must(world.url, 'previewImport', { body: file }, admin.headers)
      return { ...file, digest: ImportPreview.parse(preview).digest }
    },
  },

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
  getCardTemplate: {},
  getChannelSetup: {},

  getWelcome: {},
  startTrial: { answers: { code: 'taps_unverifiable', since: 'a web hook carries no cards' } },
  getTrial: {},
}
