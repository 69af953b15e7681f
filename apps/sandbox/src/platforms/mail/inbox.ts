import { z } from 'zod'
import type { Changes } from '#sandbox/changes.ts'

export const mailMessageSchema = z.object({
  id: z.string(),
  /** The mailbox it lies in, in lower case: the envelope's recipient, whatever the `To` header says. */
  mailbox: z.string(),
  envelopeFrom: z.string(),
  /** The header, decoded: `Countersign <approve@acme.example>`. */
  from: z.string(),
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  /** Empty when the mail has none. */
  html: z.string(),
  /** Every header line in its order, unfolded, names as written. */
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
  attachments: z.array(z.object({ name: z.string(), contentType: z.string(), bytes: z.number() })),
  bytes: z.number(),
  /** Whether it came over TLS, and who handed it in. */
  isEncrypted: z.boolean(),
  user: z.string().exactOptional(),
  receivedAt: z.number(),
})

/** A mail in one mailbox. */
export type MailMessage = z.infer<typeof mailMessageSchema>

const KEPT_MESSAGES = 2_000

/** Every mail that was accepted and delivered, oldest first. */
export class MailInbox {
  readonly #changes: Changes
  #messages: MailMessage[] = []

  constructor(changes: Changes) {
    this.#changes = changes
  }

  add(message: MailMessage): void {
    this.#messages.push(message)
    if (this.#messages.length > KEPT_MESSAGES) this.#messages.shift()
    this.#changes.announce({ kind: 'mail', address: message.mailbox })
  }

  of(address: string): MailMessage[] {
    return this.#messages.filter(({ mailbox }) => mailbox === address.toLowerCase())
  }

  clear(): void {
    this.#messages = []
  }

  export(): MailMessage[] {
    return [...this.#messages]
  }

  restore(messages: readonly MailMessage[]): void {
    this.#messages = [...messages]
  }
}

/** The value of a header, by its name in any case; the first one when it stands several times. */
export function headerOf({ headers }: MailMessage, name: string): string | undefined {
  return headers.find((header) => header.name.toLowerCase() === name.toLowerCase())?.value
}
