import type { LarkSettings } from '@countersign/contracts'
import type { LarkClient } from '../client.ts'

/** What the doctor looks at: one app of one tenant. Feishu's settings have the same shape. */
export interface LarkPatient {
  brand: 'lark' | 'feishu'
  settings: LarkSettings
  encryptKey: string | null
  verificationToken: string | null
  /** Fresh: it has no token yet, so that what is found out is true now. */
  client: LarkClient
  /** Epoch milliseconds. */
  now: () => number
}

/** A page of the app in the platform's console. */
export function consolePage({ settings }: LarkPatient, page: string): string {
  return `${settings.openUrl}/app/${settings.appId}/${page}`
}
