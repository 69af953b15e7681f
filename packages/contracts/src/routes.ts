import { h5Routes } from './h5-routes.ts'

/**
 * Method and path of every HTTP endpoint, and nothing else: the web apps bundle this file, so it imports no validator.
 * `:name` is a path parameter. The bodies stand beside them in endpoints.ts, who may call them in who-may.ts.
 */
export const routes = {
  ...h5Routes,
  // REST API, Bearer key
  submitTicket: { method: 'POST', path: '/api/v1/tickets' },
  listTickets: { method: 'GET', path: '/api/v1/tickets' },
  getTicket: { method: 'GET', path: '/api/v1/tickets/:id' },
  changeTicket: { method: 'PATCH', path: '/api/v1/tickets/:id' },
  withdrawTicket: { method: 'POST', path: '/api/v1/tickets/:id/withdraw' },
  remindApprovers: { method: 'POST', path: '/api/v1/tickets/:id/remind' },
  commentOnTicket: { method: 'POST', path: '/api/v1/tickets/:id/comments' },
  listDeliveries: { method: 'GET', path: '/api/v1/tickets/:id/deliveries' },
  getEvidence: { method: 'GET', path: '/api/v1/tickets/:id/evidence' },
  waitForTicket: { method: 'GET', path: '/api/v1/tickets/:id/wait' },
  listChannels: { method: 'GET', path: '/api/v1/channels' },
  runDoctor: { method: 'POST', path: '/api/v1/channels/:channel/doctor' },
  getCoverage: { method: 'GET', path: '/api/v1/coverage' },
  // H5 app, session cookie
  linkLogin: { method: 'POST', path: '/api/app/login/link' },
  sendLoginCode: { method: 'POST', path: '/api/app/login/email/code' },
  emailLogin: { method: 'POST', path: '/api/app/login/email' },
  startOidcLogin: { method: 'POST', path: '/api/app/login/oidc/start' },
  finishOidcLogin: { method: 'POST', path: '/api/app/login/oidc/finish' },
  listMySessions: { method: 'GET', path: '/api/app/sessions' },
  endMySession: { method: 'DELETE', path: '/api/app/sessions/:id' },
  // Second factor: one's own, and giving it
  getMySecondFactor: { method: 'GET', path: '/api/app/second-factor' },
  beginAuthenticator: { method: 'POST', path: '/api/app/second-factor/authenticator' },
  confirmAuthenticator: { method: 'POST', path: '/api/app/second-factor/authenticator/confirmation' },
  removeAuthenticator: { method: 'DELETE', path: '/api/app/second-factor/authenticator' },
  beginPasskey: { method: 'POST', path: '/api/app/second-factor/passkey-options' },
  addPasskey: { method: 'POST', path: '/api/app/second-factor/passkeys' },
  renamePasskey: { method: 'PATCH', path: '/api/app/second-factor/passkeys/:id' },
  removePasskey: { method: 'DELETE', path: '/api/app/second-factor/passkeys/:id' },
  makeRecoveryCodes: { method: 'POST', path: '/api/app/second-factor/recovery-codes' },
  askForPasskey: { method: 'POST', path: '/api/app/second-factor/given/passkey-options' },
  givePasskey: { method: 'POST', path: '/api/app/second-factor/given/passkey' },
  giveAuthenticatorCode: { method: 'POST', path: '/api/app/second-factor/given/authenticator' },
  giveRecoveryCode: { method: 'POST', path: '/api/app/second-factor/given/recovery-code' },
  // Second factor, for administrators (`:id` is the uid)
  getSecondFactorRule: { method: 'GET', path: '/api/app/console/second-factor-rule' },
  setSecondFactorRule: { method: 'PUT', path: '/api/app/console/second-factor-rule' },
  resetSecondFactor: { method: 'DELETE', path: '/api/app/console/people/:id/second-factor' },
  // Notification settings of a person (`:id` is the uid), session cookie
  // Desktop console, session cookie and a role
  listTenantTickets: { method: 'GET', path: '/api/app/console/tickets' },
  decideInConsole: { method: 'POST', path: '/api/app/console/tickets/:id/decision' },
  listTicketCards: { method: 'GET', path: '/api/app/console/tickets/:id/cards' },
  listTicketDeliveries: { method: 'GET', path: '/api/app/console/tickets/:id/deliveries' },
  listTenantDeliveries: { method: 'GET', path: '/api/app/console/deliveries' },
  liveTenantDeliveries: { method: 'GET', path: '/api/app/console/deliveries-live' },
  countTenantDeliveries: { method: 'GET', path: '/api/app/console/deliveries-count' },
  resendDeliveries: { method: 'POST', path: '/api/app/console/deliveries/resend' },
  cancelDeliveries: { method: 'POST', path: '/api/app/console/deliveries/cancel' },
  listWebhooks: { method: 'GET', path: '/api/app/console/webhooks' },
  getWebhook: { method: 'GET', path: '/api/app/console/webhooks/:id' },
  replayWebhooks: { method: 'POST', path: '/api/app/console/webhooks/replay' },
  exportAudit: { method: 'GET', path: '/api/app/console/audit-export' },
  exportEvidence: { method: 'POST', path: '/api/app/console/tickets/:id/evidence' },
  listAudit: { method: 'GET', path: '/api/app/console/audit' },
  verifyAudit: { method: 'POST', path: '/api/app/console/audit/verification' },
  getOverview: { method: 'GET', path: '/api/app/console/overview' },
  listPeople: { method: 'GET', path: '/api/app/console/people' },
  // People, for administrators (`:id` is the uid)
  getPerson: { method: 'GET', path: '/api/app/console/people/:id' },
  createPerson: { method: 'POST', path: '/api/app/console/people' },
  changePerson: { method: 'PATCH', path: '/api/app/console/people/:id' },
  issueLoginLink: { method: 'POST', path: '/api/app/console/people/:id/login-link' },
  unbindCompanyAccount: { method: 'DELETE', path: '/api/app/console/people/:id/company-account' },
  exportPeople: { method: 'GET', path: '/api/app/console/people-export' },
  previewImport: { method: 'POST', path: '/api/app/console/people-import/preview' },
  applyImport: { method: 'POST', path: '/api/app/console/people-import' },
  // What waits for disabled people (`:id` is the uid, or a ticket)
  getReroute: { method: 'GET', path: '/api/app/console/people/:id/reroute' },
  orderReroute: { method: 'PUT', path: '/api/app/console/people/:id/reroute' },
  stopReroute: { method: 'DELETE', path: '/api/app/console/people/:id/reroute' },
  listStuckTickets: { method: 'GET', path: '/api/app/console/stuck-tickets' },
  rerouteTicket: { method: 'POST', path: '/api/app/console/tickets/:id/reroute' },
  // People of a platform's directory, for administrators
  listDirectories: { method: 'GET', path: '/api/app/console/people-sync' },
  getDirectory: { method: 'GET', path: '/api/app/console/people-sync/:channel' },
  listDepartments: { method: 'GET', path: '/api/app/console/people-sync/:channel/departments' },
  startDirectoryRead: { method: 'POST', path: '/api/app/console/people-sync/:channel/read' },
  cancelDirectoryRead: { method: 'POST', path: '/api/app/console/people-sync/:channel/cancel' },
  previewDirectorySync: { method: 'POST', path: '/api/app/console/people-sync/:channel/preview' },
  applyDirectorySync: { method: 'POST', path: '/api/app/console/people-sync/:channel/apply' },
  // Approval templates, for administrators and DBAs
  listApprovalTemplates: { method: 'GET', path: '/api/app/console/approval-templates' },
  getApprovalTemplate: { method: 'GET', path: '/api/app/console/approval-templates/:id' },
  createApprovalTemplate: { method: 'POST', path: '/api/app/console/approval-templates' },
  replaceApprovalTemplate: { method: 'PUT', path: '/api/app/console/approval-templates/:id' },
  removeApprovalTemplate: { method: 'DELETE', path: '/api/app/console/approval-templates/:id' },
  preferApprovalTemplate: { method: 'POST', path: '/api/app/console/approval-templates/:id/default' },
  previewApprovalTemplate: { method: 'POST', path: '/api/app/console/approval-template-preview' },
  listApiKeys: { method: 'GET', path: '/api/app/console/api-keys' },
  createApiKey: { method: 'POST', path: '/api/app/console/api-keys' },
  revokeApiKey: { method: 'DELETE', path: '/api/app/console/api-keys/:id' },
  // What a tenant says in its own words and whom it reaches, session cookie of an administrator or DBA
  listTexts: { method: 'GET', path: '/api/app/text-templates' },
  saveText: { method: 'PUT', path: '/api/app/text-templates' },
  resetText: { method: 'DELETE', path: '/api/app/text-templates' },
  myCoverage: { method: 'GET', path: '/api/app/coverage' },
  previewTexts: { method: 'POST', path: '/api/app/text-templates/preview' },
  // Notification rules of the tenant, session cookie
  listNotificationRules: { method: 'GET', path: '/api/app/notification-rules' },
  setNotificationRule: { method: 'PUT', path: '/api/app/notification-rules/:module/:event' },
  resetNotificationRule: { method: 'DELETE', path: '/api/app/notification-rules/:module/:event' },
  // Channel Management of the console, session cookie and the role admin or dba
  listManagedChannels: { method: 'GET', path: '/api/app/console/channels' },
  getManagedChannel: { method: 'GET', path: '/api/app/console/channels/:channel' },
  changeManagedChannel: { method: 'PATCH', path: '/api/app/console/channels/:channel' },
  examineManagedChannel: { method: 'POST', path: '/api/app/console/channels/:channel/doctor' },
  followExamination: { method: 'POST', path: '/api/app/console/channels/:channel/doctor/steps' },
  getCardTemplate: { method: 'GET', path: '/api/app/console/card-template' },
  getChannelSetup: { method: 'GET', path: '/api/app/console/channels/:channel/setup' },
  // Ways in, for administrators
  getLoginWays: { method: 'GET', path: '/api/app/console/login-ways' },
  changeLoginWays: { method: 'PATCH', path: '/api/app/console/login-ways' },
  testOidc: { method: 'POST', path: '/api/app/console/login-ways/oidc-test' },
  // First-run guide, session cookie and the role admin or dba
  getWelcome: { method: 'GET', path: '/api/app/console/welcome' },
  startTrial: { method: 'POST', path: '/api/app/console/channels/:channel/trial' },
  getTrial: { method: 'GET', path: '/api/app/console/channels/:channel/trial' },
} as const satisfies Record<string, { method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'; path: `/api/${string}` }>

export type RouteName = keyof typeof routes

/** Those whose answer comes line by line. */
export const lineRoutes = ['followExamination'] as const satisfies readonly RouteName[]
export type LineRouteName = (typeof lineRoutes)[number]
