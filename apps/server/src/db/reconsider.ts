import type { Uid } from '@countersign/contracts'
import type { Kysely } from 'kysely'
import { holdFor, quietAfter } from '#server/delivery/hold.ts'
import { type KnownPeopleDeps, knownPeople } from './known-people.ts'
import type { Database } from './schema.ts'

/**
 * Brings forward what is held for a person and may come sooner now that they want to be told at other times. What is to
 * come later than it was is left to the look right before the send, which knows whether it may wait.
 */
export async function reconsider(
  db: Kysely<Database>,
  deps: KnownPeopleDeps,
  tenantId: string,
  uid: Uid,
  at: number,
): Promise<void> {
  const own = (await knownPeople(db, deps, tenantId, [uid])).reach.get(uid)
  if (own === undefined) return
  const held = (waitsFor: 'quiet_hours' | 'digest', dueAt: number) =>
    db
      .updateTable('deliveries')
      .set({ due_at: dueAt, updated_at: at })
      .where('tenant_id', '=', tenantId)
      .where('recipient', '=', uid)
      .where('state', '=', 'queued')
      .where('waits_for', '=', waitsFor)
      .where('due_at', '>', dueAt)
  await held('quiet_hours', quietAfter(at, own.timing)?.dueAt ?? at).execute()
  for (const { channel, isDigest } of own.channels) {
    const dueAt = holdFor(at, own.timing, isDigest, null)?.dueAt ?? at
    await held('digest', dueAt).where('channel', '=', channel).execute()
  }
}
