import { randomInt } from 'node:crypto'
import type { ServiceReply } from '#sandbox/http/service.ts'
import { freshId } from '#sandbox/ids.ts'
import type { SmsContext, SmsRequest } from './context.ts'
import { describeNumber, readForeignNumber } from './numbers.ts'
import { type BusinessCode, businessTexts, gatewayRefusal, requestId } from './refusals.ts'
import { countSegments } from './segments.ts'

/** Letters and digits up to eleven, or digits alone up to fifteen. */
const senderId = /^([0-9A-Za-z]{1,11}|\d{1,15})$/
const types = ['OTP', 'NOTIFY', 'MKT']
const MAX_TASK_ID = 255
const DEFAULT_SENDER = 'Alicloud'

/** SendMessageToGlobe of Dysmsapi 2018-05-01: free text, everywhere but to the mainland (section 7.2). */
export function sendToGlobe(context: SmsContext, request: SmsRequest): ServiceReply {
  const { parameters, account, isUndelivered } = request
  const absent = ['To', 'Message'].find((name) => !parameters.get(name))
  if (absent !== undefined) return gatewayRefusal(400, `Missing${absent}`, `${absent} is mandatory for this action.`)
  const from = parameters.get('From') ?? DEFAULT_SENDER
  const type = parameters.get('Type') ?? 'NOTIFY'
  const wrong =
    (!senderId.test(from) && 'From') ||
    (!types.includes(type) && 'Type') ||
    ((parameters.get('TaskId') ?? '').length > MAX_TASK_ID && 'TaskId')
  if (wrong) return gatewayRefusal(400, `Invalid${wrong}`, `Specified parameter ${wrong} is not valid.`)
  if (account.state === 'denied') return refuse('isp.RAM_PERMISSION_DENY')
  if (account.state !== 'active') {
    return refuse(account.state === 'unpaid' ? 'isv.AMOUNT_NOT_ENOUGH' : 'isv.OUT_OF_SERVICE')
  }
  const number = readForeignNumber(parameters.get('To') ?? '')
  if (number === undefined) return refuse('isv.MOBILE_NUMBER_ILLEGAL')
  const exhausted = context.quota.take(account.accessKeyId, 1, context.now)
  if (exhausted !== undefined) return refuse(exhausted)
  const text = parameters.get('Message') ?? ''
  const messageId = `${randomInt(10 ** 9, 10 ** 10)}${String(context.now).slice(0, 8)}`
  const segments = countSegments(text, false)
  const taskId = parameters.get('TaskId')
  context.inbox.add({
    id: freshId('sms'),
    number: number.digits,
    from,
    text,
    segments,
    bizId: messageId,
    ...(taskId === undefined ? {} : { outId: taskId }),
    accessKeyId: account.accessKeyId,
    sentAt: context.now,
    state: isUndelivered ? 'failed' : 'delivered',
  })
  return {
    status: 200,
    code: 'OK',
    body: {
      RequestId: requestId(),
      ResponseCode: 'OK',
      ResponseDescription: 'The SMS Send Request was accepted',
      MessageId: messageId,
      From: from,
      To: number.digits,
      Segments: String(segments),
      NumberDetail: describeNumber(number.digits),
    },
  }
}

function refuse(code: BusinessCode): ServiceReply {
  const body = { RequestId: requestId(), ResponseCode: code, ResponseDescription: businessTexts[code] }
  return { status: 200, code, body }
}
