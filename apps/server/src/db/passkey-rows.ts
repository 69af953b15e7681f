import { passkeyTransports, type TenantId } from '@countersign/contracts'
import type { Kysely, Selectable } from 'kysely'
import { z } from 'zod'
import type { Database, PasskeyTable } from './schema.ts'
import type { PersonKey } from './second-factor-store.ts'

export type PasskeyTransport = (typeof passkeyTransports)[number]

export interface PasskeyRecord extends PersonKey {
  id: string
  name: string
  /** As the authenticator calls it, base64url. */
  credentialId: string
  /** COSE key, base64url. */
  publicKey: string
  /** How often it has signed, as it says itself; always 0 where it does not count. */
  counter: number
  transports: PasskeyTransport[]
  /** Kept on more than one device by the person's account elsewhere. */
  isSynced: boolean
  createdAt: number
  lastUsedAt: number | null
}

/** What a browser is to sign. There is at most one of a session and purpose. */
export interface PasskeyChallenge {
  tenantId: TenantId
  sessionId: string
  purpose: 'add' | 'give'
  challenge: string
  expiresAt: number
}

export interface PasskeyStore {
  /** The oldest first. */
  passkeys(person: PersonKey): Promise<PasskeyRecord[]>
  /** False: somebody of the tenant has this credential already. */
  addPasskey(passkey: PasskeyRecord): Promise<boolean>
  /** False: the person has none of that id. */
  renamePasskey(person: PersonKey, id: string, name: string): Promise<boolean>
  /**
   * Notes a use. False: it was removed meanwhile, or its counter did not go on, as with a copy of the key. Counters that
   * stay 0 are those of passkeys that do not count (W3C WebAuthn Level 3, section 6.1.1).
   */
  usePasskey(person: PersonKey, id: string, used: { counter: number; now: number }): Promise<boolean>
  /** False: the person has none of that id. */
  removePasskey(person: PersonKey, id: string): Promise<boolean>
  /** Takes the place of the one before. */
  putChallenge(challenge: PasskeyChallenge): Promise<void>
  /** Takes it out for good: a second call finds nothing. One that has run out is not found either. */
  takeChallenge(of: Omit<PasskeyChallenge, 'challenge' | 'expiresAt'>, now: number): Promise<string | null>
}

const Transports = z.array(z.enum(passkeyTransports))

export function passkeys(db: Kysely<Database>): PasskeyStore {
  const update = ({ tenantId, uid }: PersonKey, id: string) =>
    db.updateTable('passkeys').where('tenant_id', '=', tenantId).where('uid', '=', uid).where('id', '=', id)
  return {
    async passkeys({ tenantId, uid }) {
      const rows = await db
        .selectFrom('passkeys')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where('uid', '=', uid)
        .orderBy('created_at')
        .orderBy('id')
        .execute()
      return rows.map(passkeyOf)
    },
    async addPasskey(passkey) {
      const added = await db
        .insertInto('passkeys')
        .values(rowOf(passkey))
        .onConflict((on) => on.columns(['tenant_id', 'credential_id']).doNothing())
        .returning('id')
        .executeTakeFirst()
      return added !== undefined
    },
    async renamePasskey(person, id, name) {
      return (await update(person, id).set({ name }).executeTakeFirstOrThrow()).numUpdatedRows === 1n
    },
    async usePasskey(person, id, { counter, now }) {
      const { numUpdatedRows } = await update(person, id)
        .set({ counter, last_used_at: now })
        .where((eb) => (counter === 0 ? eb('counter', '=', 0) : eb('counter', '<', counter)))
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },
    async removePasskey({ tenantId, uid }, id) {
      const { numDeletedRows } = await db
        .deleteFrom('passkeys')
        .where('tenant_id', '=', tenantId)
        .where('uid', '=', uid)
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
      return numDeletedRows === 1n
    },
    async putChallenge({ tenantId, sessionId, purpose, challenge, expiresAt }) {
      const given = { challenge, expires_at: expiresAt }
      await db
        .insertInto('passkey_challenges')
        .values({ tenant_id: tenantId, session_id: sessionId, purpose, ...given })
        .onConflict((on) => on.columns(['tenant_id', 'session_id', 'purpose']).doUpdateSet(given))
        .execute()
    },
    async takeChallenge({ tenantId, sessionId, purpose }, now) {
      const row = await db
        .deleteFrom('passkey_challenges')
        .where('tenant_id', '=', tenantId)
        .where('session_id', '=', sessionId)
        .where('purpose', '=', purpose)
        .returning(['challenge', 'expires_at'])
        .executeTakeFirst()
      return row === undefined || row.expires_at <= now ? null : row.challenge
    },
  }
}

function rowOf(passkey: PasskeyRecord): PasskeyTable {
  return {
    tenant_id: passkey.tenantId,
    id: passkey.id,
    uid: passkey.uid,
    name: passkey.name,
    credential_id: passkey.credentialId,
    public_key: passkey.publicKey,
    counter: passkey.counter,
    transports: JSON.stringify(passkey.transports),
    synced: passkey.isSynced ? 1 : 0,
    created_at: passkey.createdAt,
    last_used_at: passkey.lastUsedAt,
  }
}

function passkeyOf(row: Selectable<PasskeyTable>): PasskeyRecord {
  return {
    tenantId: row.tenant_id,
    uid: row.uid,
    id: row.id,
    name: row.name,
    credentialId: row.credential_id,
    publicKey: row.public_key,
    counter: row.counter,
    transports: Transports.parse(JSON.parse(row.transports)),
    isSynced: row.synced === 1,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  }
}
