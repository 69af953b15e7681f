import { describe, expect, it } from 'vitest'
import { linkMark, runsOf } from './marks.ts'
import { plain } from './targets/plain.ts'
import { compileTemplate, TemplateError } from './template.ts'

const links = ['https://approve.acme.example/t/1']

function rendered(source: string, scope: object, locale: 'en' | 'ar' = 'en'): string {
  return plain.write(runsOf(compileTemplate(source, locale).render(scope)), links)
}

function refusal(source: string, scope: object = {}): TemplateError {
  try {
    compileTemplate(source, 'en').render(scope)
  } catch (error) {
    if (error instanceof TemplateError) return error
    throw error
  }
  throw new Error(`${source} was taken`)
}

describe('a template', () => {
  it('puts in what it names, chooses and goes through lists', () => {
    const source =
      '{{ who }}{% if due %} by {{ due }}{% endif %}:{% for one in list %} {{ one.name | upcase }}{% endfor %}'
    expect(rendered(source, { who: 'Bob', due: null, list: [{ name: 'a' }, { name: 'b' }] })).toBe('Bob: A B')
  })

  it('counts as the language does', () => {
    const source = '{{ n | plural: one: "# day", two: "two days", few: "# days", other: "# days in all" }}'
    expect(rendered(source, { n: 1 })).toBe('1 day')
    expect(rendered(source, { n: 3 })).toBe('3 days in all')
    expect(rendered(source, { n: 2 }, 'ar')).toBe('two days')
    expect(rendered(source, { n: 3 }, 'ar')).toBe('3 days')
  })

  it('names a link in its own words', () => {
    expect(rendered('{{ link | label: "Open it" }}', { link: linkMark(0) })).toBe(`Open it: ${links[0]}`)
    expect(rendered('{{ link }}', { link: linkMark(0) })).toBe(links[0])
  })

  it('does not interpret what is put in', () => {
    const hostile = '{{ secret }} {% for %} {{ "x" | raw }}'
    expect(rendered('{{ a }}{% assign b = a %}{{ b }}', { a: hostile, secret: 'no' })).toBe(`${hostile}${hostile}`)
  })

  it.each([
    ['{{ nope }}', /undefined variable: nope/, 1, 4],
    ['one\n  {{ a.nope }}', /undefined variable: a\.nope/, 2, 6],
    ['{{ a | nope }}', /undefined filter: nope/, 1, 1],
    ['one\n{% if a', /not closed/, 2, 1],
    ['{% if a %}', /not closed/, 1, 1],
    ['{{ list }}', /go through it/, 1, 1],
    ['{{ a }}', /has parts/, 1, 1],
    ['{{ n | label: "x" }}', /only a link/, 1, 1],
    ['{{ "x" | plural: other: "y" }}', /only a number/, 1, 1],
  ])('%j is refused with the place', (source, message, line, column) => {
    const error = refusal(source, { a: {}, list: ['x'], n: 1 })
    expect(error.message).toMatch(message)
    expect([error.line, error.column]).toEqual([line, column])
  })

  it.each([
    '{% include "/etc/passwd" %}',
    '{% render "x" %}',
    '{% layout "x" %}',
    '{% block x %}{% endblock %}',
    '{% raw %}{{ a }}{% endraw %}',
    '{% liquid echo a %}',
    '{% tablerow i in list %}{% endtablerow %}',
    '{{ n | raw }}',
    '{{ n | sha256 }}',
    '{{ n | date: "%Y" }}',
    '{{ n | jsonify }}',
    '{{ n | base64_decode }}',
    '{{ list | map: "constructor" }}',
    '{{ list | where_exp: "x", "x" }}',
  ])('%s is not part of the language', (source) => {
    refusal(source, { a: 'x', n: 1, list: ['x'] })
  })

  it.each(['a.constructor', 'a.__proto__', 'text.constructor', 'text.__proto__', 'list.constructor', 'list.map'])(
    'cannot reach %s',
    (name) => {
      expect(refusal(`{{ ${name} }}`, { a: {}, text: 'x', list: ['x'] }).message).toMatch(/undefined variable/)
    },
  )

  it.each([
    ['a loop of its own making', '{% for i in (1..1000000000) %}x{% endfor %}'],
    [
      'loops in loops',
      '{% for i in list %}{% for j in list %}{% for k in list %}x{% endfor %}{% endfor %}{% endfor %}',
    ],
    [
      'a text that doubles',
      `{% assign a = "${'a'.repeat(60)}" %}${'{% assign a = a | append: a %}'.repeat(30)}{{ a }}`,
    ],
    [
      'a replacement that multiplies',
      `{% assign a = "${'a'.repeat(900)}" %}{{ a | replace: "a", a | replace: "a", a }}`,
    ],
    ['a source without end', 'x'.repeat(8_001)],
  ])('%s is stopped at once', (_, source) => {
    const startedAt = performance.now()
    refusal(source, { list: Array.from({ length: 50 }, (_each, index) => index) })
    expect(performance.now() - startedAt).toBeLessThan(900)
  })

  it.each(['\u202E', '\u2066', '\u0000', '\u001B', '\uFDD1', '\uFDD5'])(
    'refuses the character %j in its source',
    (character) => {
      const error = refusal(`a\nb${character}`)
      expect([error.line, error.column]).toEqual([2, 2])
    },
  )

  it('tells what it names, and whether the template itself has set it', () => {
    const { references } = compileTemplate('{% for f in fields %}{{ f.label }}{% endfor %}{{ due }}', 'en')
    expect(references.map(({ root, properties }) => [root, ...properties])).toEqual([
      ['fields'],
      [null, 'label'],
      ['due'],
    ])
  })
})
