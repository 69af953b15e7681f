import type { ChannelName, TenantId } from '@countersign/contracts'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { Database } from './schema.ts'

const Way = z.enum(['http', 'connection'])

export interface SeenApp {
  tenantId: TenantId
  channel: ChannelName
  appId: string
}

/**
 * The last time that something of a kind came in from a platform: `action`, `message`, `other` and `handshake` were
 * believed, `refused:<code>` was not (and anybody can have sent it).
 */
export interface Sighting {
  /** Called by the platform, or over a connection that we hold to it. */
  way: z.infer<typeof Way>
  kind: string
  /** Epoch milliseconds. */
  at: number
}

/** What last came in from each app's platform, of each kind: the proof that callbacks arrive. */
export interface SightingStore {
  /** An older sighting never takes the place of a newer one. */
  note(app: SeenApp, sighting: Sighting): Promise<void>
  of(app: SeenApp): Promise<Sighting[]>
}

export function createSightingStore(db: Kysely<Database>): SightingStore {
  return {
    async note({ tenantId, channel, appId }, { way, kind, at }) {
      await db
        .insertInto('sightings')
        .values({ tenant_id: tenantId, channel, app_id: appId, way, kind, at })
        .onConflict((conflict) =>
          conflict
            .columns(['tenant_id', 'channel', 'app_id', 'way', 'kind'])
            .doUpdateSet((eb) => ({ at: eb.ref('excluded.at') }))
            .where((eb) => eb('sightings.at', '<', eb.ref('excluded.at'))),
        )
        .execute()
    },
    async of({ tenantId, channel, appId }) {
      const rows = await db
        .selectFrom('sightings')
        .select(['way', 'kind', 'at'])
        .where('tenant_id', '=', tenantId)
        .where('channel', '=', channel)
        .where('app_id', '=', appId)
        .orderBy('at', 'desc')
        .execute()
      return rows.map(({ way, kind, at }) => ({ way: Way.parse(way), kind, at: Number(at) }))
    },
  }
}
