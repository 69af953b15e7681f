import type { ChannelRecord } from '#server/db/stores.ts'
import type { CallMeter } from '#server/quota/call-meter.ts'
import type { Channel } from './channel.ts'
import type { ChannelLog } from './lark/client.ts'
import { createChannel } from './registry.ts'

export interface OpenChannelDeps {
  log: ChannelLog
  callMeter: Pick<CallMeter, 'count'>
  /** Epoch milliseconds. */
  now: () => number
}

/** Opens a channel whose calls are counted. Throws when it is none that carries cards, or its settings are bad. */
export function openChannel(record: ChannelRecord, { log, callMeter, now }: OpenChannelDeps): Channel {
  const { tenantId, name } = record
  const meter = (): void => callMeter.count({ tenantId, channel: name, appId: channel.appId })
  const channel = createChannel(record, { log, now, meter })
  return channel
}
