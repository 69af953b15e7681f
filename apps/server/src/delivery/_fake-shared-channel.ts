import type {
  CardModel,
  Delivered,
  Outgoing,
  SharedCards,
  SharedReceiver,
  SharedResult,
} from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { FakeChannel } from './_fake-channel.ts'

/**
 * A chat platform in memory that shows one card to many. A card with a name that it knows is not made again: then only
 * those who have it see the new content, unless it ignores what it has heard before.
 */
export class FakeSharedChannel extends FakeChannel {
  /** By the name of the card: what each of those who have it sees. */
  readonly shown = new Map<string, Map<string, CardModel>>()
  /** Platform ids of people whom no card reaches. */
  readonly unreachable = new Map<string, ChannelError>()
  ignoresRepeats = false
  readonly shared: SharedCards = {
    receiversPerCall: 100,
    addressOf: (message) => nameIn(message),
    create: (key, receivers) =>
      this.#about('create', key, receivers, () => {
        const known = this.shown.get(key)
        if (known === undefined) this.shown.set(key, new Map())
        for (const receiver of receivers) {
          const isTheirs = known?.has(receiver.platformUserId) === true && !this.ignoresRepeats
          if (known === undefined || isTheirs || receiver.wasTried === false) this.#show(key, receiver)
        }
      }),
    update: async (message, holders) => {
      const name = nameIn(message) ?? ''
      const delivered = await this.called({ kind: 'renew', about: name, to: idsOf(holders) }, () => {
        for (const holder of holders) if (this.shown.get(name)?.has(holder.platformUserId)) this.#show(name, holder)
        return name
      })
      return { ...delivered, message }
    },
    add: (message, added, holders) => {
      const name = nameIn(message) ?? ''
      return this.#about('add', name, added, () => {
        for (const receiver of [...added, ...holders]) this.#show(name, receiver)
      })
    },
    tell: async (receivers) => {
      const delivered = await this.called({ kind: 'tell', about: '', to: idsOf(receivers) }, () => 'told')
      return receivers.map(() => ({ ok: true, delivered: { ...delivered, message: { told: true } } }))
    },
  }

  constructor() {
    super('acme', 'dingtalk')
  }

  /** What was told in words cannot change, and is told again. */
  override update(message: unknown, outgoing: Outgoing): Promise<Delivered> {
    const isWords = typeof message === 'object' && message !== null && 'told' in message
    if (!isWords) return super.update(message, outgoing)
    return this.called({ kind: 'tell', about: '', to: outgoing.platformUserId }, () => 'told')
  }

  /** The one card that a person sees. */
  cardOf(uid: string): CardModel | undefined {
    const cards = [...this.shown.values()].flatMap((holders) => holders.get(`ou_${uid}@acme.test`) ?? [])
    if (cards.length > 1) throw new Error(`${uid} sees ${cards.length} cards`)
    return cards[0]
  }

  /** Calls that the platform counts, without look-ups. */
  get counted(): string[] {
    return this.calls.filter(({ kind }) => kind !== 'resolve').map(({ kind }) => kind)
  }

  async #about(
    kind: 'create' | 'add',
    name: string,
    receivers: readonly SharedReceiver[],
    show: () => void,
  ): Promise<SharedResult[]> {
    const delivered = await this.called({ kind, about: name, to: idsOf(receivers) }, () => {
      show()
      return name
    })
    return receivers.map(({ platformUserId }) => {
      const error = this.unreachable.get(platformUserId)
      if (error === undefined) return { ok: true, delivered: reached(delivered, name) }
      this.shown.get(name)?.delete(platformUserId)
      return { ok: false, error }
    })
  }

  #show(name: string, { platformUserId, card }: SharedReceiver): void {
    this.shown.get(name)?.set(platformUserId, card)
  }
}

const reached = (delivered: Delivered, name: string): Delivered => ({ ...delivered, message: { card: name } })
const idsOf = (receivers: readonly SharedReceiver[]): string => receivers.map((each) => each.platformUserId).join(' ')

function nameIn(message: unknown): string | null {
  const isCard = typeof message === 'object' && message !== null && 'card' in message
  return isCard && typeof message.card === 'string' ? message.card : null
}

export const refusal = (kind: 'rejected' | 'retry'): ChannelError =>
  new ChannelError(kind, kind, `${kind} by the platform`)
