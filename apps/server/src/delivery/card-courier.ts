import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CardComposer } from '#server/cards/compose.ts'
import type { Channel } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { ClaimedDelivery, Store } from '#server/db/stores.ts'
import type { Log } from '#server/log.ts'
import { pendingApprovers, type Ticket } from '#server/tickets/ticket.ts'
import { chatRetry } from './backoff.ts'
import { type Carried, type Courier, withinTime } from './courier.ts'
import type { CallTarget, LimitReached, OutboundLimiter } from './rate-limit.ts'

/** Together shorter than a lease. */
const lookUpLimitMs = 8_000
const callLimitMs = 15_000
/** A free place in a limit is waited for so long; a delivery that must wait longer is given back to the outbox. */
const longestWaitMs = 300
const longestWaitInAllMs = 1_000
const limiterDownMs = 1_000

export interface CardCourierDeps {
  store: Store
  channels: (tenantId: string, name: string) => Promise<Channel | null>
  composer: CardComposer
  limiter: OutboundLimiter
  log: Pick<Log, 'warn'>
  now: () => number
}

/** Brings a ticket, as it is now, to one person's chat: sends the card, or updates the one they have. */
export function createCardCourier(deps: CardCourierDeps): Courier {
  return {
    retry: chatRetry,
    async carry(delivery, signal) {
      const { tenantId, recipient, channel: name } = delivery
      const channel = await deps.channels(tenantId, name)
      if (channel === null) return failed('channel_not_enabled', `${name} is not enabled for this tenant`)
      const { stores } = deps.store
      const ticket = await stores.tickets.find(tenantId, delivery.ticketId)
      if (ticket === null) return failed('ticket_not_found', 'the ticket does not exist any more')
      if (isSuperseded(delivery, ticket)) {
        return suppressed('superseded', `the ticket is ${ticket.status} and this person is no longer asked`)
      }
      const user = await stores.directory.user(tenantId, recipient)
      if (delivery.message === null && user?.disabled === true) {
        return suppressed('user_disabled', `${recipient} is disabled`)
      }
      const { event } = delivery
      const { takesActions } = channel
      const card = await deps.composer.compose(stores, { ticket, recipient, event, channel: name, takesActions })
      if (card === null) return suppressed('user_gone', `${recipient} is no longer a person of this tenant`)
      const person = await findRecipient(deps, channel, delivery, signal)
      if (typeof person !== 'string') return person
      const target = delivery.message === null ? { receiver: person } : { message: delivery.id }
      const heldBack = await waitForPlace(deps, channel, target, signal)
      if (heldBack !== null) return heldBack
      const outgoing = { platformUserId: person, card, idempotencyKey: idempotencyKey(delivery) }
      const { message, code, text } = await asked(deps, channel, () =>
        withinTime(callLimitMs, () =>
          delivery.message === null ? channel.send(outgoing) : channel.update(delivery.message, outgoing),
        ),
      )
      const state = delivery.message === null ? 'sent' : 'updated'
      return { kind: 'delivered', state, shownVersion: shownVersion(delivery, ticket), message, code, text }
    },
  }
}

const failed = (code: string, text: string): Carried => ({ kind: 'failed', code, text })
const suppressed = (code: string, text: string): Carried => ({ kind: 'suppressed', code, text })

/** The same for every try to send this message; platforms take at most 50 characters. */
export function idempotencyKey({ tenantId, id }: Pick<ClaimedDelivery, 'tenantId' | 'id'>): string {
  return createHash('sha256').update(`${tenantId}/${id}`).digest('base64url')
}

/**
 * A request that has not reached anybody and asks for nothing any more. If an earlier try may have arrived, the message
 * goes out again all the same: only so do we learn its address and can bring it up to date.
 */
function isSuperseded(delivery: ClaimedDelivery, ticket: Ticket): boolean {
  const asks = delivery.event === 'pending' || delivery.event === 'reminded' || delivery.event === 'changed'
  if (!asks || delivery.message !== null || delivery.firstTriedAt !== null) return false
  if (ticket.status !== 'pending') return true
  const isApprover = ticket.nodes.some((node) => node.approvers.includes(delivery.recipient))
  return isApprover && !pendingApprovers(ticket).includes(delivery.recipient)
}

/**
 * What the person sees now. After a repeated send it may be what the first one said: then that is what we assume, and an
 * update follows.
 */
