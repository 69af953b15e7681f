import { locales } from '@countersign/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CardModel } from '#server/channels/channel.ts'
import { approvedCardModel, cardModel } from '../_card-model.ts'
import { drawCard } from './_draw-card.ts'
import { type CardSetting, defaultPrivateData, privateData, publicData } from './card-data.ts'
import { MAX_VALUE_BYTES } from './fit.ts'

const setting: CardSetting = { corpId: 'ding1', prove: (user) => `proof-of-${user}` }
const own = (changes: Partial<CardModel> = {}) => privateData(cardModel(changes), 'alice', setting)
const everybodys = (changes: Partial<CardModel> = {}) => publicData(cardModel(changes), setting)
const drawn = (changes: Partial<CardModel> = {}) => drawCard(everybodys(changes), own(changes))

describe('what everybody sees', () => {
  it('is the ticket’s own content', () => {
    expect(everybodys()).toMatchObject({
      title: '#1042 Export orders of the third quarter',
      status: 'pending',
      risk: 'low',
      facts:
        'Database: orders@prod\nRows: 12,000\nWhy now: The auditors are in the house from Monday, and they want to see every order.',
      description: 'Finance needs the orders for the audit.',
      code: "select id, total\nfrom orders\nwhere placed_at >= '2026-07-01'",
      lastMessage: '#1042 Export orders of the third quarter: your decision is needed',
    })
  })

  it('leads to the H5 app, naming the organisation, and beside the chat on a computer', () => {
    const { link, pcLink } = everybodys()
    expect(link).toMatch(/^https:\/\/approve\.example\.com\/console\/mobile\/index\/\?t=acme&c=lark&ticket=/)
    expect(new URL(link).searchParams.get('corpId')).toBe('ding1')
    const pc = new URL(pcLink)
    expect(pc.protocol).toBe('dingtalk:')
    expect(pc.searchParams.get('url')).toBe(link)
    expect(everybodys({ link }).link).toBe(link)
  })

  it('holds nobody’s proof', () => {
    expect(JSON.stringify([everybodys(), defaultPrivateData(cardModel())])).not.toContain('proof-of')
    expect(drawCard({ ...defaultPrivateData(cardModel()), ...everybodys() }).buttons).toEqual([])
  })

  it.each([
    {},
    { decision: 'confirm' },
    { decision: 'review', risk: 'high' },
    { decision: 'none' },
    { decision: 'none', mine: 'approve' },
    { description: '', code: [] },
    { status: 'approved', decision: 'none', outcome: approvedCardModel().outcome },
  ] satisfies Partial<CardModel>[])(
    'is empty wherever a person’s own value is: it may show through (%j)',
    (changes) => {
      const everybody = { ...defaultPrivateData(cardModel(changes)), ...everybodys(changes) }
      const isEmpty = ([, value]: [string, string]): boolean => value === ''
      for (const [name] of Object.entries(own(changes)).filter(isEmpty)) {
        expect(everybody, name).toHaveProperty(name, '')
      }
    },
  )

  it.each([
    [{}, 'your decision is needed'],
    [{ event: 'reminded' }, 'reminder'],
    [{ event: 'changed' }, 'changed'],
    [{ decision: 'none' }, 'for your information'],
    [{ status: 'approved', decision: 'none' }, 'approved'],
    [{ status: 'expired', decision: 'none' }, 'expired'],
  ] satisfies [Partial<CardModel>, string][])('says in one line why it came (%j)', (changes, words) => {
    expect(everybodys(changes).lastMessage).toContain(words)
  })
})

