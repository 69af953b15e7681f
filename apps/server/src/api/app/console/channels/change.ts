import type { ChangeChannel, ChannelName, SettingValue, TenantId } from '@countersign/contracts'
import { fieldErrors } from '#server/api/route.ts'
import { channelKind, channelsCalled, isChannelName } from '#server/channels/registry.ts'
import { settingsSchema } from '#server/channels/setting-fields.ts'
import { openedIfIntact } from '#server/crypto/seal.ts'
import {
  addressSettings,
  appIdOf,
  appSetting,
  isAddressSetting,
  isSecretSetting,
  openSettings,
  plainSettings,
  secretsSet,
  storeSettings,
  toldSecrets,
} from '#server/db/channel-settings.ts'
import type { ChannelRow } from '#server/db/settings-store.ts'
import type { Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import { closeEmailLogin } from '#server/login-ways/change.ts'
import type { User } from '#server/tickets/ports.ts'
import { type ManagedChannelsDeps, rowOf } from './deps.ts'

type Settings = Readonly<Record<string, unknown>>
type Given = Readonly<Record<string, SettingValue | null>>

/**
 * Sets up a channel, or switches it on or off. It holds on this instance from the next look on, elsewhere within seconds.
 * Throws `provisioned`, `invalid_request` with every bad setting, and `conflict` for an app that another channel has.
 */
export async function changeChannel(
  deps: ManagedChannelsDeps,
  user: User,
  name: ChannelName,
  ask: ChangeChannel,
): Promise<void> {
  const isChanged = await deps.store.run(async (tx) => {
    await tx.settings.lock()
    const before = await rowOf(tx, user.tenantId, name)
    if (before?.provisioned === 1) {
      throw new AppError('provisioned', 'this channel stands in the provisioning file, and is changed there')
    }
    const row = changedRow(deps, { tenantId: user.tenantId, name, before, ask })
    if (before !== undefined && isSame(before, row, name, ask)) return false
    await refuseTakenApp(tx, row, name)
    await tx.settings.putChannels([row])
    if (name === 'email' && ask.settings !== undefined) {
      await closeEmailLogin(tx, { admin: user, at: deps.now() })
    }
    const entry = { tenantId: user.tenantId, at: deps.now(), actor: user.uid, action: 'channel.change' }
    await tx.audit.append({ ...entry, target: `channel:${name}`, detail: auditDetail(name, ask, row) })
    return true
  })
  if (isChanged) announce(deps)
}

/** Everything on this instance that keeps channels looks anew. */
function announce({ channels, messengers, connections, registrations }: ManagedChannelsDeps): void {
  channels.forget()
  messengers.forget()
  connections.refresh()
  void registrations.refresh()
}

interface Change {
  tenantId: TenantId
  name: ChannelName
  before: ChannelRow | undefined
  ask: ChangeChannel
}

function changedRow(deps: ManagedChannelsDeps, { tenantId, name, before, ask }: Change): ChannelRow {
  // Later than before also within one millisecond: by this a channel is known to be another.
  const updated = { provisioned: 0 as const, updated_at: Math.max(deps.now(), (before?.updated_at ?? 0) + 1) }
  const enabled = ask.enabled ?? before?.enabled === 1
  // Whatever is wrong with its settings, a channel can be switched off.
  if (before !== undefined && ask.settings === undefined && !enabled) return { ...before, ...updated, enabled: 0 }
  const settings = checkedSettings(deps, { tenantId, name, before, ask }, enabled)
  return {
    tenant_id: tenantId,
    name,
    enabled: enabled ? 1 : 0,
    app_id: appIdOf(name, settings),
    ...storeSettings(deps.sealer, tenantId, name, settings),
    ...updated,
  }
}

function checkedSettings(deps: ManagedChannelsDeps, { tenantId, name, before, ask }: Change, enabled: boolean) {
  const given: Given = ask.settings ?? {}
  const stored: Settings =
    before === undefined
      ? {}
      : (openedIfIntact(() => openSettings(deps.sealer, tenantId, name, before)) ?? plainSettings(before))
  const merged = withCallbackSecret(deps, name, stored, given)
  const result = settingsSchema(name).safeParse({ ...merged, enabled })
  if (!result.success) {
    throw refused(fieldErrors(result.error).map(({ path, message }) => ({ path: `settings.${path}`, message })))
  }
  const { enabled: _, ...settings } = Object(result.data) as Record<string, unknown>
  // As stored, with the defaults of today: a setting that a release has added moves nothing.
  const earlier = settingsSchema(name).safeParse({ ...stored, enabled })
  const from: Settings = earlier.success ? Object(earlier.data) : stored
  const isMoved = before !== undefined && addressSettings(name).some((key) => from[key] !== settings[key])
  const owed = isMoved
    ? toldSecrets(name).filter((key) => stored[key] !== undefined && stored[key] === merged[key])
    : []
  const missing = owed.filter((key) => typeof given[key] !== 'string')
  if (missing.length > 0) {
    const message = 'must be given again, since it would go to another address'
    throw refused(missing.map((key) => ({ path: `settings.${key}`, message })))
  }
  return settings
}

/** What is left out stays; null is taken away. A DingTalk app always has a secret for its callbacks, another after each move. */
function withCallbackSecret(
  { newSecret }: ManagedChannelsDeps,
  name: ChannelName,
  stored: Settings,
  given: Given,
): Record<string, unknown> {
  const kept = Object.entries({ ...stored, ...given }).filter(([, value]) => value !== null)
  const merged: Record<string, unknown> = Object.fromEntries(kept)
  if (name !== 'dingtalk' && name !== 'dingtalkExclusive') return merged
  const isSame = ['appKey', ...addressSettings(name)].every((key) => !(key in given) || given[key] === stored[key])
  const isKept = merged.callbackSecret !== undefined && (isSame || typeof given.callbackSecret === 'string')
  return isKept ? merged : { ...merged, callbackSecret: newSecret() }
}

function refused(errors: { path: string; message: string }[]): AppError {
  return new AppError('invalid_request', 'the settings are not acceptable', { errors })
}

/** Callbacks name only the app, so it belongs to one channel of one tenant, switched on or not. */
async function refuseTakenApp(tx: Pick<Stores, 'tenants'>, row: ChannelRow, name: ChannelName): Promise<void> {
  if (row.app_id === null || !isChannelName(name)) return
  for (const called of channelsCalled(channelKind(name).calledAs)) {
    const other = await tx.tenants.channelByApp(called, row.app_id)
    if (other === null || (other.tenantId === row.tenant_id && other.name === name)) continue
    const errors = [{ path: `settings.${appSetting(name)}`, message: 'is the app of another channel' }]
    throw new AppError('conflict', 'this app is used by another channel already', { errors })
  }
}

/** Sealed again, a secret looks different: whichever is given counts as new. */
function isSame(before: ChannelRow, after: ChannelRow, name: ChannelName, { settings = {} }: ChangeChannel): boolean {
  const isGiven = Object.entries(settings).some(([key, value]) => value !== null && isSecretSetting(name, key))
  const names = (row: ChannelRow): string => secretsSet(row).sort().join(' ')
  const isSameRow = before.enabled === after.enabled && before.settings === after.settings
  return isSameRow && !isGiven && names(before) === names(after)
}

/** Names of what was set, and where it leads; never a secret. */
function auditDetail(name: ChannelName, { settings = {} }: ChangeChannel, row: ChannelRow) {
  const names = Object.keys(settings)
  const addresses = names.filter((key) => isAddressSetting(name, key))
  const now = plainSettings(row)
  return {
    enabled: row.enabled === 1,
    settings: names.filter((key) => !isSecretSetting(name, key)).join(' '),
    secrets: names.filter((key) => isSecretSetting(name, key)).join(' '),
    ...Object.fromEntries(addresses.map((key) => [key, String(now[key] ?? '')])),
  }
}
