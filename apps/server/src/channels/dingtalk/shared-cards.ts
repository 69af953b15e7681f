import { LRUCache } from 'lru-cache'
import type { Delivered, SharedCards, SharedReceiver, SharedResult } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { type CardApp, type CardCalls, inCalls, MAX_PRIVATE, type Receivers, type UpdatedParts } from './card-calls.ts'
import { isBadReceiver, isCardThere, isUnusableTemplate } from './errors.ts'
import type { PlainMessages } from './plain-messages.ts'
import { type DeliverResults, SentMessage } from './wire.ts'

/** One card per ticket for all receivers; whom it cannot reach gets a plain message with the link. */
export class DingtalkCards implements SharedCards {
  readonly receiversPerCall = MAX_PRIVATE
  readonly #calls: CardCalls
  readonly #plain: PlainMessages
  readonly #app: CardApp
  /** Who is known to have been missed by which card: a repeated try must not take them for reached. */
  readonly #missed = new LRUCache<string, true>({ max: MAX_MISSED })

  constructor(calls: CardCalls, plain: PlainMessages, app: CardApp) {
    this.#calls = calls
    this.#plain = plain
    this.#app = app
  }

  addressOf(message: unknown): string | null {
    const sent = SentMessage.safeParse(message)
    return sent.success && sent.data.kind === 'card' ? sent.data.outTrackId : null
  }

  async create(idempotencyKey: string, receivers: readonly SharedReceiver[]): Promise<SharedResult[]> {
    const [first, ...rest] = receivers
    if (first === undefined) return []
    checkKey(idempotencyKey)
    const [made, ...more] = inCalls([first, ...rest], this.#app)
    const all = await this.#createWith(idempotencyKey, made)
    return this.#goOn(all, more, (part, done) =>
      this.#reachesAnybody(done) ? this.#add(idempotencyKey, part, made) : this.#createWith(idempotencyKey, part),
    )
  }

  async update(message: unknown, holders: readonly SharedReceiver[]): Promise<Delivered> {
    const outTrackId = this.#knownAddress(message)
    const [first, ...rest] = holders
    if (first !== undefined) await this.#updateAll(outTrackId, [first, ...rest])
    return { message, code: 'ok', text: `the card is up to date for ${holders.length}` }
  }

  async add(
    message: unknown,
    added: readonly SharedReceiver[],
    holders: readonly SharedReceiver[],
  ): Promise<SharedResult[]> {
    const outTrackId = this.#knownAddress(message)
    const [first, ...rest] = added
    return first === undefined ? [] : this.#add(outTrackId, [first, ...rest], holders)
  }

  tell(receivers: readonly SharedReceiver[], why: ChannelError): Promise<SharedResult[]> {
    return this.#plain.send(receivers, why)
  }

