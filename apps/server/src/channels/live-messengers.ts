import type { ChannelName } from '@countersign/contracts'
import type { ChannelRecord, TenantStore } from '#server/db/stores.ts'
import type { Log } from '#server/log.ts'
import { createLiveInstances } from './live-instances.ts'
import type { Messenger } from './messenger.ts'

/** The enabled messengers, made from their stored settings and kept until those change. */
export interface LiveMessengers {
  get(tenantId: string, name: string): Promise<Messenger | null>
  /** Settings were changed on this instance: they hold from the next look on. */
  forget(): void
}

export interface LiveMessengerDeps {
  tenants: Pick<TenantStore, 'channel'>
  /** The registry. Throws on settings it does not understand. */
  create: (record: ChannelRecord) => Messenger
  isRegistered: (name: string) => name is ChannelName
  log: Log
}

export function createLiveMessengers({ tenants, create, isRegistered, log }: LiveMessengerDeps): LiveMessengers {
  const { looked, forget } = createLiveInstances<Messenger>({ create, log })
  return {
    get: async (tenantId, name) =>
      isRegistered(name) ? looked(`${tenantId}/${name}`, () => tenants.channel(tenantId, name)) : null,
    forget,
  }
}
