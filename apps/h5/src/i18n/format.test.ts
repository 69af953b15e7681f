import { afterEach, describe, expect, it } from 'vitest'
import { formatAge, formatBytes, formatCount, formatDateTime, formatModule } from './format.ts'
import { currentLocale, currentTimeZone, i18n } from './i18n.ts'

const now = Date.parse('2026-11-21T12:00:00Z')
const ago = (minutes: number): string => new Date(now - minutes * 60_000).toISOString()

function speak(locale: typeof currentLocale.value): void {
  i18n.global.setLocaleMessage(locale, {
    time: { now: () => 'just now' },
    module: { data_export: () => 'Data export' },
  })
  i18n.global.locale.value = locale as never
  currentLocale.value = locale
}

afterEach(() => {
  currentTimeZone.value = undefined
  speak('en')
})

describe('ages', () => {
  it('are told in the unit that fits, in both directions', () => {
    speak('en')
    expect(formatAge(ago(0.5), now)).toBe('just now')
    expect(formatAge(ago(5), now)).toBe('5 min. ago')
    expect(formatAge(ago(26 * 60), now)).toBe('yesterday')
    expect(formatAge(ago(-3 * 60), now)).toBe('in 3 hr.')
    speak('zh-CN')
    expect(formatAge(ago(120), now)).toBe('2小时前')
  })

  it('become a date after a month', () => {
    speak('en')
    expect(formatAge(ago(60 * 24 * 60), now)).toBe('Sep 22')
  })
})

describe('dates', () => {
  it('stand in the time zone of the person, not of the phone', () => {
    speak('en')
    currentTimeZone.value = 'Asia/Shanghai'
    expect(formatDateTime('2026-11-21T20:30:00Z')).toMatch(/Nov 22, 2026, 4:30\sAM/)
    currentTimeZone.value = 'Asia/Riyadh'
    expect(formatDateTime('2026-11-21T20:30:00Z')).toMatch(/Nov 21, 2026, 11:30\sPM/)
  })
})

describe('numbers', () => {
  it('count to 999 and say that there are more', () => {
    speak('en')
    expect([0, 7, 999, 1_000].map(formatCount)).toEqual(['0', '7', '999', '999+'])
  })

  it('show sizes as people read them', () => {
    speak('en')
    expect([12, 1_240, 284_112, 1_240_000].map(formatBytes)).toEqual(['12 B', '1.2 kB', '284 kB', '1.2 MB'])
  })
})

describe('modules', () => {
  it('have a name in the catalogue, or are made readable', () => {
    speak('en')
    expect(formatModule('data_export')).toBe('Data export')
    expect(formatModule('jakarta_dashboard')).toBe('Jakarta dashboard')
  })
})
