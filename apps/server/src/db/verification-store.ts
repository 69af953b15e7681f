import type { ChannelName, TenantId, Uid } from '@countersign/contracts'
import type { Kysely } from 'kysely'
import type { Database } from './schema.ts'

/** What a code is for. A code of one purpose never serves another. */
export type CodePurpose = 'bind' | 'login'

/** There is at most one code of a key. */
export interface CodeKey {
  tenantId: TenantId
  uid: Uid
  purpose: CodePurpose
  channel: ChannelName
  /** Of a log-in: which one. */
  attempt?: string
}

/** A code as it is kept. */
export interface StoredCode {
  hash: string
  /** The platform account to which the bot said it, once it did. */
  platformUserId: string | null
}

/** Codes that were sent to addresses. Every method is one statement, and so atomic by itself. */
export interface VerificationStore {
  /** Takes the place of the code before, and of the checks that were left of it. `expiresAt` in epoch ms. */
  put(key: CodeKey, code: { hash: string; checks: number; expiresAt: number }): Promise<void>
  /** Notes to whom the code was said, unless another has taken its place. */
  noteAccount(key: CodeKey, hash: string, platformUserId: string): Promise<void>
  /**
   * Takes one of the checks that the code has, for good. Null: there is no code to compare with, because it was never sent,
   * was used, has run out or has been guessed at too often.
   */
  takeCheck(key: CodeKey, now: number): Promise<StoredCode | null>
  /** False when it has been used meanwhile, or another has taken its place. */
  use(key: CodeKey, hash: string): Promise<boolean>
  forgetExpired(now: number): Promise<number>
}

export function createVerificationStore(db: Kysely<Database>): VerificationStore {
  const update = (key: CodeKey) =>
    db
      .updateTable('verification_codes')
      .where('tenant_id', '=', key.tenantId)
      .where('uid', '=', key.uid)
      .where('purpose', '=', key.purpose)
      .where('channel', '=', key.channel)
      .where('attempt', '=', key.attempt ?? '')
  return {
    async put({ tenantId, ...key }, { hash, checks, expiresAt }) {
      const code = { code_hash: hash, checks_left: checks, platform_user_id: null, expires_at: expiresAt }
      await db
        .insertInto('verification_codes')
        .values({
          tenant_id: tenantId,
          uid: key.uid,
          purpose: key.purpose,
          channel: key.channel,
          attempt: key.attempt ?? '',
          ...code,
        })
        .onConflict((on) => on.columns(['tenant_id', 'uid', 'purpose', 'channel', 'attempt']).doUpdateSet(code))
        .execute()
    },
    async noteAccount(key, hash, platformUserId) {
      await update(key).set({ platform_user_id: platformUserId }).where('code_hash', '=', hash).execute()
    },
    async takeCheck(key, now) {
      const row = await update(key)
        .set((eb) => ({ checks_left: eb('checks_left', '-', 1) }))
        .where('checks_left', '>', 0)
        .where('expires_at', '>', now)
        .returning(['code_hash', 'platform_user_id'])
        .executeTakeFirst()
      return row === undefined ? null : { hash: row.code_hash, platformUserId: row.platform_user_id }
    },
    async use(key, hash) {
      const { numDeletedRows } = await db
        .deleteFrom('verification_codes')
        .where('tenant_id', '=', key.tenantId)
        .where('uid', '=', key.uid)
        .where('purpose', '=', key.purpose)
        .where('channel', '=', key.channel)
        .where('attempt', '=', key.attempt ?? '')
        .where('code_hash', '=', hash)
        .executeTakeFirstOrThrow()
      return numDeletedRows === 1n
    },
    async forgetExpired(now) {
      const { numDeletedRows } = await db
        .deleteFrom('verification_codes')
        .where('expires_at', '<=', now)
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    },
  }
}
