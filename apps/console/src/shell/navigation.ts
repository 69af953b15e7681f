import type { Role } from '@countersign/contracts'
import {
  Bell,
  ChatLineSquare,
  Connection,
  Document,
  Files,
  Key,
  Notification,
  Setting,
  Stamp,
  User,
} from '@element-plus/icons-vue'
import type { Component } from 'vue'
import type { MessageKey } from '../i18n/i18n.ts'

export interface NavigationItem {
  route: string
  title: MessageKey
  icon: Component
  /** Who sees it; everybody where it is left out. The server refuses the others all the same. */
  roles?: readonly Role[]
  /** Pages that belong to it, and stand in no menu. */
  below?: readonly string[]
}

/** The pages in the order of the menu. */
export const navigation: readonly NavigationItem[] = [
  { route: 'tickets', title: 'nav.tickets', icon: Document, below: ['ticket'] },
  { route: 'deliveries', title: 'nav.deliveries', icon: Bell, roles: ['admin', 'dba', 'security_admin'] },
  { route: 'notification', title: 'nav.notification', icon: Notification, roles: ['admin', 'dba'] },
  { route: 'texts', title: 'nav.texts', icon: ChatLineSquare, roles: ['admin', 'dba'], below: ['text'] },
  {
    route: 'people',
    title: 'nav.people',
    icon: User,
    roles: ['admin', 'dba', 'security_admin'],
    below: ['person', 'person-settings', 'people-import'],
  },
  {
    route: 'approval-templates',
    title: 'nav.approvalTemplates',
    icon: Stamp,
    roles: ['admin', 'dba'],
    below: ['approval-template', 'new-approval-template'],
  },
  { route: 'channels', title: 'nav.channels', icon: Connection, roles: ['admin', 'dba'], below: ['channel'] },
  { route: 'api-keys', title: 'nav.apiKeys', icon: Key, roles: ['admin'] },
  { route: 'audit', title: 'nav.audit', icon: Files, roles: ['admin', 'security_admin'] },
  { route: 'settings', title: 'nav.settings', icon: Setting },
]
