import { describe, expect, it } from 'vitest'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { Letter, MessageContent } from '#server/channels/messenger.ts'
import {
  type Answer,
  type FakeService,
  mainlandMobile,
  singaporeMobile,
  smsLetter,
  smsSettings,
  startService,
} from './_service.ts'
import { createSms } from './index.ts'

/* Text messages over HTTP, against a stand-in that answers what the service may answer. */

/** Ten seconds to the full minute in China, at 14:59 there. */
const now = Date.parse('2026-11-21T06:59:50Z')
const minute = 60_000
const hour = 60 * minute

const open = (service: FakeService, more: Record<string, unknown> = {}) =>
  createSms({ tenantId: 'acme', settings: { ...smsSettings(service.url), ...more } }, { now: () => now })

async function failure(service: FakeService, letter: Letter): Promise<ChannelError> {
  try {
    await open(service).send(letter)
  } catch (error) {
    if (error instanceof ChannelError) return error
    throw error
  }
  throw new Error('the message was taken')
}

const code: MessageContent = { kind: 'code', code: '144619', validMinutes: 10 }
const says = (Code: string, Message = ''): Answer => ({ body: { Code, Message } })

describe('a number of the mainland', () => {
  it('gets the notice template, its variables as strings and without any address', async () => {
    await using service = await startService()
    const card = { title: 'Export 10.0.0.1 of https://orders.acme.com 【x】🎉', submitter: '陈思远' }
    const sent = await open(service).send(smsLetter(mainlandMobile, {}, card))
    expect(sent).toEqual({ message: null, code: 'OK', text: 'OK (BizId 900^1)' })
    expect(service.asked).toMatchObject([
      {
        action: 'SendSms',
        version: '2017-05-25',
        authorization: expect.stringMatching(/^ACS3-HMAC-SHA256 Credential=LTAI5tTestTestTestTest,/),
        query: { PhoneNumbers: '13800138000', SignName: '会签', TemplateCode: 'SMS_900000002' },
      },
    ])
    const { TemplateParam = '', OutId } = service.asked[0]?.query ?? {}
    expect(OutId).toBe(smsLetter(mainlandMobile).idempotencyKey)
    expect(JSON.parse(TemplateParam)).toEqual({
      number: '1042',
      title: 'Export 10·0·0·1 of https orders·ac…',
      status: 'Pending',
      name: '陈思远',
    })
  })

  it('gets a code by the code template, and nothing else with it', async () => {
    await using service = await startService()
    await open(service).send(smsLetter(mainlandMobile, { content: code }))
    expect(service.asked).toMatchObject([
      { query: { TemplateCode: 'SMS_900000001', TemplateParam: '{"code":"144619"}' } },
    ])
  })

  it('is told in our own words where the service takes offence at what somebody wrote', async () => {
    await using service = await startService()
    service.on('SendSms', ({ query }) =>
      query.TemplateParam?.includes('forbidden') === true ? says('isv.BLACK_KEY_CONTROL_LIMIT') : says('OK'),
    )
    await open(service).send(smsLetter(mainlandMobile, {}, { title: 'a forbidden word', submitter: 'forbidden' }))
    expect(service.asked).toHaveLength(2)
    expect(JSON.parse(service.asked[1]?.query.TemplateParam ?? '')).toMatchObject({ title: 'Data export', name: '-' })
  })

  it.each<[string, string, number, 'app' | 'receiver']>([
    ['isv.BUSINESS_LIMIT_CONTROL', '触发分钟级流控Permits:1', 10_000, 'receiver'],
    ['isv.BUSINESS_LIMIT_CONTROL', '触发小时级流控Permits:5', 10_000, 'receiver'],
    ['isv.BUSINESS_LIMIT_CONTROL', '触发天级流控Permits:10', hour, 'receiver'],
    ['isv.BUSINESS_LIMIT_CONTROL', '触发号码天级流控Permits:40', hour, 'receiver'],
    ['isv.DAY_LIMIT_CONTROL', '触发日发送限额', 9 * hour + 10_000, 'app'],
    ['isv.MONTH_LIMIT_CONTROL', '触发月发送限额', (9 * 24 + 9) * hour + 10_000, 'app'],
  ])('is left alone after %s (%s) until the window ends', async (Code, Message, retryAfterMs, scope) => {
    await using service = await startService()
    service.on('SendSms', () => says(Code, Message))
    const error = await failure(service, smsLetter(mainlandMobile))
    expect(error).toMatchObject({ kind: 'rate_limited', code: Code, retryAfterMs, scope, message: Message })
  })

  it('waits to the end of the hour, not of the minute, when the hour is used up early in it', async () => {
    await using service = await startService()
    service.on('SendSms', () => says('isv.BUSINESS_LIMIT_CONTROL', '触发小时级流控Permits:5'))
    const early = createSms(
      { tenantId: 'acme', settings: smsSettings(service.url) },
      { now: () => Date.parse('2026-11-21T06:05:30Z') },
    )
    await expect(early.send(smsLetter(mainlandMobile))).rejects.toMatchObject({ retryAfterMs: 54 * minute + 30_000 })
  })

  it.each<[string, ChannelError['kind']]>([
    ['isv.SMS_SIGNATURE_ILLEGAL', 'auth'],
    ['isv.SMS_TEMPLATE_ILLEGAL', 'auth'],
    ['isv.SMS_SIGNATURE_SCENE_ILLEGAL', 'auth'],
    ['isv.TEMPLATE_MISSING_PARAMETERS', 'auth'],
    ['isv.AMOUNT_NOT_ENOUGH', 'auth'],
    ['isv.OUT_OF_SERVICE', 'auth'],
    ['isv.DENY_IP_RANGE', 'auth'],
    ['isp.RAM_PERMISSION_DENY', 'auth'],
    ['isv.MOBILE_NUMBER_ILLEGAL', 'rejected'],
    ['isv.INVALID_JSON_PARAM', 'rejected'],
    ['isv.PARAM_NOT_SUPPORT_URL', 'rejected'],
    ['isv.BLACK_KEY_CONTROL_LIMIT', 'rejected'],
    ['isv.DOMESTIC_NUMBER_NOT_SUPPORTED', 'rejected'],
    ['isp.SYSTEM_ERROR', 'retry'],
    ['isv.A_CODE_OF_TOMORROW', 'retry'],
  ])('keeps the code %s as it is: %s', async (Code, kind) => {
    await using service = await startService()
    service.on('SendSms', () => says(Code, 'words of the service'))
    expect(await failure(service, smsLetter(mainlandMobile))).toMatchObject({ kind, code: Code })
  })
})

