import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  ChannelName,
  DirectoryRead as DirectoryReadView,
  directoryReadStates,
  type TenantId,
  type Uid,
} from '@countersign/contracts'
import type { Kysely, Selectable } from 'kysely'
import { z } from 'zod'
import type { DirectoryPerson } from '#server/channels/channel-directory.ts'
import { atomically } from './atomically.ts'
import type { Database, DirectoryReadTable } from './schema.ts'
import { addressDigest, plainAddress } from './user-address.ts'

/** A reading as it is kept. Times are epoch milliseconds. */
export interface KeptRead {
  tenantId: TenantId
  channel: ChannelName
  id: string
  appId: string
  state: (typeof directoryReadStates)[number]
  startedBy: Uid
  startedAt: number
  updatedAt: number
  departments: string[] | null
  departmentsFound: number
  departmentsRead: number
  people: number
  calls: number
  isWhole: boolean
  missing: DirectoryReadView['missing']
  failure: DirectoryReadView['failure']
}

export type NewRead = Pick<
  KeptRead,
  'tenantId' | 'channel' | 'id' | 'appId' | 'startedBy' | 'startedAt' | 'departments'
>
export type ReadProgress = Pick<KeptRead, 'departmentsFound' | 'departmentsRead' | 'calls' | 'isWhole'>

/** Of which channel a person is reached by which account, as far as it is known. */
export interface ChannelAccount {
  uid: Uid
  /** Without secret parts. */
  address: Record<string, unknown>
  addressDigest: string
  isProvisioned: boolean
  /** Null: nobody has looked the address up yet, or it leads to nobody. */
  platformUserId: string | null
}

export interface ChannelAccounts {
  accounts: ChannelAccount[]
  /** Accounts that are nobody's: two people claim them, or the address by which they were somebody's is theirs no more. */
  unclaimed: UnclaimedAccount[]
}

export interface UnclaimedAccount {
  platformUserId: string
  /** Who claims it; empty where nobody does any more. */
  claims: Uid[]
  /** How the row reads, so that it is replaced only as it was seen. */
  row: { uid: Uid; addressDigest: string }
}

export interface AccountToBind {
  uid: Uid
  platformUserId: string
  addressDigest: string
  /** The row of an unclaimed account whose place it takes. */
  replaces: UnclaimedAccount['row'] | null
}

/** What was read of platforms' directories, and whose accounts are whose. */
export interface DirectoryReadStore {
  /** Takes the place of the one before, with its people. False: that one is still being read, and was heard of since. */
  begin(read: NewRead, aliveSince: number): Promise<boolean>
  read(tenantId: TenantId, channel: ChannelName): Promise<KeptRead | null>
  /** Keeps people, each once. False, and nothing is kept: it is not being read any more. */
  advance(
    whose: Pick<KeptRead, 'tenantId' | 'channel' | 'id'>,
    progress: ReadProgress,
    people: readonly DirectoryPerson[],
    at: number,
  ): Promise<{ people: number } | null>
  /** The people of a reading that came to no end are forgotten. False: it had ended before. */
  end(
    whose: Pick<KeptRead, 'tenantId' | 'channel' | 'id'>,
    how: Pick<KeptRead, 'state' | 'missing' | 'failure'>,
    at: number,
  ): Promise<boolean>
  /** By the platform's id of the account. */
  people(tenantId: TenantId, readId: string): Promise<DirectoryPerson[]>
  /** Forgets readings that nothing was heard of since. */
  forgetBefore(at: number): Promise<void>
  accounts(tenantId: TenantId, channel: ChannelName): Promise<ChannelAccounts>
  /**
   * Makes accounts known to be these people's, whose addresses must be stored by now. What is known of other accounts of
   * theirs is forgotten. False: one of the accounts has become somebody's meanwhile; undo everything.
   */
  bindAccounts(tenantId: TenantId, channel: ChannelName, bound: readonly AccountToBind[], at: number): Promise<boolean>
}

/** Read before others get a turn. */
const peopleAtOnce = 500
/** Rows in one statement: far below the engines' limits on parameters. */
const rowsAtOnce = 200

