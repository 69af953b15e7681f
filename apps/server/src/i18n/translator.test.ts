import { locales, refusalReasons } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { placeholders } from './_placeholders.ts'
import { en, type MessageKey } from './messages/en.ts'
import { catalogues, createTranslator } from './translator.ts'

const keys = Object.keys(en) as MessageKey[]
/** Names of products stay as they are. */
const sentences = keys.filter((key) => !key.startsWith('channel.'))

describe.each(locales)('the texts in %s', (locale) => {
  const catalogue = catalogues[locale]

  it('have the same keys as the English ones', () => {
    expect(Object.keys(catalogue)).toEqual(keys)
  })

  it.each(keys)('take the same values in %s and say something', (key) => {
    expect(catalogue[key].trim()).not.toBe('')
    expect(placeholders(catalogue[key])).toEqual(placeholders(en[key]))
  })

  it('word every reason for a refusal', () => {
    for (const reason of refusalReasons) expect(createTranslator(locale).text(`refusal.${reason}`)).not.toBe('')
  })
})

describe('the languages', () => {
  it.each(locales.filter((locale) => locale !== 'en'))('%s is not a copy of English', (locale) => {
    const same = sentences.filter((key) => catalogues[locale][key] === en[key])
    expect(same).toEqual([])
  })

  it('uses Chinese characters in every Chinese text and Arabic letters in every Arabic one', () => {
    for (const key of sentences) {
      expect(catalogues['zh-CN'][key], key).toMatch(/\p{Script=Han}|\{\w+\}|Owner/u)
      expect(catalogues.ar[key], key).toMatch(/\p{Script=Arabic}/u)
    }
  })
})

describe('a translator', () => {
  it('puts in what people wrote without interpreting it', () => {
    const { text } = createTranslator('en')
    const hostile = `{count, plural, other {#}} <b>it''s</b> \${x} {{y}}`
    expect(text('result.approved', { name: hostile })).toBe(`Approved by ${hostile}`)
  })

  it('shows a date in the zone of the person who reads it', () => {
    const at = Date.UTC(2026, 10, 21, 22, 30)
    expect(createTranslator('en').dateTime(at, 'Asia/Singapore')).toBe('22 Nov 2026, 06:30')
    expect(createTranslator('en').dateTime(at, 'UTC')).toBe('21 Nov 2026, 22:30')
    expect(createTranslator('zh-CN').dateTime(at, 'Asia/Shanghai')).toBe('2026年11月22日 06:30')
    expect(createTranslator('ar').dateTime(at, 'Asia/Riyadh')).toMatch(/22.*2026/)
  })

  it('falls back to UTC for a zone that does not exist', () => {
    const at = Date.UTC(2026, 10, 21, 22, 30)
    expect(createTranslator('en').dateTime(at, 'Mars/Olympus')).toBe('21 Nov 2026, 22:30')
  })

  it('tells ages in words, in the largest whole unit', () => {
    const now = Date.UTC(2026, 10, 21)
    const { relative } = createTranslator('en')
    expect(relative(now - 3 * 3_600_000 - 60_000, now)).toBe('3 hours ago')
    expect(relative(now + 2 * 86_400_000, now)).toBe('in 2 days')
    expect(relative(now - 59_000, now)).toBe('59 seconds ago')
    expect(createTranslator('ja').relative(now - 3 * 3_600_000, now)).toBe('3 時間前')
  })

  it('names known modules and makes unknown ones readable', () => {
    expect(createTranslator('zh-CN').module('data_export')).toBe('数据导出')
    expect(createTranslator('zh-CN').module('key_rotation')).toBe('Key rotation')
    expect(createTranslator('en').module('constructor')).toBe('Constructor')
  })

  it('counts in the plural forms of Arabic', () => {
    const { text } = createTranslator('ar')
    const forms = [1, 2, 3, 11, 100].map((count) => text('card.attachmentCount', { count }))
    expect(new Set(forms.map((form) => form.replace(/\d+/, '#'))).size).toBe(5)
  })

  it('joins names as the language does', () => {
    expect(createTranslator('en').list(['Alice', 'Bob', 'Carol'])).toBe('Alice, Bob and Carol')
    expect(createTranslator('zh-CN').list(['甲', '乙', '丙'])).toBe('甲、乙和丙')
  })
})
