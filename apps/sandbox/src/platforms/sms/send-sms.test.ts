import { describe, expect, it } from 'vitest'
import { createTestWorld } from '#sandbox/_world.ts'
import { callSms, codeTemplate, keyId, noticeTemplate, sendCode, sendNotice } from './_client.ts'

describe('SendSms', () => {
  it('lands on the phone with its signature, however the number is written', async () => {
    await using world = await createTestWorld()
    const { sandbox } = world
    sandbox.sms.settings.codesPerMinute = 0
    for (const PhoneNumbers of ['13800138000', '+8613800138000', '008613800138000', '8613800138000']) {
      expect(await sendCode(sandbox, { PhoneNumbers })).toMatchObject({
        status: 200,
        body: { Code: 'OK', Message: 'OK' },
      })
    }
    const inbox = sandbox.sms.inbox('+86 138 0013 8000')
    expect(inbox).toHaveLength(4)
    expect(inbox[0]).toMatchObject({ text: '【会签】您的验证码是144619，10分钟内有效，请勿告诉他人。', segments: 1 })
  })

  it('refuses with the documented code', async () => {
    await using world = await createTestWorld()
    const { sandbox } = world
    sandbox.sms.addSignName({ name: '验证', use: 'code' })
    sandbox.sms.addTemplate({ code: 'SMS_1', kind: 'international', text: 'Hello' })
    const codeOf = async (answer: ReturnType<typeof sendCode>) => (await answer).body.Code
    const refusals: [Record<string, string>, string][] = [
      [{ SignName: '别家' }, 'isv.SMS_SIGNATURE_ILLEGAL'],
      [{ TemplateCode: 'SMS_404' }, 'isv.SMS_TEMPLATE_ILLEGAL'],
      [{ SignName: '验证', TemplateCode: noticeTemplate }, 'isv.SMS_SIGNATURE_SCENE_ILLEGAL'],
      [{ PhoneNumbers: '12345' }, 'isv.MOBILE_NUMBER_ILLEGAL'],
      [{ PhoneNumbers: '6591234567' }, 'isv.MOBILE_NUMBER_ILLEGAL'],
      [{ PhoneNumbers: Array(1_001).fill('13800138000').join(',') }, 'isv.MOBILE_COUNT_OVER_LIMIT'],
      [{ TemplateCode: 'SMS_1' }, 'isv.DOMESTIC_NUMBER_NOT_SUPPORTED'],
      [{ TemplateParam: 'code=1' }, 'isv.INVALID_JSON_PARAM'],
      [{ TemplateParam: '{"code":144619}' }, 'isv.INVALID_JSON_PARAM'],
      [{ TemplateParam: '{}' }, 'isv.TEMPLATE_MISSING_PARAMETERS'],
      [{ TemplateParam: '{"code":"1234567"}' }, 'isv.PARAM_LENGTH_LIMIT'],
    ]
    for (const [more, code] of refusals) expect(await codeOf(sendCode(sandbox, more)), code).toBe(code)
    for (const title of ['https://a.b/c', 'see acme.com', '10.0.0.1', 'www.x']) {
      expect(await codeOf(sendNotice(sandbox, { title })), title).toBe('isv.PARAM_NOT_SUPPORT_URL')
    }
    expect(await codeOf(sendNotice(sandbox, { title: '长'.repeat(36) }))).toBe('isv.PARAM_LENGTH_LIMIT')
    for (const [state, code] of [
      ['denied', 'isp.RAM_PERMISSION_DENY'],
      ['unpaid', 'isv.AMOUNT_NOT_ENOUGH'],
      ['stopped', 'isv.OUT_OF_SERVICE'],
    ] as const) {
      sandbox.sms.configureAccount(keyId, { state })
      expect(await codeOf(sendCode(sandbox))).toBe(code)
    }
    expect(sandbox.sms.numbers()).toEqual([])
  })

  it('misses its mandatory parameters with HTTP 400', async () => {
    await using world = await createTestWorld()
    expect(await sendCode(world.sandbox, { PhoneNumbers: '' })).toMatchObject({
      status: 400,
      body: { Code: 'MissingPhoneNumbers' },
    })
  })
})

