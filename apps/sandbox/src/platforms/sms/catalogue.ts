import {
  type NewSmsSignName,
  type NewSmsTemplate,
  type SeedSms,
  type SmsAccount,
  type SmsReview,
  type SmsSignName,
  type SmsTemplate,
  smsSchema,
} from './seed.ts'

/** What the console of the service knows: keys, signatures and templates, and how they were reviewed. */
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

  /** Registers a template; one with the same code takes its place. @throws ZodError when it is none. */
  addTemplate(template: NewSmsTemplate): void {
    const checked = smsSchema.shape.templates.unwrap().element.parse(template)
    const at = this.templates.findIndex(({ code }) => code === checked.code)
    if (at < 0) this.templates.push(checked)
    else this.templates[at] = checked
  }

  /** Registers a signature. @throws ZodError when it is none. */
  addSignName(signName: NewSmsSignName): void {
    const checked = smsSchema.shape.signNames.unwrap().element.parse(signName)
    this.signNames.push(checked)
  }

  /** Changes how a signature (by its name) or a template (by its code) stands. */
  review(name: string, change: SmsReview): void {
    const reviewed = this.signNames.find((one) => one.name === name) ?? this.templates.find(({ code }) => code === name)
    if (reviewed === undefined) throw new Error(`The sandbox has no signature or template ${name}.`)
    Object.assign(reviewed, change)
  }
}
