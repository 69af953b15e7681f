import { LRUCache } from 'lru-cache'
import type { ChannelRecord } from '#server/db/stores.ts'
import type { Log } from '#server/log.ts'

/** Settings changed by another instance are taken up after this time. */
const freshMs = 5_000

export interface LiveInstances<Instance> {
  /** Of the stored settings; null where they are switched off or cannot be used. */
  live(record: ChannelRecord | null): Instance | null
  /** The same for what `read` finds, which is asked again only after a few seconds. */
  looked(key: string, read: () => Promise<ChannelRecord | null>): Promise<Instance | null>
  /** Settings were changed here: everybody looks anew, also who is looking now. */
  forget(): void
}

/** What is made from a tenant's settings of a channel, kept until those change. */
export function createLiveInstances<Instance extends object>({
  create,
  log,
}: {
  /** Null where this build has no adapter of that name. Throws on settings it does not understand. */
  create: (record: ChannelRecord) => Instance | null
  log: Log
}): LiveInstances<Instance> {
  const instances = new Map<string, { updatedAt: number; instance: Instance | null }>()
  const lookups = new LRUCache<string, { instance: Instance | null }>({ max: 10_000, ttl: freshMs })
  let changes = 0

  const live = (record: ChannelRecord | null): Instance | null => {
    if (record === null || !record.enabled) return null
    const key = `${record.tenantId}/${record.name}`
    const existing = instances.get(key)
    if (existing?.updatedAt === record.updatedAt) return existing.instance
    const instance = made(record)
    instances.set(key, { updatedAt: record.updatedAt, instance })
    return instance
  }

  /** A channel whose stored settings are unusable is off, and says so; the others go on. */
  const made = (record: ChannelRecord): Instance | null => {
    try {
      return create(record)
    } catch (error) {
      log.error({ err: error, tenantId: record.tenantId, channel: record.name }, 'channel settings cannot be used')
      return null
    }
  }

  return {
    live,
    async looked(key, read) {
      const cached = lookups.get(key)
      if (cached !== undefined) return cached.instance
      const before = changes
      const instance = live(await read())
      if (before === changes) lookups.set(key, { instance })
      return instance
    },
    forget() {
      changes += 1
      lookups.clear()
    },
  }
}
