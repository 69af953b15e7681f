import { z } from 'zod'
import type { Changes } from '#sandbox/changes.ts'
import { canonicalNumber } from './numbers.ts'

export const smsMessageSchema = z.object({
  id: z.string(),
  /** Country code and number, digits only. */
  number: z.string(),
  /** The signature, or the sender id of an international message. */
  from: z.string(),
  text: z.string(),
  segments: z.number(),
  /** The receipt that the sender was given. */
  bizId: z.string(),
  templateCode: z.string().exactOptional(),
  outId: z.string().exactOptional(),
  accessKeyId: z.string(),
  sentAt: z.number(),
  /** `failed`: accepted and billed, but never on the phone. */
  state: z.enum(['delivered', 'failed']),
})

/** A short message, on its phone or lost on the way. */
export type SmsMessage = z.infer<typeof smsMessageSchema>

const KEPT_MESSAGES = 5_000

/** Every message that was accepted, oldest first. */
export class SmsInbox {
  readonly #changes: Changes
  #messages: SmsMessage[] = []

  constructor(changes: Changes) {
    this.#changes = changes
  }

  add(message: SmsMessage): void {
    this.#messages.push(message)
    if (this.#messages.length > KEPT_MESSAGES) this.#messages.shift()
    this.#changes.announce({ kind: 'sms', number: message.number })
  }

  /** What stands on the phone of a number, however it is written. */
  of(number: string): SmsMessage[] {
    return this.sentTo(number).filter(({ state }) => state === 'delivered')
  }

  /** The same with what never arrived. */
  sentTo(number: string): SmsMessage[] {
    const digits = canonicalNumber(number)
    return this.#messages.filter((message) => message.number === digits)
  }

  numbers(): string[] {
    return [...new Set(this.#messages.map(({ number }) => number))]
  }

  clear(): void {
    this.#messages = []
  }

  export(): SmsMessage[] {
    return [...this.#messages]
  }

  restore(messages: readonly SmsMessage[]): void {
    this.#messages = [...messages]
  }
}
