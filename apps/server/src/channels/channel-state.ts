import type { Reach } from '@countersign/contracts'
import type { CallMeter, MeteredChannel } from '#server/quota/call-meter.ts'
import { type Usage, warningFor } from '#server/quota/usage.ts'
import type { Channel, ConnectionState } from './channel.ts'
import type { Connections } from './connections.ts'
import type { RegistrationState, Registrations } from './registrations.ts'

/* How a live channel stands, for everybody who tells of it: health, metrics, the API and the doctor. Times: epoch ms. */

export interface ChannelStateDeps {
  connections: Pick<Connections, 'stateOf'>
  registrations: Pick<Registrations, 'stateOf'>
  callMeter: Pick<CallMeter, 'usage'>
}

export interface ChannelState {
  reachedBy: Reach
  takesActions: boolean
  /** Null where the platform calls us. `since` is null before the first try. */
  connection: (Omit<ConnectionState, 'since'> & { since: number | null }) | null
  /** Null where the platform is not told by call. */
  registration: RegistrationState | null
  quota: QuotaState | null
}

/** `warning`: the highest percentage to be warned of. */
export type QuotaState = Usage & { warning: number | null }

export async function channelState(deps: ChannelStateDeps, channel: Channel): Promise<ChannelState> {
  return {
    reachedBy: channel.connectsBy ?? 'http',
    takesActions: channel.takesActions,
    connection: connectionState(deps, channel),
    registration: channel.registerCallback === undefined ? null : deps.registrations.stateOf(channel),
    quota: await quotaState(deps, channel),
  }
}

/** Null where nothing limits the calls of a month. */
export async function quotaState(
  { callMeter }: Pick<ChannelStateDeps, 'callMeter'>,
  channel: MeteredChannel,
): Promise<QuotaState | null> {
  const usage = await callMeter.usage(channel)
  return usage === null ? null : { ...usage, warning: warningFor(usage) }
}

function connectionState({ connections }: ChannelStateDeps, channel: Channel): ChannelState['connection'] {
  if (channel.connect === undefined) return null
  // One that was switched on a moment ago has not begun.
  return connections.stateOf(channel) ?? { status: 'connecting', since: null, reason: null }
}
