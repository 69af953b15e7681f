import type { Channel } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { ClaimedDelivery, Store } from '#server/db/stores.ts'
import { withinTime } from './courier.ts'
import { asked, type PlatformCallDeps } from './platform-call.ts'

const callLimitMs = 15_000

/** What became of making a reminder urgent. `plain`: it was not possible, and why; a plain reminder is to be sent. */
export type Buzzed = { kind: 'buzzed'; code: string; text: string } | { kind: 'plain'; why: string }

/** Makes the card by which a person was asked heard once more. Throws ChannelError where it is worth trying again. */
export async function buzz(
  deps: PlatformCallDeps & { store: Pick<Store, 'stores'> },
  channel: Channel,
  { tenantId, ticketId, recipient }: ClaimedDelivery,
  platformUserId: string,
): Promise<Buzzed> {
  const makeUrgent = channel.buzz?.bind(channel)
  if (makeUrgent === undefined) return plain(`${channel.name} has no urgent messages`)
  const place = { tenantId, ticketId, recipient, channel: channel.name }
  const message = await deps.store.stores.notices.cardOf(place)
  if (message === null) return plain('there is no card yet that could be made urgent')
  const call = () => withinTime(callLimitMs, () => makeUrgent(message, platformUserId))
  try {
    // Heard twice is no harm: there is no outcome to be afraid of.
    return { kind: 'buzzed', ...(await asked(deps, channel, call, { isHarmless: true })) }
  } catch (error) {
    if (!(error instanceof ChannelError) || error.kind === 'retry' || error.kind === 'rate_limited') throw error
    return plain(`the urgent message was refused (${error.code}, ${error.message})`)
  }
}

const plain = (why: string): Buzzed => ({ kind: 'plain', why: `a plain reminder: ${why}` })
