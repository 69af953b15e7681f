import type { TenantId, Uid } from '@countersign/contracts'
import { type Kysely, type Selectable, sql } from 'kysely'
import { z } from 'zod'
import type { Database, LoginWayTable } from './schema.ts'
import { addressDigest } from './user-address.ts'

/** As storeAddress writes it. */
const MailAddress = z.strictObject({ email: z.string() })

export type LoginWayRow = Selectable<LoginWayTable>
/** Ways in that a tenant may open and close. */
export type SettableWay = 'email' | 'oidc'

/** An address as it is stored, and whose it is. */
export interface OwnEmail {
  uid: Uid
  email: string
}

/** Which ways in a tenant has set, and who is known by what those go by. Changes belong inside a unit of work. */
export interface LoginWayStore {
  row(tenantId: TenantId, way: SettableWay): Promise<LoginWayRow | null>
  /** In the order of their names. */
  rows(tenantId: TenantId): Promise<LoginWayRow[]>
  put(row: LoginWayRow): Promise<void>
  remove(row: Pick<LoginWayRow, 'tenant_id' | 'way'>): Promise<void>
  /**
   * Whose this address is known to be, by uid: who has proved it by a code, or has it from the provisioning file. What an
   * administrator has entered shows nothing. Without who is disabled.
   */
  peopleOfEmail(tenantId: TenantId, email: string): Promise<OwnEmail[]>
  /** Whether some address is known to be this person's own, as above. */
  hasOwnEmail(tenantId: TenantId, uid: Uid): Promise<boolean>
  /** Whether the address to which mails go is known to be the person's own, as above. */
  ownsMailbox(tenantId: TenantId, uid: Uid): Promise<boolean>
  /** Of this employee number by the provisioning file, by uid; the disabled among them too. */
  peopleOfEmployeeId(tenantId: TenantId, employeeId: string): Promise<Uid[]>
}

export function createLoginWayStore(db: Kysely<Database>): LoginWayStore {
  const rows = (tenantId: TenantId) => db.selectFrom('login_ways').selectAll().where('tenant_id', '=', tenantId)
  const ownsMailbox = async (tenantId: TenantId, uid: Uid): Promise<boolean> => {
    const bound = await db
      .selectFrom('user_channels')
      .select(['address', 'provisioned', 'proved'])
      .where('tenant_id', '=', tenantId)
      .where('uid', '=', uid)
      .where('channel', '=', 'email')
      .executeTakeFirst()
    return bound !== undefined && isOwn(bound)
  }
  return {
    row: async (tenantId, way) => (await rows(tenantId).where('way', '=', way).executeTakeFirst()) ?? null,
    rows: (tenantId) => rows(tenantId).orderBy('way').execute(),
    async put(row) {
      const { tenant_id: _tenant, way: _way, ...values } = row
      await db
        .insertInto('login_ways')
        .values(row)
        .onConflict((on) => on.columns(['tenant_id', 'way']).doUpdateSet(values))
        .execute()
    },
    async remove(row) {
      await db.deleteFrom('login_ways').where('tenant_id', '=', row.tenant_id).where('way', '=', row.way).execute()
    },
    async peopleOfEmail(tenantId, email) {
      const wanted = email.toLowerCase()
      const written = await db
        .selectFrom('users')
        .select(['uid', 'email'])
        .where('tenant_id', '=', tenantId)
        .where('email', 'is not', null)
        .where(sql<boolean>`lower(email) = ${wanted}`)
        .where('provisioned', '=', 1)
        .where('disabled', '=', 0)
        .execute()
      const bound = await db
        .selectFrom('user_channels as bound')
        .innerJoin('users', (join) =>
          join.onRef('users.tenant_id', '=', 'bound.tenant_id').onRef('users.uid', '=', 'bound.uid'),
        )
        .select(['bound.uid', 'bound.address', 'bound.provisioned', 'bound.proved'])
        .where('bound.tenant_id', '=', tenantId)
        // Written out, so that the index of mail addresses is used; addresses are stored as storeAddress writes them.
        .where(sql<boolean>`bound.channel = 'email'`)
        .where(sql<boolean>`lower(bound.address) = ${JSON.stringify({ email: wanted })}`)
        .where('users.disabled', '=', 0)
        .execute()
      const own = bound.map((row) => ({ ...row, stored: MailAddress.parse(JSON.parse(row.address)) })).filter(isOwn)
      const found = new Map([
        ...own.map(({ uid, stored }) => [uid, stored.email] as const),
        ...written.map((row) => [row.uid, row.email ?? wanted] as const),
      ])
      return [...found].map(([uid, address]) => ({ uid, email: address })).sort((a, b) => (a.uid < b.uid ? -1 : 1))
    },
    async hasOwnEmail(tenantId, uid) {
      const written = await db
        .selectFrom('users')
        .select('uid')
        .where('tenant_id', '=', tenantId)
        .where('uid', '=', uid)
        .where('email', 'is not', null)
        .where('provisioned', '=', 1)
        .executeTakeFirst()
      return written !== undefined || ownsMailbox(tenantId, uid)
    },
    ownsMailbox,
    async peopleOfEmployeeId(tenantId, employeeId) {
      const found = await db
        .selectFrom('users')
        .select('uid')
        .where('tenant_id', '=', tenantId)
        .where('employee_id', '=', employeeId)
        .where('provisioned', '=', 1)
        .orderBy('uid')
        .execute()
      return found.map(({ uid }) => uid)
    },
  }
}

/** Written by the provisioning file, or shown by the person to be theirs. */
function isOwn({ address, provisioned, proved }: { address: string; provisioned: number; proved: string | null }) {
  return provisioned === 1 || proved === addressDigest('email', JSON.parse(address))
}
