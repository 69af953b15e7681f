import {
  ApprovalTemplate,
  type ChannelName,
  durationMs,
  ReminderLadder,
  type ReminderStep as ReminderStepSetting,
  Role,
  type TenantId,
  type Uid,
} from '@countersign/contracts'
import type { Kysely, Selectable } from 'kysely'
import { z } from 'zod'
import type { Template, User } from '#server/tickets/ports.ts'
import type { ReminderStep } from '#server/tickets/ticket.ts'
import { atomically } from './atomically.ts'
import { listPeople } from './people-list.ts'
import type { Database, IdentityTable, UserChannelTable, UserTable } from './schema.ts'
import { bySize, numbered, statement } from './statement.ts'
import type { Binding, Directory } from './stores.ts'
import { addressDigest } from './user-address.ts'

const Roles = z.array(Role)

/** People of a tenant, their approval templates, and whose platform account is whose. */
export function createDirectory(db: Kysely<Database>): Directory {
  return { ...people(db), ...identities(db) }
}

type People = Pick<Directory, 'user' | 'users' | 'list' | 'submissionRules' | 'template' | 'defaultTemplate'>

function people(db: Kysely<Database>): People {
  const templates = (tenantId: TenantId) =>
    db.selectFrom('approval_templates').select('template').where('tenant_id', '=', tenantId)
  return {
    user: (tenantId, uid) => findUser(db, tenantId, uid),
    list: (tenantId, filter, page) => listPeople(db, tenantId, filter, page),
    async users(tenantId, uids) {
      if (uids.length === 0) return new Map()
      const wanted = [...new Set(uids)]
      const { rows } = await selectUsers(wanted.length)(db, { tenantId, ...numbered('uid', wanted) })
      return new Map(rows.map((row) => [row.uid, userOf(row)]))
    },
    async submissionRules(tenantId) {
      const row = await db
        .selectFrom('tenants')
        .select(['allow_self_approval', 'reminders'])
        .where('id', '=', tenantId)
        .executeTakeFirst()
      const ladder = ReminderLadder.parse(JSON.parse(row?.reminders ?? '[]'))
      return { allowsSelfApproval: row?.allow_self_approval === 1, reminders: stepsOf(ladder) }
    },
    async template(tenantId, id) {
      return templateOf(await templates(tenantId).where('id', '=', id).executeTakeFirst())
    },
    async defaultTemplate(tenantId, module) {
      const first = templates(tenantId).where('module', '=', module).orderBy('position').orderBy('id').limit(1)
      return templateOf(await first.executeTakeFirst())
    },
  }
}

function identities(db: Kysely<Database>): Omit<Directory, keyof People> {
  return {
    async findByPlatformId(tenantId, channel, platformUserId) {
      const row = (await selectByPlatformId(db, { tenantId, channel, platformUserId })).rows[0]
      if (row === undefined) return null
      return bindingOf(channel, row).addressDigest === row.address_digest ? userOf(row) : null
    },
    async platformId(tenantId, channel, uid) {
      const [bound, row] = await Promise.all([
        findBinding(db, tenantId, channel, uid),
        db
          .selectFrom('identities')
          .select(['platform_user_id', 'address_digest'])
          .where('tenant_id', '=', tenantId)
          .where('channel', '=', channel)
          .where('uid', '=', uid)
          .executeTakeFirst(),
      ])
      return row !== undefined && bound?.addressDigest === row.address_digest ? row.platform_user_id : null
    },
    binding: (tenantId, channel, uid) => findBinding(db, tenantId, channel, uid),
    async unresolved(tenantId, channel) {
      const rows = await boundPeople(db, tenantId, channel)
      return rows.flatMap(({ bound, isKnown }) => (isKnown ? [] : [bound]))
    },
    async known(tenantId, channel) {
      const rows = await boundPeople(db, tenantId, channel)
      return rows.flatMap(({ bound: { uid }, isKnown, platformUserId }) =>
        isKnown && platformUserId !== null ? [{ uid, platformUserId }] : [],
      )
    },
    async isOthers(tenantId, channel, platformUserId, uid) {
      const row = await findIdentity(db, tenantId, channel, platformUserId)
      return row !== undefined && (await standingClaims(db, tenantId, channel, row, uid)).length > 0
    },
    remember(tenantId, binding, platformUserId, at) {
      return atomically(db, (tx) => rememberIn(tx, { tenantId, binding, platformUserId, at }))
    },
  }
}

