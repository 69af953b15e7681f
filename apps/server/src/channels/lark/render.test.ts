import { locales, risks } from '@countersign/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { approvedCardModel, cardModel } from '#server/channels/_card-model.ts'
import type { CardModel } from '#server/channels/channel.ts'
import { createTranslator } from '#server/i18n/translator.ts'
import { readCard } from './_read-card.ts'
import { cardBytes, MAX_CARD_BYTES, renderCard } from './render.ts'

interface Header {
  title: { content: string }
  subtitle: { content: string }
  template: string
  text_tag_list: { text: { content: string }; color: string }[]
}
const header = (card: CardModel): Header => renderCard(card).header as Header
const summary = (card: CardModel): string =>
  (renderCard(card).config as { summary: { content: string } }).summary.content
const textOf = (card: CardModel): string => readCard(renderCard(card)).texts.join('\n')

describe('a card of a pending ticket', () => {
  it('tells what it is about at a glance', () => {
    const card = renderCard(cardModel())
    expect(card).toMatchObject({ schema: '2.0', config: { update_multi: true } })
    expect(header(cardModel())).toEqual({
      title: { tag: 'plain_text', content: '#1042 Export orders of the third quarter' },
      subtitle: { tag: 'plain_text', content: 'Data export' },
      template: 'blue',
      text_tag_list: [
        { tag: 'text_tag', text: { tag: 'plain_text', content: 'Low risk' }, color: 'turquoise' },
        { tag: 'text_tag', text: { tag: 'plain_text', content: 'Pending' }, color: 'blue' },
      ],
    })
    expect(summary(cardModel())).toBe('#1042 Export orders of the third quarter: your decision is needed')
  })

  it('shows who asks, when, until when and the key facts', () => {
    const text = textOf(cardModel())
    for (const part of ['Bob Tan', '21 Nov 2026, 14:05', '23 Nov 2026, 18:00', '2 files', 'orders@prod']) {
      expect(text).toContain(part)
    }
    expect(readCard(renderCard(cardModel())).code).toEqual([
      "select id, total\nfrom orders\nwhere placed_at >= '2026-07-01'",
    ])
  })

  it('names no age that would be a lie tomorrow', () => {
    expect(textOf(cardModel())).not.toMatch(/ago|minute|hour/)
  })

  it('shows the way through the steps', () => {
    const text = textOf(
      cardModel({
        nodes: [
          { name: 'Owner', rule: 'any', status: 'approved', approvers: [{ name: 'Alice', decision: 'approve' }] },
          {
            name: 'DBA',
            rule: { quorum: 2 },
            status: 'pending',
            approvers: [
              { name: 'Dan', decision: 'approve' },
              { name: 'Erin', decision: 'reject' },
              { name: 'Finn', decision: null },
            ],
          },
          { name: 'Security', rule: 'all', status: 'waiting', approvers: [{ name: 'Gwen', decision: null }] },
        ],
      }),
    )
    expect(text).toMatch(/✓\nOwner\nApproved by Alice/)
    expect(text).toMatch(/●\nDBA · 2 of 3 must approve\nApproved by Dan\nRejected by Erin\nWaiting for Finn/)
    expect(text).toMatch(/○\nSecurity\nThen Gwen/)
  })

  it.each([
    ['low', 'blue'],
    ['medium', 'orange'],
    ['high', 'red'],
  ] as const)('of %s risk is %s', (risk, template) => {
    expect(header(cardModel({ risk })).template).toBe(template)
  })
})

describe('what happens on approval', () => {
  const node = (
    name: string,
    approvers: number,
    status: 'pending' | 'waiting' = 'pending',
  ): CardModel['nodes'][number] => ({
    name,
    rule: 'all',
    status,
    approvers: Array.from({ length: approvers }, (_, index) => ({ name: `P${index}`, decision: null })),
  })
  it.each([
    [
      'the last approval runs the change',
      { nodes: [node('A', 1)], executesOnApproval: true },
      'carried out automatically, at once',
    ],
    [
      'the last approval runs nothing',
      { nodes: [node('A', 1)], executesOnApproval: false },
      'Nothing is carried out automatically',
    ],
    ['the ticket goes on', { nodes: [node('A', 1), node('B', 1, 'waiting')] }, 'goes on to the next step: B'],
    ['others of the step are missing', { nodes: [node('A', 3)] }, '2 more approvals are needed at this step'],
  ])('says that %s', (_, changes, expected) => {
    expect(textOf(cardModel(changes))).toContain(expected)
  })
})