function shownVersion(delivery: ClaimedDelivery, ticket: Ticket): number {
  const mayShowEarlier =
    delivery.message === null && delivery.firstTriedAt !== null && ticket.updatedAt >= delivery.firstTriedAt
  return mayShowEarlier ? 0 : ticket.version
}

/** The platform's id of the person, looked up there once and remembered; or why there is none. */
async function findRecipient(
  deps: CardCourierDeps,
  channel: Channel,
  delivery: ClaimedDelivery,
  signal: AbortSignal,
): Promise<string | Carried> {
  const { tenantId, name } = channel
  const { directory } = deps.store.stores
  const known = await directory.platformId(tenantId, name, delivery.recipient)
  if (known !== null) return known
  // A card is updated by its own address; whom the person is bound to by now plays no part.
  if (delivery.message !== null) return ''
  const binding = await directory.binding(tenantId, name, delivery.recipient)
  if (binding === null) return failed('not_bound', `${delivery.recipient} is no longer bound to ${name}`)
  const heldBack = await waitForPlace(deps, channel, {}, signal)
  if (heldBack !== null) return heldBack
  const [found] = await asked(
    deps,
    channel,
    () => withinTime(lookUpLimitMs, () => channel.resolve([binding.address])),
    {
      isHarmless: true,
    },
  )
  if (found === null || found === undefined) {
    return failed('person_not_found', `nobody on ${name} has the address that ${delivery.recipient} is bound by`)
  }
  if (await deps.store.run((tx) => tx.directory.remember(tenantId, binding, found, deps.now()))) return found
  // Another delivery to the same person may just have done the same.
  const meanwhile = await directory.platformId(tenantId, name, delivery.recipient)
  if (meanwhile !== null) return meanwhile
  const present = await directory.binding(tenantId, name, delivery.recipient)
  if (present?.addressDigest !== binding.addressDigest) {
    throw new ChannelError('retry', 'address_changed', 'the address was changed while the platform was being asked')
  }
  return failed('account_taken', `that account on ${name} already belongs to somebody else`)
}

/** Null when the call may be made now. */
async function waitForPlace(
  deps: CardCourierDeps,
  channel: Channel,
  target: CallTarget,
  signal: AbortSignal,
): Promise<Carried | null> {
  let waitedMs = 0
  for (;;) {
    if (signal.aborted) return { kind: 'released', dueAt: deps.now(), waits: 'delivery' }
    let reached: LimitReached | null
    try {
      reached = await deps.limiter.take(channel, target)
    } catch (error) {
      deps.log.warn({ err: error, tenantId: channel.tenantId, channel: channel.name }, 'rate limits cannot be read')
      return { kind: 'released', dueAt: deps.now() + limiterDownMs, waits: 'lane' }
    }
    if (reached === null) return null
    const { waitMs, scope } = reached
    if (waitMs > longestWaitMs || waitedMs + waitMs > longestWaitInAllMs) {
      const waits = scope === 'app' ? 'lane' : 'delivery'
      return { kind: 'released', dueAt: deps.now() + Math.ceil(waitMs), waits }
    }
    waitedMs += waitMs
    // Shutdown ends the wait; the delivery is then given back above.
    await sleep(waitMs, undefined, { signal }).catch(() => undefined)
  }
}

/** Calls the platform; when it wants silence, the whole app is silent, on all instances. */
async function asked<Answer>(
  deps: CardCourierDeps,
  channel: Channel,
  call: () => Promise<Answer>,
  { isHarmless }: { isHarmless: boolean } = { isHarmless: false },
): Promise<Answer> {
  try {
    return await call()
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    if (error.kind === 'rate_limited') await pause(deps, channel, error.retryAfterMs ?? 1_000)
    if (!isHarmless || !error.outcomeUnknown) throw error
    const { kind, code, message } = error
    // Nothing was to be sent yet: there is no outcome that could be unknown.
    throw new ChannelError(kind, code, message, { cause: error, ...retryAfter(error) })
  }
}

async function pause(deps: CardCourierDeps, channel: Channel, ms: number): Promise<void> {
  try {
    await deps.limiter.pause(channel, ms)
  } catch (error) {
    // This instance is silent all the same; the others find out when they ask the platform.
    deps.log.warn({ err: error, tenantId: channel.tenantId, channel: channel.name }, 'an app could not be paused')
  }
}

function retryAfter({ retryAfterMs }: ChannelError): { retryAfterMs?: number } {
  return retryAfterMs === undefined ? {} : { retryAfterMs }
}
