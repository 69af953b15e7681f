import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely'
import { createLoginWayStore, type LoginWayRow } from './login-way-store.ts'
import type {
  ApiKeyTable,
  ApprovalTemplateTable,
  ChannelTable,
  Database,
  NotificationRuleTable,
  TenantTable,
  UserChannelTable,
  UserTable,
} from './schema.ts'

export type TenantRow = Omit<Selectable<TenantTable>, 'next_ticket_number'>
export type ChannelRow = Selectable<ChannelTable>
export type UserRow = Selectable<UserTable>
/** Without what people set themselves: whether they want to be told through it, and when. */
export type BindingRow = Omit<Selectable<UserChannelTable>, 'enabled' | 'mode' | 'proved'>
/** Without what has come of it since it was made. */
export type ApiKeyRow = Omit<Selectable<ApiKeyTable>, 'last_used_at'>
export type TemplateRow = Selectable<ApprovalTemplateTable>
export type RuleRow = Selectable<NotificationRuleTable>

/** All that is set in a tenant, row by row. Secrets stay sealed. */
export interface TenantRows {
  channels: ChannelRow[]
  users: UserRow[]
  bindings: BindingRow[]
  apiKeys: ApiKeyRow[]
  templates: TemplateRow[]
  rules: RuleRow[]
  loginWays: LoginWayRow[]
}

/** Changes what tenants have set. Every `put` overwrites the row of the same key; use it inside a unit of work. */
export interface SettingsStore {
  /** Makes others who want to change settings wait until this unit of work ends. */
  lock(): Promise<void>
  tenants(): Promise<TenantRow[]>
  rows(tenantId: string): Promise<TenantRows>
  /** By name. */
  channelRows(tenantId: string): Promise<ChannelRow[]>
  putTenant(row: TenantRow): Promise<void>
  putChannels(rows: readonly ChannelRow[]): Promise<void>
  putUsers(rows: readonly UserRow[]): Promise<void>
  putBindings(rows: readonly BindingRow[]): Promise<void>
  putApiKeys(rows: readonly ApiKeyRow[]): Promise<void>
  putTemplates(rows: readonly TemplateRow[]): Promise<void>
  putRules(rows: readonly RuleRow[]): Promise<void>
  /** Lets another tenant have the app. Callbacks of the app reach nobody until then. */
  releaseApp(row: ChannelRow): Promise<void>
  /** Also forgets the platform account that was found by it. */
  removeBinding(row: Pick<BindingRow, 'tenant_id' | 'uid' | 'channel'>): Promise<void>
  removeApiKey(row: ApiKeyRow): Promise<void>
  removeTemplate(row: Pick<TemplateRow, 'tenant_id' | 'id'>): Promise<void>
  removeRule(row: Pick<RuleRow, 'tenant_id' | 'module' | 'event'>): Promise<void>
  endSessions(tenantId: string, uid: string, at: number): Promise<void>
}

/** Rows in one statement: far below the engines' limits on parameters. */
const rowsAtOnce = 200

export function createSettingsStore(db: Kysely<Database>): SettingsStore {
  return { ...reading(db), ...putting(db), ...removing(db) }
}

type Reading = 'lock' | 'tenants' | 'rows' | 'channelRows'

function reading(db: Kysely<Database>): Pick<SettingsStore, Reading> {
  const channelRows = (tenantId: string): Promise<ChannelRow[]> =>
    db.selectFrom('channels').selectAll().where('tenant_id', '=', tenantId).orderBy('name').execute()
  return {
    channelRows,
    async lock() {
      await db
        .insertInto('host_values')
        .values({ name: 'settings_lock', value: '' })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: '' }))
        .execute()
    },
    tenants: () =>
      db
        .selectFrom('tenants')
        .select([
          'id',
          'name',
          'locale',
          'time_zone',
          'allow_self_approval',
          'coverage_report',
          'reminders',
          'administrators_need_second_factor',
          'updated_at',
        ])
        .orderBy('id')
        .execute(),
    async rows(tenantId) {
      const users = db.selectFrom('users').selectAll().where('tenant_id', '=', tenantId)
      const bindings = db
        .selectFrom('user_channels')
        .select(['tenant_id', 'uid', 'channel', 'address', 'provisioned', 'updated_at'])
        .where('tenant_id', '=', tenantId)
      const apiKeys = db
        .selectFrom('api_keys')
        .select([
          'tenant_id',
          'name',
          'key_hash',
          'scopes',
          'webhook_secret',
          'provisioned',
          'created_at',
          'expires_at',
        ])
        .where('tenant_id', '=', tenantId)
      const templates = db.selectFrom('approval_templates').selectAll().where('tenant_id', '=', tenantId)
      const rules = db.selectFrom('notification_rules').selectAll().where('tenant_id', '=', tenantId)
      return {
        channels: await channelRows(tenantId),
        users: await users.orderBy('uid').execute(),
        bindings: await bindings.orderBy('uid').orderBy('channel').execute(),
        apiKeys: await apiKeys.orderBy('name').execute(),
        templates: await templates.orderBy('position').orderBy('id').execute(),
        rules: await rules.orderBy('module').orderBy('event').execute(),
        loginWays: await createLoginWayStore(db).rows(tenantId),
      }
    },
  }
}

