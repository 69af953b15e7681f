import type { Uid } from '@countersign/contracts'
import type { CardComposer } from '#server/cards/compose.ts'
import type { NoticeItem } from '#server/channels/messenger.ts'
import { replyEvent } from '#server/db/chat-store.ts'
import { reportEvent } from '#server/db/report-store.ts'
import type { CarriedDelivery, ClaimedDelivery, Store } from '#server/db/stores.ts'
import { isLadder } from '#server/tickets/ladder.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import type { Settled } from './backoff.ts'
import { isSuperseded } from './card-courier.ts'
import { pastNeed } from './past-need.ts'

/** Tickets named in one message; the rest are counted. */
const mostNamed = 20

export interface ToldDeps {
  store: Store
  composer: CardComposer
  now: () => number
  /** Names this instance, as the worker does. */
  owner: string
}

/** What one message tells of. */
export interface Told {
  /** As many notices as are named, each once, oldest first. */
  items: [NoticeItem, ...NoticeItem[]]
  /** All notices. */
  count: number
  /** Of the first notice. */
  noticeKey: string
  submitter: Uid
  /** The deliveries that are told in it, beside the one that carries them. */
  carried: string[]
  /** Epoch milliseconds of the newest notice. */
  at: number
}

type Ended = Extract<Settled, { kind: 'failed' | 'suppressed' }>
type Wanted = Pick<CarriedDelivery, 'id' | 'ticketId' | 'noticeKey' | 'event' | 'recipient' | 'createdAt'>

const noMoreAsked = { code: 'superseded', text: 'the ticket has moved on and this person is no longer asked' }

/**
 * The notices of a delivery and of all that it carries, as their tickets are now; who is no longer asked is left out, and
 * the log of their delivery says so. Or why the delivery itself is at an end. A message that may have arrived tells the
 * same once more, since its receiver knows it by its key.
 */
export async function gatherTold(deps: ToldDeps, delivery: ClaimedDelivery): Promise<Told | Ended> {
  const { event, firstTriedAt } = delivery
  if (event === replyEvent || event === reportEvent) {
    return { kind: 'failed', code: 'no_message', text: 'what belongs to no ticket is no notice' }
  }
  const isRepeated = firstTriedAt !== null
  const all = await deps.store.stores.notices.carried(delivery)
  const carried = isRepeated ? all.filter((each) => each.firstTriedAt !== null) : all
  const { named, over, unnamed } = await sorted(deps, delivery, [{ ...delivery, event }, ...carried])
  const isOver = over.some(({ id }) => id === delivery.id)
  const isAnythingLeft = named.length > 0 || unnamed.size > 0
  if (isOver && !(isRepeated && isAnythingLeft)) return { kind: 'suppressed', ...noMoreAsked, alone: isAnythingLeft }
  const [first, ...others] = named
  if (first === undefined) throw new Error('a message without a notice')
  if (!isRepeated) await drop(deps, delivery, over)
  const gone = isRepeated ? new Set() : new Set(over.map(({ id }) => id))
  const told = carried.filter(({ id }) => !gone.has(id))
  return {
    items: [first.item, ...others.map(({ item }) => item)],
    count: named.length + unnamed.size,
    noticeKey: first.noticeKey,
    submitter: first.submitter,
    carried: told.map(({ id }) => id),
    at: Math.max(delivery.createdAt, ...told.map(({ createdAt }) => createdAt)),
  }
}

interface Sorted {
  named: { item: NoticeItem; noticeKey: string; submitter: Uid }[]
  /** Not to be told any more. */
  over: Wanted[]
  /** Notices beyond those that can be named. What their tickets have come to was seen to when it happened. */
  unnamed: Set<string>
}

async function sorted(
  deps: ToldDeps,
  { tenantId, recipient: reader }: ClaimedDelivery,
  wanted: readonly Wanted[],
): Promise<Sorted> {
  const { composer } = deps
  const { stores } = deps.store
  const result: Sorted = { named: [], over: [], unnamed: new Set() }
  for (const [notice, same] of Map.groupBy(wanted, ({ ticketId, noticeKey }) => `${ticketId} ${noticeKey}`)) {
    const [first] = same
    if (first === undefined) continue
    if (result.named.length >= mostNamed) {
      result.unnamed.add(notice)
      continue
    }
    const { ticketId, noticeKey, event } = first
    const ticket = await stores.tickets.find(tenantId, ticketId)
    const over = ticket === null ? same : await notNeeded(deps, same, ticket)
    result.over.push(...over)
    if (ticket === null || over.length === same.length) continue
    const request = { ticket, recipient: reader, event, channel: null, takesActions: false }
    const card = await composer.compose(stores, request)
    const { submitter } = ticket.content
    if (card !== null) result.named.push({ item: { event, ticket: card }, noticeKey, submitter })
  }
  return result
}

async function notNeeded(deps: ToldDeps, same: readonly Wanted[], ticket: Ticket): Promise<Wanted[]> {
  const over: Wanted[] = []
  for (const each of same) {
    const isPast = isLadder(each.noticeKey) && (await pastNeed(deps, each, ticket)) !== null
    if (isPast || isNoLongerAsked(each, ticket)) over.push(each)
  }
  return over
}

function isNoLongerAsked({ event, recipient }: { event: Wanted['event']; recipient: Uid }, ticket: Ticket): boolean {
  return isSuperseded({ event, recipient, message: null, wasTried: false }, ticket)
}

async function drop(deps: ToldDeps, delivery: ClaimedDelivery, over: readonly Wanted[]): Promise<void> {
  if (over.length === 0) return
  const ids = over.map(({ id }) => id)
  await deps.store.run((tx) => tx.notices.dropCarried(deps.owner, delivery, ids, noMoreAsked, deps.now()))
}
