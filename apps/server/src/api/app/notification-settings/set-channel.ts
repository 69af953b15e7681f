import type { DeliveryMode, ParsedBodyOf } from '@countersign/contracts'
import { parseAddress } from '#server/addresses/parse-address.ts'
import { isStoredAddress, leadsToSame } from '#server/addresses/same-address.ts'
import type { PersonChannel } from '#server/db/notification-settings-store.ts'
import type { Stores } from '#server/db/stores.ts'
import { storeAddress } from '#server/db/user-address.ts'
import { AppError, type AppErrorCode } from '#server/errors.ts'
import type { AddressParts } from '#server/verification/codes.ts'
import { audit } from './audit.ts'
import type { ChannelSubject, NotificationSettingsDeps } from './deps.ts'
import { leaveAddress } from './leave-address.ts'
import { type Proof, proofFor } from './proof.ts'
import { type Way, wayOf } from './way.ts'

type ChannelChange = ParsedBodyOf<'setNotificationChannel'>

/** Why an address was not stored, each with its sentence. A wrong code is an outcome: what it cost must be committed. */
const refusals = {
  code_wrong: 'this is not the code that was sent to this address',
  code_expired: 'no code can be used any more; ask for another',
  address_taken: 'this account belongs to somebody else here',
  provisioned: 'this address stands in the provisioning file; it can be changed there only',
} as const satisfies Partial<Record<AppErrorCode, string>>

type Outcome = 'stored' | 'unknown_address' | keyof typeof refusals

/** Sets the address of a channel, or whether and when to tell the person through it. Throws AppError for all it refuses. */
export async function setChannel(
  deps: NotificationSettingsDeps,
  subject: ChannelSubject,
  change: ChannelChange,
): Promise<void> {
  const { tenantId, uid, channel } = subject
  const { notificationSettings } = deps.store.stores
  const current = await notificationSettings.channel(tenantId, uid, channel)
  const way = await wayOf(deps, tenantId, channel, await notificationSettings.enabledChannels(tenantId))
  const address = change.address === undefined ? null : parseAddress(channel, change.address, deps.country)
  const isThere =
    address !== null && current !== null && isStoredAddress(deps.sealer, subject, current.address, address)
  // Who gives a code for the address that is there already shows that it is theirs.
  const isProof = isThere && change.code !== undefined && !current.isProved
  const isNew = address !== null && (!isThere || isProof)
  if (current === null && !isNew) throw badField('address', 'is required')
  if (change.mode !== undefined && !way.modes.includes(change.mode)) {
    throw badField('mode', `must be one of: ${way.modes.join(', ')}`)
  }
  if (!isNew) return setHow(deps, subject, change)
  if (current?.provisioned === true) throw new AppError('provisioned', refusals.provisioned)
  requireAvailable(way)
  refuseAddress(way, address)
  const proof = await proofFor(deps, subject, way, address, change.code)
  const wanted = { address, enabled: change.enabled ?? true, mode: change.mode ?? keptMode(way, current) }
  const outcome = await deps.store.run((tx) => bind(deps, tx, { subject, way, proof, wanted }))
  if (outcome === 'stored') return deps.committed()
  if (outcome === 'unknown_address') throw badField('address', `leads to nobody on ${channel}`)
  throw new AppError(outcome, refusals[outcome])
}

/** Throws `channel_not_enabled`. */
export function requireAvailable({ name, unavailable }: Way): void {
  if (unavailable === 'not_enabled') throw new AppError('channel_not_enabled', `${name} is not enabled here`)
  if (unavailable === 'no_adapter') throw new AppError('channel_not_enabled', `${name} cannot be used on this host`)
}

function badField(path: string, message: string): AppError {
  return new AppError('invalid_request', 'the body is not acceptable', { errors: [{ path, message }] })
}

/** What cannot be called is refused at once; whatever a name leads to is looked at again when it is called. */
function refuseAddress({ messenger }: Way, address: AddressParts): void {
  const why = messenger?.refuseAddress?.(address) ?? null
  if (why !== null) throw badField(address.url === undefined ? 'address' : 'address.url', why)
}

function keptMode({ modes }: Way, current: PersonChannel | null): DeliveryMode {
  const before = current?.mode ?? 'instant'
  return modes.includes(before) ? before : 'instant'
}

