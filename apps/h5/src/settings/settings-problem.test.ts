import { ApiError } from '@countersign/api-client'
import settings from '@countersign/notification-settings/messages/en.json'
import { beforeAll, describe, expect, it } from 'vitest'
import { addTexts, i18n, t, useLocale } from '../i18n/i18n.ts'
import firstScreen from '../i18n/messages/en.json'
import { problemText } from './settings-problem.ts'

beforeAll(() => {
  i18n.global.setLocaleMessage('en', { ...firstScreen, ...settings })
  i18n.global.locale.value = 'en' as never
})
const error = (status: number, code: string, more: Partial<ConstructorParameters<typeof ApiError>[0]> = {}) =>
  new ApiError({ status, code, detail: '', ...more })

describe('what went wrong', () => {
  it.each([
    [422, 'code_wrong'],
    [422, 'code_expired'],
    [422, 'code_required'],
    [429, 'too_many_requests'],
    [409, 'provisioned'],
    [409, 'address_taken'],
  ])('is said in words of our own for %i %s', (status, code) => {
    const text = problemText(error(status, code))
    expect(text).not.toBe('')
    expect(text).not.toContain(code)
    expect(text).not.toBe(problemText(error(500, 'internal')))
  })

  it('tells no answer from a server in trouble, and passes on what a newer server explains', () => {
    expect(problemText(error(0, 'timeout'))).toBe(t('decide.noAnswer'))
    expect(problemText(error(502, 'http_502'))).toBe(t('page.server'))
    expect(problemText(error(409, 'new_reason', { detail: 'It is full moon.' }))).toBe('It is full moon.')
  })
})

describe('texts of a part', () => {
  it('come with the language on the screen, and with every one after it', async () => {
    const asked: string[] = []
    const load = (locale: string) => () => {
      asked.push(locale)
      return Promise.resolve({ default: { part: { greeting: locale } } })
    }
    const document = { documentElement: { lang: '', dir: '' } }
    Object.assign(globalThis, { document })
    await addTexts({
      'zh-CN': load('zh-CN'),
      en: load('en'),
      ja: load('ja'),
      ms: load('ms'),
      id: load('id'),
      ar: load('ar'),
    })
    expect(asked).toEqual(['en'])
    await useLocale('ja')
    await useLocale('ja')
    expect(asked).toEqual(['en', 'ja'])
    expect(i18n.global.te('part.greeting')).toBe(true)
    expect(document.documentElement.lang).toBe('ja')
    await useLocale('en')
  })
})
