import { channelAddresses, type Uid } from '@countersign/contracts'
import type { Messenger } from '#server/channels/messenger.ts'
import type { Sealer } from '#server/crypto/seal.ts'
import type { ClaimedDelivery, Store } from '#server/db/stores.ts'
import { openAddress } from '#server/db/user-address.ts'
import type { Settled } from './backoff.ts'

export interface ReaderDeps {
  store: Store
  sealer: Pick<Sealer, 'open'>
}

/** The person in whose name a message goes out, and where to. */
export interface Reader {
  uid: Uid
  name: string
  /** As `channelAddresses` of the contracts parses it. */
  address: unknown
  isOperators: boolean
}

type Ended = Extract<Settled, { kind: 'failed' | 'suppressed' }>

/** Or why nothing goes to them; what their delivery carries for others is not concerned. Throws SealError. */
export async function findReader(
  { store, sealer }: ReaderDeps,
  messenger: Messenger,
  { tenantId, recipient }: ClaimedDelivery,
): Promise<Reader | Ended> {
  const { directory } = store.stores
  const { name } = messenger
  const user = await directory.user(tenantId, recipient)
  if (user === null) return ended('suppressed', 'user_gone', `${recipient} is no longer a person of this tenant`)
  if (user.disabled) return ended('suppressed', 'user_disabled', `${recipient} is disabled`)
  const binding = await directory.binding(tenantId, name, recipient)
  if (binding === null) return ended('failed', 'not_bound', `${recipient} is no longer bound to ${name}`)
  const given = openAddress(sealer, { tenantId, uid: recipient, channel: name }, binding.address)
  const address = channelAddresses[name].safeParse(given)
  if (!address.success) return ended('failed', 'bad_address', `${recipient} has no address that ${name} could use`)
  const isOperators = binding.isProvisioned
  const refusal = isOperators ? null : (messenger.refuseAddress?.(address.data) ?? null)
  if (refusal !== null) return ended('failed', 'address_not_allowed', refusal)
  return { uid: recipient, name: user.name, address: address.data, isOperators }
}

function ended(kind: Ended['kind'], code: string, text: string): Ended {
  return { kind, code, text, alone: true }
}
