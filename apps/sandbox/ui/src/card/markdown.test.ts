import { describe, expect, it } from 'vitest'
import { parseInline, parseMarkdown } from './markdown.ts'

const text = (content: string) => ({ kind: 'text', text: content })

describe('markdown of cards', () => {
  it('reads the marks of a line', () => {
    expect(parseInline('**bold** *it* ~~gone~~ `code`')).toEqual([
      { kind: 'bold', inner: [text('bold')] },
      text(' '),
      { kind: 'italic', inner: [text('it')] },
      text(' '),
      { kind: 'strike', inner: [text('gone')] },
      text(' '),
      { kind: 'code', text: 'code' },
    ])
  })

  it('reads colours, tags, links and mentions', () => {
    expect(parseInline("<font color='red'>**x**</font>")).toEqual([
      { kind: 'font', color: 'red', inner: [{ kind: 'bold', inner: [text('x')] }] },
    ])
    expect(
      parseInline("<text_tag color='blue'>a</text_tag>[b](https://x.example/?a=1&amp;b=2)<at id=ou_1></at>"),
    ).toEqual([
      { kind: 'tag', color: 'blue', inner: [text('a')] },
      { kind: 'link', inner: [text('b')], url: 'https://x.example/?a=1&b=2' },
      { kind: 'mention', id: 'ou_1' },
    ])
  })

  it('keeps escaped and encoded characters as plain text', () => {
    expect(parseInline('\\*a\\*')).toEqual([text('*'), text('a'), text('*')])
    expect(parseInline('&#42;&#42;a&#42;&#42; &lt;b&gt; &unknown;')).toEqual([text('**a** <b> &unknown;')])
    expect(parseInline('<script>alert(1)</script>')).toEqual([text('<script>alert(1)</script>')])
  })

  it('reads blocks, and code untouched', () => {
    expect(parseMarkdown('# Title\n- one\n- two\n1. three\n> quote\n---\nlast\nline')).toEqual([
      { kind: 'heading', level: 1, inner: [text('Title')] },
      { kind: 'list', isOrdered: false, items: [[text('one')], [text('two')]] },
      { kind: 'list', isOrdered: true, items: [[text('three')]] },
      { kind: 'quote', inner: [text('quote')] },
      { kind: 'rule' },
      { kind: 'paragraph', inner: [text('last'), { kind: 'break' }, text('line')] },
    ])
    expect(parseMarkdown('```sql\nselect **1**\n\nfrom x\n```\nafter')).toEqual([
      { kind: 'code', language: 'sql', text: 'select **1**\n\nfrom x' },
      { kind: 'paragraph', inner: [text('after')] },
    ])
    expect(parseMarkdown('```\nopen to the end')).toEqual([{ kind: 'code', language: '', text: 'open to the end' }])
  })
})
