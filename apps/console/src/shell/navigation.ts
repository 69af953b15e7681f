import type { Role } from '@countersign/contracts'
import { Bell, Document, Files, Key, User } from '@element-plus/icons-vue'
import type { Component } from 'vue'
import type { MessageKey } from '../i18n/i18n.ts'

export interface NavigationItem {
  route: string
  title: MessageKey
  icon: Component
  /** Who sees it; everybody where it is left out. The server refuses the others all the same. */
  roles?: readonly Role[]
}

/** The pages in the order of the menu. */
export const navigation: readonly NavigationItem[] = [
  { route: 'tickets', title: 'nav.tickets', icon: Document },
  { route: 'deliveries', title: 'nav.deliveries', icon: Bell, roles: ['admin', 'dba', 'security_admin'] },
  { route: 'people', title: 'nav.people', icon: User, roles: ['admin', 'dba', 'security_admin'] },
  { route: 'api-keys', title: 'nav.apiKeys', icon: Key, roles: ['admin'] },
  { route: 'audit', title: 'nav.audit', icon: Files, roles: ['admin', 'security_admin'] },
]