describe('flow control', () => {
  /** 09:00:30 in China, so that the minute ends after half a minute. */
  const now = Date.parse('2026-08-03T01:00:30Z')

  it('lets one code a minute, five an hour and ten a day through, by China’s clock', async () => {
    await using world = await createTestWorld({ now: () => now })
    const { sandbox } = world
    const date = '2026-08-03T01:00:30Z'
    const send = () =>
      callSms(
        sandbox,
        'SendSms',
        { PhoneNumbers: '13800138000', SignName: '会签', TemplateCode: codeTemplate, TemplateParam: '{"code":"1234"}' },
        { date },
      )
    expect((await send()).body.Code).toBe('OK')
    expect((await send()).body).toMatchObject({
      Code: 'isv.BUSINESS_LIMIT_CONTROL',
      Message: '触发分钟级流控Permits:1',
    })
    for (let count = 0; count < 4; count += 1) {
      await sandbox.advance(60_000)
      expect((await send()).body.Code).toBe('OK')
    }
    await sandbox.advance(60_000)
    expect((await send()).body.Message).toBe('触发小时级流控Permits:5')
    for (let count = 0; count < 5; count += 1) {
      await sandbox.advance(3_600_000)
      expect((await send()).body.Code).toBe('OK')
    }
    await sandbox.advance(3_600_000)
    expect((await send()).body.Message).toBe('触发天级流控Permits:10')
    await sandbox.advance(20 * 3_600_000)
    expect((await send()).body.Code).toBe('OK')
    expect(sandbox.sms.inbox('13800138000')).toHaveLength(11)
  })

  it('counts notices by template, and what was lost on the way too', async () => {
    await using world = await createTestWorld({ sms: { noticesPerDay: 2 } })
    const { sandbox } = world
    sandbox.faults.set({ kind: 'undelivered', platform: 'sms', times: 1 })
    expect((await sendNotice(sandbox)).body.Code).toBe('OK')
    expect((await sendNotice(sandbox)).body.Code).toBe('OK')
    expect((await sendNotice(sandbox)).body.Message).toBe('触发天级流控Permits:2')
    expect(sandbox.sms.inbox('13800138000')).toHaveLength(1)
    expect(sandbox.sms.sentTo('13800138000')).toHaveLength(2)
  })

  it('keeps an account to its own limit', async () => {
    await using world = await createTestWorld({ sms: { accountPerDay: 1 } })
    expect((await sendNotice(world.sandbox)).body.Code).toBe('OK')
    expect((await sendNotice(world.sandbox)).body.Code).toBe('isv.DAY_LIMIT_CONTROL')
  })
})

describe('QuerySendDetails', () => {
  it('tells what arrived and what did not', async () => {
    await using world = await createTestWorld({ now: () => Date.parse('2026-08-02T23:30:00Z') })
    const { sandbox } = world
    const date = '2026-08-02T23:30:00Z'
    const parameters = {
      PhoneNumbers: '13800138000',
      SignName: '会签',
      TemplateCode: noticeTemplate,
      TemplateParam: JSON.stringify({ name: '陈', number: '1', title: '导出', status: '待审批' }),
      OutId: 'delivery-7',
    }
    const sent = await callSms(sandbox, 'SendSms', parameters, { date })
    sandbox.faults.set({ kind: 'undelivered', platform: 'sms', times: 1 })
    await callSms(sandbox, 'SendSms', parameters, { date })
    const query = (more: Record<string, string> = {}) =>
      callSms(
        sandbox,
        'QuerySendDetails',
        { PhoneNumber: '13800138000', SendDate: '20260803', PageSize: '10', CurrentPage: '1', ...more },
        { date },
      )
    expect((await query()).body).toMatchObject({
      Code: 'OK',
      TotalCount: '2',
      SmsSendDetailDTOs: {
        SmsSendDetailDTO: [
          { SendStatus: 3, ErrCode: 'DELIVERED', OutId: 'delivery-7', SendDate: '2026-08-03 07:30:00' },
          { SendStatus: 2, ErrCode: 'UNDELIV', PhoneNum: '13800138000' },
        ],
      },
    })
    expect((await query({ BizId: String(sent.body.BizId) })).body.TotalCount).toBe('1')
    expect((await query({ PageSize: '51' })).status).toBe(400)
  })
})

describe('SendMessageToGlobe', () => {
  const version = '2018-05-01'

  it('sends free text abroad, and not to the mainland', async () => {
    await using world = await createTestWorld()
    const { sandbox } = world
    const send = (more: Record<string, string> = {}) =>
      callSms(sandbox, 'SendMessageToGlobe', { To: '6591110001', Message: 'Ticket #1042 waits', ...more }, { version })
    expect(await send({ From: 'Countersign', Type: 'NOTIFY' })).toMatchObject({
      status: 200,
      body: { ResponseCode: 'OK', To: '6591110001', Segments: '1', NumberDetail: { Country: 'Singapore' } },
    })
    expect(await send({ Message: 'x'.repeat(161) })).toMatchObject({ body: { Segments: '2' } })
    expect(sandbox.sms.inbox('+65 9111 0001')).toMatchObject([{ from: 'Countersign', text: 'Ticket #1042 waits' }, {}])
    expect(await send({ To: '8613800138000' })).toMatchObject({ body: { ResponseCode: 'isv.MOBILE_NUMBER_ILLEGAL' } })
    expect(await send({ To: '+6591110001' })).toMatchObject({ body: { ResponseCode: 'isv.MOBILE_NUMBER_ILLEGAL' } })
    expect(await send({ From: 'TwelveLetters' })).toMatchObject({ status: 400 })
  })
})
