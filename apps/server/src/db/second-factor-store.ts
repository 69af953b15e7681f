import type { TenantId, Uid } from '@countersign/contracts'
import { type Kysely, sql } from 'kysely'
import { type AuthenticatorStore, authenticators } from './authenticator-rows.ts'
import { type PasskeyStore, passkeys } from './passkey-rows.ts'
import type { Database } from './schema.ts'
import { statement } from './statement.ts'

/** Somebody of a tenant. */
export interface PersonKey {
  tenantId: TenantId
  uid: Uid
}

/** `demanded`: the tenant wants one of administrators, DBAs and security administrators. */
export interface SecondFactorStanding {
  enrolled: boolean
  demanded: boolean
}

/** What people have beside what they log in by, and which sessions have given it. */
export interface SecondFactorStore extends AuthenticatorStore, PasskeyStore {
  standing(person: PersonKey): Promise<SecondFactorStanding>
  /** Those of these people who have one. */
  enrolledOf(tenantId: TenantId, uids: readonly Uid[]): Promise<Set<Uid>>
  /** Takes the place of all codes before. */
  putRecoveryCodes(person: PersonKey, hashes: readonly string[], now: number): Promise<void>
  /** False: there is no such code, or it was used. Of many at once one is told true. */
  useRecoveryCode(person: PersonKey, hash: string): Promise<boolean>
  /** Null: none were made, or all were used. */
  recoveryCodes(person: PersonKey): Promise<{ left: number; createdAt: number } | null>
  /** False: the session has ended meanwhile. */
  noteGiven(person: PersonKey, sessionId: string, at: number): Promise<boolean>
  /** Forgets everything that the person has, and that any session of theirs has given it. */
  removeAll(person: PersonKey): Promise<void>
  /** `provisioned`: the file says it. */
  rule(tenantId: TenantId): Promise<{ administratorsNeed: boolean; provisioned: boolean }>
  /** What the console says; the provisioning file, where it says something, goes before it. */
  putRule(tenantId: TenantId, administratorsNeed: boolean): Promise<void>
  /** Challenges that have run out, and apps that were begun before `pendingBefore` and never confirmed. */
  forgetExpired(now: number, pendingBefore: number): Promise<number>
}

export function createSecondFactorStore(db: Kysely<Database>): SecondFactorStore {
  return {
    ...authenticators(db),
    ...passkeys(db),
    async standing({ tenantId, uid }) {
      const row = (await selectStanding(db, { tenantId, uid })).rows[0]
      return { enrolled: row?.enrolled === 1, demanded: row?.demanded === 1 }
    },
    async enrolledOf(tenantId, uids) {
      if (uids.length === 0) return new Set()
      const ofThem = [...uids]
      const apps = db.selectFrom('authenticators').select('uid').where('secret', 'is not', null)
      const keys = db.selectFrom('passkeys').select('uid')
      const rows = await apps
        .where('tenant_id', '=', tenantId)
        .where('uid', 'in', ofThem)
        .union(keys.where('tenant_id', '=', tenantId).where('uid', 'in', ofThem))
        .execute()
      return new Set(rows.map(({ uid }) => uid))
    },
    ...recoveryCodes(db),
    async noteGiven({ tenantId, uid }, sessionId, at) {
      const { numUpdatedRows } = await db
        .updateTable('sessions')
        .set({ second_factor_at: at })
        .where('id', '=', sessionId)
        .where('tenant_id', '=', tenantId)
        .where('uid', '=', uid)
        .where('revoked_at', 'is', null)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    },
    async removeAll({ tenantId, uid }) {
      for (const table of ['authenticators', 'passkeys', 'recovery_codes'] as const) {
        await db.deleteFrom(table).where('tenant_id', '=', tenantId).where('uid', '=', uid).execute()
      }
      await db
        .updateTable('sessions')
        .set({ second_factor_at: null })
        .where('tenant_id', '=', tenantId)
        .where('uid', '=', uid)
        .execute()
    },
    async rule(tenantId) {
      const row = await db
        .selectFrom('tenants')
        .leftJoin('second_factor_rules as own', 'own.tenant_id', 'tenants.id')
        .select(['tenants.administrators_need_second_factor as by_file', 'own.administrators_need as here'])
        .where('tenants.id', '=', tenantId)
        .executeTakeFirst()
      const byFile = row?.by_file ?? null
      return { administratorsNeed: (byFile ?? row?.here ?? 0) === 1, provisioned: byFile !== null }
    },
    async putRule(tenantId, administratorsNeed) {
      const said = { administrators_need: administratorsNeed ? 1 : 0 } as const
      await db
        .insertInto('second_factor_rules')
        .values({ tenant_id: tenantId, ...said })
        .onConflict((on) => on.column('tenant_id').doUpdateSet(said))
        .execute()
    },
    async forgetExpired(now, pendingBefore) {
      const challenges = await db
        .deleteFrom('passkey_challenges')
        .where('expires_at', '<=', now)
        .executeTakeFirstOrThrow()
      const begun = db.deleteFrom('authenticators').where('secret', 'is', null).where('pending_at', '<', pendingBefore)
      return Number(challenges.numDeletedRows + (await begun.executeTakeFirstOrThrow()).numDeletedRows)
    },
  }
}