describe('a message that may have been taken', () => {
  const tried = (firstTriedAt: number): Letter => smsLetter(mainlandMobile, { firstTriedAt })
  const details = (...found: object[]): Answer => ({
    body: { Code: 'OK', Message: 'OK', TotalCount: '1', SmsSendDetailDTOs: { SmsSendDetailDTO: found } },
  })
  const { idempotencyKey: OutId } = smsLetter(mainlandMobile)

  it('is not sent again when the records have it', async () => {
    await using service = await startService()
    service.on('QuerySendDetails', () =>
      details({ SendStatus: 1, ErrCode: '', OutId: 'other' }, { SendStatus: 3, ErrCode: 'DELIVERED', OutId }),
    )
    const sent = await open(service).send(tried(now - 2 * minute))
    expect(sent.text).toContain('earlier')
    expect(service.asked.map(({ action }) => action)).toEqual(['QuerySendDetails'])
    expect(service.asked[0]?.query).toMatchObject({ PhoneNumber: '13800138000', SendDate: '20261121' })
  })

  it('is sent again only once the records would have it', async () => {
    await using service = await startService()
    service.on('QuerySendDetails', () => details())
    await open(service).send(tried(now - minute))
    expect(service.asked.map(({ action }) => action)).toEqual(['QuerySendDetails', 'SendSms'])
    const soon = await failure(service, tried(now - 20_000))
    expect(soon).toMatchObject({ kind: 'retry', code: 'outcome_unknown', outcomeUnknown: true, retryAfterMs: 40_000 })
    expect(service.asked.map(({ action }) => action)).toEqual(['QuerySendDetails', 'SendSms', 'QuerySendDetails'])
  })

  it('has failed when the records say that it did not arrive', async () => {
    await using service = await startService()
    service.on('QuerySendDetails', () => details({ SendStatus: 2, ErrCode: 'UNDELIV', OutId }))
    expect(await failure(service, tried(now - 2 * minute))).toMatchObject({ kind: 'rejected', code: 'UNDELIV' })
  })

  it('is looked for on both days when midnight in China lies between', async () => {
    await using service = await startService()
    service.on('QuerySendDetails', () => details())
    await open(service).send(tried(Date.parse('2026-11-20T15:59:00Z')))
    const days = service.asked.filter(({ action }) => action === 'QuerySendDetails').map(({ query }) => query.SendDate)
    expect(days).toEqual(['20261120', '20261121'])
  })

  it('stays unknown while the records cannot be read', async () => {
    await using service = await startService()
    for (const answer of [null, says('isp.RAM_PERMISSION_DENY'), { status: 503, body: 'down' }]) {
      service.on('QuerySendDetails', () => answer)
      expect(await failure(service, tried(now - 2 * minute))).toMatchObject({ outcomeUnknown: true })
    }
    expect(service.asked.every(({ action }) => action === 'QuerySendDetails')).toBe(true)
  })

  it('is never sent again abroad, where nothing can be asked', async () => {
    await using service = await startService()
    const letter = smsLetter(singaporeMobile, { firstTriedAt: now - hour })
    expect(await failure(service, letter)).toMatchObject({ kind: 'rejected', code: 'outcome_unknown' })
    expect(service.asked).toEqual([])
  })
})

