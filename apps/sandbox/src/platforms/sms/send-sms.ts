import { randomInt } from 'node:crypto'
import type { ServiceReply } from '#sandbox/http/service.ts'
import { freshId } from '#sandbox/ids.ts'
import type { SmsContext, SmsRequest } from './context.ts'
import { canonicalNumber, type PhoneNumber, readPhoneNumber } from './numbers.ts'
import { type BusinessCode, businessRefusal, gatewayRefusal, requestId } from './refusals.ts'
import type { SmsSignName, SmsTemplate } from './seed.ts'
import { countSegments } from './segments.ts'
import { fillTemplate } from './templates.ts'

const MAX_NUMBERS = 1_000

/** SendSms of Dysmsapi 2017-05-25 (section 7.1 of the protocol notes). */
export function sendSms(context: SmsContext, request: SmsRequest): ServiceReply {
  const { parameters, account } = request
  const absent = ['PhoneNumbers', 'SignName', 'TemplateCode'].find((name) => !parameters.get(name))
  if (absent !== undefined) {
    return gatewayRefusal(400, `Missing${absent}`, `${absent} is mandatory for this action.`)
  }
  const troubles = {
    denied: 'isp.RAM_PERMISSION_DENY',
    unpaid: 'isv.AMOUNT_NOT_ENOUGH',
    stopped: 'isv.OUT_OF_SERVICE',
  } as const
  if (account.state !== 'active') return businessRefusal(troubles[account.state])
  const { catalogue } = context
  const signName = catalogue.signNames.find(({ name }) => name === parameters.get('SignName'))
  if (signName?.review !== 'approved') return businessRefusal('isv.SMS_SIGNATURE_ILLEGAL')
  const template = catalogue.templates.find(({ code }) => code === parameters.get('TemplateCode'))
  if (template?.review !== 'approved') return businessRefusal('isv.SMS_TEMPLATE_ILLEGAL')
  if (signName.use === 'code' && template.kind !== 'code') return businessRefusal('isv.SMS_SIGNATURE_SCENE_ILLEGAL')
  const numbers = readNumbers(parameters.get('PhoneNumbers') ?? '', template)
  if ('code' in numbers) return businessRefusal(numbers.code)
  const filled = fillTemplate(template, signName.name, parameters.get('TemplateParam'), {
    maxLength: context.settings.maxVariableLength,
    forbiddenWords: catalogue.forbiddenWords,
  })
  if ('code' in filled) return businessRefusal(filled.code)
  const refused = refuseFlow(context, request, { signName, template, numbers: numbers.numbers })
  return refused ?? accept(context, request, { signName, template, numbers: numbers.numbers, text: filled.text })
}

interface Draft {
  signName: SmsSignName
  template: SmsTemplate
  numbers: PhoneNumber[]
}

function readNumbers(list: string, template: SmsTemplate): { numbers: PhoneNumber[] } | { code: BusinessCode } {
  const texts = list.split(',')
  if (texts.length > MAX_NUMBERS) return { code: 'isv.MOBILE_COUNT_OVER_LIMIT' }
  const numbers = texts.flatMap((text) => readPhoneNumber(text) ?? [])
  if (numbers.length !== texts.length) return { code: 'isv.MOBILE_NUMBER_ILLEGAL' }
  const isAbroad = template.kind === 'international'
  if (isAbroad && numbers.some(({ isMainland }) => isMainland)) return { code: 'isv.DOMESTIC_NUMBER_NOT_SUPPORTED' }
  return !isAbroad && numbers.some(({ isMainland }) => !isMainland)
    ? { code: 'isv.MOBILE_NUMBER_ILLEGAL' }
    : { numbers }
}

/** Flow control is the mainland's own; a list with one number too many is refused as a whole. */
function refuseFlow({ flow, quota, catalogue, now }: SmsContext, { account }: SmsRequest, draft: Draft) {
  const { signName, template, numbers } = draft
  const whitelist = catalogue.whitelist.map(canonicalNumber)
  for (const { digits, isMainland } of numbers) {
    if (!isMainland || whitelist.includes(digits)) continue
    const text = flow.refuse(attemptOf(digits, signName, template), now)
    if (text !== undefined) return businessRefusal('isv.BUSINESS_LIMIT_CONTROL', text)
  }
  const exhausted = quota.take(account.accessKeyId, numbers.length, now)
  return exhausted === undefined ? undefined : businessRefusal(exhausted)
}

function accept(context: SmsContext, request: SmsRequest, draft: Draft & { text: string }): ServiceReply {
  const { inbox, flow, now } = context
  const { account, parameters, isUndelivered } = request
  const { signName, template, numbers, text } = draft
  const bizId = `${randomInt(10 ** 9, 10 ** 10)}${String(now).slice(0, 8)}^0`
  const outId = parameters.get('OutId')
  for (const { digits, isMainland } of numbers) {
    flow.count(attemptOf(digits, signName, template), now)
    inbox.add({
      id: freshId('sms'),
      number: digits,
      from: signName.name,
      text,
      segments: countSegments(text, isMainland),
      bizId,
      templateCode: template.code,
      ...(outId === undefined ? {} : { outId }),
      accessKeyId: account.accessKeyId,
      sentAt: now,
      state: isUndelivered ? 'failed' : 'delivered',
    })
  }
  return { status: 200, code: 'OK', body: { RequestId: requestId(), Message: 'OK', BizId: bizId, Code: 'OK' } }
}

function attemptOf(number: string, { name }: SmsSignName, { code, kind }: SmsTemplate) {
  return { number, signName: name, templateCode: code, isCode: kind === 'code' }
}
