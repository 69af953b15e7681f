import type { TenantId, Uid } from '@countersign/contracts'
import type { Kysely } from 'kysely'
import type { Database } from './schema.ts'

/** An account at an OpenID provider. `subject` is the provider's own name for it, which never changes hands. */
export interface CompanyAccountKey {
  tenantId: TenantId
  issuer: string
  subject: string
}

/** Whose account at an OpenID provider is whose. */
export interface CompanyAccountStore {
  /** Null: nobody's yet. */
  personOf(account: CompanyAccountKey): Promise<Uid | null>
  of(tenantId: TenantId, uid: Uid): Promise<{ issuer: string; createdAt: number }[]>
  /** False: the account is somebody's already, or the person has another one at this issuer. */
  bind(account: CompanyAccountKey, uid: Uid, at: number): Promise<boolean>
  /** How many there were. */
  unbind(tenantId: TenantId, uid: Uid): Promise<number>
  countOf(tenantId: TenantId, issuer: string): Promise<number>
}

export function createCompanyAccountStore(db: Kysely<Database>): CompanyAccountStore {
  return {
    async personOf({ tenantId, issuer, subject }) {
      const row = await db
        .selectFrom('company_accounts')
        .select('uid')
        .where('tenant_id', '=', tenantId)
        .where('issuer', '=', issuer)
        .where('subject', '=', subject)
        .executeTakeFirst()
      return row?.uid ?? null
    },
    async of(tenantId, uid) {
      const rows = await db
        .selectFrom('company_accounts')
        .select(['issuer', 'created_at'])
        .where('tenant_id', '=', tenantId)
        .where('uid', '=', uid)
        .orderBy('issuer')
        .execute()
      return rows.map((row) => ({ issuer: row.issuer, createdAt: row.created_at }))
    },
    async bind({ tenantId, issuer, subject }, uid, at) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('company_accounts')
        .values({ tenant_id: tenantId, issuer, subject, uid, created_at: at })
        .onConflict((on) => on.doNothing())
        .executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },
    async unbind(tenantId, uid) {
      const { numDeletedRows } = await db
        .deleteFrom('company_accounts')
        .where('tenant_id', '=', tenantId)
        .where('uid', '=', uid)
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    },
    async countOf(tenantId, issuer) {
      const { people } = await db
        .selectFrom('company_accounts')
        .select((eb) => eb.fn.countAll<number | string>().as('people'))
        .where('tenant_id', '=', tenantId)
        .where('issuer', '=', issuer)
        .executeTakeFirstOrThrow()
      return Number(people)
    },
  }
}
