import type { SmsMessage } from './inbox.ts'
import type { SmsPlatform } from './platform.ts'
import type { NewSmsSignName, NewSmsTemplate, SmsAccount, SmsReview, SmsSignName, SmsTemplate } from './seed.ts'
import type { SmsSettings } from './settings.ts'

/** What tests and the phones need of the short messages. */
export interface SmsSandbox {
  /** Stands in for `https://dysmsapi.aliyuncs.com` and the international hosts. */
  readonly endpoint: string
  /** May be changed at any time. */
  readonly settings: SmsSettings
  readonly accounts: readonly SmsAccount[]
  readonly templates: readonly SmsTemplate[]
  readonly signNames: readonly SmsSignName[]
  /** What a phone has received, oldest first; the number may be written in any usual way. */
  inbox(number: string): SmsMessage[]
  /** The same with what was accepted and never arrived. */
  sentTo(number: string): SmsMessage[]
  /** Numbers that anything was sent to: country code and number, digits only. */
  numbers(): string[]
  addTemplate(template: NewSmsTemplate): void
  addSignName(signName: NewSmsSignName): void
  /** Changes how a signature (by its name) or a template (by its code) stands: `{ review: 'rejected', rejectInfo: '…' }`. */
  review(name: string, change: SmsReview): void
  /** Changes an account: `{ state: 'unpaid' }` and the like. */
  configureAccount(accessKeyId: string, change: Partial<Pick<SmsAccount, 'state'>>): void
}

export function createSmsSandbox({ catalogue, inbox, settings }: SmsPlatform, url: string): SmsSandbox {
  return {
    endpoint: url,
    settings,
    accounts: catalogue.accounts,
    templates: catalogue.templates,
    signNames: catalogue.signNames,
    inbox: (number) => inbox.of(number),
    sentTo: (number) => inbox.sentTo(number),
    numbers: () => inbox.numbers(),
    addTemplate: (template) => catalogue.addTemplate(template),
    addSignName: (signName) => catalogue.addSignName(signName),
    review: (name, change) => catalogue.review(name, change),
    configureAccount: (accessKeyId, change) => {
      const account = catalogue.accounts.find((one) => one.accessKeyId === accessKeyId)
      if (account === undefined) throw new Error(`The sandbox has no access key ${accessKeyId}.`)
      Object.assign(account, change)
    },
  }
}
