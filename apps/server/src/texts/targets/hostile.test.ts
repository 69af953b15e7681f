import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { personLine, personText, runsOf } from '#server/texts/marks.ts'
import { compileTemplate } from '#server/texts/template.ts'
import { targetOf, type WrittenFormat } from './index.ts'
import { writeWithin } from './write-within.ts'

const formats: WrittenFormat[] = ['plain', 'sms', 'html', 'dingtalk-markdown', 'wecom-markdown']
const link = 'https://approve.acme.example/console/mobile/index/?t=acme&ticket=1'

/** As a text of several lines goes out in which somebody's words stand at the start of a line, within one, and bold. */
function written(format: WrittenFormat, words: string): string {
  const template = compileTemplate('{{ text }}\nBy {{ line }}: {{ line | bold }}\n{{ link | label: line }}', 'en')
  const scope = { text: personText(words), line: personLine(words), link: '\uFDD50\uFDD6\uFDD7' }
  return writeWithin(targetOf(format), runsOf(template.render(scope)), [link], 100_000)
}

const hostile = [
  '<at id=all></at>',
  '<at user_id="all">everybody</at>',
  '<@all> <@wangwu>',
  '@all @everyone @所有人 @13800138000',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '<a href="javascript:alert(1)">Approve</a>',
  '"><svg onload=alert(1)>',
  "' onmouseover='alert(1)",
  '[Approve](https://evil.example)',
  '![x](https://evil.example/x.png)',
  '](https://evil.example)',
  '<https://evil.example>',
  '**bold** _it_ __it__ ~~out~~ `code` ```\nblock\n```',
  '# heading\n## heading\n> quote\n- list\n* list\n+ list\n1. list\n---\n===\n| a | b |\n    code',
  '<font color="warning">APPROVED</font>',
  '&lt;at id=all&gt; &#60;script&#62;',
  '\\*not\\* \\[x\\](y)',
  '{{ link }} {% raw %}',
  "select '<b>' from orders where a < b and c > d -- `drop`",
]

describe.each(formats)('what people wrote, in %s', (format) => {
  it.each(hostile)('%j is text and nothing else', (words) => {
    expectInert(format, written(format, words))
  })

  it('is text whatever it is made of', () => {
    const piece = fc.oneof(
      fc.constantFrom(...hostile),
      fc.constantFrom(
        '<',
        '>',
        '&',
        '"',
        "'",
        '[',
        ']',
        '(',
        ')',
        '*',
        '_',
        '`',
        '~',
        '#',
        '\n',
        '\r\n',
        '@',
        '!',
        '\\',
      ),
      fc.constantFrom(
        '\u202E',
        '\u2066',
        '\u200B',
        '\uFEFF',
        '\u0000',
        '\uFDD1',
        '\uFDD5',
        '\uFDD6',
        '\uD800',
        '\u{E0041}',
      ),
      fc.string({ unit: 'binary', maxLength: 12 }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => expectInert(format, written(format, pieces.join('')))),
      { numRuns: 400 },
    )
  })

  it.each([
    '\u202Eevorppa',
    '\u2067x\u2069',
    'a\u200Bb',
    '\uFEFFx',
    'a\u0007b',
    'a\uFDD1b\uFDD5\uFDD6',
    '\u{E0041}\u{E007F}',
    'a\uD800b',
  ])('%j loses what hides or turns text', (words) => {
    // Our own word joiner (2060) stands in links and before marks at the start of a line.
    expect(written(format, words)).not.toMatch(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
      /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\u200B\uFEFF\uFDD0-\uFDEF\u{E0000}-\u{E007F}]/u,
    )
    expect(written(format, words).isWellFormed()).toBe(true)
  })

  it('is cut, not cut through, where it is a megabyte', () => {
    for (const words of ['<'.repeat(1_000_000), '👩‍👩‍👧‍👦'.repeat(90_000), `${'a\n'.repeat(500_000)}`]) {
      const target = targetOf(format)
      const text = writeWithin(target, [{ text: personText(words), isBold: false, isValue: true, link: null }], [])
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(target.maxBytes)
      expect(text.isWellFormed()).toBe(true)
      expect(text).not.toMatch(/&[a-z]*…$/)
      expect(text.endsWith('…')).toBe(true)
    }
  })
})

describe('a text', () => {
  it('keeps what people wrote on its line in an SMS, and no address in it', () => {
    const words = 'see https://evil.example/a?b, www.evil.example, evil.example/login or 10.0.0.1:8080\nnow'
    const said = written('sms', words)
    expect(said.split(/[\r\n]/)).toHaveLength(3)
    expect(said.replace(link, '')).not.toMatch(/evil|10\.0\.0\.1|:\/\/|www\./)
    expect(said).toContain(link)
  })

  it('keeps bold and links of the template in a mail', () => {
    const runs = runsOf(
      compileTemplate('{{ a | bold }}\n{{ link | label: "Open" }}', 'en').render({
        a: 'x',
        link: '\uFDD50\uFDD6\uFDD7',
      }),
    )
    expect(targetOf('html').write(runs, [link])).toBe(
      `<strong><bdi>x</bdi></strong><br>\n<a href="${escapedLink}">Open</a>`,
    )
    expect(targetOf('wecom-markdown').write(runs, [link])).toBe(`**x**\n[Open](${link})`)
    expect(targetOf('dingtalk-markdown').write(runs, [link])).toBe(`**x**\n\n[Open](${link})`)
  })

  it('keeps names, tables and operators readable in markdown', () => {
    const words = 'orders_archive a & b, 2 ~ 3: select count(x) from t where a = 1'
    const runs = [{ text: words, isBold: false, isValue: true, link: null }]
    expect(targetOf('dingtalk-markdown').write(runs, [])).toBe(words)
  })
})

function expectInert(format: WrittenFormat, text: string): void {
  switch (format) {
    case 'plain':
    case 'sms':
      return
    case 'html':
      expectInertHtml(text)
      return
    case 'dingtalk-markdown':
    case 'wecom-markdown':
      expectInertMarkdown(text)
  }
}

const escapedLink = link.replace('&', '&amp;')
const OURS = /<(?:br|\/?bdi|\/?strong|\/a)>|<a href="https:\/\/approve\.acme\.example\/[^"<>]*">/g

function expectInertHtml(text: string): void {
  const rest = text.replace(OURS, '')
  expect(rest).not.toMatch(/[<>"']/)
  expect(rest).not.toMatch(/&(?!(?:amp|lt|gt|quot|#39);)/)
  expect(text.split('<a ').length - 1).toBe(1)
  // No client makes a link of it by itself.
  expect(rest.replace(escapedLink, '')).not.toMatch(/:\/\/|www\./i)
}

function expectInertMarkdown(text: string): void {
  const own = text.lastIndexOf('[')
  expect(text.slice(own)).toMatch(/^\[[^[\]]*\]\(https:\/\/approve\.acme\.example\/[^()\s]*\)$/)
  const rest = text.slice(0, own)
  expect(rest).not.toMatch(/[[\]<>@`\\]/)
  expect(rest).not.toMatch(/:\/\/|www\./i)
  expect(rest).not.toMatch(/&[#\w]/)
  expect(rest.replaceAll('**', '')).not.toContain('*')
  // Bold is ours: at most the one place, opened and closed.
  expect(rest.split('**').length - 1).toBeLessThanOrEqual(2)
  for (const line of rest.split('\n')) expect(line).not.toMatch(/^(?:\s*(?:#|\+ |- |\d+[.)] |---|===|\|)|\t| {4})/)
}
