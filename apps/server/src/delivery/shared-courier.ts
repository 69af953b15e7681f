import type { Uid } from '@countersign/contracts'
import type { CardComposer } from '#server/cards/compose.ts'
import type { Channel, Delivered, SharedCards, SharedReceiver, SharedResult } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { ClaimedDelivery, SharedDelivery } from '#server/db/stores.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { type AskingWordsDeps, askingWords } from './asking-words.ts'
import { sharedRetry } from './backoff.ts'
import { idempotencyKey, isSuperseded } from './card-courier.ts'
import { type Carried, type Courier, withinTime } from './courier.ts'
import { findRecipient } from './find-recipient.ts'
import { quietAfter } from './hold.ts'
import { leaseMs } from './lane.ts'
import { asked, type PlatformCallDeps, waitForPlace } from './platform-call.ts'
import {
  callsRunOut,
  isConcerned,
  mustAct,
  type Savings,
  savedTexts,
  suppressed,
  untilNextMonth,
  untilQuiet,
} from './saved-calls.ts'
import { Outcomes } from './shared-outcomes.ts'
import { isUrgentFor } from './timed-courier.ts'

/** With the look-up of a person shorter than a lease. */
const callLimitMs = 15_000

export interface SharedCourierDeps extends PlatformCallDeps, AskingWordsDeps {
  channels: (tenantId: string, name: string) => Promise<Channel | null>
  composer: CardComposer
  /** Names this instance, as the worker does. */
  owner: string
}

/**
 * Brings the one card of a ticket, as the ticket is now, to all who are told of it: makes it for those who come first,
 * shows it to those who come later, and brings it up to date for everybody by one call.
 */
export function createSharedCourier(deps: SharedCourierDeps): Courier {
  return {
    retry: sharedRetry,
    async carry(carrier, signal) {
      const channel = await deps.channels(carrier.tenantId, carrier.channel)
      if (channel === null) {
        return {
          kind: 'failed',
          code: 'channel_not_enabled',
          text: `${carrier.channel} is not enabled for this tenant`,
        }
      }
      if (channel.shared === undefined) throw new Error(`${carrier.channel} has no shared cards`)
      const ticket = await deps.store.stores.tickets.find(carrier.tenantId, carrier.ticketId)
      if (ticket === null)
        return { kind: 'failed', code: 'ticket_not_found', text: 'the ticket does not exist any more' }
      const savings = await deps.savings(channel)
      if (savings.has('everything')) return untilNextMonth(carrier, deps.now())
      return new Attempt(deps, { channel, cards: channel.shared, carrier, ticket, savings, signal }).make()
    },
  }
}

/** Somebody who has the card, or is to get it, with all that is to be told of it to them. */
interface Person {
  uid: Uid
  receiver: SharedReceiver
  deliveries: SharedDelivery[]
}

interface Audience {
  /** What has reached people as the card, theirs also who cannot be told anything any more. */
  carded: SharedDelivery[]
  holders: Person[]
  newcomers: Person[]
}

interface Task {
  channel: Channel
  cards: SharedCards
  carrier: ClaimedDelivery
  ticket: Ticket
  savings: Savings
  signal: AbortSignal
}

/** Given back to the outbox, as a whole. */
class GivenBack extends Error {
  readonly carried: Extract<Carried, { kind: 'released' | 'retry' }>

  constructor(carried: Extract<Carried, { kind: 'released' | 'retry' }>) {
    super('given back')
    this.carried = carried
  }
}

/** One attempt to bring one card to everybody. */
class Attempt {
  readonly #deps: SharedCourierDeps
  readonly #channel: Channel
  readonly #cards: SharedCards
  readonly #carrier: ClaimedDelivery
  readonly #ticket: Ticket
  readonly #savings: Savings
  readonly #signal: AbortSignal
  readonly #outcomes = new Outcomes()
  /** What has to be tried again; the first of them decides when. */
  #problem: ChannelError | null = null
  /** What the card surely shows, at the least; older than the ticket where an earlier try may have made the card. */
  #shownVersion: number
  #heldAt: number

  constructor(deps: SharedCourierDeps, { channel, cards, carrier, ticket, savings, signal }: Task) {
    this.#deps = deps
    this.#channel = channel
    this.#cards = cards
    this.#carrier = carrier
    this.#ticket = ticket
    this.#savings = savings
    this.#signal = signal
    this.#shownVersion = ticket.version
    this.#heldAt = deps.now()
  }

