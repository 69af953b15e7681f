import { z } from 'zod'
import type { Core } from '#sandbox/core.ts'
import type { Directory } from '#sandbox/platforms/dingtalk/directory.ts'
import type { DingtalkSettings } from '#sandbox/platforms/dingtalk/settings.ts'
import type { CardTemplate } from '#sandbox/platforms/dingtalk/template/template.ts'
import type { Templates } from '#sandbox/platforms/dingtalk/template/templates.ts'
import type { CardVersion, ChatMessage, DingtalkApp, Person } from '#sandbox/world.ts'
import { type ParamMap, paramsFor } from './card-data.ts'

const paramMap = z.record(z.string(), z.string())

export const cardInstanceSchema = z.object({
  outTrackId: z.string(),
  appKey: z.string(),
  templateId: z.string(),
  callbackType: z.enum(['HTTP', 'STREAM']).exactOptional(),
  callbackRouteKey: z.string().exactOptional(),
  /** 1: user ids, 2: union ids, in requests and in callbacks. */
  userIdType: z.union([z.literal(1), z.literal(2)]),
  /** Whether the chat with the robot was named as a space when the card was made. */
  hasRobotSpace: z.boolean(),
  publicData: paramMap,
  /** By user id, whatever the requests used. */
  privateData: z.record(z.string(), paramMap),
  /** What a callback's answer has changed for the person who clicked. */
  answered: z.record(z.string(), paramMap),
  /** The message of each person, by user id. */
  messageIds: z.record(z.string(), z.string()),
})

/** One card: its data, and the chats it stands in. */
export type CardInstance = z.infer<typeof cardInstanceSchema>

/** Every card of every app, and the messages that show them. */
export class CardInstances {
  readonly #core: Core
  readonly #directory: Directory
  readonly #templates: Templates
  readonly #settings: DingtalkSettings
  readonly #cards = new Map<string, CardInstance>()

  constructor(core: Core, directory: Directory, templates: Templates, settings: DingtalkSettings) {
    this.#settings = settings
    this.#core = core
    this.#directory = directory
    this.#templates = templates
  }

  find(app: DingtalkApp, outTrackId: string): CardInstance | undefined {
    return this.#cards.get(`${app.appKey}|${outTrackId}`)
  }

  add(card: CardInstance): void {
    this.#cards.set(`${card.appKey}|${card.outTrackId}`, card)
  }

  /** The card that a message shows. */
  ofMessage(message: ChatMessage): CardInstance | undefined {
    return this.#cards.get(`${message.appId}|${String(message.card?.outTrackId)}`)
  }

  templateOf(card: CardInstance): CardTemplate | undefined {
    return this.#templates.find(card.appKey, card.templateId)
  }

  paramsOf(card: CardInstance, person: Person): ParamMap {
    const template = this.templateOf(card)
    return template === undefined ? card.publicData : paramsFor(template, card, person.userId, this.#settings)
  }

  /** Shows the card in a person's chat with the robot; once per person, however often it is delivered. */
  show(app: DingtalkApp, card: CardInstance, person: Person, summary: string): ChatMessage {
    const known = this.#core.world.messages.get(card.messageIds[person.userId] ?? '')
    if (known !== undefined) return known
    const message = this.#core.world.addMessage(app, person, {
      from: 'bot',
      msgType: 'interactive',
      content: JSON.stringify({ lastMessage: summary }),
      createdAt: this.#core.clock.now(),
      card: this.#render(card, person),
    })
    card.messageIds[person.userId] = message.messageId
    this.#core.changes.announce({ kind: 'message', personId: person.id, messageId: message.messageId })
    return message
  }

  /** Draws the card anew for one person or for everybody who has it, where something has changed for them. */
  refresh(app: DingtalkApp, card: CardInstance, by: CardVersion['by'], only?: Person): void {
    for (const [userId, messageId] of Object.entries(card.messageIds)) {
      const message = this.#core.world.messages.get(messageId)
      const person = this.#directory.find(app, 'userId', userId)
      if (message === undefined || person === undefined || (only !== undefined && only.id !== person.id)) continue
      const rendered = this.#render(card, person)
      if (JSON.stringify(rendered) === JSON.stringify(message.card)) continue
      this.#core.world.replaceCard(message, rendered, by, this.#core.clock.now())
      this.#core.changes.announce({ kind: 'message', personId: person.id, messageId })
    }
  }

  clear(): void {
    this.#cards.clear()
  }

  export(): CardInstance[] {
    return [...this.#cards.values()]
  }

  restore(cards: CardInstance[]): void {
    for (const card of cards) this.add(card)
  }

  #render(card: CardInstance, person: Person) {
    return { outTrackId: card.outTrackId, cardTemplateId: card.templateId, params: this.paramsOf(card, person) }
  }
}
