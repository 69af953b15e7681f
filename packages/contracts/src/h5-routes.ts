/**
 * What the H5 app calls. Apart from the other routes, since every byte of it is loaded before the first screen on a phone is
 * there; it imports nothing.
 */
export const h5Routes = {
  // Log-in by the platform, and the session
  loginOptions: { method: 'GET', path: '/api/app/login-options' },
  startLogin: { method: 'POST', path: '/api/app/login/start' },
  finishLogin: { method: 'POST', path: '/api/app/login/finish' },
  inAppLogin: { method: 'POST', path: '/api/app/login/in-app' },
  getSession: { method: 'GET', path: '/api/app/session' },
  endSession: { method: 'DELETE', path: '/api/app/session' },
  // Tickets of whoever is logged in
  listMyTickets: { method: 'GET', path: '/api/app/tickets' },
  getMyTicket: { method: 'GET', path: '/api/app/tickets/:id' },
  decide: { method: 'POST', path: '/api/app/tickets/:id/decision' },
  withdrawMyTicket: { method: 'POST', path: '/api/app/tickets/:id/withdraw' },
  remindMyTicket: { method: 'POST', path: '/api/app/tickets/:id/remind' },
  commentAsMe: { method: 'POST', path: '/api/app/tickets/:id/comments' },
  // Notification settings of a person (`:id` is the uid)
  getNotificationSettings: { method: 'GET', path: '/api/app/people/:id/notification-settings' },
  changeNotificationSettings: { method: 'PATCH', path: '/api/app/people/:id/notification-settings' },
  setNotificationChannel: { method: 'PUT', path: '/api/app/people/:id/notification-settings/channels/:channel' },
  removeNotificationChannel: { method: 'DELETE', path: '/api/app/people/:id/notification-settings/channels/:channel' },
  sendVerificationCode: { method: 'POST', path: '/api/app/people/:id/notification-settings/channels/:channel/code' },
  testNotificationChannel: { method: 'POST', path: '/api/app/people/:id/notification-settings/channels/:channel/test' },
} as const
