import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createKeyRing } from '#server/crypto/key-ring.ts'
import { createSealer, type Sealer } from '#server/crypto/seal.ts'
import { apply, fullFile } from '#server/provisioning/_files.ts'
import { onEveryEngine, type TestDatabase } from './_engines.ts'
import { authenticatorSecretPlace } from './authenticator-rows.ts'
import { adoptSecretKey } from './secret-key.ts'
import { createTenantStore } from './tenant-store.ts'
import { addressOwner, openAddress } from './user-address.ts'

const [old, fresh] = [randomBytes(32), randomBytes(32)]
const sealerOf = (...keys: Buffer[]): Sealer => createSealer(createKeyRing(keys))

/** Everything that was sealed, opened. */
async function secretsOf({ db }: TestDatabase, sealer: Sealer): Promise<unknown[]> {
  const tenants = createTenantStore(db, sealer)
  const bindings = await db.selectFrom('user_channels').selectAll().orderBy('uid').orderBy('channel').execute()
  return [
    ...(await tenants.channels('acme')).map((channel) => channel.settings),
    await tenants.webhookSecret('acme', 'ci'),
    ...bindings.map((row) => openAddress(sealer, addressOwner(row), JSON.parse(row.address))),
  ]
}

onEveryEngine((engine) => {
  describe('the secret key of a database', () => {
    it('is the one it was first opened with, and no other is accepted', async () => {
      await using database = await engine.open()
      expect(await adoptSecretKey(database.store, sealerOf(old))).toBe(0)
      expect(await adoptSecretKey(database.store, sealerOf(old))).toBe(0)
      await expect(adoptSecretKey(database.store, sealerOf(fresh))).rejects.toThrow(
        'SECRET_KEY is not the key that this database was written with',
      )
    })

    it('may be replaced: with both given everything is sealed anew, and then the old one may go', async () => {
      await using database = await engine.open()
      const [before, both] = [sealerOf(old), sealerOf(fresh, old)]
      await adoptSecretKey(database.store, before)
      await apply(database, fullFile, { sealer: before })
      const secrets = await secretsOf(database, before)

      expect(await adoptSecretKey(database.store, both)).toBe(9)
      expect(await adoptSecretKey(database.store, both)).toBe(0)
      expect(await adoptSecretKey(database.store, sealerOf(fresh))).toBe(0)
      expect(await secretsOf(database, sealerOf(fresh))).toEqual(secrets)
      await expect(adoptSecretKey(database.store, before)).rejects.toThrow('SECRET_KEY is not the key')
      expect(await apply(database, fullFile, { sealer: sealerOf(fresh) })).toEqual([])
    })

    it('is replaced for authenticator apps too, whether they count or were only begun', async () => {
      await using database = await engine.open()
      const [before, both, after] = [sealerOf(old), sealerOf(fresh, old), sealerOf(fresh)]
      await adoptSecretKey(database.store, before)
      await apply(database, fullFile, { sealer: before })
      const { secondFactors } = database.stores
      const alice = { tenantId: 'acme', uid: 'alice' }
      const place = authenticatorSecretPlace(alice)
      const counting = before.seal('COUNTING', place)
      await secondFactors.beginAuthenticator(alice, counting, 1)
      await secondFactors.confirmAuthenticator(alice, counting, { step: 1, now: 1 })
      await secondFactors.beginAuthenticator(alice, before.seal('BEGUN', place), 1)
      await adoptSecretKey(database.store, both)
      expect(after.open((await secondFactors.authenticator(alice))?.secret ?? '', place)).toBe('COUNTING')
      expect(after.open((await secondFactors.pendingAuthenticator(alice, 1)) ?? '', place)).toBe('BEGUN')
    })

    it('that two instances bring at the same moment is the same for both, or one is refused', async () => {
      await using database = await engine.open()
      const second = await database.openAgain()
      const adopted = await Promise.allSettled([
        adoptSecretKey(database.store, sealerOf(old)),
        adoptSecretKey(second, sealerOf(fresh)),
      ])
      expect(adopted.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    })
  })

  describe('a sealed setting', () => {
    it('that was moved to another tenant or changed does not open', async () => {
      await using database = await engine.open()
      const sealer = sealerOf(old)
      await apply(database, fullFile, { sealer })
      const lark = await database.db
        .selectFrom('channels')
        .selectAll()
        .where('name', '=', 'lark')
        .executeTakeFirstOrThrow()
      await database.db
        .insertInto('channels')
        .values({ ...lark, tenant_id: 'beta', app_id: 'stolen' })
        .execute()
      const tenants = createTenantStore(database.db, sealer)
      const settingsOf = async (appId: string) => (await tenants.channelByApp('lark', appId))?.settings
      await expect(settingsOf('stolen')).rejects.toMatchObject({ code: 'broken' })
      expect(await settingsOf('cli_1')).toMatchObject({ appSecret: 'canary-lark-secret' })
      expect(await tenants.channelByApp('lark', 'cli_1')).toMatchObject({ tenantId: 'acme' })
    })
  })
})
