import { describe, expect, it } from 'vitest'
import { createTestWorld } from '#sandbox/_world.ts'
import { callSms, codeTemplate } from './_client.ts'

const parameters = {
  PhoneNumbers: '13800138000',
  SignName: '会签',
  TemplateCode: codeTemplate,
  TemplateParam: '{"code":"1234"}',
}
const old = new Date(Date.now() - 16 * 60_000).toISOString().replace(/\.\d+/, '')

describe('the signature of an RPC call', () => {
  it.each([
    ['with another secret', { secret: 'wrong' }, 400, 'SignatureDoesNotMatch'],
    ['of another body', { body: 'PhoneNumbers=13900139000' }, 400, 'IncompleteSignature'],
    ['of nobody', { accessKeyId: 'LTAInobody' }, 404, 'InvalidAccessKeyId.NotFound'],
    ['of a quarter of an hour ago', { date: old }, 400, 'InvalidTimeStamp.Expired'],
    ['with a date of another form', { date: 'yesterday' }, 400, 'InvalidTimeStamp.Format'],
    ['that leaves the nonce out', { unsigned: ['x-acs-signature-nonce'] }, 400, 'IncompleteSignature'],
    ['for another version', { version: '2020-01-01' }, 400, 'InvalidVersion'],
  ])('is refused %s', async (_how, wrong, status, code) => {
    await using world = await createTestWorld()
    expect(await callSms(world.sandbox, 'SendSms', parameters, wrong)).toMatchObject({ status, body: { Code: code } })
    expect(world.sandbox.sms.numbers()).toEqual([])
  })

  it('is refused the second time', async () => {
    await using world = await createTestWorld()
    const nonce = 'the-same-twice'
    expect((await callSms(world.sandbox, 'SendSms', parameters, { nonce })).body.Code).toBe('OK')
    expect((await callSms(world.sandbox, 'SendSms', parameters, { nonce })).body.Code).toBe('SignatureNonceUsed')
  })

  it('does not open an operation that does not exist', async () => {
    await using world = await createTestWorld()
    expect(await callSms(world.sandbox, 'SendLetter', {})).toMatchObject({
      status: 404,
      body: { Code: 'InvalidAction.NotFound' },
    })
    world.sandbox.faults.set({ kind: 'rate-limited', platform: 'sms', times: 1 })
    expect((await callSms(world.sandbox, 'SendSms', parameters)).body.Code).toBe('Throttling.User')
  })
})
