import { chinaDay, chinaTime } from '#sandbox/china-time.ts'
import type { ServiceReply } from '#sandbox/http/service.ts'
import type { SmsContext, SmsRequest } from './context.ts'
import type { SmsMessage } from './inbox.ts'
import { gatewayRefusal, requestId } from './refusals.ts'

const MAX_PAGE_SIZE = 50

/** QuerySendDetails of Dysmsapi 2017-05-25: what became of the messages to one number on one day of China. */
export function querySendDetails({ inbox }: SmsContext, { account, parameters }: SmsRequest): ServiceReply {
  const absent = ['PhoneNumber', 'SendDate', 'PageSize', 'CurrentPage'].find((name) => !parameters.get(name))
  if (absent !== undefined) return gatewayRefusal(400, `Missing${absent}`, `${absent} is mandatory for this action.`)
  const size = Number(parameters.get('PageSize'))
  const page = Number(parameters.get('CurrentPage'))
  const day = parameters.get('SendDate') ?? ''
  const isValid = Number.isInteger(page) && page > 0 && Number.isInteger(size) && size > 0 && size <= MAX_PAGE_SIZE
  if (!isValid || !/^\d{8}$/.test(day)) {
    return gatewayRefusal(400, 'InvalidParameter', 'PageSize (1-50), CurrentPage or SendDate (yyyyMMdd) is not valid.')
  }
  const bizId = parameters.get('BizId')
  const found = inbox
    .sentTo(parameters.get('PhoneNumber') ?? '')
    .filter((message) => message.accessKeyId === account.accessKeyId)
    .filter((message) => message.templateCode !== undefined && (bizId === undefined || message.bizId === bizId))
    .filter(({ sentAt }) => chinaDay(sentAt).replaceAll('-', '') === day)
  return {
    status: 200,
    code: 'OK',
    body: {
      RequestId: requestId(),
      Code: 'OK',
      Message: 'OK',
      TotalCount: String(found.length),
      SmsSendDetailDTOs: { SmsSendDetailDTO: found.slice((page - 1) * size, page * size).map(describe) },
    },
  }
}

/** SendStatus: 1 waits for its receipt, 2 failed, 3 arrived; here every receipt comes at once. */
function describe(message: SmsMessage) {
  const isThere = message.state === 'delivered'
  return {
    PhoneNum: message.number.replace(/^86(?=1\d{10}$)/, ''),
    TemplateCode: message.templateCode ?? '',
    Content: message.text,
    SendDate: chinaTime(message.sentAt),
    ReceiveDate: chinaTime(message.sentAt),
    SendStatus: isThere ? 3 : 2,
    ErrCode: isThere ? 'DELIVERED' : 'UNDELIV',
    OutId: message.outId ?? '',
  }
}
