import type { ChannelName } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { AppError } from '#server/errors.ts'
import { parseAddress } from './parse-address.ts'

const errorsOf = (channel: ChannelName, typed: Record<string, string>) => {
  try {
    return parseAddress(channel, typed, 'CN')
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return [error.code, ...(error.errors ?? []).map(({ path }) => path)]
  }
}

describe('an address', () => {
  it('is kept without spaces around it, a number as E.164', () => {
    expect(parseAddress('sms', { mobile: ' 138-0013-8000 ' }, 'CN')).toEqual({ mobile: '+8613800138000' })
    expect(parseAddress('email', { email: ' alice@acme.test ' }, 'CN')).toEqual({ email: 'alice@acme.test' })
    expect(parseAddress('dingtalkExclusive', { employeeId: ' E1 ' }, 'CN')).toEqual({ employeeId: 'E1' })
  })

  it('of Lark is an e-mail address or a mobile number; an empty field counts as not given', () => {
    expect(parseAddress('lark', { email: 'a@acme.test', mobile: '' }, 'CN')).toEqual({ email: 'a@acme.test' })
    expect(parseAddress('lark', { email: ' ', mobile: '+6591234567' }, 'CN')).toEqual({ mobile: '+6591234567' })
    expect(errorsOf('lark', {})).toEqual(['invalid_request', 'address'])
    expect(errorsOf('lark', { email: 'a@acme.test', mobile: '+6591234567' })).toEqual(['invalid_request', 'address'])
  })

  it.each<[ChannelName, Record<string, string>, string[]]>([
    ['feishu', { email: 'a@acme.test' }, ['address.mobile', 'address.email']],
    ['feishu', { mobile: '12' }, ['address.mobile']],
    ['dingtalk', { mobile: '+8613800138000', userId: 'x' }, ['address.userId']],
    ['dingtalkExclusive', { employeeId: 'x'.repeat(129) }, ['address.employeeId']],
    ['email', { email: 'alice' }, ['address.email']],
    ['email', { email: 'a@acme.test\r\nBcc: b@acme.test' }, ['address.email']],
    ['dingtalkRobot', { url: 'javascript:alert(1)' }, ['address.url']],
    ['wecomRobot', { url: 'https://user:pw@qyapi.weixin.qq.com/' }, ['address.url']],
    ['webhook', { url: 'https://hooks.example/x', signatureMethod: 'HMAC_SHA1' }, ['address.signatureKey']],
    ['webhook', { url: 'https://hooks.example/x', signatureMethod: 'MD5' }, ['address.signatureMethod']],
  ])('of %s that is %j is refused, naming the part', (channel, typed, paths) => {
    expect(errorsOf(channel, typed)).toEqual(['invalid_request', ...paths])
  })

  it('of a webhook is unsigned unless it says how', () => {
    expect(parseAddress('webhook', { url: 'https://hooks.example/x' }, 'CN')).toEqual({
      url: 'https://hooks.example/x',
      signatureMethod: 'NONE',
    })
  })
})
