import { describe, expect, it } from 'vitest'
import { EmailSettings, SmsSettings } from './provisioning.ts'

describe('the settings of e-mail', () => {
  const email = { smtpUrl: 'smtps://mail.acme.test', from: 'Countersign <approve@acme.test>' }
  const problems = (given: object): string[] =>
    (EmailSettings.safeParse({ ...email, ...given }).error?.issues ?? []).map(({ path }) => path.join('.'))

  it.each([
    { smtpUrl: 'smtp://us%40acme.test:p%25w@mail.acme.test:587?tls=required' },
    { smtpUrl: 'smtp://127.0.0.1:2525?tls=optional' },
    { from: 'approve@acme.test', replyTo: 'Data base <dba@acme.test>' },
    { messagesPerMinute: 30, decisionLinks: false },
  ])('may be %j', (given) => {
    expect(problems(given)).toEqual([])
  })

  it.each([
    ['smtpUrl', { smtpUrl: 'https://mail.acme.test' }],
    ['smtpUrl', { smtpUrl: 'smtp://' }],
    ['smtpUrl', { smtpUrl: 'smtp://us:50%off@mail.acme.test' }],
    ['smtpUrl', { smtpUrl: 'smtp://mail.acme.test?tls=no' }],
    ['smtpUrl', { smtpUrl: 'smtp://mail.acme.test?pool=true' }],
    ['from', { from: 'nobody' }],
    ['from', { from: 'A <a@acme.test>\r\nBcc: b@acme.test' }],
    ['from', { from: 'a@acme.test, b@acme.test' }],
    ['messagesPerMinute', { messagesPerMinute: 0 }],
  ])('name %s where it cannot be used: %j', (path, given) => {
    expect(problems(given)).toContain(path)
  })

  it('offer links that decide unless the tenant does not want them', () => {
    expect(EmailSettings.parse(email)).toMatchObject({ enabled: true, decisionLinks: true })
  })
})

describe('the settings of text messages', () => {
  const sms = {
    provider: 'aliyun',
    accessKeyId: 'k',
    accessKeySecret: 's',
    signName: '会签',
    codeTemplate: 'SMS_1',
    noticeTemplate: 'SMS_2',
  }

  it('have the service’s own addresses unless given', () => {
    expect(SmsSettings.parse(sms)).toMatchObject({
      endpoint: 'https://dysmsapi.aliyuncs.com',
      internationalEndpoint: 'https://dysmsapi.ap-southeast-1.aliyuncs.com',
    })
  })

  it.each(['Acme', '12345678901', '123456789012345'])('may have %s as the sender', (senderId) => {
    expect(SmsSettings.safeParse({ ...sms, senderId }).success).toBe(true)
  })

  it.each(['', 'Acme Trading', 'AcmeTradingCo', '1234567890123456'])('cannot have "%s" as the sender', (senderId) => {
    expect(SmsSettings.safeParse({ ...sms, senderId }).success).toBe(false)
  })
})
