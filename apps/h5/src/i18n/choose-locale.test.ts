import { locales } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { appLocales, chooseLocale, directionOf } from './choose-locale.ts'

const none = { remembered: null, userAgent: '', languages: [] }

describe('the language before log-in', () => {
  it('is one of those of the contracts', () => {
    expect([...appLocales].sort()).toEqual([...locales].sort())
  })

  it('is the one used here last', () => {
    expect(chooseLocale({ ...none, remembered: 'ar', languages: ['en'] })).toBe('ar')
    expect(chooseLocale({ ...none, remembered: 'xx', languages: ['ja-JP'] })).toBe('ja')
  })

  it('is the one that Lark writes into its user agent, before that of the phone', () => {
    const userAgent = 'Mozilla/5.0 Safari/604.1 Lark/7.32.8 LarkLocale/zh_CN ChannelName/Lark'
    expect(chooseLocale({ ...none, userAgent, languages: ['en-US'] })).toBe('zh-CN')
  })

  it('is the one that DingTalk writes into its user agent', () => {
    const userAgent = 'AliApp(DingTalk/7.6.45) com.laiwang.DingTalk/48612345 language/zh-Hans-CN WK'
    expect(chooseLocale({ ...none, userAgent, languages: ['en-US'] })).toBe('zh-CN')
    expect(chooseLocale({ ...none, userAgent: 'AliApp(DingTalk/8.0.0) Channel/1 language/id-ID' })).toBe('id')
  })

  it('is the first of the browser that the app speaks, without regard to its region', () => {
    expect(chooseLocale({ ...none, languages: ['fr-FR', 'zh-Hant-TW', 'en'] })).toBe('zh-CN')
    expect(chooseLocale({ ...none, languages: ['id-ID'] })).toBe('id')
    expect(chooseLocale({ ...none, languages: ['ms-MY'] })).toBe('ms')
  })

  it('is English for everybody else', () => {
    expect(chooseLocale({ ...none, languages: ['fr'] })).toBe('en')
  })

  it('turns the page around for Arabic alone', () => {
    expect(appLocales.filter((locale) => directionOf(locale) === 'rtl')).toEqual(['ar'])
  })
})
