import { type ChannelName, LoginWay } from '@countersign/contracts'
import type { Insertable, Kysely, Selectable } from 'kysely'
import type { Database, LoginAttemptTable, SessionTable } from './schema.ts'
import type { LoginAttempt, SessionRecord, SessionStore } from './stores.ts'

/** Log-in attempts, links and sessions. All but `putLink` are one statement, and so atomic by themselves. */
export function createSessionStore(db: Kysely<Database>): SessionStore {
  return {
    async addAttempt(attempt) {
      await db.insertInto('login_attempts').values(attemptRow(attempt)).execute()
    },
    async takeAttempt(kind, secretHash, now) {
      const row = await db
        .deleteFrom('login_attempts')
        .where('kind', '=', kind)
        .where('secret_hash', '=', secretHash)
        .where('expires_at', '>', now)
        .returningAll()
        .executeTakeFirst()
      return row === undefined ? null : attemptOf(row)
    },
    async attempt(kind, secretHash, now) {
      const row = await db
        .selectFrom('login_attempts')
        .selectAll()
        .where('kind', '=', kind)
        .where('secret_hash', '=', secretHash)
        .where('expires_at', '>', now)
        .executeTakeFirst()
      return row === undefined ? null : attemptOf(row)
    },
    async putLink({ tenantId, uid, secretHash, expiresAt }) {
      await db.deleteFrom('one_time_links').where('tenant_id', '=', tenantId).where('uid', '=', uid).execute()
      const row = { tenant_id: tenantId, uid, secret_hash: secretHash, expires_at: expiresAt }
      await db.insertInto('one_time_links').values(row).execute()
    },
    async dropLink({ tenantId, uid }) {
      await db.deleteFrom('one_time_links').where('tenant_id', '=', tenantId).where('uid', '=', uid).execute()
    },
    async takeLink(secretHash, now) {
      const row = await db
        .deleteFrom('one_time_links')
        .where('secret_hash', '=', secretHash)
        .where('expires_at', '>', now)
        .returningAll()
        .executeTakeFirst()
      if (row === undefined) return null
      return { tenantId: row.tenant_id, uid: row.uid, secretHash: row.secret_hash, expiresAt: row.expires_at }
    },
    async addSession(session) {
      await db.insertInto('sessions').values(sessionRow(session)).execute()
    },
    async session(id) {
      const row = await db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : sessionOf(row)
    },
    async rotate(id, from, to, now) {
      const { numUpdatedRows } = await db
        .updateTable('sessions')
        .set({ refresh_hash: to, previous_hash: from, rotated_at: now })
        .where('id', '=', id)
        .where('refresh_hash', '=', from)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', now)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },
    async listFor({ tenantId, uid }, now) {
      const rows = await db
        .selectFrom('sessions')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where('uid', '=', uid)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', now)
        .orderBy('rotated_at', 'desc')
        .execute()
      return rows.map(sessionOf)
    },
    async revoke(id, now) {
      await db
        .updateTable('sessions')
        .set({ revoked_at: now })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .execute()
    },
    async revokeBy({ tenantId, uid, channel }, { except, now }) {
      await db
        .updateTable('sessions')
        .set({ revoked_at: now })
        .where('tenant_id', '=', tenantId)
        .where('uid', '=', uid)
        .where('channel', '=', channel)
        .where('id', '!=', except ?? '')
        .where('revoked_at', 'is', null)
        .execute()
    },
    async revokeByWay({ tenantId, uid, way }, now) {
      await db
        .updateTable('sessions')
        .set({ revoked_at: now })
        .where('tenant_id', '=', tenantId)
        .where('uid', '=', uid)
        .where('way', '=', way)
        .where('revoked_at', 'is', null)
        .execute()
    },
    async forgetExpired(now) {
      const attempts = await db.deleteFrom('login_attempts').where('expires_at', '<=', now).executeTakeFirstOrThrow()
      const sessions = await db.deleteFrom('sessions').where('expires_at', '<=', now).executeTakeFirstOrThrow()
      const links = await db.deleteFrom('one_time_links').where('expires_at', '<=', now).executeTakeFirstOrThrow()
      return Number(attempts.numDeletedRows + sessions.numDeletedRows + links.numDeletedRows)
    },
  }
}

function attemptRow(attempt: LoginAttempt): LoginAttemptTable {
  return {
    tenant_id: attempt.tenantId,
    secret_hash: attempt.secretHash,
    kind: attempt.kind,
    channel: attempt.channel,
    browser_hash: attempt.browserHash,
    detail: JSON.stringify(attempt.detail),
    expires_at: attempt.expiresAt,
  }
}

function attemptOf(row: LoginAttemptTable): LoginAttempt {
  return {
    tenantId: row.tenant_id,
    secretHash: row.secret_hash,
    kind: row.kind,
    channel: row.channel,
    browserHash: row.browser_hash,
    detail: JSON.parse(row.detail),
    expiresAt: row.expires_at,
  }
}

function sessionRow(session: SessionRecord): Insertable<SessionTable> {
  return {
    tenant_id: session.tenantId,
    id: session.id,
    uid: session.uid,
    channel: session.channel,
    refresh_hash: session.refreshHash,
    previous_hash: session.previousHash,
    rotated_at: session.rotatedAt,
    created_at: session.createdAt,
    expires_at: session.expiresAt,
    revoked_at: session.revokedAt,
    user_agent: session.userAgent,
    platform_user_id: session.platformUserId,
    second_factor_at: session.secondFactorAt,
    way: session.way,
  }
}

function sessionOf(row: Selectable<SessionTable>): SessionRecord {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    uid: row.uid,
    channel: row.channel as ChannelName | null,
    refreshHash: row.refresh_hash,
    previousHash: row.previous_hash,
    rotatedAt: row.rotated_at,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    userAgent: row.user_agent,
    platformUserId: row.platform_user_id,
    secondFactorAt: row.second_factor_at,
    way: LoginWay.nullable().catch(null).parse(row.way),
  }
}
