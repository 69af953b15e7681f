import type { Channel } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { Binding, Store } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import type { User } from '#server/tickets/ports.ts'

/** People looked up per call to the platform. */
const batchSize = 50

/**
 * The person behind a platform account. An account seen for the first time is matched by asking the platform for
 * everybody who is bound by e-mail or mobile and not yet known; the answer is remembered. An address that the account
 * itself shows is never believed.
 */
export async function findPerson(
  store: Store,
  channel: Channel,
  platformUserId: string,
  now: number,
): Promise<User | null> {
  const { directory } = store.stores
  const known = await directory.findByPlatformId(channel.tenantId, channel.name, platformUserId)
  if (known !== null) return known
  const unresolved = await directory.unresolved(channel.tenantId, channel.name)
  for (let start = 0; start < unresolved.length; start += batchSize) {
    await resolveBatch(store, channel, unresolved.slice(start, start + batchSize), now)
    const found = await directory.findByPlatformId(channel.tenantId, channel.name, platformUserId)
    if (found !== null) return found
  }
  return null
}

async function resolveBatch(store: Store, channel: Channel, bindings: Binding[], now: number): Promise<void> {
  let found: (string | null)[]
  try {
    found = await channel.resolve(bindings.map(({ address }) => address))
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    const told = `the platform does not answer (${error.code}); try again`
    throw new AppError('platform_unavailable', told, { cause: error })
  }
  await store.run(async (tx) => {
    for (const [index, binding] of bindings.entries()) {
      const id = found[index]
      if (id !== null && id !== undefined) await tx.directory.remember(channel.tenantId, binding, id, now)
    }
  })
}
