import { channelAddresses } from '@countersign/contracts'
import type { Finding, KnownAddress } from '#server/channels/finding.ts'
import type { Messenger } from '#server/channels/messenger.ts'
import { isMessengerName } from '#server/channels/messenger-registry.ts'
import { openAddress } from '#server/db/user-address.ts'
import type { DoctorDeps } from './doctor.ts'
import { doctorPhrases as say } from './phrases.ts'

const MOST_NAMED = 20

/** Everybody's address on a channel that only tells, and whether all of them can be used. */
export async function findAddresses(
  { store, sealer }: Pick<DoctorDeps, 'store' | 'sealer'>,
  messenger: Messenger,
): Promise<{ addresses: KnownAddress[]; finding: Finding }> {
  const { tenantId, name } = messenger
  const id = 'addresses'
  if (!isMessengerName(name)) throw new Error(`${name} is no channel that only tells`)
  // No platform knows accounts of these: nobody's is ever resolved.
  const bindings = await store.stores.directory.unresolved(tenantId, name)
  const addresses: KnownAddress[] = []
  const unusable: string[] = []
  for (const { uid, address: stored, isProvisioned: isOperators } of bindings) {
    const given = channelAddresses[name].safeParse(openAddress(sealer, { tenantId, uid, channel: name }, stored))
    const isUsable = given.success && (isOperators || (messenger.refuseAddress?.(given.data) ?? null) === null)
    if (isUsable) addresses.push({ uid, address: given.data, isOperators })
    else unusable.push(uid)
  }
  const count = addresses.length
  if (unusable.length > 0) {
    const named = unusable.slice(0, MOST_NAMED).join(', ')
    const people = unusable.length > MOST_NAMED ? `${named}, …` : named
    const evidence = say('addressesUnusable', { count, unusable: unusable.length, people })
    return { addresses, finding: { id, status: 'warning', evidence, fix: say('correctAddresses') } }
  }
  if (count === 0) {
    return { addresses, finding: { id, status: 'warning', evidence: say('noAddresses'), fix: say('giveAddress') } }
  }
  return { addresses, finding: { id, status: 'ok', evidence: say('addressesUsable', { count }) } }
}

/** Where a person's messages go, as far as the messenger lets it be shown. */
export function placesOf(messenger: Messenger, addresses: readonly KnownAddress[]): (uid: string) => string | null {
  const places = new Map(addresses.map(({ uid, address }) => [uid, messenger.placeOf?.(address) ?? null]))
  return (uid) => places.get(uid) ?? null
}
