import { describe, expect, it } from 'vitest'
import {
  asciiFigures,
  callingCodeOf,
  countries,
  likelyCountry,
  regionCountries,
  splitInternational,
  toInternational,
} from './phone-number.ts'

describe('the countries', () => {
  it('are those of the numbering plans, the six regions among them with their codes', () => {
    expect(countries.length).toBeGreaterThan(230)
    expect(regionCountries.map(callingCodeOf)).toEqual(['+86', '+65', '+60', '+62', '+81', '+966'])
  })
})

describe('a number as people type it', () => {
  it.each([
    ['CN', '138 0013 8000', '+8613800138000'],
    ['SG', '9123-4567', '+6591234567'],
    ['ID', '0812 3456 7890', '+6281234567890'],
    ['JP', '090-1234-5678', '+819012345678'],
    ['MY', '012-345 6789', '+60123456789'],
    ['SA', '٠٥٠١٢٣٤٥٦٧', '+966501234567'],
    ['CI', '07 12 34 56 78', '+2250712345678'],
  ])('in %s: %s', (country, typed, number) => {
    expect(toInternational(country, typed)).toBe(number)
  })

  it('may carry its country, which then counts', () => {
    expect(toInternational('SG', '+86 138 0013 8000')).toBe('+8613800138000')
    expect(toInternational('SG', '00966 50 123 4567')).toBe('+966501234567')
    expect(splitInternational('+1 415 555 0100')).toEqual({ country: 'US', number: '4155550100' })
    expect(splitInternational('138 0013 8000')).toBeUndefined()
    expect(splitInternational('+999 1')).toBeUndefined()
  })

  it('is none when too short, too long, or words', () => {
    for (const typed of ['', '12', 'call me', '1234567890123456789', '+'])
      expect(toInternational('SG', typed)).toBeUndefined()
  })
})

it('figures of other scripts are figures', () => {
  expect(asciiFigures('١٢٣ ۴۵۶ ７８９ abc')).toBe('123 456 789 abc')
})

it('the country to begin with follows the time zone, then the language', () => {
  expect(likelyCountry('Asia/Jakarta', 'en')).toBe('ID')
  expect(likelyCountry('Europe/Paris', 'ja')).toBe('JP')
  expect(likelyCountry('Europe/Paris', 'en')).toBe('SG')
})
