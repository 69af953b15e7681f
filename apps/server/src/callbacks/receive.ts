import {
  type ActionReply,
  CallbackRefused,
  type Channel,
  type Inbound,
  type RawCallback,
} from '#server/channels/channel.ts'
import type { ChatDeps } from '#server/chatbot/converse.ts'
import type { Store } from '#server/db/stores.ts'
import type { Log } from '#server/log.ts'
import type { Senders } from './meet-sender.ts'
import { type ActionDeps, answerAgain, onAction } from './on-action.ts'
import { onMessage } from './on-message.ts'
import { TapOutcome } from './tap-outcome.ts'
import type { Witness } from './witness.ts'

/** What goes back to the platform. `outcome` is for metrics and logs. */
export interface CallbackAnswer {
  status: number
  body: unknown
  outcome: string
}

export interface ReceiveDeps extends ActionDeps, ChatDeps {
  store: Store
  senders: Senders
  log: Log
  witness: Pick<Witness, 'saw'>
  /** Called once the transaction of an accepted callback has committed: there may be deliveries to send. */
  committed: () => void
}

/**
 * verify → seen before? → handle → remember → commit → answer. Everything between verification and the answer is one
 * transaction, so that an answered decision is durable, and a lost answer finds its outcome again.
 */
export async function receive(deps: ReceiveDeps, channel: Channel, raw: RawCallback): Promise<CallbackAnswer> {
  let inbound: Inbound
  try {
    inbound = channel.receive(raw)
  } catch (error) {
    if (!(error instanceof CallbackRefused)) throw error
    deps.log.warn({ tenantId: channel.tenantId, channel: channel.name, outcome: error.code }, 'callback refused')
    deps.witness.saw(channel, 'http', `refused:${error.code}`)
    return refuse(error)
  }
  deps.witness.saw(channel, 'http', inbound.kind)
  if (inbound.kind === 'handshake') return { status: 200, body: inbound.answer, outcome: 'handshake' }
  return dispatch(deps, channel, inbound, raw.receivedAt)
}

/** What arrived in a way that proves where it comes from: is handled once, and answered. */
export async function dispatch(
  deps: ReceiveDeps,
  channel: Channel,
  inbound: Dispatched,
  at: number,
): Promise<CallbackAnswer> {
  const heard = inbound.kind === 'message' ? await deps.senders.address(channel, inbound) : inbound
  if (heard.kind === 'message' && heard.platformUserId !== null && heard.isForBot !== false) {
    const isMet = await deps.senders.meet(channel, heard.platformUserId)
    if (!isMet) return { status: 503, body: { code: 'unavailable', detail: 'try again' }, outcome: 'sender_not_met' }
  }
  const answer = await handle(deps, channel, heard, at)
  deps.committed()
  return answer
}

function refuse({ kind, code }: CallbackRefused): CallbackAnswer {
  const status = kind === 'forged' ? 401 : 400
  return { status, body: { code, detail: kind === 'forged' ? 'not accepted' : 'not understood' }, outcome: code }
}

export type Dispatched = Exclude<Inbound, { kind: 'handshake' }>

async function handle(deps: ReceiveDeps, channel: Channel, inbound: Dispatched, at: number): Promise<CallbackAnswer> {
  const { eventId, signatureHash } = inbound
  const seenAs = { tenantId: channel.tenantId, channel: channel.name, eventId, signatureHash }
  const answered = await deps.store.run(async (tx): Promise<Answered> => {
    const seen = await tx.callbacks.seen(seenAs)
    if (seen.kind === 'replay') return { kind: 'replayed' }
    if (seen.kind === 'redelivery') {
      await tx.callbacks.remember(seenAs, seen.outcome, at)
      const tap = seen.outcome === null ? null : TapOutcome.parse(seen.outcome)
      return { kind: 'redelivered', reply: tap === null ? null : await answerAgain(deps, tx, channel, tap) }
    }
    if (inbound.kind !== 'action') {
      const outcome = inbound.kind === 'message' ? await onMessage(deps, tx, channel, inbound, at) : inbound.kind
      await tx.callbacks.remember(seenAs, null, at)
      return { kind: 'taken', reply: null, outcome }
    }
    const { tap, reply, isTrial } = await onAction(deps, tx, channel, inbound, at)
    await tx.callbacks.remember(seenAs, tap, at)
    const { outcome } = reply
    const came = outcome.ok ? (isTrial ? 'trial' : outcome.action) : outcome.reason
    return { kind: 'taken', reply, outcome: came }
  })
  // Drawn after the commit: the database waits for no card.
  return answer(channel, answered, inbound.kind === 'action' ? inbound.platformUserId : null)
}

/** What a callback came to; `reply` where it was a tap. */
type Answered =
  | { kind: 'replayed' }
  | { kind: 'redelivered'; reply: ActionReply | null }
  | { kind: 'taken'; reply: ActionReply | null; outcome: string }

function answer(channel: Channel, answered: Answered, platformUserId: string | null): CallbackAnswer {
  if (answered.kind === 'replayed') {
    const detail = 'this request was received before'
    return { status: 409, body: { code: 'replayed', detail }, outcome: 'replayed' }
  }
  const { kind, reply } = answered
  const body = reply === null ? channel.acknowledge() : channel.answer({ ...reply, platformUserId })
  return { status: 200, body, outcome: kind === 'redelivered' ? kind : answered.outcome }
}
