import type { ChannelName } from '@countersign/contracts'
import { CallbackRefused, type Channel, type Inbound, type RawCallback } from '#server/channels/channel.ts'
import type { Store } from '#server/db/stores.ts'
import type { Log } from '#server/log.ts'
import { type ActionDeps, onAction } from './on-action.ts'

/** What goes back to the platform. `outcome` is for metrics and logs. */
export interface CallbackAnswer {
  status: number
  body: unknown
  outcome: string
}

export interface ReceiveDeps extends ActionDeps {
  store: Store
  log: Log
  /** Called once the transaction of an accepted callback has committed: there may be deliveries to send. */
  committed: () => void
}

/**
 * verify → seen before? → handle → remember → commit → answer. Everything between verification and the answer is one
 * transaction, so that an answered decision is durable, and a lost answer finds its decision again.
 */
export async function receive(deps: ReceiveDeps, channel: Channel, raw: RawCallback): Promise<CallbackAnswer> {
  let inbound: Inbound
  try {
    inbound = channel.receive(raw)
  } catch (error) {
    if (!(error instanceof CallbackRefused)) throw error
    deps.log.warn({ tenantId: channel.tenantId, channel: channel.name, outcome: error.code }, 'callback refused')
    return refuse(error)
  }
  if (inbound.kind === 'handshake') return { status: 200, body: inbound.answer, outcome: 'handshake' }
  const answer = await handle(deps, channel, inbound, raw.receivedAt)
  deps.committed()
  return answer
}

function refuse({ kind, code }: CallbackRefused): CallbackAnswer {
  const status = kind === 'forged' ? 401 : 400
  return { status, body: { code, detail: kind === 'forged' ? 'not accepted' : 'not understood' }, outcome: code }
}

async function handle(
  deps: ReceiveDeps,
  channel: Channel,
  inbound: Exclude<Inbound, { kind: 'handshake' }>,
  at: number,
): Promise<CallbackAnswer> {
  const name: ChannelName = channel.name
  const { eventId, signatureHash } = inbound
  const seenAs = { tenantId: channel.tenantId, channel: name, eventId, signatureHash }
  return deps.store.run(async (tx) => {
    const seen = await tx.callbacks.seen(seenAs)
    if (seen.kind === 'replay') {
      return {
        status: 409,
        body: { code: 'replayed', detail: 'this request was received before' },
        outcome: 'replayed',
      }
    }
    if (seen.kind === 'redelivery') {
      await tx.callbacks.remember(seenAs, seen.answer, at)
      return { status: 200, body: seen.answer ?? channel.acknowledge(), outcome: 'redelivered' }
    }
    const { body, outcome } = await answerFirst(deps, tx, channel, inbound, at)
    await tx.callbacks.remember(seenAs, body, at)
    return { status: 200, body, outcome }
  })
}

async function answerFirst(
  deps: ReceiveDeps,
  tx: Parameters<Parameters<Store['run']>[0]>[0],
  channel: Channel,
  inbound: Exclude<Inbound, { kind: 'handshake' }>,
  at: number,
): Promise<{ body: unknown; outcome: string }> {
  if (inbound.kind !== 'action') return { body: channel.acknowledge(), outcome: inbound.kind }
  const reply = await onAction(deps, tx, channel, inbound, at)
  return { body: channel.answer(reply), outcome: reply.outcome.ok ? reply.outcome.action : reply.outcome.reason }
}