  async make(): Promise<Carried> {
    try {
      const message = await this.#bring()
      await this.#report()
      if (this.#problem !== null) throw this.#problem
      const state = this.#carrier.message === null ? 'sent' : 'updated'
      const shownVersion = this.#shownVersion
      return { kind: 'delivered', state, shownVersion, message: { card: message }, code: 'ok', text: 'carried' }
    } catch (error) {
      // What has been done is told, whatever stopped the rest.
      await this.#report()
      if (error instanceof GivenBack) return error.carried
      throw error
    }
  }

  /** Does all there is to do; the message of the card, null while nobody has it. */
  async #bring(): Promise<unknown> {
    const all = await this.#deps.store.stores.notices.shared(this.#carrier)
    const hasCard = ({ message }: SharedDelivery): boolean =>
      message !== null && this.#cards.addressOf(message) !== null
    const carded = all.filter(hasCard)
    const holding = new Set(carded.map(({ recipient }) => recipient))
    const alone = all.filter((each) => each.message !== null && !hasCard(each) && !holding.has(each.recipient))
    const shared = all.filter(({ recipient, message }) => holding.has(recipient) || message === null)
    const isToBeTold = (each: SharedDelivery): boolean => !this.#isSettledUnsent(each) && !this.#isHeld(each)
    const people = await this.#people(shared.filter((each) => !each.isQueued || isToBeTold(each)))
    const isHolder = ({ uid, deliveries }: Person): boolean => holding.has(uid) && !deliveries.every(isAskedForAgain)
    const [holders, others] = parted(
      people.flatMap((person) => (holding.has(person.uid) ? setApart(person) : [person])),
      isHolder,
    )
    const newcomers = await this.#invited(others)
    const message = await this.#bringAny(carded[0]?.message ?? null, { carded, holders, newcomers })
    for (const delivery of alone) await this.#renewOwn(delivery)
    return message
  }

