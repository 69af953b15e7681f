import { locales } from '@countersign/contracts'
import { type ParsedMail, simpleParser } from 'mailparser'
import { describe, expect, it } from 'vitest'
import { cardModel } from '#server/channels/_card-model.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { Letter, MessageContent } from '#server/channels/messenger.ts'
import { defaultTexts } from '#server/texts/_default-texts.ts'
import { letterOf } from './_letter.ts'
import { startSmtp, type TestSmtp } from './_smtp.ts'
import type { MailLinks } from './compose.ts'
import { createEmail, type DecisionRequest } from './index.ts'

/* Mails as a mail program reads them: sent over SMTP, taken apart by a parser. */

const decisions = {
  approve: 'https://approve.example.com/decision-links/acme/aaa',
  reject: 'https://approve.example.com/decision-links/acme/bbb',
  expiresAt: Date.UTC(2026, 10, 24, 6, 5),
}

interface Post extends AsyncDisposable {
  server: TestSmtp
  asked: DecisionRequest[]
  send(letter: Letter): Promise<ParsedMail>
}

async function openPost(
  settings: Record<string, unknown> = {},
  { offered = decisions as MailLinks['decisions'], publicUrl = 'https://approve.example.com' } = {},
): Promise<Post> {
  const server = await startSmtp()
  const asked: DecisionRequest[] = []
  const email = createEmail(
    {
      tenantId: 'acme',
      settings: {
        smtpUrl: server.url({ query: '?tls=optional' }),
        from: 'Countersign <approve@acme.test>',
        ...settings,
      },
    },
    {
      mailLinks: {
        decisions: async (request) => {
          asked.push(request)
          return offered
        },
        signOff: ({ uid }) => `${publicUrl}/mail-notices/acme/${uid}/proof`,
      },
    },
  )
  return {
    server,
    asked,
    async send(letter) {
      const { locale, timeZone, to, content } = letter
      const request = { channel: 'email', recipient: to, locale, timeZone, format: 'html', content } as const
      await email.send({ ...letter, words: await defaultTexts.render('acme', request) })
      return simpleParser(server.inbox.at(-1)?.raw ?? '')
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
    },
  }
}

const header = (mail: ParsedMail, name: string): string =>
  (mail.headerLines.find(({ key }) => key === name)?.line ?? '').replace(/\r?\n\s+/g, ' ')

