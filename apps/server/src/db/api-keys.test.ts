import { expect, it } from 'vitest'
import { onEveryEngine } from './_engines.ts'
import { addTenant } from './_fixtures.ts'
import type { NewApiKey } from './stores.ts'

const key: NewApiKey = {
  tenantId: 'acme',
  name: 'nightly',
  scopes: ['tickets:read'],
  keyHash: 'h1',
  webhookSecret: 'whsec_c2VjcmV0c2VjcmV0',
  createdAt: 1_000,
  expiresAt: 5_000,
}

onEveryEngine((engine) => {
  it('a key is known until it runs out or is ended, and its name is taken once', async () => {
    await using database = await engine.open()
    await addTenant(database)
    const { tenants } = database.stores
    expect(await tenants.addApiKey(key)).toBe(true)
    expect(await tenants.addApiKey({ ...key, keyHash: 'h2' })).toBe(false)
    expect(await tenants.apiKeyByHash('h1', 4_999)).toEqual({
      tenantId: 'acme',
      name: 'nightly',
      scopes: ['tickets:read'],
    })
    expect(await tenants.apiKeyByHash('h1', 5_000)).toBeNull()
    await tenants.noteApiKeyUse(key, 2_000)
    expect(await tenants.apiKeys('acme')).toMatchObject([
      { name: 'nightly', provisioned: false, hasWebhookSecret: true, expiresAt: 5_000, lastUsedAt: 2_000 },
    ])
    expect(await tenants.apiKeys('beta')).toEqual([])
    expect(await tenants.webhookSecret('acme', 'nightly')).toBe('whsec_c2VjcmV0c2VjcmV0')
    expect(await tenants.removeApiKey('beta', 'nightly')).toBe(false)
    expect(await tenants.removeApiKey('acme', 'nightly')).toBe(true)
    expect(await tenants.apiKeyByHash('h1', 2_000)).toBeNull()
  })

  it('a key of the provisioning file is not ended here', async () => {
    await using database = await engine.open()
    await addTenant(database)
    const { tenants } = database.stores
    await tenants.addApiKey(key)
    await database.db.updateTable('api_keys').set({ provisioned: 1 }).execute()
    expect(await tenants.removeApiKey('acme', 'nightly')).toBe(false)
    expect(await tenants.apiKeyByHash('h1', 2_000)).not.toBeNull()
  })
})
