import { channelNames, locales, type TextKind } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { createTranslator } from '#server/i18n/translator.ts'
import { checkTemplate, kindsOf, type SamplePlace, variablesOf } from './check-template.ts'
import { defaultText } from './defaults/index.ts'
import { sampleContent, sampleLines } from './sample.ts'
import { formatOf } from './targets/index.ts'
import { sceneOf } from './variables.ts'
import { writeWords } from './write-words.ts'

const link = 'https://approve.acme.example/console/mobile/index/?t=acme'

function placeIn(locale: (typeof locales)[number]): SamplePlace {
  const reader = { name: 'Alice', tenantName: 'Acme', locale, timeZone: 'Asia/Singapore' }
  return { reader, link, lines: sampleLines(locale) }
}

function check(kind: TextKind, body: string, title = 'A title') {
  return checkTemplate(kind, 'email', { title, body }, placeIn('en'))
}

describe('the default texts', () => {
  const places = channelNames.flatMap((channel) => locales.map((locale) => [channel, locale] as const))

  it.each(places)('of %s in %s can all be used, and fit', (channel, locale) => {
    for (const kind of kindsOf(channel)) {
      expect(checkTemplate(kind, channel, defaultText(kind, channel, locale), placeIn(locale)), kind).toEqual([])
    }
  })

  it.each(locales)('in %s say of a ticket what its card says', (locale) => {
    const t = createTranslator(locale)
    const { reader, lines } = placeIn(locale)
    for (const event of ['pending', 'reminded', 'changed', 'approved', 'rejected', 'withdrawn', 'expired'] as const) {
      const content = sampleContent(event, { locale, timeZone: reader.timeZone, link, lines })
      const scene = sceneOf(content, reader)
      const { title } = writeWords(defaultText(event, 'email', locale), scene, 'html', locale)
      expect(title).toBe(t.text(`notice.${event}`, { ticket: String(scene.scope.ticket) }))
    }
  })

  it.each(locales.filter((locale) => locale !== 'en'))('in %s are no copies of the English ones', (locale) => {
    for (const kind of kindsOf('email')) {
      expect(defaultText(kind, 'email', locale).title, kind).not.toBe(defaultText(kind, 'email', 'en').title)
    }
  })

  it('tell somebody who is not asked that it is for their information', () => {
    const { reader, lines } = placeIn('en')
    const content = sampleContent('pending', { locale: 'en', timeZone: 'UTC', link, lines })
    if (content.kind !== 'notice') throw new Error('a pending ticket is a notice')
    const told = {
      ...content,
      item: { ...content.item, ticket: { ...content.item.ticket, decision: 'none' as const } },
    }
    const words = writeWords(defaultText('pending', 'wecomRobot', 'en'), sceneOf(told, reader), 'wecom-markdown', 'en')
    expect(words.title).toBe('#1042 Export Q3 orders for the auditors: for your information')
  })

  it('of a chat and of an SMS are the sentence and the link', () => {
    const { reader, lines } = placeIn('en')
    const scene = sceneOf(sampleContent('pending', { locale: 'en', timeZone: 'UTC', link, lines }), reader)
    for (const channel of ['lark', 'dingtalk', 'sms'] as const) {
      const { title, body } = writeWords(defaultText('pending', channel, 'en'), scene, formatOf(channel), 'en')
      expect(body).toBe(`${title}\n${link}`)
    }
  })

  it('of a ticket with everything read well', () => {
    const { reader, lines } = placeIn('en')
    const scene = sceneOf(sampleContent('rejected', { locale: 'en', timeZone: 'Asia/Singapore', link, lines }), reader)
    expect(writeWords(defaultText('rejected', 'dingtalkRobot', 'en'), scene, 'dingtalk-markdown', 'en')).toEqual({
      title: '#1042 Export Q3 orders for the auditors: rejected',
      body: [
        'Data export · Medium risk · Rejected',
        'Submitted by: Bob Tan',
        'Due: 29 Nov 2026, 10:00',
        'Database: orders＠prod',
        'Rows: 12,480',
        'Rejected by Alice Lim',
        'Reason: Please export masked columns only.',
      ].join('\n\n'),
    })
  })
})

