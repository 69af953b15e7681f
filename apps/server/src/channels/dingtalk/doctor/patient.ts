import type { DingtalkExclusiveSettings, DingtalkSettings } from '@countersign/contracts'
import type { DingtalkClient } from '../client.ts'

/** What the doctor looks at: one app of one tenant. */
export interface DingtalkPatient {
  edition: 'dingtalk' | 'dingtalkExclusive'
  settings: DingtalkSettings | DingtalkExclusiveSettings
  /** Of the Standard Edition. */
  agentId: string | null
  callbackRouteKey: string
  /** Fresh: it has no token yet, so that what is found out is true now. No faster than the app may call. */
  client: DingtalkClient
  /** Epoch milliseconds. */
  now: () => number
}

export const developerConsole = 'https://open-dev.dingtalk.com/fe/app'
export const cardPlatform = 'https://open-dev.dingtalk.com/fe/card'

/** The page where a right is asked for, as the platform's own refusals name it. */
export function rightPage({ settings }: DingtalkPatient, key: string): string {
  return `https://open-dev.dingtalk.com/appscope/apply?content=${encodeURIComponent(`${settings.appKey}#${key}`)}`
}
