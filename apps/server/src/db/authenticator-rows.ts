import type { Kysely } from 'kysely'
import { sealContext } from '#server/crypto/seal.ts'
import type { Database } from './schema.ts'
import type { PersonKey } from './second-factor-store.ts'

/** Where the sealed secret of a person belongs, begun or counting. */
export function authenticatorSecretPlace({ tenantId, uid }: PersonKey): string {
  return sealContext({ tenant: tenantId, table: 'authenticators', column: 'secret', row: uid })
}

/** An authenticator app that counts. */
export interface AuthenticatorRecord {
  /** Sealed. */
  secret: string
  createdAt: number
  lastUsedAt: number | null
}

/** A secret that is to be sealed anew. */
export interface SealedSecrets extends PersonKey {
  secret: string | null
  pendingSecret: string | null
}

export interface AuthenticatorStore {
  authenticator(person: PersonKey): Promise<AuthenticatorRecord | null>
  /** Takes the place of what was begun before; what counts goes on counting. */
  beginAuthenticator(person: PersonKey, sealed: string, now: number): Promise<void>
  /** The secret that was begun at `since` or later, sealed; null: none was. */
  pendingAuthenticator(person: PersonKey, since: number): Promise<string | null>
  /**
   * From now on this begun secret counts, and no code at or before `step`. False: another was begun meanwhile, or somebody
   * else was first.
   */
  confirmAuthenticator(person: PersonKey, sealed: string, used: { step: number; now: number }): Promise<boolean>
  /** Uses up the codes at and before `step`. False: one of them was used, or the app is no longer this one. */
  useStep(person: PersonKey, sealed: string, used: { step: number; now: number }): Promise<boolean>
  /** False: there was none. */
  removeAuthenticator(person: PersonKey): Promise<boolean>
  /** Of the whole tenant. */
  sealedSecrets(tenantId: string): Promise<SealedSecrets[]>
  replaceSealed(secrets: SealedSecrets): Promise<void>
}

export function authenticators(db: Kysely<Database>): AuthenticatorStore {
  const update = ({ tenantId, uid }: PersonKey) =>
    db.updateTable('authenticators').where('tenant_id', '=', tenantId).where('uid', '=', uid)
  const select = ({ tenantId, uid }: PersonKey) =>
    db.selectFrom('authenticators').where('tenant_id', '=', tenantId).where('uid', '=', uid)
  return {
    async authenticator(person) {
      const row = await select(person).select(['secret', 'created_at', 'last_used_at']).executeTakeFirst()
      if (row === undefined || row.secret === null || row.created_at === null) return null
      return { secret: row.secret, createdAt: row.created_at, lastUsedAt: row.last_used_at }
    },
    async beginAuthenticator({ tenantId, uid }, sealed, now) {
      const begun = { pending_secret: sealed, pending_at: now }
      const unset = { secret: null, created_at: null, last_step: null, last_used_at: null }
      await db
        .insertInto('authenticators')
        .values({ tenant_id: tenantId, uid, ...unset, ...begun })
        .onConflict((on) => on.columns(['tenant_id', 'uid']).doUpdateSet(begun))
        .execute()
    },
    async pendingAuthenticator(person, since) {
      const row = await select(person).select('pending_secret').where('pending_at', '>=', since).executeTakeFirst()
      return row?.pending_secret ?? null
    },
    async confirmAuthenticator(person, sealed, { step, now }) {
      const { numUpdatedRows } = await update(person)
        .set({ secret: sealed, created_at: now, last_step: step, last_used_at: null })
        .set({ pending_secret: null, pending_at: null })
        .where('pending_secret', '=', sealed)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },
    async useStep(person, sealed, { step, now }) {
      const { numUpdatedRows } = await update(person)
        .set({ last_step: step, last_used_at: now })
        .where('secret', '=', sealed)
        .where('last_step', '<', step)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },
    async removeAuthenticator({ tenantId, uid }) {
      const { numDeletedRows } = await db
        .deleteFrom('authenticators')
        .where('tenant_id', '=', tenantId)
        .where('uid', '=', uid)
        .where('secret', 'is not', null)
        .executeTakeFirstOrThrow()
      return numDeletedRows === 1n
    },
    async sealedSecrets(tenantId) {
      const rows = await db
        .selectFrom('authenticators')
        .select(['uid', 'secret', 'pending_secret'])
        .where('tenant_id', '=', tenantId)
        .execute()
      return rows.map((row) => ({ tenantId, uid: row.uid, secret: row.secret, pendingSecret: row.pending_secret }))
    },
    async replaceSealed({ secret, pendingSecret, ...person }) {
      await update(person).set({ secret, pending_secret: pendingSecret }).execute()
    },
  }
}
