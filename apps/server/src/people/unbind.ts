import type { ChannelName, Uid } from '@countersign/contracts'
import type { Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import type { By } from './change.ts'

/**
 * Forgets the address of a channel, and the account that was found by it. Whoever logged in with that account may not go on
 * as this person. To be called inside a unit of work. Throws `not_found` and `provisioned`.
 */
export async function unbindPerson(
  tx: Pick<Stores, 'settings' | 'people' | 'audit'>,
  { admin, at }: By,
  uid: Uid,
  channel: ChannelName,
): Promise<void> {
  const { tenantId } = admin
  await tx.settings.lock()
  const bound = (await tx.people.bindings(tenantId, uid)).find((each) => each.channel === channel)
  if (bound === undefined) throw new AppError('not_found', 'this person is not bound to the channel')
  if (bound.provisioned) {
    throw new AppError('provisioned', 'this binding stands in the provisioning file, and is changed there')
  }
  await tx.settings.removeBinding({ tenant_id: tenantId, uid, channel })
  await tx.settings.endSessions(tenantId, uid, at)
  const entry = { tenantId, at, actor: admin.uid, action: 'user.unbind', target: `user:${uid}` }
  await tx.audit.append({ ...entry, detail: { channel } })
}