const StoredPerson = z.object({
  platformUserId: z.string(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  isEmailProven: z.boolean(),
  mobile: z.string().nullable(),
  employeeId: z.string().nullable(),
  isFrozen: z.boolean(),
  address: z.record(z.string(), z.string()),
})
const Contested = z.object({ claims: z.array(z.object({ uid: z.string(), digest: z.string() })) })

export function createDirectoryReadStore(db: Kysely<Database>): DirectoryReadStore {
  return { ...reading(db), ...accountsOf(db) }
}

type Accounts = 'accounts' | 'bindAccounts'

function reading(db: Kysely<Database>): Omit<DirectoryReadStore, Accounts> {
  return {
    begin: (read, aliveSince) => atomically(db, (tx) => begin(tx, read, aliveSince)),
    async read(tenantId, channel) {
      const row = await db
        .selectFrom('directory_reads')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where('channel', '=', channel)
        .executeTakeFirst()
      return row === undefined ? null : keptRead(row)
    },
    advance: (whose, progress, people, at) =>
      atomically(db, async (tx) => {
        const added = await addPeople(tx, whose, people)
        const row = await tx
          .updateTable('directory_reads')
          .set((eb) => ({
            departments_found: progress.departmentsFound,
            departments_read: progress.departmentsRead,
            calls: progress.calls,
            is_whole: progress.isWhole ? 1 : 0,
            people: eb('people', '+', added),
            updated_at: at,
          }))
          .where('tenant_id', '=', whose.tenantId)
          .where('channel', '=', whose.channel)
          .where('id', '=', whose.id)
          .where('state', '=', 'reading')
          .returning('people')
          .executeTakeFirst()
        if (row === undefined) await removePeople(tx, whose.tenantId, whose.id)
        return row === undefined ? null : { people: row.people }
      }),
    end: (whose, { state, missing, failure }, at) =>
      atomically(db, async (tx) => {
        const row = await tx
          .updateTable('directory_reads')
          .set({
            state,
            missing: JSON.stringify(missing),
            failure: failure === null ? null : JSON.stringify(failure),
            updated_at: at,
          })
          .where('tenant_id', '=', whose.tenantId)
          .where('channel', '=', whose.channel)
          .where('id', '=', whose.id)
          .where('state', '=', 'reading')
          .returning('id')
          .executeTakeFirst()
        if (row !== undefined && state !== 'read') await removePeople(tx, whose.tenantId, whose.id)
        return row !== undefined
      }),
    async people(tenantId, readId) {
      const people: DirectoryPerson[] = []
      for (let after = ''; ; ) {
        const rows = await db
          .selectFrom('directory_people')
          .select(['account', 'content'])
          .where('tenant_id', '=', tenantId)
          .where('read_id', '=', readId)
          .where('account', '>', after)
          .orderBy('account')
          .limit(peopleAtOnce)
          .execute()
        people.push(...rows.map(({ content }) => StoredPerson.parse(JSON.parse(content))))
        const last = rows.at(-1)
        if (last === undefined || rows.length < peopleAtOnce) return people
        after = last.account
        // Others get a turn: there may be tens of thousands.
        await nextTurn()
      }
    },
    forgetBefore: (at) =>
      atomically(db, async (tx) => {
        const old = tx.selectFrom('directory_reads').select('id').where('updated_at', '<', at)
        await tx.deleteFrom('directory_people').where('read_id', 'in', old).execute()
        await tx.deleteFrom('directory_reads').where('updated_at', '<', at).execute()
      }),
  }
}

async function begin(db: Kysely<Database>, read: NewRead, aliveSince: number): Promise<boolean> {
  const { tenantId, channel, id, appId, startedBy, startedAt, departments } = read
  const before = await db
    .selectFrom('directory_reads')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('channel', '=', channel)
    .executeTakeFirst()
  const values = {
    id,
    app_id: appId,
    state: 'reading',
    started_by: startedBy,
    started_at: startedAt,
    updated_at: startedAt,
    departments: departments === null ? null : JSON.stringify(departments),
    departments_found: 0,
    departments_read: 0,
    people: 0,
    calls: 0,
    is_whole: 0 as const,
    missing: '[]',
    failure: null,
  }
  const begun = await db
    .insertInto('directory_reads')
    .values({ tenant_id: tenantId, channel, ...values })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant_id', 'channel'])
        .doUpdateSet(values)
        .where(({ eb, or }) =>
          or([eb('directory_reads.state', '!=', 'reading'), eb('directory_reads.updated_at', '<', aliveSince)]),
        ),
    )
    .returning('id')
    .executeTakeFirst()
  if (begun !== undefined && before !== undefined) await removePeople(db, tenantId, before.id)
  return begun !== undefined
}

/** How many of them were not there before. */
async function addPeople(
  db: Kysely<Database>,
  { tenantId, id }: Pick<KeptRead, 'tenantId' | 'id'>,
  people: readonly DirectoryPerson[],
): Promise<number> {
  let added = 0
  for (let start = 0; start < people.length; start += rowsAtOnce) {
    const rows = people.slice(start, start + rowsAtOnce).map((person) => ({
      tenant_id: tenantId,
      read_id: id,
      account: person.platformUserId,
      content: JSON.stringify(person),
    }))
    const inserted = await db
      .insertInto('directory_people')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .returning('account')
      .execute()
    added += inserted.length
  }
  return added
}