describe('what one person sees', () => {
  it.each(['tap', 'confirm'] as const)('has both buttons with their own proof (%s)', (decision) => {
    const { buttons } = drawn({ decision })
    const { ticketId, approve } = cardModel()
    const shared = { proof: 'proof-of-alice', ticketId, node: '0', contentHash: approve.contentHash }
    expect(buttons.map(({ params }) => params)).toEqual([
      { action: 'approve', ...shared },
      { action: 'reject', ...shared },
    ])
    expect(buttons.map(({ fields }) => fields)).toEqual([decision === 'tap' ? null : ['confirmed'], ['reason']])
  })

  it.each(['review', 'none'] as const)('has no button and no proof where there is nothing to tap (%s)', (decision) => {
    expect(drawn({ decision }).buttons).toEqual([])
    expect(own({ decision }).proof).toBe('')
  })

  it('says what approval leads to, also in the confirmation', () => {
    expect(own({ decision: 'confirm' }).approveForm).toContain(
      'Approve #1042? The ticket goes on to the next step: DBA.',
    )
    expect(drawn().texts).toContain('What happens on approval')
    expect(drawn({ decision: 'none' }).texts).not.toContain('What happens on approval')
  })

  it('says why there is nothing to tap', () => {
    expect(drawn({ decision: 'review', risk: 'high' }).texts).toContain(
      'High risk: read the whole ticket, then decide there.',
    )
    expect(own({ decision: 'none', mine: 'approve' })).toMatchObject({
      mine: 'approve',
      result: 'You approved this ticket. It waits for others.',
    })
    expect(own({ decision: 'none' }).result).toBe('There is nothing for you to decide here.')
  })

  it('tells who closed the ticket, when by the person’s own clock, and why', () => {
    const card = approvedCardModel({
      status: 'rejected',
      timeZone: 'Asia/Tokyo',
      outcome: { by: 'Dan', at: Date.UTC(2026, 10, 21, 22, 30), comment: 'Not this quarter.' },
    })
    const { texts } = drawCard(publicData(card, setting), privateData(card, 'alice', setting))
    expect(texts).toContain('Rejected by Dan\n22 Nov 2026, 07:30')
    expect(texts).toContain('Reason: Not this quarter.')
    expect(texts).toContain('Rejected')
    expect(texts).not.toContain('Pending')
  })

  it.each([
    ['withdrawn', { by: 'Bob', at: 0, comment: null }, 'Withdrawn by Bob'],
    ['expired', { by: '', at: 0, comment: null }, 'Expired without a decision'],
    ['approved', null, 'Approved'],
  ] as const)('words the end %s', (status, outcome, words) => {
    expect(own({ status, outcome, decision: 'none' }).result.split('\n')[0]).toBe(words)
  })

  it.each(locales)('is in their language (%s), every word of it', (locale) => {
    const english = own({ decision: 'confirm' })
    const theirs = own({ decision: 'confirm', locale })
    const words = ['riskText', 'statusText', 'moduleText', 'summary', 'progress', 'approveText', 'rejectForm'] as const
    for (const name of words) {
      if (locale === 'en') expect(theirs[name]).toBe(english[name])
      else expect(theirs[name], name).not.toBe(english[name])
    }
  })
})

