import { type SeedSms, type SmsAccount, type SmsSignName, type SmsTemplate, smsSchema } from './seed.ts'

/** What the console of the service knows: keys, approved signatures and templates. */
export class SmsCatalogue {
  readonly accounts: SmsAccount[]
  readonly signNames: SmsSignName[]
  readonly templates: SmsTemplate[]
  readonly whitelist: string[]
  readonly forbiddenWords: string[]

  constructor(seed: SeedSms) {
    this.accounts = [...seed.accounts]
    this.signNames = [...seed.signNames]
    this.templates = [...seed.templates]
    this.whitelist = [...seed.whitelist]
    this.forbiddenWords = [...seed.forbiddenWords]
  }

  /** Registers an approved template; one with the same code takes its place. @throws ZodError when it is none. */
  addTemplate(template: SmsTemplate): void {
    const checked = smsSchema.shape.templates.unwrap().element.parse(template)
    const at = this.templates.findIndex(({ code }) => code === checked.code)
    if (at < 0) this.templates.push(checked)
    else this.templates[at] = checked
  }

  /** Registers an approved signature. @throws ZodError when it is none. */
  addSignName(signName: { name: string; use?: SmsSignName['use'] }): void {
    const checked = smsSchema.shape.signNames.unwrap().element.parse(signName)
    this.signNames.push(checked)
  }
}