describe('a number anywhere else', () => {
  it.each([
    ['+6591234567', '6591234567'],
    ['+60123456789', '60123456789'],
    ['+6281234567890', '6281234567890'],
    ['+819012345678', '819012345678'],
    ['+966512345678', '966512345678'],
    ['+85251234567', '85251234567'],
  ])('%s gets full text with the link', async (mobile, To) => {
    await using service = await startService()
    const { code: answered, text } = await open(service, { senderId: 'Acme' }).send(smsLetter(mobile))
    expect({ answered, text }).toEqual({ answered: 'OK', text: 'taken, billed as 2 (MessageId 123)' })
    expect(service.asked).toMatchObject([
      { action: 'SendMessageToGlobe', version: '2018-05-01', query: { To, From: 'Acme', Type: 'NOTIFY' } },
    ])
    const { Message = '' } = service.asked[0]?.query ?? {}
    expect(Message).toContain('#1042')
    expect(Message).toContain('https://approve.example.com/console/mobile/index/?t=acme')
  })

  it('is told in its own language, the title shortened before the link', async () => {
    await using service = await startService()
    const title = '数据导出'.repeat(200)
    await open(service).send(smsLetter(singaporeMobile, { words: { title, body: '' }, locale: 'zh-CN' }))
    const { Message = '' } = service.asked[0]?.query ?? {}
    expect(Message).toContain('数据导出')
    expect(Message.split('\n').at(-1)).toMatch(/^https:.*ticket=[0-9a-f-]{36}$/)
    expect(Message.length).toBeLessThanOrEqual(4 * 67)
  })

  it('is told of many in as many lines as there is room for', async () => {
    await using service = await startService()
    const link = 'https://approve.example.com/console/mobile/index/?t=acme'
    const words = {
      title: '347 notices',
      body: Array.from({ length: 30 }, (_, n) => `#${1_042 + n} Export orders of a quarter`).join('\n'),
    }
    await open(service).send(
      smsLetter(singaporeMobile, { words, content: { kind: 'bundle', items: [], count: 347, link } }),
    )
    const lines = service.asked[0]?.query.Message?.split('\n') ?? []
    expect([lines.at(0), lines.at(1), lines.at(-1)]).toEqual(['347 notices', '#1042 Export orders of a quarter', link])
    expect(lines.length).toBeLessThan(32)
    expect(lines.join('\n').length).toBeLessThanOrEqual(4 * 153)
  })

  it('gets a code that is marked as one', async () => {
    await using service = await startService()
    const words = { title: 'Your verification code: 144619', body: 'x' }
    await open(service).send(smsLetter(singaporeMobile, { content: code, words }))
    expect(service.asked).toMatchObject([{ query: { Type: 'OTP', Message: 'Your verification code: 144619' } }])
  })

  it('keeps the code of a refusal as it is', async () => {
    await using service = await startService()
    service.on('SendMessageToGlobe', () => ({
      body: { ResponseCode: 'isv.AMOUNT_NOT_ENOUGH', ResponseDescription: 'no' },
    }))
    expect(await failure(service, smsLetter(singaporeMobile))).toMatchObject({
      kind: 'auth',
      code: 'isv.AMOUNT_NOT_ENOUGH',
    })
  })
})

