import { locales } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { dingtalkPhrases } from '#server/channels/dingtalk/doctor/phrases.ts'
import { emailPhrases } from '#server/channels/email/doctor/phrases.ts'
import { sharedPhrases } from '#server/channels/finding-phrases.ts'
import { findingTitles } from '#server/channels/finding-titles.ts'
import { groupRobotPhrases } from '#server/channels/group-robot-phrases.ts'
import { larkPhrases } from '#server/channels/lark/doctor/phrases.ts'
import { smsPhrases } from '#server/channels/sms/doctor/phrases.ts'
import { webhookPhrases } from '#server/channels/webhook/phrases.ts'
import { doctorPhrases } from '#server/doctor/phrases.ts'
import { placeholders } from './_placeholders.ts'
import { createPhrasebook } from './phrasebook.ts'

const books: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>> = {
  shared: sharedPhrases.catalogues,
  lark: larkPhrases.catalogues,
  dingtalk: dingtalkPhrases.catalogues,
  doctor: doctorPhrases.catalogues,
  titles: findingTitles.catalogues,
  email: emailPhrases.catalogues,
  sms: smsPhrases.catalogues,
  groupRobots: groupRobotPhrases.catalogues,
  webhook: webhookPhrases.catalogues,
}
const cases = Object.keys(books).flatMap((book) => locales.map((locale) => [book, locale] as const))

describe.each(cases)('the phrases of %s in %s', (book, locale) => {
  const english = books[book]?.en ?? {}
  const theirs = books[book]?.[locale] ?? {}

  it('are the same, and take the same values, as the English ones', () => {
    expect(Object.keys(theirs)).toEqual(Object.keys(english))
    for (const [key, text] of Object.entries(theirs)) {
      expect(text.trim(), key).not.toBe('')
      expect(placeholders(text), key).toEqual(placeholders(english[key] ?? ''))
      if (locale !== 'en') expect(text, key).not.toBe(english[key])
    }
  })
})

it('a phrase is said in the language of whoever reads it, values as they are', () => {
  const texts = { greet: 'Hello {name}' }
  const say = createPhrasebook({
    en: texts,
    ja: { greet: '{name}さん' },
    'zh-CN': texts,
    ms: texts,
    id: texts,
    ar: texts,
  })
  const phrase = say('greet', { name: '<b>{x}</b>' })
  expect([phrase('en'), phrase('ja')]).toEqual(['Hello <b>{x}</b>', '<b>{x}</b>さん'])
})
