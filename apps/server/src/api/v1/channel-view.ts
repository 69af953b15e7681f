import type { ChannelName, ChannelView } from '@countersign/contracts'
import {
  type ChannelState,
  type ChannelStateDeps,
  channelState,
  type QuotaState,
  quotaState,
} from '#server/channels/channel-state.ts'
import type { LiveChannels } from '#server/channels/live-channels.ts'
import type { LiveMessengers } from '#server/channels/live-messengers.ts'
import { isMessengerName } from '#server/channels/messenger-registry.ts'
import { isChannelName } from '#server/channels/registry.ts'
import type { ChannelRecord } from '#server/db/stores.ts'

export interface ChannelViewDeps extends ChannelStateDeps {
  channels: Pick<LiveChannels, 'of'>
  messengers: Pick<LiveMessengers, 'get'>
}

/** A channel without settings: nothing comes through it. */
export function viewAbsentChannel(name: ChannelName): ChannelView {
  const hasAdapter = isChannelName(name) || isMessengerName(name)
  return { name, enabled: false, hasAdapter, isLive: false, ...viewState(null) }
}

/** How a channel stands, as the instance that answers sees it. */
export async function viewChannel(deps: ChannelViewDeps, record: ChannelRecord): Promise<ChannelView> {
  const { name, enabled } = record
  if (isMessengerName(name)) {
    const messenger = await deps.messengers.get(record.tenantId, name)
    const isLive = messenger !== null
    const quota = messenger === null ? null : await quotaState(deps, messenger)
    const state = { ...viewState(null), takesActions: isLive ? false : null, quota: viewQuota(quota) }
    return { name, enabled, hasAdapter: true, isLive, ...state }
  }
  const hasAdapter = isChannelName(name)
  const channel = hasAdapter ? deps.channels.of(record) : null
  const state = channel === null ? null : await channelState(deps, channel)
  return { name, enabled, hasAdapter, isLive: state !== null, ...viewState(state) }
}

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

function viewState(
  state: ChannelState | null,
): Pick<ChannelView, 'reachedBy' | 'takesActions' | 'connection' | 'callbackRegistration' | 'quota'> {
  if (state === null) {
    return { reachedBy: null, takesActions: null, connection: null, callbackRegistration: null, quota: null }
  }
  const { reachedBy, takesActions, connection, registration, quota } = state
  return {
    reachedBy,
    takesActions,
    connection: connection === null ? null : { ...connection, since: iso(connection.since) },
    callbackRegistration: registration === null ? null : { ...registration, at: iso(registration.at) },
    quota: viewQuota(quota),
  }
}

function viewQuota(quota: QuotaState | null): ChannelView['quota'] {
  return quota === null ? null : { ...quota, savings: [...quota.savings] }
}