describe('a ticket too long for a card', () => {
  it('shows as many facts as fit and counts them', () => {
    const fields = Array.from({ length: 30 }, (_, index) => ({ label: `Field ${index}`, value: 'x'.repeat(100) }))
    const shown = everybodys({ fields }).facts.split('\n').length
    expect(shown).toBeGreaterThan(5)
    expect(own({ fields }).factsNote).toBe(`${shown} of 30 details shown. Open the ticket to see all.`)
  })

  it('counts a shortened fact as not shown, and one that ends with dots of its own as shown', () => {
    const fields = [
      { label: 'Short', value: 'and so on…' },
      { label: 'Long', value: '数'.repeat(500) },
    ]
    expect(everybodys({ fields }).facts).toMatch(/^Short: and so on…\nLong: 数{80}…$/)
    expect(own({ fields }).factsNote).toBe('1 of 2 details shown. Open the ticket to see all.')
  })

  it('cuts between characters and says how much is shown', () => {
    const description = '👩‍👩‍👧'.repeat(200)
    expect(everybodys({ description }).description).toBe('👩‍👩‍👧'.repeat(56))
    expect(own({ description }).descriptionNote).toBe(
      'Shortened: 280 of 1,000 characters shown. Open the ticket to read all.',
    )
  })

  it('tells of further pieces of code', () => {
    const piece = { language: 'sql', title: 'First', text: 'select 1' }
    const { codeLabel, codeNote } = own({ code: [piece, { ...piece, title: 'Second' }] })
    expect(codeLabel).toBe('Code · First')
    expect(codeNote).toBe('1 of 2 pieces of code shown. Open the ticket to see all.')
    expect(own({ code: [] })).toMatchObject({ codeLabel: '', codeNote: '' })
  })

  it('of high risk is not decided on a card that does not show all of it', () => {
    const long = { risk: 'high', decision: 'confirm', description: 'x'.repeat(5_000) } as const
    expect(drawn(long).buttons).toEqual([])
    expect(own(long)).toMatchObject({ decision: 'review', proof: '', openText: 'Review' })
    expect(drawn({ ...long, risk: 'medium' }).buttons).toHaveLength(2)
    expect(drawn({ ...long, description: 'short' }).buttons).toHaveLength(2)
  })

  it('shows the steps around the current one', () => {
    const nodes = Array.from({ length: 20 }, (_, index) => ({
      ...{ name: `Step ${index}`, rule: 'all' as const, approvers: [{ name: 'Alice', decision: null }] },
      status: index < 9 ? ('approved' as const) : index === 9 ? ('pending' as const) : ('waiting' as const),
    }))
    const { progress, progressNote } = own({ nodes })
    expect(progress).toContain('● Step 9')
    expect(progress).not.toContain('Step 0')
    expect(progressNote).toMatch(/^\d of 20 steps shown/)
  })
})

describe('every value', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 3_000 })
  const nodes = fc.array(
    fc.record({
      name: text,
      rule: fc.constant('all' as const),
      status: fc.constantFrom('pending' as const, 'waiting' as const, 'approved' as const),
      approvers: fc.array(fc.record({ name: text, decision: fc.constantFrom(null, 'approve' as const) }), {
        maxLength: 30,
      }),
    }),
    { maxLength: 20 },
  )

  it('is text of at most 1 KB, whatever people wrote and in whatever language', () => {
    const models = fc.record({
      ...{ title: text, submitter: text, description: text, nodes },
      fields: fc.array(fc.record({ label: text, value: text }), { maxLength: 20 }),
      code: fc.array(fc.record({ language: fc.constant('sql'), title: text, text }), { maxLength: 3 }),
      outcome: fc.option(fc.record({ by: text, at: fc.constant(0), comment: fc.option(text) })),
      status: fc.constantFrom('pending' as const, 'rejected' as const),
      decision: fc.constantFrom('tap' as const, 'confirm' as const, 'review' as const, 'none' as const),
      locale: fc.constantFrom(...locales),
    })
    fc.assert(
      fc.property(models, (changes) => {
        const card = cardModel(changes)
        const all = {
          ...defaultPrivateData(card),
          ...publicData(card, setting),
          ...privateData(card, 'alice', setting),
        }
        for (const [name, value] of Object.entries(all)) {
          if (typeof value !== 'string') throw new Error(`${name} is no text`)
          if (Buffer.byteLength(value) > MAX_VALUE_BYTES) throw new Error(`${name} is too long`)
          if (!value.isWellFormed()) throw new Error(`${name} is cut through a character`)
        }
        for (const form of [all.approveForm, all.rejectForm]) JSON.parse(form)
      }),
      { numRuns: 60 },
    )
  })

  it('has no character in it that makes a text read otherwise than it is', () => {
    const hostile = 'a\u202Eb\u0000c\u2066d'
    const card = {
      title: hostile,
      description: hostile,
      submitter: hostile,
      fields: [{ label: hostile, value: hostile }],
    }
    const values = Object.values({ ...everybodys(card), ...own(card) }).join('')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
    expect(values).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u0000]/)
  })
})
