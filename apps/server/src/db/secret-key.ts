import { SecretKeyError } from '#server/crypto/key-ring.ts'
import { openedIfIntact, type Sealer, sealContext } from '#server/crypto/seal.ts'
import { webhookSecretPlace } from './api-keys.ts'
import { authenticatorSecretPlace } from './authenticator-rows.ts'
import { hasStaleSecret, openSettings, type SettingsName, storeSettings } from './channel-settings.ts'
import { sealedAnew } from './login-way-settings.ts'
import type { LoginWayStore } from './login-way-store.ts'
import type { ApiKeyRow, BindingRow, ChannelRow, SettingsStore } from './settings-store.ts'
import type { OpenedStore } from './sqlite-store.ts'
import type { Stores } from './stores.ts'
import { addressOwner, hasStalePart, openAddress, storeAddress } from './user-address.ts'

/** A value sealed with the host's key: what shows that a later start has the same key. */
const markName = 'secret_key_mark'
const markText = 'countersign'
const markPlace = sealContext({ tenant: '', table: 'host_values', column: 'value', row: markName })

/**
 * Refuses to go on with another SECRET_KEY than the one this database was written with: throws SecretKeyError. After a
 * rotation every stored secret is sealed anew with the first key. Returns how many were.
 */
export async function adoptSecretKey(store: Pick<OpenedStore, 'db' | 'run'>, sealer: Sealer): Promise<number> {
  const mark = await readMark(store, sealer)
  if (!isIntact(mark, sealer)) throw new SecretKeyError('SECRET_KEY is not the key that this database was written with')
  if (!sealer.isStale(mark)) return 0
  const count = await store.run(async (tx) => (await sealAnew(tx, sealer)) + (await authenticatorsAnew(tx, sealer)))
  const renewed = { value: sealer.seal(markText, markPlace) }
  await store.db.updateTable('host_values').set(renewed).where('name', '=', markName).execute()
  return count
}

async function readMark({ db }: Pick<OpenedStore, 'db'>, sealer: Sealer): Promise<string> {
  const read = () => db.selectFrom('host_values').select('value').where('name', '=', markName).executeTakeFirst()
  const found = await read()
  if (found !== undefined) return found.value
  await db
    .insertInto('host_values')
    .values({ name: markName, value: sealer.seal(markText, markPlace) })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
  // Another instance may have been first, perhaps with another key.
  return (await read())?.value ?? ''
}

function isIntact(sealed: string, sealer: Sealer): boolean {
  return openedIfIntact(() => sealer.open(sealed, markPlace)) === markText
}

/** A value that was tampered with stays as it is: it is refused where it is used. */
async function sealAnew(
  { settings, loginWays }: { settings: SettingsStore; loginWays: LoginWayStore },
  sealer: Sealer,
): Promise<number> {
  await settings.lock()
  let count = 0
  for (const { id } of await settings.tenants()) {
    const rows = await settings.rows(id)
    const channels = rows.channels.flatMap((row) => channelAnew(sealer, row))
    const bindings = rows.bindings.flatMap((row) => bindingAnew(sealer, row))
    const apiKeys = rows.apiKeys.flatMap((row) => apiKeyAnew(sealer, row))
    await settings.putChannels(channels)
    await settings.putBindings(bindings)
    await settings.putApiKeys(apiKeys)
    const ways = rows.loginWays.flatMap((row) => sealedAnew(sealer, row) ?? [])
    for (const row of ways) await loginWays.put(row)
    count += channels.length + bindings.length + apiKeys.length + ways.length
  }
  return count
}

/** The secrets of authenticator apps, else people would be locked out once the old key is gone. */
async function authenticatorsAnew(
  { settings, secondFactors }: Pick<Stores, 'settings' | 'secondFactors'>,
  sealer: Sealer,
): Promise<number> {
  let count = 0
  for (const { id } of await settings.tenants()) {
    for (const stored of await secondFactors.sealedSecrets(id)) {
      const place = authenticatorSecretPlace(stored)
      const anew = (sealed: string | null): string | null =>
        sealed === null || !sealer.isStale(sealed)
          ? sealed
          : (openedIfIntact(() => sealer.seal(sealer.open(sealed, place), place)) ?? sealed)
      const fresh = { ...stored, secret: anew(stored.secret), pendingSecret: anew(stored.pendingSecret) }
      if (fresh.secret === stored.secret && fresh.pendingSecret === stored.pendingSecret) continue
      await secondFactors.replaceSealed(fresh)
      count += 1
    }
  }
  return count
}

function channelAnew(sealer: Sealer, row: ChannelRow): ChannelRow[] {
  if (!hasStaleSecret(sealer, row)) return []
  const name = row.name as SettingsName
  const settings = openedIfIntact(() => openSettings(sealer, row.tenant_id, name, row))
  return settings === undefined ? [] : [{ ...row, ...storeSettings(sealer, row.tenant_id, name, settings) }]
}

function bindingAnew(sealer: Sealer, row: BindingRow): BindingRow[] {
  const stored: unknown = JSON.parse(row.address)
  if (!hasStalePart(sealer, stored)) return []
  const owner = addressOwner(row)
  const address = openedIfIntact(() => openAddress(sealer, owner, stored))
  return address === undefined ? [] : [{ ...row, address: storeAddress(sealer, owner, address) }]
}

function apiKeyAnew(sealer: Sealer, row: ApiKeyRow): ApiKeyRow[] {
  const sealed = row.webhook_secret
  if (sealed === null || !sealer.isStale(sealed)) return []
  const place = webhookSecretPlace(row.tenant_id, row.name)
  const secret = openedIfIntact(() => sealer.open(sealed, place))
  return secret === undefined ? [] : [{ ...row, webhook_secret: sealer.seal(secret, place) }]
}
