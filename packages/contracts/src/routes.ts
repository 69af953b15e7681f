/**
 * Method and path of every HTTP endpoint, and nothing else: the web apps bundle this file, so it imports no validator.
 * `:name` is a path parameter. The bodies stand beside them in endpoints.ts, who may call them in who-may.ts.
 */
export const routes = {
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
  loginOptions: { method: 'GET', path: '/api/app/login-options' },
  startLogin: { method: 'POST', path: '/api/app/login/start' },
  finishLogin: { method: 'POST', path: '/api/app/login/finish' },
  inAppLogin: { method: 'POST', path: '/api/app/login/in-app' },
  linkLogin: { method: 'POST', path: '/api/app/login/link' },
  getSession: { method: 'GET', path: '/api/app/session' },
  endSession: { method: 'DELETE', path: '/api/app/session' },
  listMySessions: { method: 'GET', path: '/api/app/sessions' },
  endMySession: { method: 'DELETE', path: '/api/app/sessions/:id' },
  listMyTickets: { method: 'GET', path: '/api/app/tickets' },
  getMyTicket: { method: 'GET', path: '/api/app/tickets/:id' },
  decide: { method: 'POST', path: '/api/app/tickets/:id/decision' },
  withdrawMyTicket: { method: 'POST', path: '/api/app/tickets/:id/withdraw' },
  remindMyTicket: { method: 'POST', path: '/api/app/tickets/:id/remind' },
  commentAsMe: { method: 'POST', path: '/api/app/tickets/:id/comments' },
  // Notification settings of a person (`:id` is the uid), session cookie
  getNotificationSettings: { method: 'GET', path: '/api/app/people/:id/notification-settings' },
  changeNotificationSettings: { method: 'PATCH', path: '/api/app/people/:id/notification-settings' },
  setNotificationChannel: { method: 'PUT', path: '/api/app/people/:id/notification-settings/channels/:channel' },
  removeNotificationChannel: { method: 'DELETE', path: '/api/app/people/:id/notification-settings/channels/:channel' },
  sendVerificationCode: { method: 'POST', path: '/api/app/people/:id/notification-settings/channels/:channel/code' },
  testNotificationChannel: { method: 'POST', path: '/api/app/people/:id/notification-settings/channels/:channel/test' },
  // Desktop console, session cookie and a role
  listTenantTickets: { method: 'GET', path: '/api/app/console/tickets' },
  decideInConsole: { method: 'POST', path: '/api/app/console/tickets/:id/decision' },
  listTicketDeliveries: { method: 'GET', path: '/api/app/console/tickets/:id/deliveries' },
  listTenantDeliveries: { method: 'GET', path: '/api/app/console/deliveries' },
  listAudit: { method: 'GET', path: '/api/app/console/audit' },
  verifyAudit: { method: 'POST', path: '/api/app/console/audit/verification' },
  getOverview: { method: 'GET', path: '/api/app/console/overview' },
  listPeople: { method: 'GET', path: '/api/app/console/people' },
  // People, for administrators (`:id` is the uid)
  getPerson: { method: 'GET', path: '/api/app/console/people/:id' },
  createPerson: { method: 'POST', path: '/api/app/console/people' },
  changePerson: { method: 'PATCH', path: '/api/app/console/people/:id' },
  issueLoginLink: { method: 'POST', path: '/api/app/console/people/:id/login-link' },
  exportPeople: { method: 'GET', path: '/api/app/console/people-export' },
  previewImport: { method: 'POST', path: '/api/app/console/people-import/preview' },
  applyImport: { method: 'POST', path: '/api/app/console/people-import' },
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
  getCardTemplate: { method: 'GET', path: '/api/app/console/card-template' },
  getChannelSetup: { method: 'GET', path: '/api/app/console/channels/:channel/setup' },
  // First-run guide, session cookie and the role admin or dba
  getWelcome: { method: 'GET', path: '/api/app/console/welcome' },
  startTrial: { method: 'POST', path: '/api/app/console/channels/:channel/trial' },
  getTrial: { method: 'GET', path: '/api/app/console/channels/:channel/trial' },
} as const satisfies Record<string, { method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'; path: `/api/${string}` }>

export type RouteName = keyof typeof routes
