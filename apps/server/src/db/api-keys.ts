import { ApiScope } from '@countersign/contracts'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { type Sealer, sealContext } from '#server/crypto/seal.ts'
import type { Database } from './schema.ts'
import type { TenantStore } from './stores.ts'

const Scopes = z.array(ApiScope)

/** Where an API key's webhook secret is sealed for. */
export function webhookSecretPlace(tenant: string, apiKeyName: string): string {
  return sealContext({ tenant, table: 'api_keys', column: 'webhook_secret', row: apiKeyName })
}

/** What administrators do with the API keys of their tenant. Those of the provisioning file are only read. */
export function apiKeys(
  db: Kysely<Database>,
  sealer: Sealer,
): Pick<TenantStore, 'apiKeys' | 'addApiKey' | 'removeApiKey' | 'noteApiKeyUse'> {
  return {
    async apiKeys(tenantId) {
      const rows = await db
        .selectFrom('api_keys')
        .select(['name', 'scopes', 'webhook_secret', 'provisioned', 'created_at', 'expires_at', 'last_used_at'])
        .where('tenant_id', '=', tenantId)
        .orderBy('name')
        .execute()
      return rows.map((row) => ({
        tenantId,
        name: row.name,
        scopes: Scopes.parse(JSON.parse(row.scopes)),
        hasWebhookSecret: row.webhook_secret !== null,
        provisioned: row.provisioned === 1,
        createdAt: row.created_at,
        expiresAt: row.expires_at,
        lastUsedAt: row.last_used_at,
      }))
    },
    async addApiKey({ tenantId, name, scopes, keyHash, webhookSecret, createdAt, expiresAt }) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('api_keys')
        .values({
          tenant_id: tenantId,
          name,
          key_hash: keyHash,
          scopes: JSON.stringify([...new Set(scopes)].sort()),
          webhook_secret:
            webhookSecret === null ? null : sealer.seal(webhookSecret, webhookSecretPlace(tenantId, name)),
          provisioned: 0,
          created_at: createdAt,
          expires_at: expiresAt,
          last_used_at: null,
        })
        .onConflict((conflict) => conflict.columns(['tenant_id', 'name']).doNothing())
        .executeTakeFirstOrThrow()
      return numInsertedOrUpdatedRows === 1n
    },
    async removeApiKey(tenantId, name) {
      const { numDeletedRows } = await db
        .deleteFrom('api_keys')
        .where('tenant_id', '=', tenantId)
        .where('name', '=', name)
        .where('provisioned', '=', 0)
        .executeTakeFirstOrThrow()
      return numDeletedRows === 1n
    },
    async noteApiKeyUse({ tenantId, name }, at) {
      await db
        .updateTable('api_keys')
        .set({ last_used_at: at })
        .where('tenant_id', '=', tenantId)
        .where('name', '=', name)
        .execute()
    },
  }
}