  async #bringAny(known: unknown, audience: Audience): Promise<unknown> {
    const { holders, newcomers } = audience
    try {
      const message = await this.#bringCard(known, holders, newcomers)
      for (const person of holders) await this.#ping(person)
      return message
    } catch (error) {
      if (known === null || !(error instanceof ChannelError) || error.kind !== 'gone') throw error
      return this.#anew(error, audience)
    }
  }

  /** The card is gone, and is nobody's from now on: whoever is still to be told gets another one. */
  #anew(gone: ChannelError, { carded, holders, newcomers }: Audience): Promise<unknown> {
    const queuedOf = ({ uid, receiver, deliveries }: Person): Person[] => {
      const queued = deliveries.filter(({ isQueued }) => isQueued)
      return queued.length === 0 ? [] : [{ uid, receiver, deliveries: queued }]
    }
    const waiting = [...holders.flatMap(queuedOf), ...newcomers]
    if (waiting.length === 0) throw gone
    const { code, message: text } = gone
    this.#outcomes.ended(carded, { kind: 'suppressed', code, text })
    return this.#create(waiting)
  }

  async #bringCard(message: unknown, holders: Person[], newcomers: Person[]): Promise<unknown> {
    const receivers = holders.map(({ receiver }) => receiver)
    if (message === null) return newcomers.length === 0 ? null : this.#create(newcomers)
    if (newcomers.length > 0) {
      // Updating the card and showing it to more people are two calls.
      await this.#place()
      await this.#place()
      await this.#noteTried(newcomers)
      const added = newcomers.map(({ receiver }) => receiver)
      this.#settle(newcomers, await this.#ask(() => this.#cards.add(message, added, receivers)))
      this.#updated(holders, { message, code: 'ok', text: 'brought up to date with the others' })
      return message
    }
    const isOutdated = holders.some(({ deliveries }) =>
      deliveries.some((each) => each.message !== null && each.isOutdated),
    )
    if (!isOutdated) {
      this.#updated(holders, { message, code: 'ok', text: 'the card that they have says so already' })
      return message
    }
    if (this.#isUpdateSaved(holders)) return message
    await this.#place()
    this.#updated(holders, await this.#ask(() => this.#cards.update(message, receivers)))
    return message
  }

  /** Who is to get the card: everybody, unless calls are running out. Whom an earlier try may have reached goes on. */
  async #invited(newcomers: Person[]): Promise<Person[]> {
    if (this.#savings.has('cards')) {
      const [tried, untried] = parted(newcomers, wasTried)
      const [asked, others] = parted(untried, ({ uid }) => mustAct(this.#ticket, uid))
      this.#save(others, savedTexts.cards)
      await this.#tell(asked)
      return tried
    }
    // One call shows the card to all of them: the others come along with those who are concerned.
    const isForOthers = newcomers.every((person) => !wasTried(person) && !isConcerned(this.#ticket, person.uid))
    if (!isForOthers || !this.#savings.has('onlookers')) return newcomers
    this.#save(newcomers, savedTexts.onlookers)
    return []
  }

  async #tell(people: Person[]): Promise<void> {
    if (people.length === 0) return
    await this.#place()
    await this.#noteTried(people)
    const receivers = people.map(({ receiver }) => receiver)
    const results = await this.#ask(() => this.#cards.tell(receivers, callsRunOut))
    const why = { code: callsRunOut.code, text: savedTexts.cards }
    const noted = results.map((each) => (each.ok ? { ...each, delivered: { ...each.delivered, ...why } } : each))
    this.#settle(people, noted)
  }

  /** Throws GivenBack when the update is to wait for the next one. */
  #isUpdateSaved(holders: readonly Person[]): boolean {
    const isForOthers = holders.every(({ uid }) => !isConcerned(this.#ticket, uid))
    if (isForOthers && this.#savings.has('onlookers')) {
      this.#save(holders, savedTexts.onlookers)
      return true
    }
    const isAsking = holders.some(({ deliveries, receiver }) => deliveries.some((each) => isToBeHeard(each, receiver)))
    if (isAsking || !this.#savings.has('mergeUpdates')) return false
    const wait = untilQuiet(this.#carrier, this.#ticket, this.#deps.now())
    if (wait !== null) throw new GivenBack(wait)
    return false
  }

  /** Told nothing, and the log of their deliveries says why. */
  #save(people: readonly Pick<Person, 'deliveries'>[], text: string): void {
    const due = people.flatMap(({ deliveries }) => deliveries.filter((each) => each.isQueued || each.isOutdated))
    this.#outcomes.ended(due, suppressed(text))
  }

  /** After an answer that was lost, first for those alone who may have the card; the others are due again at once. */
  async #create(newcomers: Person[]): Promise<unknown> {
    const triedAt = ({ deliveries }: Person): number[] => deliveries.flatMap(({ firstTriedAt }) => firstTriedAt ?? [])
    const tried = newcomers.filter(wasTried)
    const wereTried = tried.length > 0
    const first = wereTried ? tried : newcomers
    await this.#place()
    await this.#noteTried(first)
    const receivers = first.map(({ receiver }) => ({ ...receiver, wasTried: wereTried }))
    const key = keyOf(this.#carrier, first)
    const results = await this.#ask(() => this.#cards.create(key, receivers))
    // A card that was made before may go on showing what it showed then: an update follows.
    if (tried.flatMap(triedAt).some((at) => this.#ticket.updatedAt >= at)) this.#shownVersion = 0
    this.#settle(first, results)
    const reached = results.find((result) => result.ok && this.#cards.addressOf(result.delivered.message) !== null)
    return reached?.ok === true ? reached.delivered.message : null
  }

  /** A request that asks for nothing any more, or somebody who may not be told: reported, and not sent. */
  #isSettledUnsent(delivery: SharedDelivery): boolean {
    if (!isSuperseded({ ...delivery, wasTried: delivery.firstTriedAt !== null }, this.#ticket)) return false
    const text = `the ticket is ${this.#ticket.status} and this person is no longer asked`
    this.#outcomes.ended([delivery], { kind: 'suppressed', code: 'superseded', text })
    return true
  }

  /** Somebody who wants to be left alone now: they join the others later. */
  #isHeld({ id, recipient, timing, firstTriedAt }: SharedDelivery): boolean {
    const quiet = timing === null || firstTriedAt !== null ? null : quietAfter(this.#deps.now(), timing)
    if (quiet === null || isUrgentFor(this.#ticket, recipient, quiet)) return false
    this.#outcomes.held(id, quiet)
    return true
  }

  async #people(deliveries: readonly SharedDelivery[]): Promise<Person[]> {
    const people: Person[] = []
    for (const [recipient, own] of Map.groupBy(deliveries, (delivery) => delivery.recipient)) {
      const receiver = await this.#receiver(recipient, own)
      if (receiver !== null) people.push({ uid: recipient, receiver, deliveries: own })
    }
    return people
  }

  async #receiver(recipient: string, own: SharedDelivery[]): Promise<SharedReceiver | null> {
    const { tenantId, name, takesActions, corpId } = this.#channel
    const { stores } = this.#deps.store
    const queued = own.filter(({ isQueued }) => isQueued)
    const give = (kind: 'failed' | 'suppressed', code: string, text: string): null => {
      this.#outcomes.ended(queued, { kind, code, text })
      return null
    }
    const isNew = own.every(({ message }) => message === null)
    const user = await stores.directory.user(tenantId, recipient)
    if (isNew && user?.disabled === true) return give('suppressed', 'user_disabled', `${recipient} is disabled`)
    const event = own.at(-1)?.event ?? 'pending'
    const request = { ticket: this.#ticket, recipient, event, channel: name, takesActions }
    const card = await this.#deps.composer.compose(stores, { ...request, ...(corpId === undefined ? {} : { corpId }) })
    if (card === null) return give('suppressed', 'user_gone', `${recipient} is no longer a person of this tenant`)
    const known = await stores.directory.platformId(tenantId, name, recipient)
    if (known !== null) return { platformUserId: known, card }
    // Where one look-up has failed the next would, too, and take its time.
    if (this.#problem !== null) return null
    await this.#hold()
    try {
      const found = await findRecipient(this.#deps, this.#channel, recipient, this.#signal)
      if (typeof found === 'string') return { platformUserId: found, card }
      if (found.kind === 'released') throw new GivenBack(found)
      if (found.kind === 'failed') return give('failed', found.code, found.text)
      throw new Error(`a look-up cannot be ${found.kind}`)
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error
      // The others are not kept waiting for one who cannot be looked up.
      this.#problem ??= error
      return null
    }
  }

  #settle(people: readonly Person[], results: readonly SharedResult[]): void {
    for (const [index, person] of people.entries()) {
      const result = results[index]
      if (result === undefined) throw new Error('the channel said nothing of a receiver')
      if (result.ok) this.#outcomes.delivered(person.deliveries, 'sent', this.#shownVersion, result.delivered)
      else this.#refused(person.deliveries, result.error)
    }
  }

  #updated(holders: readonly Person[], delivered: Delivered): void {
    const concerned = holders.flatMap(({ receiver, deliveries }) =>
      deliveries.filter((each) => (each.isOutdated || each.isQueued) && !isToBeHeard(each, receiver)),
    )
    this.#outcomes.delivered(concerned, 'updated', this.#ticket.version, delivered)
  }

  /** Who is to be tried again stays queued, and the carrier comes back to them. */
  #refused(deliveries: readonly SharedDelivery[], error: ChannelError): void {
    const isFinal = error.kind === 'gone' || error.kind === 'rejected'
    if (!isFinal) this.#problem ??= error
    const { code, message: text } = error
    this.#outcomes.ended(deliveries, { kind: isFinal ? 'failed' : 'retry', code, text })
  }

  /** A changed card makes no sound: who is asked again, or reminded, is also told in words. */
  async #ping({ receiver, deliveries }: Person): Promise<void> {
    const isSaved = ({ event }: SharedDelivery): boolean => event === 'reminded' && this.#savings.has('reminders')
    const [saved, asking] = parted(
      deliveries.filter((each) => isToBeHeard(each, receiver)),
      isSaved,
    )
    this.#save([{ deliveries: saved }], savedTexts.reminders)
    const [first] = asking
    if (first === undefined) return
    const { card, platformUserId } = receiver
    const { tenantId } = this.#carrier
    const { recipient } = first
    const event = first.event === 'reminded' ? 'reminded' : 'pending'
    const text = await askingWords(this.#deps, { tenantId, channel: this.#channel.name, recipient, card, event })
    await this.#place(platformUserId)
    const idempotency = idempotencyKey({ tenantId, id: first.id })
    const saying = { platformUserId, text, idempotencyKey: idempotency }
    try {
      const said = await this.#ask(() => this.#channel.say(saying))
      this.#outcomes.delivered(asking, 'sent', this.#ticket.version, said)
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error
      this.#refused(asking, error)
    }
  }

  /** A message of somebody's own, in place of the card that could not reach them. */
  async #renewOwn(delivery: SharedDelivery): Promise<void> {
    if (!delivery.isOutdated) return
    const isForOther = this.#savings.has('onlookers') && !isConcerned(this.#ticket, delivery.recipient)
    if (isForOther || this.#savings.has('cards')) {
      this.#save([{ deliveries: [delivery] }], isForOther ? savedTexts.onlookers : savedTexts.cards)
      return
    }
    const receiver = await this.#receiver(delivery.recipient, [delivery])
    if (receiver === null) return
    const key = idempotencyKey({ tenantId: this.#carrier.tenantId, id: delivery.id })
    await this.#place(receiver.platformUserId)
    const outgoing = { ...receiver, idempotencyKey: key }
    const updated = await this.#ask(() => this.#channel.update(delivery.message, outgoing))
    this.#outcomes.delivered([delivery], 'updated', this.#ticket.version, updated)
  }

  async #place(receiver?: string): Promise<void> {
    await this.#hold()
    const target = receiver === undefined ? { message: this.#carrier.id } : { receiver }
    const heldBack = await waitForPlace(this.#deps, this.#channel, target, this.#signal)
    if (heldBack === null) return
    if (heldBack.kind !== 'released') throw new Error(`waiting for a place cannot be ${heldBack.kind}`)
    throw new GivenBack(heldBack)
  }

  #ask<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    return asked(this.#deps, this.#channel, () => withinTime(callLimitMs, call))
  }

  async #noteTried(people: readonly Person[]): Promise<void> {
    const ids = people.flatMap(({ deliveries }) => deliveries.map(({ id }) => id))
    const { owner, store, now } = this.#deps
    const at = now()
    const isOurs = await store.run((tx) => tx.notices.noteTried(owner, this.#carrier, ids, { now: at, leaseMs }))
    this.#heldAt = at
    if (!isOurs) throw new ChannelError('retry', 'lease_lost', 'another instance has taken this card over')
  }

  /** Many people take many calls: before each there must be time enough left for it, or others would make it too. */
  async #hold(): Promise<void> {
    if (this.#deps.now() - this.#heldAt >= leaseMs / 4) await this.#noteTried([])
  }

  async #report(): Promise<void> {
    const outcomes = this.#outcomes.take()
    if (outcomes.length === 0) return
    const { owner, store, now } = this.#deps
    const isOurs = await store.run((tx) => tx.notices.reportShared(owner, this.#carrier, outcomes, now()))
    if (!isOurs) throw new ChannelError('retry', 'lease_lost', 'another instance has taken this card over')
  }
}

/**
 * The name of the card that is made for these. Those who come first name it, and only they are asked for again after an
 * answer that was lost: nobody is taken for reached by a card that was made for others.
 */
function keyOf({ tenantId }: ClaimedDelivery, [first]: readonly Person[]): string {
  const [delivery] = first?.deliveries ?? []
  if (delivery === undefined) throw new Error('a card is made for somebody')
  return idempotencyKey({ tenantId, id: delivery.id })
}

/** Asks somebody who has the card already. */
function isToBeHeard({ isQueued, event }: SharedDelivery, { card }: SharedReceiver): boolean {
  return isQueued && (event === 'pending' || event === 'reminded') && card.decision !== 'none'
}

function isAskedForAgain({ isQueued, isAgain }: SharedDelivery): boolean {
  return isQueued && isAgain
}

/** Who has the card and is to get it again counts twice: as one who sees it, and as one who is to be shown it. */
function setApart({ uid, receiver, deliveries }: Person): Person[] {
  const parts = parted(deliveries, isAskedForAgain).filter((part) => part.length > 0)
  return parts.map((part) => ({ uid, receiver, deliveries: part }))
}

/** A send to them was begun, and its outcome is not known. */
function wasTried({ deliveries }: Person): boolean {
  return deliveries.some(({ firstTriedAt }) => firstTriedAt !== null)
}

function parted<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))]
}
