import type { AccountQuota } from './account-quota.ts'
import type { SmsCatalogue } from './catalogue.ts'
import type { FlowControl } from './flow-control.ts'
import type { SmsInbox } from './inbox.ts'
import type { SmsAccount } from './seed.ts'
import type { SmsSettings } from './settings.ts'

/** What an operation of the service works with. */
export interface SmsContext {
  catalogue: SmsCatalogue
  flow: FlowControl
  quota: AccountQuota
  inbox: SmsInbox
  settings: SmsSettings
  /** Milliseconds since the epoch on the service's clock. */
  now: number
}

/** A call whose signature is right. */
export interface SmsRequest {
  account: SmsAccount
  parameters: ReadonlyMap<string, string>
  /** Accepted, billed, and lost; set by a fault. */
  isUndelivered: boolean
}
