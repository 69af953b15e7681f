import { cancelRefusals, resendRefusals } from '@countersign/contracts/vocabulary'
import { beforeAll, describe, expect, it } from 'vitest'
import { i18n } from '../i18n/i18n.ts'
import english from '../i18n/messages/en.json' with { type: 'json' }
import { knownReasons, reasonWords, refusalWords } from './reason-words.ts'

beforeAll(() => i18n.global.setLocaleMessage('en', english))

describe('the reason of a failure', () => {
  it.each([
    ['lark', '230013', 'available range'],
    ['feishu', '230031', '14 days'],
    ['dingtalk', 'Forbidden.AccessDenied.ApiCountLimitForOrg', 'used up'],
    ['dingtalk', 'ApiCountLimitForOrg', 'used up'],
    ['dingtalkExclusive', '90020', 'used up'],
    ['dingtalk', 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', 'Too many calls'],
    ['dingtalkRobot', '310000', 'Keyword'],
    ['wecomRobot', '93004', 'switched off'],
    ['sms', 'isv.BUSINESS_LIMIT_CONTROL', 'This number'],
    ['email', '550', 'mailbox'],
    // The same number is an answer of HTTP elsewhere.
    ['webhook', '550', 'answered with an error'],
    ['callback', '410', 'any more'],
    ['callback', '302', 'redirect'],
    ['lark', 'superseded', 'Not needed'],
  ] as const)('through %s, with the code %s, is told in words', (channel, code, words) => {
    expect(reasonWords(channel, code)).toContain(words)
  })

  it('is left to the platform where the code is not known', () => {
    expect(reasonWords('lark', '123456')).toBeUndefined()
    // What means something on one platform means nothing on another.
    expect(reasonWords('email', '230013')).toBeUndefined()
  })

  it('has words for all that a code leads to, and codes for all words', () => {
    expect(knownReasons().sort()).toEqual(Object.keys(english.deliveries.reason).sort())
  })
})

describe('a refusal', () => {
  it('is told in words, every one of them', () => {
    const all = [...new Set([...resendRefusals, ...cancelRefusals])]
    expect(all.filter((refusal) => refusalWords(refusal) === refusal)).toEqual([])
    expect(Object.keys(english.deliveries.refusal).sort()).toEqual(all.sort())
  })
})
