import type { NotificationSettings } from '@countersign/contracts'
import texts from '@countersign/notification-settings/messages/zh-CN.json'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { currentLocale, i18n } from '../i18n/i18n.ts'
import { countryChoices, findChoices, languageChoices, zoneChoices } from './choices.ts'

beforeAll(() => {
  i18n.global.setLocaleMessage('zh-CN', texts)
})
afterEach(() => speak('en'))
function speak(locale: typeof currentLocale.value): void {
  i18n.global.locale.value = locale as never
  currentLocale.value = locale
}
const now = Date.parse('2026-11-28T06:00:00Z')
const settings = (timeZone: string | null): NotificationSettings => ({
  uid: 'wei',
  name: '陈伟',
  locale: null,
  timeZone,
  defaults: { locale: 'zh-CN', timeZone: 'Asia/Shanghai' },
  quietHours: null,
  digestAt: '09:00',
  channels: [],
})
const labels = (choices: { label: string }[]) => choices.map((choice) => choice.label)

describe('countries', () => {
  it('begin with those of the regions, then go by name in the language of the page', () => {
    speak('en')
    expect(labels(countryChoices()).slice(0, 7)).toEqual([
      'China',
      'Singapore',
      'Malaysia',
      'Indonesia',
      'Japan',
      'Saudi Arabia',
      'Afghanistan',
    ])
    speak('zh-CN')
    expect(labels(countryChoices()).slice(0, 3)).toEqual(['中国', '新加坡', '马来西亚'])
  })

  it('are found by name, sign and code', () => {
    expect(labels(findChoices(countryChoices(), '+966'))).toEqual(['Saudi Arabia'])
    expect(labels(findChoices(countryChoices(), 'new zea'))).toEqual(['New Zealand'])
  })
})

describe('time zones', () => {
  it('begin with the default and the one that was chosen', () => {
    speak('zh-CN')
    const choices = zoneChoices('', settings('Asia/Riyadh'), now)
    expect(labels(choices).slice(0, 2)).toEqual(['默认', '利雅得'])
    expect(choices[0]?.detail?.()).toBe('上海 · UTC+08:00')
    expect(choices[1]?.detail?.()).toBe('09:00 · UTC+03:00 · 阿拉伯标准时间')
  })

  it('are found in the language of the page, by the place’s own name, and by the distance', () => {
    speak('zh-CN')
    const choices = zoneChoices('', settings(null), now)
    for (const search of ['新加坡', 'singapore', 'Asia/Sing', 'singapore +08:00'])
      expect(labels(findChoices(choices, search)), search).toContain('新加坡')
    expect(findChoices(choices, '新加坡 +09:00')).toEqual([])
  })
})

it('languages stand under their own names, after the default', () => {
  speak('zh-CN')
  const choices = languageChoices('', 'ja')
  expect(labels(choices)).toEqual([
    '默认',
    '简体中文',
    'English',
    '日本語',
    'Bahasa Melayu',
    'Bahasa Indonesia',
    'العربية',
  ])
  expect(choices[0]?.detail?.()).toBe('日本語')
})
