import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'

/** Pages inside the frame; each has an address of its own. */
const pages: RouteRecordRaw[] = [
  { path: '', name: 'home', redirect: { name: 'tickets' } },
  { path: 'tickets', name: 'tickets', component: () => import('./tickets/TicketsPage.vue') },
  { path: 'tickets/:id', name: 'ticket', component: () => import('./tickets/TicketPage.vue'), props: true },
  { path: 'overview', name: 'overview', component: () => import('./overview/OverviewPage.vue') },
  { path: 'stuck-tickets', name: 'stuck-tickets', component: () => import('./reroute/StuckTicketsPage.vue') },
  { path: 'deliveries', name: 'deliveries', component: () => import('./deliveries/DeliveriesPage.vue') },
  { path: 'webhooks/:id?', name: 'webhooks', component: () => import('./webhooks/WebhooksPage.vue'), props: true },
  { path: 'people', name: 'people', component: () => import('./people/PeoplePage.vue') },
  { path: 'people/:uid', name: 'person', component: () => import('./people/PersonPage.vue'), props: true },
  { path: 'people-import', name: 'people-import', component: () => import('./people/ImportPage.vue') },
  {
    path: 'people-sync/:channel?',
    name: 'people-sync',
    component: () => import('./people/directory-sync/SyncPage.vue'),
    props: true,
  },
  {
    path: 'approval-templates',
    name: 'approval-templates',
    component: () => import('./approval-templates/TemplatesPage.vue'),
  },
  {
    path: 'approval-templates/:id',
    name: 'approval-template',
    component: () => import('./approval-templates/TemplatePage.vue'),
    props: true,
  },
  {
    path: 'new-approval-template',
    name: 'new-approval-template',
    component: () => import('./approval-templates/TemplatePage.vue'),
  },
  {
    path: 'welcome/:platform?/:step?',
    name: 'welcome',
    component: () => import('./welcome/WelcomePage.vue'),
    props: true,
  },
  { path: 'login-ways', name: 'login-ways', component: () => import('./login-ways/LoginWaysPage.vue') },
  { path: 'channels', name: 'channels', component: () => import('./channels/ChannelsPage.vue') },
  { path: 'channels/:name', name: 'channel', component: () => import('./channels/ChannelPage.vue'), props: true },
  {
    path: 'people/:uid/settings/:channel?',
    name: 'person-settings',
    component: () => import('./settings/PersonSettingsPage.vue'),
    props: true,
  },
  { path: 'notification', name: 'notification', component: () => import('./notification/NotificationPage.vue') },
  { path: 'texts', name: 'texts', component: () => import('./texts/TextsPage.vue') },
  {
    path: 'texts/:channel/:locale/:kind',
    name: 'text',
    component: () => import('./texts/TextPage.vue'),
    props: true,
  },
  {
    path: 'settings/:channel?',
    name: 'settings',
    component: () => import('./settings/SettingsPage.vue'),
    props: true,
  },
  { path: 'audit', name: 'audit', component: () => import('./audit/AuditPage.vue') },
  { path: 'api-keys', name: 'api-keys', component: () => import('./api-keys/ApiKeysPage.vue') },
  { path: 'security', name: 'security', component: () => import('./second-factor/SecurityPage.vue') },
  { path: 'sessions', name: 'sessions', component: () => import('./session/SessionsPage.vue') },
  { path: ':rest(.*)*', name: 'not-found', component: () => import('./shell/NotFoundPage.vue') },
]

export const createConsoleRouter = () =>
  createRouter({
    history: createWebHistory('/console/'),
    routes: [
      // An OpenID provider sends people back to the second of them.
      { path: '/login/:way(oidc)?', name: 'login', component: () => import('./session/LoginPage.vue') },
      {
        path: '/second-factor',
        name: 'second-factor',
        component: () => import('./second-factor/SecondFactorPage.vue'),
      },
      { path: '/', component: () => import('./shell/ConsoleShell.vue'), children: pages },
    ],
  })
