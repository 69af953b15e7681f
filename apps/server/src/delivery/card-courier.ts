import { createHash } from 'node:crypto'
import type { CardComposer } from '#server/cards/compose.ts'
import type { CardModel, Channel } from '#server/channels/channel.ts'
import { replyEvent } from '#server/db/chat-store.ts'
import { reportEvent } from '#server/db/report-store.ts'
import type { ClaimedDelivery } from '#server/db/stores.ts'
import { asksForDecision } from '#server/tickets/asking.ts'
import { ladderStep } from '#server/tickets/ladder.ts'
import { everyApprover, pendingApprovers, type Ticket } from '#server/tickets/ticket.ts'
import { type AskingWordsDeps, askingWords } from './asking-words.ts'
import { chatRetry } from './backoff.ts'
import { buzz } from './buzz.ts'
import { type Carried, type Courier, withinTime } from './courier.ts'
import { findRecipient } from './find-recipient.ts'
import { asked, type PlatformCallDeps, waitForPlace } from './platform-call.ts'
import { quotaSaved, savedOwn, savedTexts } from './saved-calls.ts'

/** With the look-up of the person shorter than a lease. */
const callLimitMs = 15_000

export interface CardCourierDeps extends PlatformCallDeps, AskingWordsDeps {
  channels: (tenantId: string, name: string) => Promise<Channel | null>
  composer: CardComposer
}

/** Brings a ticket, as it is now, to one person's chat: sends the card, or updates the one they have. */
export function createCardCourier(deps: CardCourierDeps): Courier {
  return {
    retry: chatRetry,
    buzzes: true,
    async carry(delivery, signal) {
      const { tenantId, recipient, channel: name } = delivery
      const channel = await deps.channels(tenantId, name)
      if (channel === null) return failed('channel_not_enabled', `${name} is not enabled for this tenant`)
      const { stores } = deps.store
      const ticket = await stores.tickets.find(tenantId, delivery.ticketId)
      if (ticket === null) return failed('ticket_not_found', 'the ticket does not exist any more')
      if (isSuperseded({ ...delivery, wasTried: delivery.firstTriedAt !== null }, ticket)) {
        return suppressed('superseded', `the ticket is ${ticket.status} and this person is no longer asked`)
      }
      const user = await stores.directory.user(tenantId, recipient)
      if (delivery.message === null && user?.disabled === true) {
        return suppressed('user_disabled', `${recipient} is disabled`)
      }
      const { event } = delivery
      // A person's part in a shared card that was held until now.
      if (channel.shared !== undefined) return { kind: 'joined', note: joinNote(delivery, ticket, name) }
      if (event === replyEvent || event === reportEvent)
        return failed('no_card', 'what belongs to no ticket is no card')
      const savings = await deps.savings(channel)
      // A card that stays tappable beside the one that took its place is nothing to save at.
      const saved = delivery.isReplaced ? null : savedOwn(delivery, ticket, savings, deps.now())
      if (saved !== null) return saved
      const { takesActions } = channel
      const composed = await deps.composer.compose(stores, { ticket, recipient, event, channel: name, takesActions })
      if (composed === null) return suppressed('user_gone', `${recipient} is no longer a person of this tenant`)
      const card: CardModel = delivery.isReplaced ? { ...composed, decision: 'none', isReplaced: true } : composed
      // A card is updated by its own address; whom the person is bound to by now plays no part.
      const known = await stores.directory.platformId(tenantId, channel.name, recipient)
      const person = known ?? (delivery.message !== null ? '' : await findRecipient(deps, channel, recipient, signal))
      if (typeof person !== 'string') return person
      const target = delivery.message === null ? { receiver: person } : { message: delivery.id }
      const heldBack = await waitForPlace(deps, channel, target, signal)
      if (heldBack !== null) return heldBack
      const isUrgent = !delivery.isReplaced && ladderStep(ticket, delivery.noticeKey)?.buzz === true
      const heard = isUrgent ? await buzz(deps, channel, delivery, person) : null
      if (heard?.kind === 'buzzed') {
        const { code, text } = heard
        return { kind: 'delivered', state: 'sent', shownVersion: ticket.version, message: null, code, text }
      }
      const isInWords = savings.has('cards') && delivery.message === null && delivery.firstTriedAt === null
      if (isInWords) return inWords(deps, channel, delivery, { person, card, version: ticket.version })
      const outgoing = { platformUserId: person, card, idempotencyKey: idempotencyKey(delivery) }
      const { message, code, text } = await asked(deps, channel, () =>
        withinTime(callLimitMs, () =>
          delivery.message === null ? channel.send(outgoing) : channel.update(delivery.message, outgoing),
        ),
      )
      const state = delivery.message === null ? 'sent' : 'updated'
      const said = heard === null ? text : `${text} (${heard.why})`
      return { kind: 'delivered', state, shownVersion: shownVersion(delivery, ticket), message, code, text: said }
    },
  }
}

function joinNote({ noticeKey }: ClaimedDelivery, ticket: Ticket, channel: string) {
  if (ladderStep(ticket, noticeKey)?.buzz !== true) return null
  return { code: 'no_buzz', text: `a plain reminder: ${channel} has no urgent messages` }
}

/** In place of a card, which would cost further calls. It has no address: nothing brings it up to date. */
async function inWords(
  deps: CardCourierDeps,
  channel: Channel,
  { tenantId, id, recipient, event: asks }: ClaimedDelivery,
  { person, card, version }: { person: string; card: CardModel; version: number },
): Promise<Carried> {
  const event = asks === 'reminded' ? asks : 'pending'
  const text = await askingWords(deps, { tenantId, channel: channel.name, recipient, card, event })
  // Not the card's key: should the answer be lost, the card is sent all the same.
  const saying = { platformUserId: person, text, idempotencyKey: idempotencyKey({ tenantId, id: `${id}/words` }) }
  await asked(deps, channel, () => withinTime(callLimitMs, () => channel.say(saying)))
  const message = null
  return { kind: 'delivered', state: 'sent', shownVersion: version, message, code: quotaSaved, text: savedTexts.cards }
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
export function isSuperseded(
  delivery: Pick<ClaimedDelivery, 'event' | 'message' | 'recipient'> & { wasTried: boolean },
  ticket: Ticket,
): boolean {
  const { event } = delivery
  if (
    event === replyEvent ||
    event === reportEvent ||
    !asksForDecision(event) ||
    delivery.message !== null ||
    delivery.wasTried
  )
    return false
  if (ticket.status !== 'pending') return true
  return everyApprover(ticket).has(delivery.recipient) && !pendingApprovers(ticket).includes(delivery.recipient)
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
