import { describe, expect, it } from 'vitest'
import { approvedCardModel, cardModel } from '#server/channels/_card-model.ts'
import type { CardModel } from '#server/channels/channel.ts'
import { readCard } from './_read-card.ts'
import { answerTap } from './answer.ts'
import { renderCard } from './render.ts'

/* What people write stays text: it mentions nobody, links nowhere, hides nothing and leaves no code block. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may get through.
const HIDDEN = /[\u0000-\u0008\u000B-\u001F\u202A-\u202E\u2066-\u2069]/

const corpus: readonly string[] = [
  '<at id=all></at>',
  '<at id="all"></at>',
  "<at id='all'></at>",
  '<at user_id="all">everyone</at>',
  '<at id=ou_84aad35d084aa403a838cf73ee18467></at>',
  '<at ids=ou_1,ou_2></at>',
  '<at email=ceo@example.com></at>',
  '<AT ID=ALL></AT>',
  '<at\nid=all></at>',
  '<at\tid=all/>',
  '</font><at id=all></at>',
  '&lt;at id=all&gt;&lt;/at&gt;',
  '&#60;at id=all&#62;',
  '@all',
  '@所有人',
  '@_all',
  '<person id="ou_1" show_name=true></person>',
  '[approve](https://evil.example/approve)',
  '[approve]( https://evil.example )',
  '[approve][1]\n\n[1]: https://evil.example',
  '[x](javascript:alert(1))',
  '[x](tel://110)',
  '[x](lark://applink)',
  '[x]($urlVal)',
  '[a [b](https://evil.example)](https://evil.example)',
  '\\[x](https://evil.example)',
  '![hover](img_v2_041b28e3-5680-48c2-9af2-497ace79333g)',
  '![](https://evil.example/pixel.png)',
  '<https://evil.example>',
  '<a href="https://evil.example">approve</a>',
  "<a href='https://evil.example'></a>",
  '<a>https://evil.example</a>',
  "<link icon='chat_outlined' url='https://evil.example'>Approve</link>",
  "<local_datetime millisecond='0' link='https://evil.example'></local_datetime>",
  "<number_tag url='https://evil.example'>1</number_tag>",
  "<text_tag color='green'>Approved</text_tag>",
  "<font color='green'>APPROVED</font>",
  '<font color=red>red<font color=green>green</font>again</font>',
  '<raw></raw>',
  '<br><hr/>',
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '**bold** __bold__ *it* ~~struck~~ `code`',
  '# Approved by the CEO',
  '> quoted',
  '---',
  '| a | b |\n| - | - |\n| 1 | 2 |',
  '- list\n1. list',
  '```',
  '```\n<at id=all></at>\n```',
  '\n```\n\n# outside\n\n```sql\n',
  '````\n<at id=all></at>\n````',
  '`````````````````````````````````',
  '~~~\n<at id=all></at>\n~~~',
  '    ```\n<at id=all></at>',
  '\r\n```\r\n<at id=all></at>',
  '\r```\r<at id=all></at>',
  '\u2028```\u2028<at id=all></at>',
  ':OK::DONE:',
  '$' + '{title} {{title}} $urlVal {0} %s',
  '{count, plural, other {#}}',
  "{name} '{name}' ''",
  '","tag":"markdown","content":"<at id=all></at>","x":"',
  '"}]}},{"tag":"button","behaviors":[{"type":"open_url","default_url":"https://evil.example"}]}',
  '\\"}]}',
  '\\u003cat id=all\\u003e',
  '\u202Edetcejer\u202C',
  '\u2066\u2067\u2068\u2069',
  'abc\u0000def\u0007\u001b[31mred',
  'line\r\nline',
  '\uD800\uDC00\uD800',
  'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘',
  'x'.repeat(10_000),
  '='.repeat(300),
  '__proto__',
]

const everywhere = (text: string): CardModel =>
  cardModel({
    title: text.slice(0, 256),
    submitter: text.slice(0, 128),
    module: 'custom_module',
    description: text,
    fields: [
      { label: text.slice(0, 128), value: text },
      { label: 'Plain', value: text },
    ],
    code: [
      { language: text.slice(0, 32), title: text.slice(0, 256), text },
      { language: 'sql', title: '', text: `select 1;\n${text}\nselect 2;` },
    ],
    nodes: [
      {
        name: text.slice(0, 128),
        rule: 'any',
        status: 'pending',
        approvers: [
          { name: text.slice(0, 128), decision: 'approve' },
          { name: text.slice(0, 128), decision: null },
        ],
      },
      {
        name: text.slice(0, 128),
        rule: 'all',
        status: 'waiting',
        approvers: [{ name: text.slice(0, 128), decision: null }],
      },
    ],
    decision: 'confirm',
  })

describe('a card', () => {
  it('is tried with at least sixty ways to break out', () => {
    expect(new Set(corpus).size).toBeGreaterThanOrEqual(60)
  })

  it.each(corpus)('mentions nobody and links only to the ticket, whatever is written: %j', (text) => {
    const closed = approvedCardModel({ ...everywhere(text), decision: 'none', status: 'rejected' })
    for (const model of [
      everywhere(text),
      { ...closed, outcome: { by: text.slice(0, 128), at: 0, comment: text.slice(0, 1_000) } },
    ]) {
      const { marks, links, interpreted, texts, code, components } = readCard(renderCard(model))
      expect(marks).toEqual([])
      expect(interpreted).toEqual([])
      expect(links).toEqual([model.link])
      expect(components.map(({ tag }) => tag)).not.toContain('img')
      for (const shown of [...texts, ...code]) expect(shown).not.toMatch(HIDDEN)
    }
  })

  it('has the same parts whatever is written', () => {
    const shape = (card: CardModel): string[] => readCard(renderCard(card)).components.map(({ tag }) => tag)
    const usual = shape(everywhere('usual '.repeat(20)))
    // Short values stand two to a row, so only texts of a like length can be compared.
    for (const text of corpus.filter((text) => text.length < 250)) {
      expect(shape(everywhere(`${text}${' and so on'.repeat(12)}`)), text).toEqual(usual)
    }
  })

  it('shows hostile code as it was written, but for what would be a tag or link outside of a fence', () => {
    const sql = "select a < b, '<b>', arr[1], `x`, '```' from t -- <at id=all></at> [x](y)"
    const [shown] = readCard(renderCard(cardModel({ code: [{ language: 'SQL', title: '', text: sql }] }))).code
    expect(shown?.replaceAll('\u2060', '')).toBe(sql)
    expect(shown).not.toBe(sql)
    const harmless = "select a<b, '<b>', arr[1], `x` from t"
    expect(readCard(renderCard(cardModel({ code: [{ language: 'sql', title: '', text: harmless }] }))).code).toEqual([
      harmless,
    ])
  })
})

describe('the answer to a tap', () => {
  it.each(corpus)('names who decided as text only: %j', (text) => {
    const answer = answerTap({
      locale: 'en',
      outcome: { ok: false, reason: 'already_approved', by: text, status: 'approved' },
      card: null,
    }) as { toast: { content: string } }
    expect(answer.toast.content).toMatch(/has already approved this ticket\.$/)
    expect(answer.toast.content).not.toMatch(HIDDEN)
    expect(answer.toast.content.length).toBeLessThan(200)
  })
})