describe('the decision on a card', () => {
  it('of low risk is one tap, and a rejection needs a reason', () => {
    const card = cardModel()
    const { buttons, links, components } = readCard(renderCard(card))
    expect(buttons).toEqual([
      { value: card.approve, text: 'Approve', type: 'primary_filled', submits: false, confirm: null },
      { value: card.reject, text: 'Reject', type: 'danger', submits: true, confirm: null },
    ])
    expect(links).toEqual([card.link])
    expect(components.find(({ tag }) => tag === 'input')).toMatchObject({
      name: 'reason',
      required: true,
      input_type: 'multiline_text',
      max_length: 1_000,
    })
  })

  it('of medium risk is confirmed, with what will happen', () => {
    const { buttons } = readCard(renderCard(cardModel({ risk: 'medium', decision: 'confirm' })))
    expect(buttons[0]?.confirm).toBe(
      'Approve #1042? The ticket goes on to the next step: DBA. After the last approval the change is carried out automatically.',
    )
    expect(buttons[1]?.confirm).toMatch(/^Reject #1042\? /)
  })

  it('of high risk only leads to the whole ticket', () => {
    const card = cardModel({ risk: 'high', decision: 'review' })
    const { buttons, links, texts, components } = readCard(renderCard(card))
    expect(buttons).toEqual([])
    expect(links).toEqual([card.link])
    expect(texts).toContain('Review')
    expect(texts.join()).toContain('High risk: read the whole ticket')
    expect(components.some(({ tag }) => tag === 'form')).toBe(false)
  })

  it('of high risk is taken away when the card does not show all, whoever allowed it', () => {
    const short = cardModel({ risk: 'high', decision: 'tap' })
    expect(readCard(renderCard(short)).buttons).toHaveLength(2)
    const long = { ...short, code: [{ language: 'sql', title: '', text: 'select 1;\n'.repeat(1_000) }] }
    expect(readCard(renderCard(long)).buttons).toEqual([])
  })

  it('is not offered to who has nothing to decide', () => {
    const done = cardModel({ decision: 'none', mine: 'approve' })
    expect(readCard(renderCard(done))).toMatchObject({ buttons: [], links: [done.link] })
    expect(textOf(done)).toContain('You approved this ticket. It waits for others.')
    expect(header(done).template).toBe('wathet')
    expect(textOf(cardModel({ decision: 'none' }))).toContain('There is nothing for you to decide here.')
    expect(textOf(cardModel({ decision: 'none', mine: 'reject' }))).toContain('You rejected this ticket.')
  })
})

describe('a card of a closed ticket', () => {
  it('says who approved it and when, and has no button but the link', () => {
    const card = approvedCardModel()
    const { buttons, links, texts } = readCard(renderCard(card))
    expect({ buttons, links }).toEqual({ buttons: [], links: [card.link] })
    expect(texts.join('\n')).toContain('✓ Approved by Dan\n21 Nov 2026, 15:30')
    expect(header(card).template).toBe('green')
    expect(summary(card)).toBe('#1042 Export orders of the third quarter: approved')
  })

  it.each([
    ['rejected', 'carmine', '✗ Rejected by Dan'],
    ['withdrawn', 'grey', '– Withdrawn by Dan'],
    ['expired', 'grey', '– Expired without a decision'],
  ] as const)('is %s in %s', (status, template, expected) => {
    const outcome = { by: 'Dan', at: Date.UTC(2026, 10, 21), comment: 'Leave out\nthe phone numbers' }
    const card = approvedCardModel({ status, event: status, outcome })
    expect(header(card).template).toBe(template)
    expect(textOf(card)).toContain(expected)
    expect(textOf(card)).toContain('Leave out\nthe phone numbers')
  })

  it('is drawn even when nobody is known to have closed it', () => {
    expect(textOf(approvedCardModel({ outcome: null }))).toContain('✓ Approved')
  })
})

describe('the language of a card', () => {
  it.each(locales)('is that of its reader, on every part (%s)', (locale) => {
    const { text } = createTranslator(locale)
    for (const risk of risks) {
      const content = textOf(cardModel({ locale, risk, decision: 'confirm' }))
      for (const key of ['card.submitter', 'card.onApproval', 'card.approve', 'card.reject', 'card.open'] as const) {
        expect(content).toContain(text(key))
      }
      expect(content).toContain(text(`risk.${risk}`))
    }
  })

  it('leaves no English on a Chinese card but what people wrote', () => {
    const nodes: CardModel['nodes'] = [
      { name: '负责人', rule: 'any', status: 'pending', approvers: [{ name: '陈', decision: null }] },
    ]
    const card = cardModel({
      locale: 'zh-CN',
      title: '导出',
      submitter: '王',
      description: '',
      fields: [],
      code: [],
      nodes,
    })
    expect(textOf(card)).not.toMatch(/[A-Za-z]{2,}/)
  })
})

describe('a long ticket', () => {
  const long = (changes: Partial<CardModel>): CardModel =>
    cardModel({ fields: [], code: [], description: '', ...changes })

  it('says how much of the code it shows', () => {
    const code = [{ language: 'sql', title: '', text: 'x'.repeat(64_000) }]
    expect(textOf(long({ code }))).toContain(
      'Shortened: 2,400 of 64,000 characters shown. Open the ticket to read all.',
    )
  })

  it('shows the beginning of code of very many lines', () => {
    const code = [
      { language: 'sql', title: '', text: Array.from({ length: 500 }, (_, line) => `-- ${line}`).join('\n') },
    ]
    const read = readCard(renderCard(long({ code })))
    expect(read.code[0]?.split('\n')).toHaveLength(40)
    expect(read.texts.join()).toMatch(/Shortened: \d+ of 3,389 characters/)
  })

  it('counts characters, not bytes, and never cuts one in two', () => {
    const family = '👨‍👩‍👧‍👦'
    const read = readCard(renderCard(long({ description: family.repeat(1_000) })))
    const shown = read.texts.find((text) => text.startsWith(family)) ?? ''
    expect(shown).toBe(family.repeat(shown.length / family.length))
    expect(read.texts.join()).toMatch(/ of 7,000 characters/)
  })

  it('says how many facts, pieces of code, steps and people it leaves out', () => {
    const fields = Array.from({ length: 50 }, (_, index) => ({ label: `Fact ${index}`, value: `${index}` }))
    const code = Array.from({ length: 10 }, (_, index) => ({ language: 'sql', title: `${index}`, text: 'select 1' }))
    const approvers = Array.from({ length: 100 }, (_, index) => ({ name: `Person ${index}`, decision: null }))
    const nodes = Array.from({ length: 20 }, (_, index): CardModel['nodes'][number] => ({
      name: `Step ${index}`,
      rule: 'all',
      status: index < 12 ? 'approved' : index === 12 ? 'pending' : 'waiting',
      approvers,
    }))
    const text = textOf(long({ fields, code, nodes }))
    expect(text).toContain('16 of 50 details shown')
    expect(text).toContain('5 of 10 pieces of code shown')
    expect(text).toContain('8 of 20 steps shown')
    expect(text).toContain('Person 7 and 92 more')
    expect(text).toContain('Step 12')
  })

  it('gives up code first, then the description, and the facts last', () => {
    const text = '数据'.repeat(30_000)
    const fields = Array.from({ length: 12 }, (_, index) => ({ label: `第${index}项`, value: '值'.repeat(400) }))
    const card = cardModel({ description: text, code: [{ language: 'sql', title: '', text }], fields })
    const read = readCard(renderCard(card))
    expect(read.code).toEqual([])
    expect(read.texts.join('\n')).toContain('Too long for this card: 60,000 characters.')
    expect(read.texts.filter((part) => part === '值'.repeat(400))).toHaveLength(12)
  })

  const awkward = [
    '数',
    '😀',
    '👨‍👩‍👧‍👦',
    '"',
    '\\',
    '`',
    '\u0000',
    '\u202E',
    '\uD800',
    'e\u0301',
    '<at id=all></at>',
    '\n',
  ]
  it.each(awkward)('fits with every field at its limit and full of %j', (unit) => {
    const fill = (length: number): string => unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
    const approvers = Array.from({ length: 100 }, () => ({ name: fill(128), decision: null }))
    const extreme = cardModel({
      locale: 'ar',
      decision: 'confirm',
      title: fill(256),
      submitter: fill(128),
      description: fill(10_000),
      fields: Array.from({ length: 50 }, () => ({ label: fill(128), value: fill(4_000) })),
      code: Array.from({ length: 10 }, () => ({ language: fill(32), title: fill(256), text: fill(64_000) })),
      nodes: Array.from({ length: 20 }, (_, index) => ({
        name: fill(128),
        rule: 'all',
        status: index === 0 ? 'pending' : 'waiting',
        approvers,
      })),
      link: `https://approve.example.com/console/mobile/index/?ticket=${'x'.repeat(1_900)}`,
    })
    for (const card of [
      extreme,
      {
        ...extreme,
        decision: 'none',
        status: 'rejected',
        outcome: { by: fill(128), at: 0, comment: fill(1_000) },
      } as CardModel,
    ]) {
      const drawn = renderCard(card)
      expect(cardBytes(drawn)).toBeLessThanOrEqual(MAX_CARD_BYTES)
      expect(JSON.stringify(drawn).isWellFormed()).toBe(true)
      expect(readCard(drawn).components.length).toBeLessThanOrEqual(200)
    }
  })

  it('fits whatever is in it', () => {
    const text = fc.string({ unit: 'binary', maxLength: 3_000 })
    fc.assert(
      fc.property(text, text, text, fc.constantFrom(...locales), (description, value, code, locale) => {
        const fields = Array.from({ length: 8 }, () => ({ label: value.slice(0, 60), value }))
        const drawn = renderCard(
          cardModel({ locale, description, fields, code: [{ language: 'sql', title: value, text: code }] }),
        )
        expect(cardBytes(drawn)).toBeLessThanOrEqual(MAX_CARD_BYTES)
        expect(readCard(drawn).interpreted).toEqual([])
      }),
      { numRuns: 200 },
    )
  })
})
