import { ChannelName, type ProvisionedTenant } from '@countersign/contracts'
import canonicalize from 'canonicalize'
import { openedIfIntact } from '#server/crypto/seal.ts'
import { webhookSecretPlace } from '#server/db/api-keys.ts'
import { appIdOf, hasStaleSecret, openSettings, storeSettings } from '#server/db/channel-settings.ts'
import type {
  ApiKeyRow,
  BindingRow,
  ChannelRow,
  RuleRow,
  TemplateRow,
  TenantRow,
  TenantRows,
  UserRow,
} from '#server/db/settings-store.ts'
import { hasStalePart, openAddress, storeAddress } from '#server/db/user-address.ts'
import type { ProvisioningDeps } from './apply.ts'
import { compareRows, type TenantChanges } from './changes.ts'
import { planLoginWays } from './login-ways.ts'
import {
  ruleRow,
  templateRow,
  tenantRow,
  userRow,
  type WantedApiKey,
  type WantedBinding,
  type WantedChannel,
  wantedApiKey,
  wantedBindings,
  wantedChannels,
} from './wanted-rows.ts'

/** Who is relieved of what waits for them, and by whom. */
export interface PlannedReroutes {
  /** Disabled, or enabled again: for them no earlier order holds. */
  switched: string[]
  /** `isNew`: the person was there until now. */
  orders: { uid: string; to: string[]; isNew: boolean }[]
}

/** Everything that applying the file will do in one tenant. */
export interface Plan {
  tenantId: string
  put: TenantRows & { tenant: TenantRow | null }
  /** `apps`: channels whose app another tenant may take over. */
  remove: Pick<TenantRows, 'bindings' | 'apiKeys' | 'templates' | 'rules' | 'loginWays'> & { apps: ChannelRow[] }
  /** What stays as it is. */
  kept: Pick<TenantRows, 'channels' | 'apiKeys'>
  endSessionsOf: { uid: string; at: number }[]
  reroutes: PlannedReroutes
  changes: TenantChanges
}

export interface PlanInput {
  tenant: ProvisionedTenant
  /** Null: a new tenant. */
  existing: TenantRow | null
  rows: TenantRows
}

/** Compares what there is with what the file wants. Changes nothing. */
export function planTenant(input: PlanInput, deps: ProvisioningDeps): Plan {
  const { tenant, existing } = input
  const tenantId = tenant.id
  const changes: TenantChanges = { tenantId, added: [], changed: [], removed: [] }
  const wanted = tenantRow(tenant, deps.now())
  const isSameTenant = existing !== null && sameBut(existing, wanted, ['updated_at'])
  if (!isSameTenant) (existing === null ? changes.added : changes.changed).push(`tenant:${tenantId}`)

  const channels = planChannels(input, deps, changes)
  const users = planUsers(input, deps, changes)
  const apiKeys = planApiKeys(input, deps, changes)
  const templates = planTemplates(input, changes)
  const rules = planRules(input, changes)
  const loginWays = planLoginWays(tenant, input.rows.loginWays, deps)
  note(changes, 'login_way', loginWays)
  return {
    tenantId,
    put: {
      tenant: isSameTenant ? null : wanted,
      channels: channels.put,
      users: users.put,
      bindings: users.putBindings,
      apiKeys: apiKeys.put,
      templates: templates.put,
      rules: rules.put,
      loginWays: loginWays.put,
    },
    remove: {
      apps: channels.release,
      bindings: users.removeBindings,
      apiKeys: apiKeys.remove,
      templates: templates.remove,
      rules: rules.remove,
      loginWays: loginWays.remove,
    },
    kept: { channels: channels.kept, apiKeys: apiKeys.kept },
    endSessionsOf: users.endSessionsOf.map((uid) => ({ uid, at: deps.now() })),
    reroutes: planReroutes(input, users.put),
    changes,
  }
}

function planChannels({ tenant, rows }: PlanInput, deps: ProvisioningDeps, changes: TenantChanges) {
  const { sealer } = deps
  const secretOf = (wanted: WantedChannel): WantedChannel => withCallbackSecret(wanted, tenant.id, rows.channels, deps)
  const rowOf = (wanted: WantedChannel): ChannelRow => ({
    tenant_id: tenant.id,
    name: wanted.name,
    enabled: wanted.enabled ? 1 : 0,
    app_id: appIdOf(wanted.name, wanted.settings),
    ...storeSettings(sealer, tenant.id, wanted.name, wanted.settings),
    provisioned: 1,
    updated_at: deps.now(),
  })
  const found = compareRows(rows.channels, wantedChannels(tenant).map(secretOf), {
    existingKey: (row) => row.name,
    wantedKey: (wanted) => wanted.name,
    isSame: (row, wanted) =>
      row.enabled === (wanted.enabled ? 1 : 0) &&
      row.app_id === appIdOf(wanted.name, wanted.settings) &&
      !hasStaleSecret(sealer, row) &&
      isSameSecret(() => openSettings(sealer, tenant.id, wanted.name, row), wanted.settings),
  })
  // A channel that left the file is switched off; its settings stay, for the file or the console to bring it back.
  const switchedOff = found.removed.filter((row) => row.enabled === 1 || row.app_id !== null)
  note(changes, 'channel', {
    added: found.added.map((wanted) => wanted.name),
    changed: found.changed.map(({ wanted }) => wanted.name),
    removed: switchedOff.map((row) => row.name),
  })
  const put = [...found.added, ...found.changed.map(({ wanted }) => wanted)].map(rowOf)
  const off = switchedOff.map((row) => ({
    ...row,
    enabled: 0 as const,
    app_id: null,
    provisioned: 0 as const,
    updated_at: deps.now(),
  }))
  const moved = found.changed.flatMap(({ existing, wanted }) =>
    existing.app_id === appIdOf(wanted.name, wanted.settings) ? [] : [existing],
  )
  const touched = new Set([...put, ...off].map((row) => row.name))
  return {
    put: [...put, ...off],
    release: [...moved, ...switchedOff],
    kept: rows.channels.filter((row) => !touched.has(row.name)),
  }
}

