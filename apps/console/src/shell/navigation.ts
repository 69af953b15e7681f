import type { SessionRoute } from '@countersign/contracts'
import {
  Bell,
  ChatLineSquare,
  Connection,
  DataLine,
  Document,
  Files,
  Key,
  Notification,
  Promotion,
  Setting,
  Stamp,
  Unlock,
  User,
  Warning,
} from '@element-plus/icons-vue'
import type { Component } from 'vue'
import type { MessageKey } from '../i18n/i18n.ts'

export interface NavigationItem {
  route: string
  title: MessageKey
  icon: Component
  /** What the page shows first: whoever may not ask for that does not see it. The server refuses them all the same. */
  asks: SessionRoute
  /** Pages that belong to it, and stand in no menu. */
  below?: readonly string[]
}

/** The pages in the order of the menu. */
export const navigation: readonly NavigationItem[] = [
  { route: 'tickets', title: 'nav.tickets', icon: Document, asks: 'listMyTickets', below: ['ticket'] },
  { route: 'stuck-tickets', title: 'reroute.stuckTitle', icon: Warning, asks: 'listStuckTickets' },
  { route: 'overview', title: 'nav.overview', icon: DataLine, asks: 'getOverview' },
  { route: 'deliveries', title: 'nav.deliveries', icon: Bell, asks: 'listTenantDeliveries' },
  { route: 'webhooks', title: 'webhooks.title', icon: Promotion, asks: 'listWebhooks' },
  { route: 'notification', title: 'nav.notification', icon: Notification, asks: 'listNotificationRules' },
  { route: 'texts', title: 'nav.texts', icon: ChatLineSquare, asks: 'listTexts', below: ['text'] },
  {
    route: 'people',
    title: 'nav.people',
    icon: User,
    asks: 'listPeople',
    below: ['person', 'person-settings', 'people-import', 'people-sync'],
  },
  {
    route: 'approval-templates',
    title: 'nav.approvalTemplates',
    icon: Stamp,
    asks: 'listApprovalTemplates',
    below: ['approval-template', 'new-approval-template'],
  },
  {
    route: 'channels',
    title: 'nav.channels',
    icon: Connection,
    asks: 'listManagedChannels',
    below: ['channel', 'welcome'],
  },
  { route: 'login-ways', title: 'nav.loginWays', icon: Unlock, asks: 'getLoginWays' },
  { route: 'api-keys', title: 'nav.apiKeys', icon: Key, asks: 'listApiKeys' },
  { route: 'audit', title: 'nav.audit', icon: Files, asks: 'listAudit' },
  { route: 'settings', title: 'nav.settings', icon: Setting, asks: 'getNotificationSettings' },
]
