import { locales } from '@countersign/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCommand } from './command.ts'
import { commandNames, words } from './words.ts'

describe('a word to the bot', () => {
  it.each([
    ['approve 1042', { name: 'approve', ticket: 1042, comment: null }],
    ['  APPROVE   #1042 ', { name: 'approve', ticket: 1042, comment: null }],
    ['approve1042', { name: 'approve', ticket: 1042, comment: null }],
    ['approve # 1042, looks fine', { name: 'approve', ticket: 1042, comment: 'looks fine' }],
    ['reject 1042 Too WIDE', { name: 'reject', ticket: 1042, comment: 'Too WIDE' }],
    ['reject 1042: 2 tables too many', { name: 'reject', ticket: 1042, comment: '2 tables too many' }],
    ['ａｐｐｒｏｖｅ　＃１０４２', { name: 'approve', ticket: 1042, comment: null }],
    ['同意1042', { name: 'approve', ticket: 1042, comment: null }],
    ['同意 １０４２', { name: 'approve', ticket: 1042, comment: null }],
    ['拒绝1042，范围太大', { name: 'reject', ticket: 1042, comment: '范围太大' }],
    ['不同意 1042 太贵', { name: 'reject', ticket: 1042, comment: '太贵' }],
    ['موافقة ١٠٤٢', { name: 'approve', ticket: 1042, comment: null }],
    ['@Countersign approve 1042', { name: 'approve', ticket: 1042, comment: null }],
    ['\u200Bapprove \u206842\u2069', { name: 'approve', ticket: 42, comment: null }],
    ['yes 1042', { name: 'confirm', ticket: 1042 }],
    ['是 1042', { name: 'confirm', ticket: 1042 }],
    ['pending', { name: 'pending' }],
    ['待办。', { name: 'pending' }],
    ['HELP!', { name: 'help' }],
    ['approve', { name: 'approve', ticket: null, comment: null }],
    ['yes', { name: 'confirm', ticket: null }],
  ])('%j is understood', (text, command) => {
    expect(parseCommand(text)).toEqual(command)
  })

  it.each([
    '',
    'hello',
    '1042',
    'approve everything',
    'approve me',
    'approve 12345678901',
    'approver 1042',
    '同意书 1042',
    'yes 1042 but later',
    'help me to approve 1042',
    'do not approve 1042',
    'please approve 1042',
    'pending 1042',
    'approve -1042x',
  ])('%j decides nothing', (text) => {
    expect(parseCommand(text)).toEqual({ name: 'unknown' })
  })

  it('keeps a long comment to what the history takes, and whole characters of it', () => {
    const parsed = parseCommand(`reject 7 ${'😀'.repeat(600)}`)
    expect(parsed).toMatchObject({ name: 'reject', ticket: 7 })
    const comment = 'comment' in parsed ? (parsed.comment ?? '') : ''
    expect(comment.length).toBeLessThanOrEqual(1_000)
    expect(comment.isWellFormed()).toBe(true)
  })

  it.each(locales)('is understood in %s, as the bot teaches it', (locale) => {
    for (const name of commandNames) {
      for (const word of words[locale][name]) expect(parseCommand(`${word} 1042`).name, word).toBe(expected(name))
      expect(parseCommand(words[locale][name][0]).name).toBe(name)
    }
  })

  it('never means two things', () => {
    const meanings = new Map<string, string>()
    for (const locale of locales) {
      for (const name of commandNames) {
        for (const word of words[locale][name]) {
          expect(meanings.get(word) ?? name, word).toBe(name)
          meanings.set(word, name)
        }
      }
    }
  })

  it('of any kind is read without harm', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseCommand(text)).toHaveProperty('name')
      }),
    )
  })
})

/** A number after a word that takes none makes it a sentence. */
const expected = (name: string): string => (name === 'pending' || name === 'help' ? 'unknown' : name)
