import { createHash, randomBytes } from 'node:crypto'
import type { ApiKeyView, CreateApiKey, CreatedApiKey } from '@countersign/contracts'
import type { ApiKeyRecord, Store } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import type { User } from '#server/tickets/ports.ts'

export interface ApiKeysDeps {
  store: Store
  now: () => number
}

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

/** An API key as the console shows it. */
export function viewApiKey({ tenantId: _, createdAt, expiresAt, lastUsedAt, ...key }: ApiKeyRecord): ApiKeyView {
  return {
    ...key,
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: iso(expiresAt),
    lastUsedAt: iso(lastUsedAt),
  }
}

/** A new key, which only this answer ever shows. Throws `invalid_request` and `conflict`. */
export async function createApiKey(
  { store, now }: ApiKeysDeps,
  admin: User,
  ask: CreateApiKey,
): Promise<CreatedApiKey> {
  const { tenantId } = admin
  const at = now()
  const expiresAt = ask.expiresAt === undefined ? null : Date.parse(ask.expiresAt)
  if (expiresAt !== null && expiresAt <= at) {
    const errors = [{ path: 'expiresAt', message: 'must lie in the future' }]
    throw new AppError('invalid_request', 'the body is not acceptable', { errors })
  }
  const key = `csk_${randomBytes(32).toString('base64url')}`
  const webhookSecret = ask.withWebhookSecret ? `whsec_${randomBytes(32).toString('base64')}` : null
  const scopes = [...new Set(ask.scopes)].sort()
  const made = { tenantId, name: ask.name, scopes, createdAt: at, expiresAt }
  await store.run(async (tx) => {
    const keyHash = createHash('sha256').update(key).digest('hex')
    if (!(await tx.tenants.addApiKey({ ...made, keyHash, webhookSecret }))) {
      throw new AppError('conflict', `there is an API key named ${ask.name} already`)
    }
    const entry = { tenantId, at, actor: admin.uid, action: 'api_key.create', target: `api_key:${ask.name}` }
    await tx.audit.append({ ...entry, detail: { scopes: scopes.join(' '), expiresAt: iso(expiresAt) } })
  })
  const record = { ...made, hasWebhookSecret: webhookSecret !== null, provisioned: false, lastUsedAt: null }
  return { ...viewApiKey(record), key, webhookSecret }
}

/** From the next request on nobody can use it. Throws `not_found`, and `conflict` for one of the provisioning file. */
export async function revokeApiKey({ store, now }: ApiKeysDeps, admin: User, name: string): Promise<void> {
  const { tenantId } = admin
  await store.run(async (tx) => {
    const found = (await tx.tenants.apiKeys(tenantId)).find((key) => key.name === name)
    if (found === undefined) throw new AppError('not_found', 'there is no such API key')
    if (found.provisioned) {
      throw new AppError('conflict', 'this API key stands in the provisioning file, and is ended there')
    }
    await tx.tenants.removeApiKey(tenantId, name)
    const entry = { tenantId, at: now(), actor: admin.uid, action: 'api_key.revoke', target: `api_key:${name}` }
    await tx.audit.append({ ...entry, detail: {} })
  })
}
