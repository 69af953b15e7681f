import { Mobile } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { regionNames } from '#server/config/regions.ts'
import { homeCountry, parseMobile } from './phone-number.ts'

describe('a mobile number', () => {
  it.each([
    ['cn-hangzhou', '138 0013 8000', '+8613800138000'],
    ['ap-northeast-1', '090-1234-5678', '+819012345678'],
    ['ap-southeast-1', '9123 4567', '+6591234567'],
    ['ap-southeast-3', '012-345 6789', '+60123456789'],
    ['ap-southeast-5', '0812-3456-7890', '+6281234567890'],
    ['me-central-1', '050 123 4567', '+966501234567'],
  ] as const)('is understood in %s as people write it there: %s', (region, written, e164) => {
    expect(parseMobile(written, homeCountry(region))).toBe(e164)
    // And everywhere else with its country code.
    for (const elsewhere of [...regionNames, null]) expect(parseMobile(e164, homeCountry(elsewhere))).toBe(e164)
    expect(Mobile.parse(e164)).toBe(e164)
  })

  it('is one of mainland China where no region is set and no country code is given', () => {
    expect(parseMobile('13800138000', homeCountry(null))).toBe('+8613800138000')
    expect(parseMobile('91234567', homeCountry(null))).toBeNull()
  })

  it('may have full-width digits, brackets and dashes', () => {
    expect(parseMobile('+６５ ９１２３ ４５６７', 'CN')).toBe('+6591234567')
    expect(parseMobile('(+65) 9123-4567', 'CN')).toBeNull()
    expect(parseMobile('+65 (9123) 4567', 'CN')).toBe('+6591234567')
  })

  it.each([
    '',
    '12',
    '+86131xxxx0000.2',
    '+65 6123 4567',
    '+8612345',
    '+86138001380001',
    '+1',
    '0',
    'call +6591234567 now',
    '+6591234567;ext=1',
    `+${'6'.repeat(60)}`,
    '+999123456789',
    '+6591234567\n+6598765432',
  ])('is not this: %j', (text) => {
    expect(parseMobile(text, 'CN')).toBeNull()
  })
})
