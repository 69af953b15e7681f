import type { Locale, TenantId } from '@countersign/contracts'
import type { ChannelViewDeps } from '#server/api/v1/channel-view.ts'
import type { Connections } from '#server/channels/connections.ts'
import type { LiveChannels } from '#server/channels/live-channels.ts'
import type { LiveMessengers } from '#server/channels/live-messengers.ts'
import type { Registrations } from '#server/channels/registrations.ts'
import type { Sealer } from '#server/crypto/seal.ts'
import type { ChannelRow } from '#server/db/settings-store.ts'
import type { Store } from '#server/db/stores.ts'
import type { Doctor } from '#server/doctor/doctor.ts'
import type { Sessions } from '#server/session/sessions.ts'

export interface ManagedChannelsDeps extends ChannelViewDeps {
  store: Store
  sessions: Sessions
  channels: Pick<LiveChannels, 'of' | 'forget'>
  messengers: Pick<LiveMessengers, 'get' | 'forget'>
  connections: Pick<Connections, 'stateOf' | 'refresh'>
  registrations: Pick<Registrations, 'stateOf' | 'refresh'>
  doctor: Doctor
  sealer: Sealer
  /** Makes the callback secret of a DingTalk app that is given none: random, at least 16 characters. */
  newSecret: () => string
  publicUrl: string
  /** Where neither the person nor the tenant has chosen one. */
  locale: Locale
  /** Epoch milliseconds. */
  now: () => number
}

/** The stored row of a channel; undefined where the tenant never set it up. */
export async function rowOf(
  stores: Pick<Store['stores'], 'settings'>,
  tenantId: TenantId,
  name: string,
): Promise<ChannelRow | undefined> {
  return (await stores.settings.channelRows(tenantId)).find((row) => row.name === name)
}
