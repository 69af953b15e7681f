import { type Kysely, sql } from 'kysely'
import type { Engine } from './engine.ts'
import type { Database, InboundCallbackTable } from './schema.ts'
import { statement } from './statement.ts'
import type { CallbackStore, InboundCallback } from './stores.ts'

/** Few enough that callbacks of the moment do not wait for the forgetting of old ones. */
const forgottenAtOnce = 1_000

/** Callbacks that were accepted. `seen` and `remember` of one callback belong inside one unit of work. */
export function createCallbackStore(db: Kysely<Database>, engine: Engine): CallbackStore {
  return {
    async seen(callback) {
      if (engine === 'postgres') await lockEvent(db, callback)
      const { rows } = await selectSeen(db, keyOf(callback))
      const [earliest] = rows
      if (earliest === undefined) return { kind: 'new' }
      if (rows.some((row) => row.signature_hash === callback.signatureHash)) return { kind: 'replay' }
      return { kind: 'redelivery', outcome: earliest.outcome === null ? null : JSON.parse(earliest.outcome) }
    },
    async remember(callback, outcome, at) {
      const row = { ...keyOf(callback), signatureHash: callback.signatureHash, at }
      await insertCallback(db, { ...row, outcome: outcome === null ? null : JSON.stringify(outcome) })
    },
    async forgetBefore(at) {
      let forgotten = 0
      for (;;) {
        const deleted = Number((await deleteOldest(db, { before: at })).numAffectedRows)
        forgotten += deleted
        if (deleted < forgottenAtOnce) return forgotten
      }
    },
  }
}

interface EventKey {
  tenantId: string
  channel: string
  eventId: string
}

function keyOf({ tenantId, channel, eventId }: InboundCallback): EventKey {
  return { tenantId, channel, eventId }
}

/** Of two deliveries of one event that come at once, the second waits here and then finds the first one's outcome. */
async function lockEvent(db: Kysely<Database>, callback: InboundCallback): Promise<void> {
  const name = JSON.stringify(keyOf(callback))
  await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 1))`.execute(db)
}

const selectSeen = statement<EventKey, Pick<InboundCallbackTable, 'signature_hash' | 'outcome'>>((db, value) =>
  db
    .selectFrom('inbound_callbacks')
    .select(['signature_hash', 'outcome'])
    .where('tenant_id', '=', value('tenantId'))
    .where('channel', '=', value('channel'))
    .where('event_id', '=', value('eventId'))
    .orderBy('at'),
)

const insertCallback = statement<EventKey & { signatureHash: string; outcome: string | null; at: number }>(
  (db, value) =>
    db.insertInto('inbound_callbacks').values({
      tenant_id: value('tenantId'),
      channel: value('channel'),
      event_id: value('eventId'),
      signature_hash: value('signatureHash'),
      outcome: value('outcome'),
      at: value('at'),
    }),
)

const deleteOldest = statement<{ before: number }>((db, value) =>
  db
    .deleteFrom('inbound_callbacks')
    .where(({ eb, refTuple, selectFrom }) =>
      eb(
        refTuple('tenant_id', 'channel', 'event_id', 'signature_hash'),
        'in',
        selectFrom('inbound_callbacks as old')
          .select(['old.tenant_id', 'old.channel', 'old.event_id', 'old.signature_hash'])
          .where('old.at', '<', value('before'))
          .limit(forgottenAtOnce)
          .$asTuple('tenant_id', 'channel', 'event_id', 'signature_hash'),
      ),
    ),
)