  async #createWith(outTrackId: string, receivers: Receivers): Promise<SharedResult[]> {
    let delivered: DeliverResults
    try {
      delivered = await this.#calls.createAndDeliver(outTrackId, receivers)
    } catch (error) {
      if (isCardThere(error)) return this.#repeated(outTrackId, receivers)
      const isOnesFault = isBadReceiver(error) && receivers.length > 1
      return isOnesFault ? this.#oneByOne(outTrackId, receivers) : this.#insteadOfCard(receivers, error)
    }
    return this.#results(receivers, outTrackId, delivered)
  }

  /**
   * An earlier try made the card, and mostly it is its answer that was lost: what the card shows is brought up to date.
   * Delivering it once more might show it twice, so that is only for those whom it has missed, or was never sent to.
   */
  async #repeated(outTrackId: string, receivers: Receivers): Promise<SharedResult[]> {
    await this.#updateAll(outTrackId, receivers)
    const all: SharedResult[] = []
    for (const receiver of receivers) {
      const isMissed = receiver.wasTried === false || this.#missed.has(missedKey(outTrackId, receiver))
      const again = isMissed ? await this.#deliver(outTrackId, [receiver]) : [reached(outTrackId, 'it was made before')]
      all.push(...again)
    }
    return all
  }

  /** Somebody spoils the call for all: the card is made for the first whom the platform knows, then given to others. */
  async #oneByOne(outTrackId: string, receivers: Receivers): Promise<SharedResult[]> {
    const [first, ...rest] = receivers
    const all = await this.#createWith(outTrackId, [first])
    return this.#goOn(
      all,
      rest.map((receiver): Receivers => [receiver]),
      (part, done) =>
        this.#reachesAnybody(done) ? this.#add(outTrackId, part, []) : this.#createWith(outTrackId, part),
    )
  }

  async #updateAll(outTrackId: string, holders: Receivers): Promise<void> {
    const [first, ...rest] = inCalls(holders, this.#app)
    await this.#updatePart(outTrackId, first, { everybodys: true, own: true })
    for (const part of rest) await this.#updatePart(outTrackId, part, { everybodys: false, own: true })
  }

  /** Somebody whom the platform no longer knows must not keep the others from seeing how things are. */
  async #updatePart(outTrackId: string, holders: Receivers, parts: UpdatedParts): Promise<void> {
    try {
      await this.#calls.update(outTrackId, holders, parts)
    } catch (error) {
      if (!isBadReceiver(error)) throw error
      if (parts.everybodys) await this.#calls.update(outTrackId, holders, { everybodys: true, own: false })
      for (const holder of holders.length === 1 ? [] : holders) {
        await this.#updatePart(outTrackId, [holder], { everybodys: false, own: true })
      }
    }
  }

  async #add(outTrackId: string, added: Receivers, holders: readonly SharedReceiver[]): Promise<SharedResult[]> {
    await this.#updateAll(outTrackId, [...added, ...holders])
    const [first, ...more] = inCalls(added, this.#app)
    const all = await this.#deliver(outTrackId, first)
    return this.#goOn(all, more, (part) => this.#deliver(outTrackId, part))
  }

  /**
   * Once a call has been made, one that fails is the failure of those alone whom it and the calls after it were for: what
   * became of the first ones must not be forgotten.
   */
  async #goOn(
    done: readonly SharedResult[],
    parts: readonly Receivers[],
    call: (part: Receivers, done: readonly SharedResult[]) => Promise<SharedResult[]>,
  ): Promise<SharedResult[]> {
    const all = [...done]
    let failure: ChannelError | null = null
    for (const part of parts) {
      try {
        if (failure === null) all.push(...(await call(part, all)))
      } catch (error) {
        if (!(error instanceof ChannelError)) throw error
        failure = error
      }
      const error = failure
      if (error !== null) all.push(...part.map((): SharedResult => ({ ok: false, error })))
    }
    return all
  }

  async #deliver(outTrackId: string, receivers: Receivers): Promise<SharedResult[]> {
    let delivered: DeliverResults
    try {
      delivered = await this.#calls.deliver(outTrackId, receivers)
    } catch (error) {
      return this.#insteadOfCard(receivers, error)
    }
    return this.#results(receivers, outTrackId, delivered)
  }

  /** What the platform says of each, and a plain message to those whom the card did not reach. */
  async #results(receivers: Receivers, outTrackId: string, delivered: DeliverResults): Promise<SharedResult[]> {
    const failures = receivers.map((receiver, index) => failureOf(delivered, receiver, index))
    return Promise.all(
      receivers.map(async (receiver, index): Promise<SharedResult> => {
        const failure = failures[index] ?? null
        if (failure === null) return reached(outTrackId, 'the card is in the chat')
        this.#missed.set(missedKey(outTrackId, receiver), true)
        const [result] = await this.#plain.send([receiver], failure)
        return result ?? { ok: false, error: failure }
      }),
    )
  }

  /** A message of their own to each, in place of the card that the error kept from them. */
  #insteadOfCard(receivers: Receivers, error: unknown): Promise<SharedResult[]> {
    if (!(error instanceof ChannelError) || !isReasonForPlain(error)) return Promise.reject(error)
    return this.#plain.send(receivers, error)
  }

  #reachesAnybody(results: readonly SharedResult[]): boolean {
    return results.some((result) => result.ok && this.addressOf(result.delivered.message) !== null)
  }

  #knownAddress(message: unknown): string {
    const address = this.addressOf(message)
    if (address === null) throw new ChannelError('gone', 'unknown_message', 'the message is no card of ours')
    return address
  }
}

const MAX_MISSED = 10_000

const missedKey = (outTrackId: string, { platformUserId }: SharedReceiver): string => `${outTrackId} ${platformUserId}`

/** Longest id of a card is 64 by one list of the platform and 100 by another; our keys are shorter than both. */
const MAX_KEY = 50

function checkKey(key: string): void {
  if (key.length <= MAX_KEY) return
  throw new ChannelError('rejected', 'idempotency_key', `longer than ${MAX_KEY} characters`)
}

const reached = (outTrackId: string, text: string): SharedResult => {
  const message: SentMessage = { kind: 'card', outTrackId }
  return { ok: true, delivered: { message, code: 'ok', text } }
}

/** The platform names each receiver; where it names nobody, its answers stand in our order. */
function failureOf(delivered: DeliverResults, { platformUserId }: SharedReceiver, index: number): ChannelError | null {
  const named = delivered.find(({ spaceId }) => spaceId === platformUserId)
  const result = named ?? (delivered.every(({ spaceId }) => !spaceId) ? delivered[index] : undefined)
  // No word about somebody is no failure: the call as a whole was taken.
  if (result === undefined || result.success) return null
  return new ChannelError('rejected', 'deliver_failed', result.errorMsg ?? 'the card was not delivered')
}

/** Plain messages are for people whom the card cannot reach, and for a template that cannot be used. */
function isReasonForPlain(error: ChannelError): boolean {
  return error.kind === 'rejected' || isUnusableTemplate(error)
}
