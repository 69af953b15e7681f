import { describe, expect, it } from 'vitest'
import { endsNextDay, formatCountdown, formatTimeOfDay, readTimeOfDay } from './time-of-day.ts'

describe('a time of day', () => {
  it('is read in the custom of the language', () => {
    expect(formatTimeOfDay('22:00', 'en')).toMatch(/^10:00\sPM$/)
    expect(formatTimeOfDay('22:00', 'zh-CN')).toBe('22:00')
  })

  it('is taken from a field in any spelling, and refused when it is none', () => {
    expect(['22:00', '9:05', '9.5', '09:30:00'].map(readTimeOfDay)).toEqual(['22:00', '09:05', '09:05', '09:30'])
    expect(['', '24:00', '12:60', 'noon'].map(readTimeOfDay)).toEqual([undefined, undefined, undefined, undefined])
  })

  it('may lie on the next day', () => {
    expect(endsNextDay({ from: '22:00', to: '07:00' })).toBe(true)
    expect(endsNextDay({ from: '12:00', to: '14:00' })).toBe(false)
  })
})

it('a time left is minutes and seconds', () => {
  expect([60, 42, 5, 600, 0].map(formatCountdown)).toEqual(['1:00', '0:42', '0:05', '10:00', '0:00'])
})
