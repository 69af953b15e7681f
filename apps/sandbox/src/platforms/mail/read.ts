import { simpleParser } from 'mailparser'
import type { MailMessage } from './inbox.ts'

export type ReadMail = Pick<MailMessage, 'from' | 'to' | 'subject' | 'text' | 'html' | 'headers' | 'attachments'>

/** Takes a message apart as a mail client does. */
export async function readMail(raw: Buffer): Promise<ReadMail> {
  const parsed = await simpleParser(raw, { skipTextToHtml: true })
  const recipients = parsed.to === undefined ? [] : [parsed.to].flat()
  return {
    from: parsed.from?.text ?? '',
    to: recipients.map(({ text }) => text).join(', '),
    subject: parsed.subject ?? '',
    text: parsed.text ?? '',
    html: typeof parsed.html === 'string' ? parsed.html : '',
    headers: parsed.headerLines.map(({ line }) => {
      const unfolded = line.replace(/\r?\n[ \t]+/g, ' ')
      const colon = unfolded.indexOf(':')
      return { name: unfolded.slice(0, colon), value: unfolded.slice(colon + 1).trim() }
    }),
    attachments: parsed.attachments.map(({ filename, contentType, size }) => ({
      name: filename ?? '',
      contentType,
      bytes: size,
    })),
  }
}