type RecoveryCodeMethods = 'putRecoveryCodes' | 'useRecoveryCode' | 'recoveryCodes'

function recoveryCodes(db: Kysely<Database>): Pick<SecondFactorStore, RecoveryCodeMethods> {
  return {
    async putRecoveryCodes({ tenantId, uid }, hashes, now) {
      await db.deleteFrom('recovery_codes').where('tenant_id', '=', tenantId).where('uid', '=', uid).execute()
      const rows = hashes.map((hash) => ({ tenant_id: tenantId, uid, code_hash: hash, created_at: now }))
      await db.insertInto('recovery_codes').values(rows).execute()
    },
    async useRecoveryCode({ tenantId, uid }, hash) {
      const { numDeletedRows } = await db
        .deleteFrom('recovery_codes')
        .where('tenant_id', '=', tenantId)
        .where('uid', '=', uid)
        .where('code_hash', '=', hash)
        .executeTakeFirstOrThrow()
      return numDeletedRows === 1n
    },
    async recoveryCodes({ tenantId, uid }) {
      const row = await db
        .selectFrom('recovery_codes')
        .select(({ fn }) => [fn.countAll<number>().as('left'), fn.min('created_at').as('created_at')])
        .where('tenant_id', '=', tenantId)
        .where('uid', '=', uid)
        .executeTakeFirst()
      const left = Number(row?.left ?? 0)
      return left === 0 ? null : { left, createdAt: Number(row?.created_at) }
    },
  }
}

/** Asked with every request of a session that has not given a factor. */
const selectStanding = statement<PersonKey, { enrolled: number; demanded: number }>((db, value) =>
  db
    .selectFrom('tenants')
    .leftJoin('second_factor_rules as own', 'own.tenant_id', 'tenants.id')
    .select((eb) => [
      sql<number>`case when ${eb.or([
        eb.exists(
          eb
            .selectFrom('passkeys')
            .select('id')
            .where('passkeys.tenant_id', '=', value('tenantId'))
            .where('passkeys.uid', '=', value('uid')),
        ),
        eb.exists(
          eb
            .selectFrom('authenticators')
            .select('uid')
            .where('authenticators.tenant_id', '=', value('tenantId'))
            .where('authenticators.uid', '=', value('uid'))
            .where('authenticators.secret', 'is not', null),
        ),
      ])} then 1 else 0 end`.as('enrolled'),
      sql<number>`coalesce(tenants.administrators_need_second_factor, own.administrators_need, 0)`.as('demanded'),
    ])
    .where('tenants.id', '=', value('tenantId')),
)