describe('the way to the service', () => {
  it.each<[string, Answer, Partial<ChannelError>]>([
    [
      'a key that is not known',
      { status: 404, body: { Code: 'InvalidAccessKeyId.NotFound', Message: 'no' } },
      { kind: 'auth', code: 'InvalidAccessKeyId.NotFound', outcomeUnknown: false },
    ],
    [
      'a bad signature',
      { status: 400, body: { Code: 'SignatureDoesNotMatch', Message: 'no' } },
      { kind: 'auth', code: 'SignatureDoesNotMatch' },
    ],
    [
      'too many calls',
      { status: 400, body: { Code: 'Throttling.User', Message: 'slow down' } },
      { kind: 'rate_limited', code: 'Throttling.User', scope: 'app' },
    ],
    [
      'a missing parameter',
      { status: 400, body: { Code: 'MissingSignName', Message: 'no' } },
      { kind: 'rejected', code: 'MissingSignName' },
    ],
    [
      'a fault of the service',
      { status: 503, body: { Code: 'ServiceUnavailable', Message: 'no' } },
      { kind: 'retry', code: 'ServiceUnavailable', outcomeUnknown: true },
    ],
    ['a broken connection', null, { kind: 'retry', code: 'network', outcomeUnknown: true }],
    ['an answer that cannot be read', { body: '<html>' }, { kind: 'retry', outcomeUnknown: true }],
    ['an answer of another shape', { body: { hello: 1 } }, { kind: 'retry', code: 'unreadable', outcomeUnknown: true }],
  ])('may hold %s', async (_what, answer, expected) => {
    await using service = await startService()
    service.on('SendSms', () => answer)
    const error = await failure(service, smsLetter(mainlandMobile))
    expect(error).toMatchObject(expected)
    expect(`${error.message} ${String(error.cause)}`).not.toMatch(/13800138000|test-access-key-secret/)
  })

  it('leaves no doubt when nobody is there', async () => {
    const service = await startService()
    await service[Symbol.asyncDispose]()
    expect(await failure(service, smsLetter(mainlandMobile))).toMatchObject({ code: 'network', outcomeUnknown: false })
  })

  it('is not taken for what is no number', async () => {
    await using service = await startService()
    expect(await failure(service, smsLetter('+8612'.padEnd(8, '3')))).toMatchObject({
      kind: 'rejected',
      code: 'bad_number',
    })
    expect(service.asked).toEqual([])
  })
})