/** Everybody who is bound to the channel and not disabled, and whether the platform's account of that address is known. */
async function boundPeople(
  db: Kysely<Database>,
  tenantId: TenantId,
  channel: ChannelName,
): Promise<{ bound: Binding; isKnown: boolean; platformUserId: string | null }[]> {
  const rows = await db
    .selectFrom('user_channels as bound')
    .innerJoin('users', (join) =>
      join.onRef('users.tenant_id', '=', 'bound.tenant_id').onRef('users.uid', '=', 'bound.uid'),
    )
    .leftJoin('identities as known', (join) =>
      join
        .onRef('known.tenant_id', '=', 'bound.tenant_id')
        .onRef('known.channel', '=', 'bound.channel')
        .onRef('known.uid', '=', 'bound.uid'),
    )
    .select(['bound.uid', 'bound.address', 'bound.provisioned', 'known.address_digest', 'known.platform_user_id'])
    .where('bound.tenant_id', '=', tenantId)
    .where('bound.channel', '=', channel)
    .where('users.disabled', '=', 0)
    .orderBy('bound.uid')
    .execute()
  return rows.map((row) => {
    const bound = bindingOf(channel, row)
    return { bound, isKnown: bound.addressDigest === row.address_digest, platformUserId: row.platform_user_id }
  })
}

interface Claim {
  tenantId: TenantId
  binding: Binding
  platformUserId: string
  at: number
}

/** Two people claimed the account: the row names both and fits neither's address, so that it is nobody's. */
const Contested = z.object({ claims: z.array(z.object({ uid: z.string(), digest: z.string() })).min(2) })

