import { type NewWebhookAnswer, webhookAnswerSchema } from './answers.ts'
import type { WebhookCall } from './calls.ts'
import type { Receiver, WebhookPlatform } from './platform.ts'
import type { NewWebhook, SeedWebhook } from './seed.ts'

/** What tests and the phones page need of the receivers. */
export interface WebhooksSandbox {
  receivers(): Receiver[]
  receiver(id: string): Receiver
  /** The address to post to. */
  url(id: string): string
  /** Opens another receiver; gives its address. */
  add(receiver: NewWebhook): string
  /** Changes keys and methods. */
  configure(id: string, change: Partial<Omit<SeedWebhook, 'id'>>): void
  /** How the receiver answers from now on, or for the next `times` calls. */
  answer(id: string, how: NewWebhookAnswer, times?: number): void
  /** Every call with its verdicts, oldest first. */
  calls(id: string): WebhookCall[]
}

export function createWebhooksSandbox(platform: WebhookPlatform, url: string): WebhooksSandbox {
  const urlOf = ({ id }: Receiver) => `${url}/hooks/${id}`
  return {
    receivers: () => platform.all(),
    receiver: (id) => platform.get(id),
    url: (id) => urlOf(platform.get(id)),
    add: (receiver) => urlOf(platform.add(receiver)),
    configure: (id, change) => void Object.assign(platform.get(id), change),
    answer: (id, how, times) => {
      const receiver = platform.get(id)
      receiver.answer = webhookAnswerSchema.parse(how)
      if (times === undefined) delete receiver.answerTimes
      else receiver.answerTimes = times
    },
    calls: (id) => platform.calls(id),
  }
}
