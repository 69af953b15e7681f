import type { Coverage } from '#sandbox/platforms/lark/coverage.ts'

const gateway =
  'IncompleteSignature InvalidAccessKeyId.NotFound InvalidTimeStamp.Expired InvalidTimeStamp.Format SignatureDoesNotMatch SignatureNonceUsed InvalidAction.NotFound InvalidVersion Throttling.User ServiceUnavailable'

/** What is honoured of the SMS service; a test keeps it equal to the operations that are served. */
export const coverage: Coverage[] = [
  {
    method: 'POST',
    path: 'sms 2017-05-25 SendSms',
    support: 'partial',
    fields:
      'PhoneNumbers ≤ 1000, SignName, TemplateCode, TemplateParam (JSON of strings, ≤ 35 characters each, no URL or address, codes 4-6), OutId; in the query, a form or JSON',
    codes:
      'isv.BUSINESS_LIMIT_CONTROL isv.DAY_LIMIT_CONTROL isv.MONTH_LIMIT_CONTROL isv.SMS_SIGNATURE_ILLEGAL isv.SMS_TEMPLATE_ILLEGAL isv.SMS_SIGNATURE_SCENE_ILLEGAL isv.MOBILE_NUMBER_ILLEGAL isv.MOBILE_COUNT_OVER_LIMIT isv.TEMPLATE_MISSING_PARAMETERS isv.INVALID_JSON_PARAM isv.PARAM_LENGTH_LIMIT isv.PARAM_NOT_SUPPORT_URL isv.BLACK_KEY_CONTROL_LIMIT isv.AMOUNT_NOT_ENOUGH isv.OUT_OF_SERVICE isv.DOMESTIC_NUMBER_NOT_SUPPORTED isp.RAM_PERMISSION_DENY',
    notes: `ACS3-HMAC-SHA256 alone, every x-acs-* header signed, 15 minutes, a nonce once: ${gateway}. Flow control: codes 1/min, 5/h by China's calendar, 10/24 h per signature, 40/24 h per number; notices 50/24 h. isv.DENY_IP_RANGE and SmsUpExtendCode are left out. A list with one number too many is refused as a whole; the code for a foreign number with a mainland template is not documented, here MOBILE_NUMBER_ILLEGAL.`,
  },
  {
    method: 'POST',
    path: 'sms 2017-05-25 QuerySendDetails',
    support: 'supported',
    fields: 'PhoneNumber, BizId, SendDate, PageSize ≤ 50, CurrentPage; SendStatus 2 or 3',
    codes: 'MissingPhoneNumber MissingSendDate MissingPageSize MissingCurrentPage InvalidParameter',
    notes: 'Receipts come at once; nothing is ever "waiting" (1).',
  },
  {
    method: 'POST',
    path: 'sms 2017-05-25 GetSmsSign',
    support: 'partial',
    fields: 'SignName; SignStatus 0, 1, 2, 10, AuditInfo.RejectInfo',
    codes: 'MissingSignName isv.SMS_SIGNATURE_ILLEGAL isp.RAM_PERMISSION_DENY',
    notes:
      'Files, scenes and the filing with the carriers are left out. Which code an unknown signature gets is not documented.',
  },
  {
    method: 'POST',
    path: 'sms 2017-05-25 GetSmsTemplate',
    support: 'partial',
    fields: 'TemplateCode; TemplateStatus, TemplateType, TemplateContent, AuditInfo.RejectInfo',
    codes: 'MissingTemplateCode isv.SMS_TEMPLATE_ILLEGAL isp.RAM_PERMISSION_DENY',
    notes: 'QuerySmsSign and QuerySmsTemplate, which these replace, are not simulated: the platform has retired them.',
  },
  {
    method: 'POST',
    path: 'sms 2018-05-01 SendMessageToGlobe',
    support: 'partial',
    fields: 'To, Message, From ≤ 11 alphanumeric or 15 digits, Type OTP, NOTIFY or MKT, TaskId; Segments, NumberDetail',
    codes: 'isv.MOBILE_NUMBER_ILLEGAL isv.AMOUNT_NOT_ENOUGH isv.OUT_OF_SERVICE isp.RAM_PERMISSION_DENY',
    notes: 'Which ResponseCode a mainland number gets is not confirmed. ValidityPeriod and ChannelId are ignored.',
  },
]
