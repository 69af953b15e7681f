import { z } from 'zod'

/* What the service answers; nothing else of an answer is read. Source: the reference of Dysmsapi 2017-05-25 and 2018-05-01. */

const text = z.union([z.string(), z.number()]).transform(String)

/** `SendSms`. */
export const SentSms = z.object({ Code: z.string(), Message: z.string().default(''), BizId: z.string().optional() })

/** `SendMessageToGlobe`. */
export const SentToGlobe = z.object({
  ResponseCode: z.string(),
  ResponseDescription: z.string().default(''),
  MessageId: text.optional(),
  Segments: text.optional(),
})

/** `QuerySendDetails`. `SendStatus`: 1 waits for its receipt, 2 failed, 3 arrived. */
export const SendDetails = z.object({
  Code: z.string(),
  Message: z.string().default(''),
  TotalCount: text.optional(),
  SmsSendDetailDTOs: z
    .object({
      SmsSendDetailDTO: z
        .array(
          z.object({ SendStatus: z.coerce.number(), ErrCode: z.string().default(''), OutId: z.string().default('') }),
        )
        .default([]),
    })
    .default({ SmsSendDetailDTO: [] }),
})

/** How every answer of the mainland's service begins. */
export const BusinessAnswer = z.object({ Code: z.string(), Message: z.string().default('') })

const AuditInfo = z.object({ RejectInfo: z.string().optional() }).nullish()

/** `GetSmsSign`. `SignStatus`: 0 in review, 1 approved, 2 rejected, 10 cancelled. */
export const SmsSign = z.object({ SignStatus: z.coerce.number(), AuditInfo })
export type SmsSign = z.infer<typeof SmsSign>

/** `GetSmsTemplate`. `TemplateStatus` as above; `TemplateType`: 0 code, 1 notice, 2 promotion, 3 international. */
export const SmsTemplate = z.object({
  TemplateStatus: z.coerce.number(),
  TemplateType: z.coerce.number().optional(),
  TemplateContent: z.string().optional(),
  AuditInfo,
})
export type SmsTemplate = z.infer<typeof SmsTemplate>

/** An error of the gateway, as the official client throws it. */
export const GatewayError = z.object({
  statusCode: z.number(),
  code: z.string(),
  data: z.object({ Message: z.string().optional() }).nullish(),
  /** Milliseconds. */
  retryAfter: z.number().optional(),
})

/** A fault before any answer. */
export const TransportError = z.object({
  name: z.string(),
  message: z.string().default(''),
  code: z.string().optional(),
})
