import { simpleParser } from 'mailparser'
import type { ChannelErrorKind } from '#server/channels/channel-error.ts'
import type { MessengerHarness, MessengerPlatform, ShownMessage } from '#server/channels/messenger.contract.ts'
import { startSmtp } from './_smtp.ts'

const refusals: Record<Exclude<ChannelErrorKind, 'gone'>, [number, string]> = {
  retry: [451, 'greylisted, try again later'],
  rate_limited: [421, 'too much at once'],
  auth: [530, 'authentication required'],
  rejected: [550, 'no such user here: one@acme.test'],
}

/** A mail server as the contract of all messengers sees it. */
export const emailHarness: MessengerHarness = {
  name: 'email',
  settings: [['over SMTP', { smtpUrl: 'smtp://127.0.0.1:25', from: 'Countersign <approve@acme.test>' }]],
  hostileAddresses: null,
  // A mailbox that is gone and one that never was get the same answer.
  lacks: ['gone'],
  async startPlatform(): Promise<MessengerPlatform> {
    const messages: ShownMessage[] = []
    const lost = { next: false }
    const server = await startSmtp({
      async onData(stream, session, done) {
        const chunks: Buffer[] = []
        for await (const chunk of stream) chunks.push(Buffer.from(chunk as Buffer))
        messages.push(await shownMail(Buffer.concat(chunks)))
        if (lost.next) server.hangUp(session.remotePort)
        else done(null)
      },
    })
    const disposed = { isClosed: false }
    const close = async (): Promise<void> => {
      if (!disposed.isClosed) await server[Symbol.asyncDispose]()
      disposed.isClosed = true
    }
    return {
      messages,
      settings: { smtpUrl: server.url() },
      address: (receiver) => ({ email: `${receiver}@acme.test` }),
      secretsOf: (receiver) => [`${receiver}@acme.test`],
      fail(as) {
        if (as === 'gone') throw new Error('a mail server has no such answer')
        server.refuse('RCPT TO', ...refusals[as])
      },
      loseAnswer() {
        lost.next = true
        server.accept()
      },
      close,
      [Symbol.asyncDispose]: close,
    }
  },
}

async function shownMail(raw: Buffer): Promise<ShownMessage> {
  const mail = await simpleParser(raw)
  const html = String(mail.html)
  const hrefs = [...html.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'))
  const ours = new Set(hrefs.filter((href) => href.startsWith('https://approve.example.com/')))
  // What is at the foot of every mail is no part of what it tells.
  const links = [...ours].filter((href) => !href.includes('/mail-notices/'))
  const foreign = hrefs.filter((href) => !ours.has(href))
  const tags = html.match(/<(?:img|script|iframe|form|input|at|link|base|object)\b[^>]*>/gi) ?? []
  const isList = mail.subject?.includes('#') === false && links.length > 1
  return {
    bytes: raw.length,
    // Gmail shows no more of a mail's HTML than 102 KB; it is the smallest limit there is.
    maxBytes: 100_000,
    text: `${mail.subject}\n${mail.text}`,
    marks: [...foreign, ...tags],
    links: isList ? links.filter((href) => !href.includes('ticket=')) : links,
    key: mail.messageId?.replace(/^<(.*)@acme\.test>$/, '$1') ?? null,
  }
}