type Put = `put${string}` & keyof SettingsStore

function putting(db: Kysely<Database>): Pick<SettingsStore, Put> {
  return {
    async putTenant(row) {
      await db
        .insertInto('tenants')
        .values(row)
        .onConflict((on) =>
          on
            .column('id')
            .doUpdateSet(
              given([
                'name',
                'locale',
                'time_zone',
                'allow_self_approval',
                'coverage_report',
                'reminders',
                'administrators_need_second_factor',
                'updated_at',
              ]),
            ),
        )
        .execute()
    },
    putChannels: inParts((rows) =>
      db
        .insertInto('channels')
        .values(rows)
        .onConflict((on) =>
          on
            .columns(['tenant_id', 'name'])
            .doUpdateSet(given(['enabled', 'app_id', 'settings', 'secrets', 'provisioned', 'updated_at'])),
        ),
    ),
    putUsers: inParts((rows) =>
      db
        .insertInto('users')
        .values(rows)
        .onConflict((on) => on.columns(['tenant_id', 'uid']).doUpdateSet(given(userColumns))),
    ),
    putBindings: inParts((rows) =>
      db
        .insertInto('user_channels')
        .values(rows)
        .onConflict((on) =>
          on.columns(['tenant_id', 'uid', 'channel']).doUpdateSet(given(['address', 'provisioned', 'updated_at'])),
        ),
    ),
    putApiKeys: inParts((rows) =>
      db
        .insertInto('api_keys')
        .values(rows)
        .onConflict((on) =>
          on
            .columns(['tenant_id', 'name'])
            .doUpdateSet(given(['key_hash', 'scopes', 'webhook_secret', 'provisioned', 'created_at', 'expires_at'])),
        ),
    ),
    putTemplates: inParts((rows) =>
      db
        .insertInto('approval_templates')
        .values(rows)
        .onConflict((on) =>
          on.columns(['tenant_id', 'id']).doUpdateSet(given(['module', 'template', 'position', 'provisioned'])),
        ),
    ),
    putRules: inParts((rows) =>
      db
        .insertInto('notification_rules')
        .values(rows)
        .onConflict((on) =>
          on
            .columns(['tenant_id', 'module', 'event'])
            .doUpdateSet(given(['enabled', 'channels', 'roles', 'additional_users', 'provisioned'])),
        ),
    ),
  }
}

const userColumns = [
  'name',
  'roles',
  'locale',
  'time_zone',
  'email',
  'mobile',
  'employee_id',
  'disabled',
  'provisioned',
  'updated_at',
] as const

function removing(db: Kysely<Database>): Omit<SettingsStore, Put | Reading> {
  return {
    async releaseApp(row) {
      await db
        .updateTable('channels')
        .set({ app_id: null })
        .where('tenant_id', '=', row.tenant_id)
        .where('name', '=', row.name)
        .execute()
    },
    async removeBinding(row) {
      for (const table of ['user_channels', 'identities'] as const)
        await db
          .deleteFrom(table)
          .where('tenant_id', '=', row.tenant_id)
          .where('uid', '=', row.uid)
          .where('channel', '=', row.channel)
          .execute()
    },
    async removeApiKey(row) {
      await db.deleteFrom('api_keys').where('tenant_id', '=', row.tenant_id).where('name', '=', row.name).execute()
    },
    async removeTemplate(row) {
      await db
        .deleteFrom('approval_templates')
        .where('tenant_id', '=', row.tenant_id)
        .where('id', '=', row.id)
        .execute()
    },
    async removeRule(row) {
      await db
        .deleteFrom('notification_rules')
        .where('tenant_id', '=', row.tenant_id)
        .where('module', '=', row.module)
        .where('event', '=', row.event)
        .execute()
    },
    async endSessions(tenantId, uid, at) {
      await db
        .updateTable('sessions')
        .set({ revoked_at: at })
        .where('tenant_id', '=', tenantId)
        .where('uid', '=', uid)
        .where('revoked_at', 'is', null)
        .execute()
    },
  }
}

/** The new row's values, for overwriting the old one. */
function given<Column extends string>(columns: readonly Column[]): Record<Column, RawBuilder<never>> {
  const entries = columns.map((column) => [column, sql.ref(`excluded.${column}`)])
  return Object.fromEntries(entries) as Record<Column, RawBuilder<never>>
}

function inParts<Row>(
  insert: (rows: Row[]) => { execute(): Promise<unknown> },
): (rows: readonly Row[]) => Promise<void> {
  return async (rows) => {
    for (let start = 0; start < rows.length; start += rowsAtOnce)
      await insert(rows.slice(start, start + rowsAtOnce)).execute()
  }
}
