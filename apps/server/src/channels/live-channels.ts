import type { ChannelName } from '@countersign/contracts'
import type { ChannelRecord, TenantStore } from '#server/db/stores.ts'
import type { Log } from '#server/log.ts'
import type { Channel } from './channel.ts'
import { createLiveInstances } from './live-instances.ts'

/** The enabled channels, made from their stored settings and kept until those change. */
export interface LiveChannels {
  get(tenantId: string, name: string): Promise<Channel | null>
  /** By the name and the platform's id of the app in the address of a callback. */
  byApp(name: string, appId: string): Promise<Channel | null>
  /** The channel of settings that were just read; null when it is off, or cannot be used as it is set. */
  of(record: ChannelRecord): Channel | null
  list(tenantId: string): Promise<Channel[]>
  /** Every tenant's. */
  all(): Promise<Channel[]>
  /** Every tenant's that connect to their platform; cheap, however many tenants there are. */
  connecting(): Promise<Channel[]>
  /** Settings were changed on this instance: they hold from the next look on. */
  forget(): void
}

export interface LiveChannelDeps {
  tenants: TenantStore
  /** The registry: null where this build has no adapter of that name. Throws on settings it does not understand. */
  create: (record: ChannelRecord) => Channel | null
  isRegistered: (name: string) => name is ChannelName
  /** Which of them a callback to this name may be for. */
  called: (name: string) => readonly ChannelName[]
  log: Log
}

export function createLiveChannels({ tenants, create, isRegistered, called, log }: LiveChannelDeps): LiveChannels {
  const { live, looked, forget } = createLiveInstances<Channel>({ create, log })

  const list = async (tenantId: string): Promise<Channel[]> => {
    const records = await tenants.channels(tenantId)
    // Web hooks, mail and the like have settings too, but no adapter of this kind.
    const registered = records.filter(({ name }) => isRegistered(name))
    return registered.map(live).filter((channel) => channel !== null)
  }

  return {
    get: async (tenantId, name) =>
      isRegistered(name) ? looked(`t/${tenantId}/${name}`, () => tenants.channel(tenantId, name)) : null,
    async byApp(calledName, appId) {
      for (const name of called(calledName)) {
        const channel = await looked(`a/${name}/${appId}`, () => tenants.channelByApp(name, appId))
        if (channel !== null) return channel
      }
      return null
    },
    of: (record) => (isRegistered(record.name) ? live(record) : null),
    list,
    forget,
    async connecting() {
      const records = (await tenants.connectedChannels()).filter(({ name }) => isRegistered(name))
      return records.map(live).flatMap((channel) => (channel?.connect === undefined ? [] : [channel]))
    },
    async all() {
      const every = await tenants.tenants()
      return (await Promise.all(every.map(({ id }) => list(id)))).flat()
    },
  }
}