describe('a text of a tenant', () => {
  it('is taken when it names only what there is', () => {
    expect(
      check('pending', '{{ recipient }}, {{ ticket | bold }} waits.{% for f in fields %} {{ f.label }}{% endfor %}'),
    ).toEqual([])
    expect(
      check('bundle', '{% for item in items %}{{ item.ticket }} {{ item.link | label: "open" }}\n{% endfor %}'),
    ).toEqual([])
  })

  it.each([
    ['pending', '{{ nope }}', 'body', 'line 1, column 4: there is no variable nope'],
    ['pending', 'a\n{% if nope %}b{% endif %}', 'body', 'line 2, column 7: there is no variable nope'],
    ['pending', '{% if count %}{% endif %}x', 'body', 'there is no variable count'],
    [
      'pending',
      'x{% unless asked %}{% for f in fields %}{{ f.nope }}{% endfor %}{% endunless %}',
      'body',
      'there is no variable nope',
    ],
    ['code', '{{ ticket }}', 'body', 'there is no variable ticket'],
    ['code', 'Hello {{ recipient }}', 'body', 'must name {{ code }}'],
    ['pending', '{{ ticket ', 'body', 'line 1, column 1: output "{{ ticket " not closed'],
    ['pending', '{{ fields }}', 'body', 'go through it'],
    ['pending', '{{ comment }}', 'body', 'says nothing with the sample'],
    [
      'pending',
      '{% for f in fields %}{{ description }}{{ description }}{% endfor %}'.repeat(60),
      'body',
      'is too long for email',
    ],
  ] as const)('for %s, %j is refused', (kind, body, path, message) => {
    const errors = check(kind, body)
    expect(errors.map((error) => error.path)).toContain(path)
    expect(errors.map((error) => error.message).join('\n')).toContain(message)
  })

  it('is refused with every unknown variable at once, of title and body', () => {
    const errors = check('test', '{{ a }} {{ b }}', '{{ c }}')
    expect(errors.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'title: line 1, column 4: there is no variable c',
      'body: line 1, column 4: there is no variable a',
      'body: line 1, column 12: there is no variable b',
    ])
  })

  it('may be of what a channel says alone', () => {
    expect(kindsOf('lark')).toEqual(['pending', 'reminded', 'report'])
    expect(kindsOf('dingtalkRobot')).not.toContain('code')
    expect(kindsOf('email')).toContain('code')
  })
})

describe('the variables', () => {
  it('of each kind are these: tenants have written their names', () => {
    const names = (kind: TextKind): string =>
      variablesOf(kind, placeIn('en'))
        .map(({ name }) => name)
        .join(' ')
    const ticket =
      'ticket number title news asked module risk status submitter submitted due description fields fields[].label fields[].value attachments executes step waitingFor decidedBy decidedAt comment link'
    expect(names('pending')).toBe(`recipient tenant ${ticket}`)
    expect(names('bundle')).toBe(
      `recipient tenant count more link items ${ticket
        .split(' ')
        .map((name) => `items[].${name}`)
        .join(' ')}`,
    )
    expect(names('code')).toBe('recipient tenant code minutes')
    expect(names('test')).toBe('recipient tenant')
    expect(names('report')).toBe('recipient tenant count lines link')
  })

  it('come with an example in the language asked for', () => {
    const example = (name: string) =>
      variablesOf('pending', placeIn('zh-CN')).find((each) => each.name === name)?.example
    expect(example('risk')).toBe('中风险')
    expect(example('due')).toBe('2026年11月29日 10:00')
    expect(example('link')).toBe(link)
    expect(example('comment')).toBeNull()
  })
})