async function rememberIn(db: Kysely<Database>, claim: Claim): Promise<boolean> {
  const { tenantId, binding, platformUserId, at } = claim
  const { channel, uid } = binding
  const mine = { uid, digest: binding.addressDigest }
  // The address was changed while the platform was being asked: the answer is about somebody who is no longer meant.
  const present = await findBinding(db, tenantId, channel, uid)
  if (present?.addressDigest !== mine.digest) return false

  const row = await findIdentity(db, tenantId, channel, platformUserId)
  if (row?.uid === uid && row.address_digest === mine.digest) return true
  const others = row === undefined ? [] : await standingClaims(db, tenantId, channel, row, uid)
  // Of the account's row only as it was read: who was found by it since keeps it, and the insert below says so.
  await db
    .deleteFrom('identities')
    .where('tenant_id', '=', tenantId)
    .where('channel', '=', channel)
    .where(({ and, eb, or }) =>
      or([
        eb('uid', '=', uid),
        and([
          eb('platform_user_id', '=', platformUserId),
          eb('uid', '=', row?.uid ?? uid),
          eb('address_digest', '=', row?.address_digest ?? ''),
        ]),
      ]),
    )
    .execute()
  const isMine = others.length === 0
  const contested: z.infer<typeof Contested> = { claims: [...others, mine] }
  const written = await db
    .insertInto('identities')
    .values({
      tenant_id: tenantId,
      channel,
      platform_user_id: platformUserId,
      uid: others[0]?.uid ?? uid,
      address_digest: isMine ? mine.digest : JSON.stringify(contested),
      created_at: at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  // Somebody else wrote in between: the next delivery asks again and meets their row.
  return isMine && written.numInsertedOrUpdatedRows === 1n
}

/** Who else claims the account: enabled, and still bound by the address that led to it. */
async function standingClaims(
  db: Kysely<Database>,
  tenantId: TenantId,
  channel: ChannelName,
  row: Selectable<IdentityTable>,
  except: Uid,
): Promise<{ uid: Uid; digest: string }[]> {
  const standing: { uid: Uid; digest: string }[] = []
  for (const claim of claimsOf(row)) {
    if (claim.uid === except) continue
    const bound = await findBinding(db, tenantId, channel, claim.uid)
    const user = await findUser(db, tenantId, claim.uid)
    if (bound?.addressDigest === claim.digest && user?.disabled === false) standing.push(claim)
  }
  return standing
}

function claimsOf(row: Selectable<IdentityTable>): { uid: Uid; digest: string }[] {
  if (!row.address_digest.startsWith('{')) return [{ uid: row.uid, digest: row.address_digest }]
  return Contested.parse(JSON.parse(row.address_digest)).claims
}

async function findUser(db: Kysely<Database>, tenantId: TenantId, uid: Uid): Promise<User | null> {
  const row = (await selectUsers(1)(db, { tenantId, uid0: uid })).rows[0]
  return row === undefined ? null : userOf(row)
}

/** What the person chose for themself goes before what the tenant says of them. */
type PersonRow = UserTable & { own_locale: string | null; own_time_zone: string | null }

const selectUsers = bySize((count) =>
  statement<{ tenantId: string } & Record<`uid${number}`, Uid>, PersonRow>((db, value) =>
    db
      .selectFrom('users')
      .leftJoin('notification_preferences as own', (join) =>
        join.onRef('own.tenant_id', '=', 'users.tenant_id').onRef('own.uid', '=', 'users.uid'),
      )
      .selectAll('users')
      .select(['own.locale as own_locale', 'own.time_zone as own_time_zone'])
      .where('users.tenant_id', '=', value('tenantId'))
      .where(
        'users.uid',
        'in',
        Array.from({ length: count }, (_, index) => value(`uid${index}`)),
      ),
  ),
)

async function findIdentity(db: Kysely<Database>, tenantId: TenantId, channel: ChannelName, platformUserId: string) {
  return (await selectIdentity(db, { tenantId, channel, platformUserId })).rows[0]
}

const selectIdentity = statement<{ tenantId: string; channel: string; platformUserId: string }, IdentityTable>(
  (db, value) =>
    db
      .selectFrom('identities')
      .selectAll()
      .where('tenant_id', '=', value('tenantId'))
      .where('channel', '=', value('channel'))
      .where('platform_user_id', '=', value('platformUserId')),
)

/** In one go, since every tap begins with it. Nothing where the person is not bound, or gone. */
const selectByPlatformId = statement<
  { tenantId: string; channel: string; platformUserId: string },
  PersonRow & { address: string; address_digest: string }
>((db, value) =>
  db
    .selectFrom('identities as known')
    .innerJoin('user_channels as bound', (join) =>
      join
        .onRef('bound.tenant_id', '=', 'known.tenant_id')
        .onRef('bound.uid', '=', 'known.uid')
        .onRef('bound.channel', '=', 'known.channel'),
    )
    .innerJoin('users', (join) =>
      join.onRef('users.tenant_id', '=', 'known.tenant_id').onRef('users.uid', '=', 'known.uid'),
    )
    .leftJoin('notification_preferences as own', (join) =>
      join.onRef('own.tenant_id', '=', 'users.tenant_id').onRef('own.uid', '=', 'users.uid'),
    )
    .selectAll('users')
    .select(['own.locale as own_locale', 'own.time_zone as own_time_zone'])
    .select(['bound.address', 'known.address_digest'])
    .where('known.tenant_id', '=', value('tenantId'))
    .where('known.channel', '=', value('channel'))
    .where('known.platform_user_id', '=', value('platformUserId')),
)

async function findBinding(
  db: Kysely<Database>,
  tenantId: TenantId,
  channel: ChannelName,
  uid: Uid,
): Promise<Binding | null> {
  const row = (await selectBinding(db, { tenantId, channel, uid })).rows[0]
  return row === undefined ? null : bindingOf(channel, row)
}

const selectBinding = statement<{ tenantId: string; channel: string; uid: Uid }, BindingRow>((db, value) =>
  db
    .selectFrom('user_channels')
    .select(['uid', 'address', 'provisioned'])
    .where('tenant_id', '=', value('tenantId'))
    .where('channel', '=', value('channel'))
    .where('uid', '=', value('uid')),
)

type BindingRow = Pick<Selectable<UserChannelTable>, 'uid' | 'address' | 'provisioned'>

function bindingOf(channel: ChannelName, row: BindingRow): Binding {
  const address: unknown = JSON.parse(row.address)
  const isProvisioned = row.provisioned === 1
  return { uid: row.uid, channel, address, addressDigest: addressDigest(channel, address), isProvisioned }
}

function userOf(row: PersonRow): User {
  return {
    tenantId: row.tenant_id,
    uid: row.uid,
    name: row.name,
    roles: Roles.parse(JSON.parse(row.roles)),
    locale: row.own_locale ?? row.locale,
    timeZone: row.own_time_zone ?? row.time_zone,
    disabled: row.disabled === 1,
  }
}

function templateOf(row: { template: string } | undefined): Template | null {
  if (row === undefined) return null
  const template = ApprovalTemplate.parse(JSON.parse(row.template))
  return {
    id: template.id,
    module: template.module,
    nodes: template.nodes,
    risk: template.risk ?? null,
    surfaces: template.surfaces ?? null,
    rejectWhenQuorumImpossible: template.rejectWhenQuorumImpossible ?? false,
    reminders: template.reminders === undefined ? null : stepsOf(template.reminders),
  }
}

function stepsOf(ladder: readonly ReminderStepSetting[]): ReminderStep[] {
  return ladder.map(({ after, buzz }) => ({ afterMs: durationMs(after), buzz }))
}
