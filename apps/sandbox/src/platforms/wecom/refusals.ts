import { randomInt } from 'node:crypto'
import type { ServiceReply } from '#sandbox/http/service.ts'

/** WeCom's codes and the start of their text, which may change (section 6 of the protocol notes). */
export const texts = {
  [-1]: 'system busy',
  40007: 'invalid media_id',
  40008: 'invalid message type',
  40009: 'invalid image size',
  40058: 'invalid Request Parameter',
  43002: 'require POST method',
  44004: 'content size out of limit',
  45009: 'api freq out of limit',
  47001: 'data format error',
  93000: 'invalid webhook url',
  93004: 'robot is disabled',
  93008: 'not in group',
} as const

export type WecomCode = keyof typeof texts

/** A refusal: HTTP 200, the code, and a text that also names the caller. `detail` stands before the code's own words. */
export function refuse(code: WecomCode, remoteAddress: string, detail?: string): ServiceReply {
  const hint = `${Math.floor(Date.now() / 1000)}${randomInt(10 ** 9)}`
  const words = detail === undefined ? texts[code] : `${detail}. ${texts[code]}`
  const errmsg = `${words}, hint: [${hint}], from ip: ${remoteAddress}, more info at https://open.work.weixin.qq.com/devtool/query?e=${code}`
  return { status: 200, code, body: { errcode: code, errmsg } }
}

export function accepted(): ServiceReply {
  return { status: 200, code: 0, body: { errcode: 0, errmsg: 'ok' } }
}
