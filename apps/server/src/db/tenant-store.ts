import {
  ApiScope,
  ApprovalTemplate,
  ChannelName,
  channelNames,
  NoticeEvent,
  NoticeRole,
  type NotificationRule,
  trialModule,
} from '@countersign/contracts'
import { type Kysely, type Selectable, sql } from 'kysely'
import { z } from 'zod'
import type { Sealer } from '#server/crypto/seal.ts'
import { apiKeys, webhookSecretPlace } from './api-keys.ts'
import { openSettings } from './channel-settings.ts'
import type { ChannelTable, Database, NotificationRuleTable, TenantTable } from './schema.ts'
import { statement } from './statement.ts'
import type { ChannelRecord, Tenant, TenantStore } from './stores.ts'

const Scopes = z.array(ApiScope)
/** Values of the setting `connection` that are no callbacks. */
const connections = ['long-connection', 'stream']
const ChannelNames = z.array(ChannelName).nullable()
const NoticeRoles = z.array(NoticeRole)
const Uids = z.array(z.string())

/**
 * Tenants and their settings. A channel's settings are opened when they are looked at: of one whose secrets were tampered
 * with that throws SealError, so it stays unused, and the others do not.
 */
export function createTenantStore(db: Kysely<Database>, sealer: Sealer): TenantStore {
  const channelRows = () => db.selectFrom('channels').selectAll()
  const record = (row: Selectable<ChannelTable>): ChannelRecord => channelRecord(sealer, row)
  return {
    async tenants() {
      return (await db.selectFrom('tenants').selectAll().orderBy('id').execute()).map(tenantOf)
    },
    async tenant(id) {
      const row = (await selectTenant(db, { id })).rows[0]
      return row === undefined ? null : tenantOf(row)
    },
    async channels(tenantId) {
      const rows = await channelRows()
        .where('tenant_id', '=', tenantId)
        .where('name', 'in', [...channelNames])
        .orderBy('name')
        .execute()
      return rows.map(record)
    },
    async channel(tenantId, name) {
      const row = await channelRows().where('tenant_id', '=', tenantId).where('name', '=', name).executeTakeFirst()
      return row === undefined ? null : record(row)
    },
    async connectedChannels() {
      const rows = await channelRows()
        .where('enabled', '=', 1)
        .where('name', 'in', [...channelNames])
        // As storeSettings writes it. One look for all tenants, so that it can be had often.
        .where((eb) => eb.or(connections.map((kind) => eb('settings', 'like', `%"connection":"${kind}"%`))))
        .orderBy('tenant_id')
        .orderBy('name')
        .execute()
      return rows.map(record)
    },
    async channelByApp(name, appId) {
      const row = await channelRows().where('name', '=', name).where('app_id', '=', appId).executeTakeFirst()
      return row === undefined ? null : record(row)
    },
    ...apiKeys(db, sealer),
    async apiKeyByHash(keyHash, now) {
      const row = await db
        .selectFrom('api_keys')
        .select(['tenant_id', 'name', 'scopes'])
        .where('key_hash', '=', keyHash)
        .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
        .executeTakeFirst()
      if (row === undefined) return null
      return { tenantId: row.tenant_id, name: row.name, scopes: Scopes.parse(JSON.parse(row.scopes)) }
    },
    async webhookSecret(tenantId, apiKeyName) {
      const row = await db
        .selectFrom('api_keys')
        .select('webhook_secret')
        .where('tenant_id', '=', tenantId)
        .where('name', '=', apiKeyName)
        .executeTakeFirst()
      const sealed = row?.webhook_secret ?? null
      return sealed === null ? null : sealer.open(sealed, webhookSecretPlace(tenantId, apiKeyName))
    },
    async rule(tenantId, module, event) {
      const row = (await selectRule(db, { tenantId, module, event })).rows[0]
      return row === undefined ? null : ruleOf(row)
    },
    async rules(tenantId) {
      const rows = await db
        .selectFrom('notification_rules')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .orderBy('module')
        .orderBy('event')
        .execute()
      return rows.map((row) => ({ ...ruleOf(row), isProvisioned: row.provisioned === 1 }))
    },
    usedModules: async (tenantId) => (await usedModules(db, tenantId)).filter((module) => module !== trialModule),
    async templates(tenantId) {
      const rows = await db
        .selectFrom('approval_templates')
        .select('template')
        .where('tenant_id', '=', tenantId)
        .orderBy('position')
        .orderBy('id')
        .execute()
      return rows.map((row) => ApprovalTemplate.parse(JSON.parse(row.template)))
    },
  }
}

/** From one module to the next along the index: as fast with a million tickets as with ten. */
async function usedModules(db: Kysely<Database>, tenantId: string): Promise<string[]> {
  const { rows } = await sql<{ module: string }>`
    with recursive used(module) as (
      select (select min(module) from tickets where tenant_id = ${tenantId})
      union all
      select (select min(module) from tickets where tenant_id = ${tenantId} and module > used.module)
      from used where used.module is not null
    )
    select module from used where module is not null order by module`.execute(db)
  return rows.map(({ module }) => module)
}

function ruleOf(row: Selectable<NotificationRuleTable>): NotificationRule {
  const channels = ChannelNames.parse(row.channels === null ? null : JSON.parse(row.channels))
  return {
    module: row.module,
    event: NoticeEvent.parse(row.event),
    enabled: row.enabled === 1,
    ...(channels === null ? {} : { channels }),
    roles: NoticeRoles.parse(JSON.parse(row.roles)),
    additionalUsers: Uids.parse(JSON.parse(row.additional_users)),
  }
}

const selectTenant = statement<{ id: string }, Selectable<TenantTable>>((db, value) =>
  db.selectFrom('tenants').selectAll().where('id', '=', value('id')),
)

const selectRule = statement<{ tenantId: string; module: string; event: string }, Selectable<NotificationRuleTable>>(
  (db, value) =>
    db
      .selectFrom('notification_rules')
      .selectAll()
      .where('tenant_id', '=', value('tenantId'))
      .where('module', '=', value('module'))
      .where('event', '=', value('event')),
)

function tenantOf(row: Selectable<TenantTable>): Tenant {
  return {
    id: row.id,
    name: row.name,
    locale: row.locale,
    timeZone: row.time_zone,
    allowSelfApproval: row.allow_self_approval === 1,
    coverageReport: row.coverage_report === 1,
  }
}

function channelRecord(sealer: Sealer, row: Selectable<ChannelTable>): ChannelRecord {
  const name = ChannelName.parse(row.name)
  return {
    tenantId: row.tenant_id,
    name,
    enabled: row.enabled === 1,
    appId: row.app_id,
    get settings() {
      return openSettings(sealer, row.tenant_id, name, row)
    },
    updatedAt: row.updated_at,
  }
}
