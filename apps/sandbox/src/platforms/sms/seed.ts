import { z } from 'zod'

/** What a template is for. Code and notice templates go to the mainland, international ones everywhere else. */
export const templateKinds = ['code', 'notice', 'promotion', 'international'] as const

/** How an application for a signature or a template stands; only what is approved can be sent with. */
const reviewShape = {
  review: z.enum(['approved', 'waiting', 'rejected', 'cancelled']).default('approved'),
  /** The reviewer's words. */
  rejectInfo: z.string().default(''),
}

export const smsSchema = z.strictObject({
  accounts: z
    .array(
      z.strictObject({
        accessKeyId: z.string().min(1),
        accessKeySecret: z.string().min(1),
        /** `denied`: the key's RAM user may not send. `unpaid` and `stopped` are the account's own troubles. */
        state: z.enum(['active', 'denied', 'unpaid', 'stopped']).default('active'),
      }),
    )
    .default([]),
  /** Signatures. One for codes alone cannot sign a notice. */
  signNames: z
    .array(
      z.strictObject({ name: z.string().min(1).max(12), use: z.enum(['any', 'code']).default('any'), ...reviewShape }),
    )
    .default([]),
  /** Templates: the text with `${variables}`. */
  templates: z
    .array(
      z.strictObject({
        code: z.string().regex(/^SMS_\d+$/),
        kind: z.enum(templateKinds),
        text: z.string().min(1).max(500),
        ...reviewShape,
      }),
    )
    .default([]),
  /** Numbers that no flow control applies to. */
  whitelist: z.array(z.string()).max(300).default([]),
  /** Words that the operators let through in no variable. */
  forbiddenWords: z.array(z.string()).default([]),
})

export type SeedSms = z.output<typeof smsSchema>
export type SmsAccount = SeedSms['accounts'][number]
export type SmsTemplate = SeedSms['templates'][number]
export type SmsSignName = SeedSms['signNames'][number]
/** As somebody writes it: approved unless said. */
export type NewSmsTemplate = NonNullable<z.input<typeof smsSchema>['templates']>[number]
export type NewSmsSignName = NonNullable<z.input<typeof smsSchema>['signNames']>[number]
export type SmsReview = Partial<Pick<SmsTemplate, 'review' | 'rejectInfo'>>
