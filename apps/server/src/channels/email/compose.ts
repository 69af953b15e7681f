import type { Letter } from '#server/channels/messenger.ts'
import { inertLine } from '#server/channels/text.ts'
import { createTranslator } from '#server/i18n/translator.ts'
import { mailHtml } from './mail-html.ts'
import { envelopeAddress, type Mail } from './mail-server.ts'
import { mailText } from './mail-text.ts'

/** The addresses in a mail that act for its reader. */
export interface MailLinks {
  decisions: { approve: string; reject: string; expiresAt: number } | null
  signOff: string | null
}

export interface MailFrame {
  /** The reader's mailbox. */
  to: string
  from: string
  replyTo?: string | undefined
  links: MailLinks
}

/**
 * A letter as a mail: HTML, and the same in words. Nothing in it tells us that it was opened: no picture, no counted link.
 */
export function composeMail(letter: Letter, { to, from, replyTo, links }: MailFrame): Mail {
  const { idempotencyKey, locale, words } = letter
  const t = createTranslator(locale)
  const domain = envelopeAddress(from).split('@')[1] ?? 'localhost'
  const thread = threadOf(letter)
  return {
    from,
    to: { name: inertLine(letter.to.name), address: to },
    ...(replyTo === undefined ? {} : { replyTo }),
    subject: inertLine(words.title),
    // The same for every try: a mail program shows a message that came twice once.
    messageId: `<${idempotencyKey}@${domain}>`,
    date: new Date(letter.at),
    ...(thread === null ? {} : { references: `<ticket.${thread}@${domain}>` }),
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'Content-Language': locale,
      ...(links.signOff === null ? {} : unsubscribe(links.signOff)),
    },
    text: mailText(letter, links, t),
    html: mailHtml(letter, links, t),
  }
}

/** Mails about one ticket stand together. */
function threadOf({ content }: Letter): string | null {
  return content.kind === 'notice' ? content.item.ticket.ticketId.replace(/[^A-Za-z0-9-]/g, '-') : null
}

/** RFC 8058: a mail program may post to it by itself, which it does to https alone. */
function unsubscribe(link: string): Record<string, string> {
  const oneClick = { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }
  return { 'List-Unsubscribe': `<${link}>`, ...(link.startsWith('https://') ? oneClick : {}) }
}