async function removePeople(db: Kysely<Database>, tenantId: TenantId, readId: string): Promise<void> {
  await db.deleteFrom('directory_people').where('tenant_id', '=', tenantId).where('read_id', '=', readId).execute()
}

function accountsOf(db: Kysely<Database>): Pick<DirectoryReadStore, Accounts> {
  return {
    async accounts(tenantId, channel) {
      const [bound, known] = await Promise.all([
        db
          .selectFrom('user_channels')
          .select(['uid', 'address', 'provisioned'])
          .where('tenant_id', '=', tenantId)
          .where('channel', '=', channel)
          .orderBy('uid')
          .execute(),
        db
          .selectFrom('identities')
          .select(['uid', 'platform_user_id', 'address_digest'])
          .where('tenant_id', '=', tenantId)
          .where('channel', '=', channel)
          .orderBy('platform_user_id')
          .execute(),
      ])
      const byUid = new Map(known.map((row) => [row.uid, row]))
      const accounts: ChannelAccount[] = []
      for (const [place, { uid, address, provisioned }] of bound.entries()) {
        if (place % peopleAtOnce === 0) await nextTurn()
        const stored: unknown = JSON.parse(address)
        const digest = addressDigest(channel, stored)
        const identity = byUid.get(uid)
        accounts.push({
          uid,
          address: plainAddress(stored),
          addressDigest: digest,
          isProvisioned: provisioned === 1,
          platformUserId: identity?.address_digest === digest ? identity.platform_user_id : null,
        })
      }
      const digests = new Map(accounts.map((account) => [account.uid, account.addressDigest]))
      return {
        accounts,
        unclaimed: known
          .filter((row) => digests.get(row.uid) !== row.address_digest)
          .map((row) => ({
            platformUserId: row.platform_user_id,
            claims: claimsOf(row.address_digest, digests),
            row: { uid: row.uid, addressDigest: row.address_digest },
          })),
      }
    },
    bindAccounts: (tenantId, channel, bound, at) =>
      atomically(db, async (tx) => {
        let written = 0
        for (const { platformUserId, replaces } of bound) {
          if (replaces === null) continue
          await tx
            .deleteFrom('identities')
            .where('tenant_id', '=', tenantId)
            .where('channel', '=', channel)
            .where('platform_user_id', '=', platformUserId)
            .where('uid', '=', replaces.uid)
            .where('address_digest', '=', replaces.addressDigest)
            .execute()
        }
        for (let start = 0; start < bound.length; start += rowsAtOnce) {
          const part = bound.slice(start, start + rowsAtOnce)
          const uids = part.map(({ uid }) => uid)
          const theirs = tx.deleteFrom('identities').where('tenant_id', '=', tenantId).where('channel', '=', channel)
          await theirs.where('uid', 'in', uids).execute()
        }
        for (let start = 0; start < bound.length; start += rowsAtOnce) {
          const rows = bound.slice(start, start + rowsAtOnce).map(({ uid, platformUserId, addressDigest: digest }) => ({
            tenant_id: tenantId,
            channel,
            platform_user_id: platformUserId,
            uid,
            address_digest: digest,
            created_at: at,
          }))
          const inserted = await tx
            .insertInto('identities')
            .values(rows)
            .onConflict((conflict) => conflict.doNothing())
            .returning('uid')
            .execute()
          written += inserted.length
          await nextTurn()
        }
        return written === bound.length
      }),
  }
}

/** Of an account that two people claim, the row names them in place of a digest; see the directory store. */
function claimsOf(digest: string, present: ReadonlyMap<Uid, string>): Uid[] {
  if (!digest.startsWith('{')) return []
  const { claims } = Contested.parse(JSON.parse(digest))
  return claims.filter((claim) => present.get(claim.uid) === claim.digest).map(({ uid }) => uid)
}

const Departments = z.array(z.string()).nullable()

function keptRead(row: Selectable<DirectoryReadTable>): KeptRead {
  return {
    tenantId: row.tenant_id,
    channel: ChannelName.parse(row.channel),
    id: row.id,
    appId: row.app_id,
    state: z.enum(directoryReadStates).parse(row.state),
    startedBy: row.started_by,
    startedAt: row.started_at,
    updatedAt: row.updated_at,
    departments: Departments.parse(row.departments === null ? null : JSON.parse(row.departments)),
    departmentsFound: row.departments_found,
    departmentsRead: row.departments_read,
    people: row.people,
    calls: row.calls,
    isWhole: row.is_whole === 1,
    missing: DirectoryReadView.shape.missing.parse(JSON.parse(row.missing)),
    failure: DirectoryReadView.shape.failure.parse(row.failure === null ? null : JSON.parse(row.failure)),
  }
}