async function setHow(
  { store, now, committed }: NotificationSettingsDeps,
  subject: ChannelSubject,
  change: ChannelChange,
): Promise<void> {
  const { tenantId, uid, channel } = subject
  await store.run(async (tx) => {
    await tx.settings.lock()
    const before = await tx.notificationSettings.channel(tenantId, uid, channel)
    if (before === null) throw badField('address', 'is required')
    const enabled = change.enabled ?? before.enabled
    const mode = change.mode ?? before.mode
    if (enabled === before.enabled && mode === before.mode) return
    await tx.notificationSettings.setHow(tenantId, uid, { channel, enabled, mode }, now())
    await tx.notices.reconsider(tenantId, uid, now())
    await audit(tx, subject, 'notification.channel_changed', { enabled, mode }, now())
  })
  committed()
}

interface Binding {
  subject: ChannelSubject
  way: Way
  proof: Proof
  wanted: { address: AddressParts; enabled: boolean; mode: DeliveryMode }
}

/** Stores the address once it is proved, and ends what hung on the one before. Commits also what a wrong code has cost. */
async function bind(deps: NotificationSettingsDeps, tx: Stores, binding: Binding): Promise<Outcome> {
  const { subject, way, proof, wanted } = binding
  const { tenantId, uid, channel } = subject
  const at = deps.now()
  const proved = await prove(deps, tx, binding)
  if (typeof proved === 'string') return proved
  const { account } = proved
  // From here on nobody else changes who is who.
  await tx.settings.lock()
  const before = await tx.notificationSettings.channel(tenantId, uid, channel)
  if (before?.provisioned === true) return 'provisioned'
  if (way.channel !== null) {
    if (account === null) return 'unknown_address'
    if (await isOthers(tx, subject, wanted.address, account)) return 'address_taken'
  }
  if (before !== null) await leaveAddress(deps, tx, subject, account)
  const stored = storeAddress(deps.sealer, subject, wanted.address)
  const { enabled, mode } = wanted
  const isProved = proof.by === 'code' || proof.by === 'session'
  const row = { channel, address: stored, provisioned: false, enabled, mode, isProved }
  await tx.notificationSettings.putChannel(tenantId, uid, row, at)
  if (account !== null) await remember(tx, subject, account, at)
  const by = proof.by === 'code' ? `code_${proof.via}` : proof.by
  const address = deps.fingerprint(tenantId, channel, wanted.address)
  await audit(tx, subject, 'notification.channel_set', { enabled, mode, address, proof: by }, at)
  return 'stored'
}

/** The account that was shown to be the person's, or why nothing was shown. */
async function prove(
  { codes }: NotificationSettingsDeps,
  tx: Stores,
  { subject, proof, wanted }: Binding,
): Promise<{ account: string | null } | 'code_wrong' | 'code_expired'> {
  if (proof.by !== 'code') return { account: proof.account }
  const { tenantId, uid, channel } = subject
  const checked = await codes.check(tx, { tenantId, uid, purpose: 'bind', channel }, wanted.address, proof.code)
  if (checked.kind === 'none') return 'code_expired'
  if (checked.kind === 'wrong') return 'code_wrong'
  if (proof.via !== 'bot') return { account: proof.account }
  // A code that was said to nobody can only have been guessed.
  return checked.platformUserId === null ? 'code_wrong' : { account: checked.platformUserId }
}

async function isOthers(
  tx: Stores,
  { tenantId, uid, channel }: ChannelSubject,
  address: AddressParts,
  account: string,
): Promise<boolean> {
  if (await tx.directory.isOthers(tenantId, channel, account, uid)) return true
  const others = await tx.notificationSettings.othersAddresses(tenantId, channel, uid)
  return others.some((stored) => leadsToSame(stored, address, account))
}

async function remember(
  tx: Stores,
  { tenantId, uid, channel }: ChannelSubject,
  account: string,
  at: number,
): Promise<void> {
  const bound = await tx.directory.binding(tenantId, channel, uid)
  if (bound !== null && (await tx.directory.remember(tenantId, bound, account, at))) return
  // Somebody else was found by this account in between: nothing of this is kept.
  throw new AppError('conflict', 'somebody else was just bound to this account; try again')
}
