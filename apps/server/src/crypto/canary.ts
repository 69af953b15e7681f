import type { Kysely } from 'kysely'
import type { Database } from '#server/db/schema.ts'
import { SecretKeyError } from './key-ring.ts'
import { SealError, type Sealer, sealContext } from './seal.ts'

const canaryName = 'secret_key_canary'
const canaryText = 'countersign'
const context = sealContext({ tenant: '', table: 'host_values', column: 'value', row: canaryName })

/**
 * Refuses to go on with another SECRET_KEY than the one this database was written with: throws SecretKeyError. The first
 * start leaves the mark that later starts are compared with.
 */
export async function checkSecretKey(db: Kysely<Database>, sealer: Sealer): Promise<void> {
  const read = () => db.selectFrom('host_values').select('value').where('name', '=', canaryName).executeTakeFirst()
  let found = await read()
  if (found === undefined) {
    await db
      .insertInto('host_values')
      .values({ name: canaryName, value: sealer.seal(canaryText, context) })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute()
    // Another instance may have been first, perhaps with another key.
    found = await read()
  }
  if (found === undefined || !isIntact(found.value, sealer))
    throw new SecretKeyError('SECRET_KEY is not the key that this database was written with')
}

/**
 * Moves the mark to the key that writes now. Called once everything sealed with an older key has been sealed anew, so
 * that the older key may be taken out of SECRET_KEY.
 */
export async function renewSecretKeyMark(db: Kysely<Database>, sealer: Sealer): Promise<void> {
  await db
    .updateTable('host_values')
    .set({ value: sealer.seal(canaryText, context) })
    .where('name', '=', canaryName)
    .execute()
}

function isIntact(sealed: string, sealer: Sealer): boolean {
  try {
    return sealer.open(sealed, context) === canaryText
  } catch (error) {
    if (error instanceof SealError) return false
    throw error
  }
}
