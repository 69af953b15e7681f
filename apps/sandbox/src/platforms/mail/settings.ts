import { z } from 'zod'

/** What a mail server's administrator may choose. */
export interface MailSettings {
  /** The largest message, as EHLO announces it; a change concerns new connections. */
  maxBytes: number
  /** An address without a mailbox: 550, or a mailbox from then on. */
  unknownMailboxes: 'refuse' | 'accept'
  /** Whether new connections are told of STARTTLS; clients that see it use it, and must then trust the certificate. */
  startTls: 'offer' | 'hide'
  /** Whether mail is taken before STARTTLS. */
  plainText: 'accept' | 'refuse'
  /** Whether the account may write under any address. */
  senders: 'any' | 'none'
}

export const documentedMailSettings: MailSettings = {
  maxBytes: 10 * 1024 * 1024,
  unknownMailboxes: 'refuse',
  startTls: 'offer',
  plainText: 'accept',
  senders: 'any',
}

/** A change of some of them, from the control API. */
export const mailSettingsSchema = z
  .strictObject({
    maxBytes: z.int().positive(),
    unknownMailboxes: z.enum(['refuse', 'accept']),
    startTls: z.enum(['offer', 'hide']),
    plainText: z.enum(['accept', 'refuse']),
    senders: z.enum(['any', 'none']),
  } satisfies Record<keyof MailSettings, z.ZodType>)
  .partial()
