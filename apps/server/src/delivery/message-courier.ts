import type { ChannelName, Locale, Uid } from '@countersign/contracts'
import { personLocale } from '#server/cards/compose.ts'
import { listLink } from '#server/cards/ticket-link.ts'
import type { Letter, MessageContent, Messenger } from '#server/channels/messenger.ts'
import { reportEvent } from '#server/db/report-store.ts'
import type { ClaimedDelivery } from '#server/db/stores.ts'
import type { TextRenderer } from '#server/texts/text-renderer.ts'
import type { RetryPolicy } from './backoff.ts'
import { idempotencyKey } from './card-courier.ts'
import { type Carried, type Courier, NothingSent, withinTime } from './courier.ts'
import { findReader, type Reader, type ReaderDeps } from './find-reader.ts'
import { findReport, type ReportDeps } from './find-report.ts'
import { gatherTold, type Told, type ToldDeps } from './gather-told.ts'
import { leaseMs } from './lane.ts'
import { asked, type LimitedCallDeps, waitForPlace } from './platform-call.ts'

/** Shorter than a lease. */
const callLimitMs = 20_000

export interface MessageCourierDeps extends LimitedCallDeps, ReaderDeps, ToldDeps, ReportDeps {
  messengers: (tenantId: string, name: string) => Promise<Messenger | null>
  texts: TextRenderer
}

/** What the registry knows of the messenger. */
export interface MessageKind {
  name: ChannelName
  retry: RetryPolicy
  hasOwnHosts: boolean
}

/**
 * Tells one person, or a group, of a ticket as it is now, of many at once, or of what is in a report, through a channel
 * that takes no answer back. What was sent stays as it is. What is about to be sent is noted first: whatever happens then,
 * either the receiver knows a second message by its key, or there is none.
 */
export function createMessageCourier(deps: MessageCourierDeps, kind: MessageKind): Courier {
  return {
    retry: kind.retry,
    hasOwnHosts: kind.hasOwnHosts,
    notesSending: true,
    async carry(delivery, signal) {
      const ready = await prepare(deps, kind, delivery, signal)
      if ('kind' in ready) return ready
      const { messenger, letter, receiver, others } = ready
      const { message, code, text } = await asked(
        deps,
        messenger,
        () => withinTime(callLimitMs, () => messenger.send(letter)),
        { receiver },
      )
      const withOthers = `${text}; in one message with ${others} ${others === 1 ? 'other' : 'others'}`
      return {
        kind: 'delivered',
        state: 'sent',
        shownVersion: delivery.wantedVersion,
        message,
        code,
        text: others === 0 ? text : withOthers,
      }
    },
  }
}

interface Ready {
  messenger: Messenger
  letter: Letter
  receiver: string
  /** Deliveries that are told in the same message. */
  others: number
}

/** All that comes before the message leaves: it has a place in the limits, and is noted. Throws NothingSent. */
async function prepare(
  deps: MessageCourierDeps,
  { name }: MessageKind,
  delivery: ClaimedDelivery,
  signal: AbortSignal,
): Promise<Ready | Carried> {
  try {
    const messenger = await deps.messengers(delivery.tenantId, name)
    if (messenger === null) return failed('channel_not_enabled', `${name} is not enabled for this tenant`)
    const reader = await findReader(deps, messenger, delivery)
    if ('kind' in reader) return reader
    const told = await findTold(deps, messenger, delivery)
    if ('kind' in told) return told
    const receiver = messenger.receiverOf(reader.address)
    const target = { receiver, isTogether: messenger.canBundle }
    const heldBack = await waitForPlace(deps, messenger, target, signal)
    if (heldBack !== null) return heldBack
    const letter = await write(deps, messenger, { delivery, reader, told })
    const lease = { now: deps.now(), leaseMs }
    const isOurs = await deps.store.run((tx) => tx.notices.noteSending(deps.owner, delivery, told.carried, lease))
    if (!isOurs) return { kind: 'released', dueAt: deps.now(), waits: 'delivery' }
    return { messenger, letter, receiver, others: told.carried.length }
  } catch (error) {
    throw new NothingSent(error)
  }
}

const failed = (code: string, text: string): Carried => ({ kind: 'failed', code, text })

/** What one message says, and in which language. */
interface Telling {
  content: MessageContent
  locale: Locale
  timeZone: string
  /** The deliveries that are told in it, beside the one that carries them. */
  carried: readonly string[]
  /** Epoch milliseconds. */
  at: number
}

/** In the language of the person in whose name the message goes out. Or why there is nothing to tell. */
async function findTold(
  deps: MessageCourierDeps,
  messenger: Messenger,
  delivery: ClaimedDelivery,
): Promise<Telling | Exclude<Awaited<ReturnType<typeof gatherTold>>, Told>> {
  const { tenantId, event } = delivery
  const isTenants = messenger.speaksFor === 'tenant'
  if (event === reportEvent) return findReport(deps, delivery, { isTenants })
  const told = await gatherTold(deps, delivery)
  if ('kind' in told) return told
  const [{ ticket }] = told.items
  return {
    content: await contentOf(deps, tenantId, told),
    locale: isTenants ? await tenantLocale(deps, tenantId) : ticket.locale,
    timeZone: ticket.timeZone,
    carried: told.carried,
    at: told.at,
  }
}

async function write(
  deps: MessageCourierDeps,
  messenger: Messenger,
  { delivery, reader, told }: { delivery: ClaimedDelivery; reader: Reader; told: Telling },
): Promise<Letter> {
  const { name: channel, format } = messenger
  const { uid, name, address, isOperators } = reader
  const { content, locale, timeZone, at } = told
  const request = { channel, recipient: { uid, name }, locale, timeZone, format, content }
  return {
    to: { uid, name },
    address,
    isOperators,
    locale,
    timeZone,
    words: await deps.texts.render(delivery.tenantId, request),
    content,
    idempotencyKey: idempotencyKey(delivery),
    at,
    firstTriedAt: delivery.firstTriedAt,
  }
}

async function tenantLocale({ store, locale }: MessageCourierDeps, tenantId: string): Promise<Locale> {
  const tenant = await store.stores.tenants.tenant(tenantId)
  return personLocale(null, tenant?.locale ?? null, locale)
}

async function contentOf(
  { store, publicUrl }: MessageCourierDeps,
  tenantId: string,
  { items, count, noticeKey, submitter }: Told,
): Promise<MessageContent> {
  const [item] = items
  if (count > 1) return { kind: 'bundle', items, count, link: listLink(publicUrl, { tenant: tenantId, channel: null }) }
  const { notices, directory } = store.stores
  const { intended, reached } = await notices.audience(tenantId, item.ticket.ticketId, noticeKey)
  const people = await directory.users(tenantId, [...intended, submitter])
  const named = (uid: Uid) => ({ uid, name: people.get(uid)?.name ?? uid })
  const audience = { intended: intended.map(named), reached: reached.map(named) }
  return { kind: 'notice', item, submitter: named(submitter), audience }
}