describe('a mail about a ticket', () => {
  it('says in HTML and in words who wants what, with the links that decide and the one that shows all', async () => {
    await using post = await openPost()
    const mail = await post.send(letterOf())
    expect(mail.subject).toBe('#1042 Export orders of the third quarter: your decision is needed')
    expect(mail.to).toMatchObject({ text: '"Alice Lim" <alice@acme.test>' })
    for (const body of [mail.html, mail.text]) {
      for (const said of ['Bob Tan', 'orders@prod', '12,000', 'Finance needs the orders', 'select id, total']) {
        expect(body).toContain(said)
      }
      for (const link of [decisions.approve, decisions.reject]) expect(body).toContain(link)
    }
    expect(mail.text).toContain(cardModel().link)
    expect(post.asked).toEqual([
      {
        tenantId: 'acme',
        uid: 'alice',
        ticketId: cardModel().ticketId,
        node: 0,
        contentHash: cardModel().approve.contentHash,
        deliveryKey: letterOf().idempotencyKey,
      },
    ])
  })

  it('has one name however often it is sent, stands with the others of its ticket, and wants no automatic answer', async () => {
    await using post = await openPost({ replyTo: 'dba@acme.test' })
    const [first, second] = [await post.send(letterOf()), await post.send(letterOf())]
    expect(first.messageId).toBe(`<${letterOf().idempotencyKey}@acme.test>`)
    expect(second.messageId).toBe(first.messageId)
    expect(first.references).toBe(`<ticket.${cardModel().ticketId}@acme.test>`)
    expect(header(first, 'auto-submitted')).toBe('Auto-Submitted: auto-generated')
    expect(first.replyTo).toMatchObject({ text: 'dba@acme.test' })
  })

  it('can be stopped by one click of a mail program, where it may post to us', async () => {
    await using post = await openPost()
    const mail = await post.send(letterOf())
    expect(header(mail, 'list-unsubscribe')).toBe(
      'List-Unsubscribe: <https://approve.example.com/mail-notices/acme/alice/proof>',
    )
    expect(header(mail, 'list-unsubscribe-post')).toBe('List-Unsubscribe-Post: List-Unsubscribe=One-Click')
    await using plain = await openPost({}, { publicUrl: 'http://localhost:8080' })
    const local = await plain.send(letterOf())
    expect(header(local, 'list-unsubscribe')).toContain('<http://localhost:8080/')
    expect(header(local, 'list-unsubscribe-post')).toBe('')
  })

  it('loads nothing and tells nobody that it was opened', async () => {
    await using post = await openPost()
    const { html } = await post.send(letterOf())
    expect(html).not.toMatch(/<img|<script|<link|url\(|@import|src=/)
  })

  it('is honest about what it leaves out', async () => {
    await using post = await openPost()
    const text = Array.from({ length: 500 }, (_, line) => `-- line ${line}`).join('\n')
    const code = [1, 2, 3].map((piece) => ({ language: 'sql', title: `Part ${piece}`, text }))
    const mail = await post.send(letterOf({}, { code, description: 'x'.repeat(5_000) }))
    for (const body of [mail.html, mail.text]) {
      expect(body).toMatch(/Shortened: [\d,]+ of 5,000 characters shown/)
      expect(body).toMatch(/Shortened: [\d,]+ of 5,889 characters shown/)
      expect(body).toContain('2 of 3 pieces of code shown')
      expect(body).not.toContain('line 499')
    }
  })

  it('shows what people wrote as text', async () => {
    await using post = await openPost()
    const hostile = '"><img src=x onerror=alert(1)></td><style>'
    const mail = await post.send(
      letterOf(
        { to: { uid: 'alice', name: 'Alice\r\nBcc: eve@evil.test' } },
        {
          title: `${hostile}\r\nBcc: eve@evil.test`,
          description: hostile,
          submitter: hostile,
          fields: [{ label: hostile, value: hostile }],
          code: [{ language: hostile, title: hostile, text: hostile }],
        },
      ),
    )
    expect(mail.html).not.toContain('<img')
    expect(String(mail.html).match(/<style/g)).toHaveLength(1)
    expect(mail.bcc).toBeUndefined()
    expect(mail.subject).toContain('"><img src=x onerror=alert(1)>')
  })

  it('has no links that decide where they are not offered, nor where the tenant does not want them', async () => {
    await using none = await openPost({}, { offered: null })
    const review = await none.send(letterOf())
    expect(review.html).not.toContain('decision-links')
    expect(review.html).toContain(`href="${cardModel().link.replaceAll('&', '&amp;')}"`)
    await using off = await openPost({ decisionLinks: false })
    expect((await off.send(letterOf())).html).not.toContain('decision-links')
    expect(off.asked).toEqual([])
    await using told = await openPost()
    const outcome = letterOf({}, { decision: 'none', status: 'approved', event: 'approved' })
    expect((await told.send(outcome)).html).not.toContain('decision-links')
    expect(told.asked).toEqual([])
  })

  it.each(locales)('is laid out for %s', async (locale) => {
    await using post = await openPost()
    const mail = await post.send(letterOf({}, { locale }))
    const direction = locale === 'ar' ? 'rtl' : 'ltr'
    expect(mail.html).toContain(`<html lang="${locale}" dir="${direction}">`)
    expect(header(mail, 'content-language')).toBe(`Content-Language: ${locale}`)
    expect(mail.html).toContain(`text-align:${direction === 'rtl' ? 'right' : 'left'}`)
    expect(mail.html).toContain('prefers-color-scheme:dark')
  })
})

describe('other mails', () => {
  const of = (content: MessageContent): Letter => letterOf({ content })
  const item = { event: 'pending', ticket: cardModel() } as const

  it('tell of many tickets with a link to each, and say how many more there are', async () => {
    await using post = await openPost()
    const link = 'https://approve.example.com/console/mobile/index/?t=acme'
    const mail = await post.send(of({ kind: 'bundle', items: [item, item], count: 7, link }))
    expect(mail.subject).toBe('7 notices about tickets')
    for (const body of [mail.html, mail.text]) expect(body).toMatch(/and 5 more/)
    expect(mail.text).toContain(cardModel().link)
    expect(mail.html).not.toContain('decision-links')
    expect(header(mail, 'list-unsubscribe')).not.toBe('')
  })

  it('bring a code, with nothing that acts for whoever reads it', async () => {
    await using post = await openPost()
    const mail = await post.send(of({ kind: 'code', code: '144619', validMinutes: 10 }))
    expect(mail.html).toContain('>144619<')
    expect(mail.text).toContain('144619')
    expect(header(mail, 'list-unsubscribe')).toBe('')
    expect(`${mail.html}${mail.text}`).not.toContain('mail-notices')
  })

  it('test the address, or report', async () => {
    await using post = await openPost()
    expect((await post.send(of({ kind: 'test' }))).text).toContain('can reach you here')
    const report = await post.send(of({ kind: 'report', lines: ['carol: nothing'], link: 'https://x.example/' }))
    expect(report.text).toContain('carol: nothing')
  })
})

it('counts by the mailbox, however it is written, and keeps to what the mail server takes', async () => {
  const email = createEmail(
    { tenantId: 'acme', settings: { smtpUrl: 'smtp://mail.test', from: 'a@acme.test', messagesPerMinute: 30 } },
    { mailLinks: { decisions: async () => null, signOff: () => '' } },
  )
  expect(email.receiverOf({ email: 'Alice@Acme.test' })).toBe('alice@acme.test')
  expect(email.limits.app).toEqual([{ points: 30, seconds: 60 }])
})

it('says nothing of the mailbox in its failures', async () => {
  await using post = await openPost()
  post.server.refuse('RCPT TO', 550, '5.1.1 <alice@acme.test>: no such user')
  const failed = await post.send(letterOf()).catch((error: unknown) => error)
  expect(failed).toBeInstanceOf(ChannelError)
  expect(failed).toMatchObject({ code: '550', message: expect.not.stringContaining('alice@acme.test') })
})
