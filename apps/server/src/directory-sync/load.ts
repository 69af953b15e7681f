import type { ChannelName, TenantId, Uid } from '@countersign/contracts'
import type { DirectoryPerson } from '#server/channels/channel-directory.ts'
import type { KeptRead } from '#server/db/directory-read-store.ts'
import type { Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import type { UidSource } from './new-uid.ts'
import { planSyncInTurns, type SyncPlan } from './plan.ts'

/** How an administrator wants it planned. */
export interface Planning {
  readId: string
  uidFrom: UidSource
  resolutions: Readonly<Record<string, Uid>>
}

/** From where: the channel, and the app that it has now. */
export interface FromChannel {
  tenantId: TenantId
  channel: ChannelName
  appId: string
}

/**
 * Plans with a directory as it was read and the tenant as it is now. `loaded`: its people, which do not change any more and so
 * can have been loaded before a unit of work. Throws `preview_outdated` where that reading is not
 * there any more, is another app's, or has come to no end.
 */
export async function loadPlan(
  stores: Pick<Stores, 'directoryReads' | 'people'>,
  { tenantId, channel, appId }: FromChannel,
  { readId, uidFrom, resolutions }: Planning,
  at: number,
  loaded?: readonly DirectoryPerson[],
): Promise<SyncPlan> {
  const read = await stores.directoryReads.read(tenantId, channel)
  if (!isUsable(read, appId) || read.id !== readId) {
    throw new AppError('preview_outdated', 'the directory has been read again since, or is not kept any more')
  }
  const [people, users, accounts] = await Promise.all([
    loaded ?? stores.directoryReads.people(tenantId, readId),
    stores.people.everyone(tenantId),
    stores.directoryReads.accounts(tenantId, channel),
  ])
  const { isWhole } = read
  const known = new Map(Object.entries(resolutions))
  return planSyncInTurns({
    tenantId,
    channel,
    readId,
    isWhole,
    people,
    users,
    accounts,
    uidFrom,
    resolutions: known,
    at,
  })
}

function isUsable(read: KeptRead | null, appId: string): read is KeptRead {
  return read !== null && read.state === 'read' && read.appId === appId
}
