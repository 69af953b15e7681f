import type { Uid } from '@countersign/contracts'
import type { Channel } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { Store } from '#server/db/stores.ts'
import { type Carried, withinTime } from './courier.ts'
import { asked, type PlatformCallDeps, waitForPlace } from './platform-call.ts'

/** With the call that follows shorter than a lease. */
const lookUpLimitMs = 8_000

export interface RecipientDeps extends PlatformCallDeps {
  store: Store
}

const failed = (code: string, text: string): Carried => ({ kind: 'failed', code, text })

/** The platform's id of the person, looked up there once and remembered; or why there is none. Throws ChannelError. */
export async function findRecipient(
  deps: RecipientDeps,
  channel: Channel,
  uid: Uid,
  signal: AbortSignal,
): Promise<string | Carried> {
  const { tenantId, name } = channel
  const { directory } = deps.store.stores
  const known = await directory.platformId(tenantId, name, uid)
  if (known !== null) return known
  const binding = await directory.binding(tenantId, name, uid)
  if (binding === null) return failed('not_bound', `${uid} is no longer bound to ${name}`)
  const heldBack = await waitForPlace(deps, channel, {}, signal)
  if (heldBack !== null) return heldBack
  const [found] = await asked(
    deps,
    channel,
    () => withinTime(lookUpLimitMs, () => channel.resolve([binding.address])),
    {
      isHarmless: true,
    },
  )
  if (found === null || found === undefined) {
    return failed('person_not_found', `nobody on ${name} has the address that ${uid} is bound by`)
  }
  if (await deps.store.run((tx) => tx.directory.remember(tenantId, binding, found, deps.now()))) return found
  // Another delivery to the same person may just have done the same.
  const meanwhile = await directory.platformId(tenantId, name, uid)
  if (meanwhile !== null) return meanwhile
  const present = await directory.binding(tenantId, name, uid)
  if (present?.addressDigest !== binding.addressDigest) {
    throw new ChannelError('retry', 'address_changed', 'the address was changed while the platform was being asked')
  }
  return failed('account_taken', `that account on ${name} already belongs to somebody else`)
}
