import { type ChannelName, channelAddresses, channelNames } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { checkDraft, emptyDraft, fieldsOf, hasInput, takeMobile } from './address-draft.ts'

const filled = {
  ...emptyDraft('CN'),
  email: ' wei@acme.example ',
  mobile: '138 0013 8000',
  employeeId: 'E-1001',
  url: 'https://hooks.example/robot?access_token=1',
}
const partsOf = (channel: ChannelName, draft = filled) => {
  const checked = checkDraft(channel, draft)
  if ('problems' in checked) throw new Error(JSON.stringify(checked.problems))
  return checked.parts
}

describe('what was typed', () => {
  it.each(channelNames)('for %s becomes an address that the contract takes', (channel) => {
    expect(channelAddresses[channel].safeParse(partsOf(channel)).error).toBeUndefined()
  })

  it('is trimmed, and a number written with its country', () => {
    expect(partsOf('email')).toEqual({ email: 'wei@acme.example' })
    expect(partsOf('sms')).toEqual({ mobile: '+8613800138000' })
  })

  it('for Lark is the e-mail address or the mobile number, never both', () => {
    expect(partsOf('lark')).toEqual({ email: 'wei@acme.example' })
    expect(partsOf('lark', { ...filled, by: 'mobile' })).toEqual({ mobile: '+8613800138000' })
  })

  it('keeps the secret of a robot out when there is none', () => {
    expect(partsOf('dingtalkRobot')).toEqual({ url: filled.url })
    expect(partsOf('dingtalkRobot', { ...filled, secret: 'SEC1' })).toEqual({ url: filled.url, secret: 'SEC1' })
  })

  it('asks for the key of a webhook only where it signs', () => {
    expect(fieldsOf('webhook', filled)).toEqual(['url', 'signatureMethod'])
    const signing = { ...filled, signatureMethod: 'HMAC_SHA1' as const }
    expect(checkDraft('webhook', signing)).toEqual({ problems: { signatureKey: 'signatureKey' } })
    expect(partsOf('webhook', { ...signing, signatureKey: 'k' })).toMatchObject({
      signatureMethod: 'HMAC_SHA1',
      signatureKey: 'k',
    })
  })

  it.each([
    ['email', { email: 'wei@' }, { email: 'email' }],
    ['sms', { mobile: '12' }, { mobile: 'mobile' }],
    ['dingtalkExclusive', { employeeId: ' ' }, { employeeId: 'employeeId' }],
    ['webhook', { url: 'ftp://x.example' }, { url: 'url' }],
    ['webhook', { url: 'https://me:pw@x.example' }, { url: 'url' }],
    ['wecomRobot', { url: 'not an address' }, { url: 'url' }],
  ] as const)('for %s is refused with the field: %j', (channel, given, problems) => {
    expect(checkDraft(channel, { ...filled, ...given })).toEqual({ problems })
  })

  it('counts as input as soon as there is text, not for a choice alone', () => {
    expect(hasInput({ ...emptyDraft('CN'), by: 'mobile', country: 'SG', signatureMethod: 'HMAC_SHA1' })).toBe(false)
    expect(hasInput({ ...emptyDraft('CN'), secret: 'S' })).toBe(true)
  })

  it('moves the country along when a number is pasted with one', () => {
    const draft = emptyDraft('SG')
    takeMobile(draft, '+62 812 3456 7890')
    expect(draft).toMatchObject({ country: 'ID', mobile: '81234567890' })
    takeMobile(draft, '0812')
    expect(draft).toMatchObject({ country: 'ID', mobile: '0812' })
  })
})