/** A DingTalk app needs a callback secret: the file's, else the one it has, else a new one. */
function withCallbackSecret(
  wanted: WantedChannel,
  tenantId: string,
  rows: readonly ChannelRow[],
  { sealer, newSecret }: ProvisioningDeps,
): WantedChannel {
  const isDingTalk = wanted.name === 'dingtalk' || wanted.name === 'dingtalkExclusive'
  if (!isDingTalk || wanted.settings.callbackSecret !== undefined) return wanted
  const row = rows.find((each) => each.name === wanted.name)
  const isSameApp = row !== undefined && plainAppKey(row) === wanted.settings.appKey
  const before = isSameApp
    ? openedIfIntact(() => openSettings(sealer, tenantId, wanted.name, row))?.callbackSecret
    : undefined
  return { ...wanted, settings: { ...wanted.settings, callbackSecret: before ?? newSecret() } }
}

function plainAppKey(row: ChannelRow): unknown {
  const settings: unknown = JSON.parse(row.settings)
  return typeof settings === 'object' && settings !== null && 'appKey' in settings ? settings.appKey : undefined
}

function planUsers({ tenant, rows }: PlanInput, deps: ProvisioningDeps, changes: TenantChanges) {
  const now = deps.now()
  const found = compareRows(
    rows.users,
    tenant.users.map((user) => userRow(tenant.id, user, now)),
    {
      existingKey: (row) => row.uid,
      wantedKey: (row) => row.uid,
      isSame: (row, wanted) => sameBut(row, wanted, ['updated_at']),
    },
  )
  const gone = found.removed.filter((row) => row.disabled === 0)
  note(changes, 'user', {
    added: found.added.map((row) => row.uid),
    changed: found.changed.map(({ wanted }) => wanted.uid),
    removed: gone.map((row) => row.uid),
  })
  const bindings = planBindings({ tenant, rows }, deps, changes)
  const disabled: UserRow[] = gone.map((row) => ({ ...row, disabled: 1, updated_at: now }))
  const put = [...found.added, ...found.changed.map(({ wanted }) => wanted), ...disabled]
  const isOut = put.filter((row) => row.disabled === 1).map(({ uid }) => uid)
  return {
    put,
    // Whoever logged in with an account that is no longer this person's may not go on as this person.
    endSessionsOf: [...new Set([...isOut, ...bindings.unboundFrom])],
    putBindings: bindings.put,
    removeBindings: bindings.remove,
  }
}

/** Whom nobody follows, what waits for them stays pending: nobody is chosen that the file did not choose. */
function planReroutes({ tenant, rows }: PlanInput, put: readonly UserRow[]): PlannedReroutes {
  const before = new Map(rows.users.map((row) => [row.uid, row.disabled]))
  const switched = new Set(put.filter((row) => (before.get(row.uid) ?? 0) !== row.disabled).map((row) => row.uid))
  const orders = tenant.users.flatMap(({ uid, disabled, successors: to = [] }) =>
    disabled && to.length > 0 ? [{ uid, to, isNew: switched.has(uid) }] : [],
  )
  return { switched: [...switched], orders }
}

function planBindings(
  { tenant, rows }: Pick<PlanInput, 'tenant' | 'rows'>,
  { sealer, now }: ProvisioningDeps,
  changes: TenantChanges,
): { put: BindingRow[]; remove: BindingRow[]; unboundFrom: string[] } {
  const owner = (wanted: WantedBinding) => ({ tenantId: tenant.id, uid: wanted.uid, channel: wanted.channel })
  const found = compareRows(rows.bindings, tenant.users.flatMap(wantedBindings), {
    existingKey: (row) => `${row.uid}/${row.channel}`,
    wantedKey: (wanted) => `${wanted.uid}/${wanted.channel}`,
    isSame(row, wanted) {
      const stored: unknown = JSON.parse(row.address)
      return (
        !hasStalePart(sealer, stored) && isSameSecret(() => openAddress(sealer, owner(wanted), stored), wanted.address)
      )
    },
  })
  note(changes, 'binding', {
    added: found.added.map((wanted) => `${wanted.uid}/${wanted.channel}`),
    changed: found.changed.map(({ wanted }) => `${wanted.uid}/${wanted.channel}`),
    removed: found.removed.map((row) => `${row.uid}/${row.channel}`),
  })
  const put = [...found.added, ...found.changed.map(({ wanted }) => wanted)].map((wanted) => ({
    tenant_id: tenant.id,
    uid: wanted.uid,
    channel: ChannelName.parse(wanted.channel),
    address: storeAddress(sealer, owner(wanted), wanted.address),
    provisioned: 1 as const,
    updated_at: now(),
  }))
  const moved = found.changed.map(({ wanted }) => wanted.uid)
  return { put, remove: found.removed, unboundFrom: [...moved, ...found.removed.map((row) => row.uid)] }
}

