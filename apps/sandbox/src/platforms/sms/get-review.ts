import type { ServiceReply } from '#sandbox/http/service.ts'
import type { SmsContext, SmsRequest } from './context.ts'
import { businessRefusal, gatewayRefusal, requestId } from './refusals.ts'
import type { SmsTemplate } from './seed.ts'

/** Of `SignStatus` and `TemplateStatus`. */
const reviewStates = { waiting: 0, approved: 1, rejected: 2, cancelled: 10 } as const
/** Of `TemplateType`. */
const templateTypes: Record<SmsTemplate['kind'], number> = { code: 0, notice: 1, promotion: 2, international: 3 }

/** GetSmsSign of Dysmsapi 2017-05-25: how the application for a signature stands. */
export function getSmsSign({ catalogue }: SmsContext, { account, parameters }: SmsRequest): ServiceReply {
  const name = parameters.get('SignName')
  if (!name) return gatewayRefusal(400, 'MissingSignName', 'SignName is mandatory for this action.')
  if (account.state === 'denied') return businessRefusal('isp.RAM_PERMISSION_DENY')
  const sign = catalogue.signNames.find((one) => one.name === name)
  if (sign === undefined) return businessRefusal('isv.SMS_SIGNATURE_ILLEGAL')
  const { review, rejectInfo } = sign
  return answer({ SignName: name, SignStatus: reviewStates[review], AuditInfo: { RejectInfo: rejectInfo } })
}

/** GetSmsTemplate of Dysmsapi 2017-05-25. States and types are texts there. */
export function getSmsTemplate({ catalogue }: SmsContext, { account, parameters }: SmsRequest): ServiceReply {
  const code = parameters.get('TemplateCode')
  if (!code) return gatewayRefusal(400, 'MissingTemplateCode', 'TemplateCode is mandatory for this action.')
  if (account.state === 'denied') return businessRefusal('isp.RAM_PERMISSION_DENY')
  const template = catalogue.templates.find((one) => one.code === code)
  if (template === undefined) return businessRefusal('isv.SMS_TEMPLATE_ILLEGAL')
  const { review, rejectInfo, kind, text } = template
  return answer({
    TemplateCode: code,
    TemplateContent: text,
    TemplateType: String(templateTypes[kind]),
    TemplateStatus: String(reviewStates[review]),
    AuditInfo: { RejectInfo: rejectInfo },
  })
}

function answer(body: object): ServiceReply {
  return { status: 200, code: 'OK', body: { RequestId: requestId(), Code: 'OK', Message: 'OK', ...body } }
}
