import type { ServiceReply } from '#sandbox/http/service.ts'
import { freshId } from '#sandbox/ids.ts'

/** `CC0E2F4A-…`: how the platform names a request. */
export function requestId(): string {
  return freshId('')
    .toUpperCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** A refusal by the gateway: a real HTTP status, and a code that is a word. */
export function gatewayRefusal(status: number, code: string, message: string, host = ''): ServiceReply {
  return {
    status,
    code,
    body: {
      RequestId: requestId(),
      HostId: host,
      Code: code,
      Message: message,
      Recommend: `https://api.aliyun.com/troubleshoot?q=${code}`,
    },
  }
}

/** The refusals of SendSms and their Chinese texts (error code page); they come with HTTP 200. */
export const businessTexts = {
  'isp.RAM_PERMISSION_DENY': 'RAM权限不足',
  'isv.OUT_OF_SERVICE': '业务停机',
  'isv.AMOUNT_NOT_ENOUGH': '账户余额不足',
  'isv.SMS_SIGNATURE_ILLEGAL': '该账号下找不到对应签名',
  'isv.SMS_TEMPLATE_ILLEGAL': '该账号下找不到对应模板',
  'isv.SMS_SIGNATURE_SCENE_ILLEGAL': '签名和模板类型不一致',
  'isv.MOBILE_NUMBER_ILLEGAL': '手机号码格式错误',
  'isv.MOBILE_COUNT_OVER_LIMIT': '手机号码数量超过限制',
  'isv.INVALID_JSON_PARAM': '参数格式错误，请修改为字符串值',
  'isv.TEMPLATE_MISSING_PARAMETERS': '模板变量缺失',
  'isv.PARAM_LENGTH_LIMIT': '参数超过长度限制',
  'isv.PARAM_NOT_SUPPORT_URL': '变量不支持传入URL',
  'isv.BLACK_KEY_CONTROL_LIMIT': '黑名单管控',
  'isv.DOMESTIC_NUMBER_NOT_SUPPORTED': '国际/港澳台消息模板不支持发送境内号码',
  'isv.DAY_LIMIT_CONTROL': '触发日发送限额',
  'isv.MONTH_LIMIT_CONTROL': '触发月发送限额',
  'isv.BUSINESS_LIMIT_CONTROL': '业务限流',
} as const

export type BusinessCode = keyof typeof businessTexts

export function businessRefusal(code: BusinessCode, message: string = businessTexts[code]): ServiceReply {
  return { status: 200, code, body: { RequestId: requestId(), Code: code, Message: message } }
}