function planApiKeys({ tenant, rows }: PlanInput, { sealer, now }: ProvisioningDeps, changes: TenantChanges) {
  const openSecret = (row: ApiKeyRow): string | null =>
    row.webhook_secret === null ? null : sealer.open(row.webhook_secret, webhookSecretPlace(tenant.id, row.name))
  const rowOf = (wanted: WantedApiKey): ApiKeyRow => ({
    tenant_id: tenant.id,
    name: wanted.name,
    key_hash: wanted.keyHash,
    scopes: wanted.scopes,
    webhook_secret:
      wanted.webhookSecret === null
        ? null
        : sealer.seal(wanted.webhookSecret, webhookSecretPlace(tenant.id, wanted.name)),
    provisioned: 1,
    created_at: now(),
    expires_at: null,
  })
  const found = compareRows(rows.apiKeys, tenant.apiKeys.map(wantedApiKey), {
    existingKey: (row) => row.name,
    wantedKey: (wanted) => wanted.name,
    isSame: (row, wanted) =>
      row.key_hash === wanted.keyHash &&
      row.scopes === wanted.scopes &&
      (row.webhook_secret === null || !sealer.isStale(row.webhook_secret)) &&
      isSameSecret(() => openSecret(row), wanted.webhookSecret),
  })
  note(changes, 'key', {
    added: found.added.map((wanted) => wanted.name),
    changed: found.changed.map(({ wanted }) => wanted.name),
    removed: found.removed.map((row) => row.name),
  })
  // A changed key goes first: its hash may now be that of another.
  const remove = [...found.removed, ...found.changed.map(({ existing }) => existing)]
  const gone = new Set(remove.map((row) => row.name))
  return {
    put: [...found.added, ...found.changed.map(({ wanted }) => wanted)].map(rowOf),
    remove,
    kept: rows.apiKeys.filter((row) => !gone.has(row.name)),
  }
}

function planTemplates({ tenant, rows }: PlanInput, changes: TenantChanges) {
  const wanted = tenant.approvalTemplates.map(
    (template, position): TemplateRow => templateRow(tenant.id, template, position),
  )
  const found = compareRows(rows.templates, wanted, {
    existingKey: (row) => row.id,
    wantedKey: (row) => row.id,
    isSame: (row, other) => sameBut(row, other, []),
  })
  note(changes, 'template', {
    added: found.added.map((row) => row.id),
    changed: found.changed.map((change) => change.wanted.id),
    removed: found.removed.map((row) => row.id),
  })
  return { put: [...found.added, ...found.changed.map((change) => change.wanted)], remove: found.removed }
}

function planRules({ tenant, rows }: PlanInput, changes: TenantChanges) {
  const nameOf = (row: RuleRow): string => `${row.module}/${row.event}`
  const found = compareRows(
    rows.rules,
    tenant.notificationRules.map((rule) => ruleRow(tenant.id, rule)),
    { existingKey: nameOf, wantedKey: nameOf, isSame: (row, other) => sameBut(row, other, []) },
  )
  note(changes, 'rule', {
    added: found.added.map(nameOf),
    changed: found.changed.map(({ wanted }) => nameOf(wanted)),
    removed: found.removed.map(nameOf),
  })
  return { put: [...found.added, ...found.changed.map(({ wanted }) => wanted)], remove: found.removed }
}

function note(
  changes: TenantChanges,
  kind: string,
  names: { added: string[]; changed: string[]; removed: string[] },
): void {
  // One by one: a call takes no list of a hundred thousand people.
  for (const what of ['added', 'changed', 'removed'] as const) {
    for (const name of names[what]) changes[what].push(`${kind}:${name}`)
  }
}

function sameBut<Row extends object>(one: Row, other: Row, except: readonly (keyof Row & string)[]): boolean {
  const compared = (row: Row): Record<string, unknown> =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !except.some((left) => left === name)))
  return canonicalize(compared(one)) === canonicalize(compared(other))
}

/** What was tampered with, or sealed with a key that is gone, is not the same: the file mends it. */
function isSameSecret(open: () => unknown, wanted: unknown): boolean {
  const found = openedIfIntact(open)
  return found !== undefined && canonicalize(found) === canonicalize(wanted)
}
