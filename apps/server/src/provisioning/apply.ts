import { type ProvisionedTenant, type ProvisioningFile, ReminderLadder } from '@countersign/contracts'
import { ConfigError } from '#server/config/config.ts'
import type { Sealer } from '#server/crypto/seal.ts'
import type { LoginWayStore } from '#server/db/login-way-store.ts'
import type { RerouteStore } from '#server/db/reroute-store.ts'
import type { ChannelRow, SettingsStore, TenantRow } from '#server/db/settings-store.ts'
import { orderReroute } from '#server/reroute/order.ts'
import type { AuditLog } from '#server/tickets/ports.ts'
import { hasChanges, type TenantChanges } from './changes.ts'
import { type Plan, planTenant } from './plan.ts'

export interface ProvisioningDeps {
  sealer: Sealer
  /** Epoch milliseconds. */
  now: () => number
  /** Makes the callback secret of a DingTalk app that the file gives none: random, at least 16 characters. */
  newSecret: () => string
}

/**
 * Makes the database say what the file says; call it inside one unit of work. Applying the same file again changes
 * nothing, not even a sealed value. What the file made earlier and no longer names is taken back: people and channels are
 * disabled (their tickets and history stay), keys, templates, rules and bindings are removed. What the file never made is
 * left alone. Returns what was changed, tenant by tenant; each change is in the tenant's audit.
 */
export async function applyProvisioning(
  tx: {
    settings: SettingsStore
    reroutes: Pick<RerouteStore, 'find' | 'put' | 'withdraw'>
    loginWays: LoginWayStore
    audit: AuditLog
  },
  file: ProvisioningFile,
  deps: ProvisioningDeps,
): Promise<TenantChanges[]> {
  const { settings } = tx
  await settings.lock()
  const before = await settings.tenants()
  const plans: Plan[] = []
  for (const { tenant, existing } of everyTenant(file, before))
    plans.push(planTenant({ tenant, existing, rows: await settings.rows(tenant.id) }, deps))
  refuseTakenNames(file, plans)

  // First all that is taken away: an app or key may move from one tenant to another.
  for (const plan of plans) await takeAway(tx, plan)
  for (const plan of plans) await put(tx, plan)
  const changed = plans.map((plan) => plan.changes).filter(hasChanges)
  const at = deps.now()
  for (const { tenantId, reroutes } of plans) {
    for (const uid of reroutes.switched) await tx.reroutes.withdraw(tenantId, uid)
  }
  for (const changes of changed) await tx.audit.append(auditEntry(changes, at))
  for (const { tenantId, reroutes } of plans) await order(tx, tenantId, reroutes, at)
  return changed
}

/** Those of the file, and those that an earlier file may have filled: they are planned as if the file had left them empty. */
function everyTenant(
  file: ProvisioningFile,
  before: readonly TenantRow[],
): { tenant: ProvisionedTenant; existing: TenantRow | null }[] {
  const named = file.tenants.map((tenant) => ({ tenant, existing: before.find((row) => row.id === tenant.id) ?? null }))
  const left = before.filter((row) => !file.tenants.some((tenant) => tenant.id === row.id))
  return [...named, ...left.map((existing) => ({ tenant: emptied(existing), existing }))]
}

function emptied(row: TenantRow): ProvisionedTenant {
  return {
    id: row.id,
    name: row.name,
    allowSelfApproval: row.allow_self_approval === 1,
    coverageReport: row.coverage_report === 1,
    ...(row.reminders === null ? {} : { reminders: ReminderLadder.parse(JSON.parse(row.reminders)) }),
    channels: {},
    users: [],
    apiKeys: [],
    approvalTemplates: [],
    notificationRules: [],
  }
}

/** An app or key that somebody set up by hand in another tenant. Within the file itself `validateReferences` has looked. */
function refuseTakenNames(file: ProvisioningFile, plans: readonly Plan[]): void {
  const problems = plans.flatMap((plan) => {
    const place = file.tenants.findIndex((tenant) => tenant.id === plan.tenantId)
    const others = plans.filter((other) => other !== plan)
    const channels = plan.put.channels.filter(
      (row) => row.app_id !== null && others.some((other) => keepsApp(other, row)),
    )
    const keys = plan.put.apiKeys.filter((row) =>
      others.some((other) => other.kept.apiKeys.some((kept) => kept.key_hash === row.key_hash)),
    )
    return [
      ...channels.map((row) => `tenants.${place}.channels.${row.name} is the app of a channel of another tenant`),
      ...keys.map((row) => `tenants.${place}.apiKeys (${row.name}) is the key of another tenant`),
    ]
  })
  if (problems.length > 0) throw new ConfigError(problems.map((problem) => `PROVISIONING_FILE: ${problem}`))
}

/** What an administrator has ordered since stays; the file's own order is renewed where the file says otherwise now. */
async function order(
  tx: { reroutes: Pick<RerouteStore, 'find' | 'put'>; audit: AuditLog },
  tenantId: string,
  { orders }: Plan['reroutes'],
  at: number,
): Promise<void> {
  for (const { uid, to, isNew } of orders) {
    const known = isNew ? null : await tx.reroutes.find(tenantId, uid)
    const stands = known !== null && (known.orderedBy !== provisioner || known.successors.join(' ') === to.join(' '))
    if (stands) continue
    await orderReroute(tx, { tenantId, actor: provisioner, via: 'api', at }, uid, { to, scope: 'open' })
  }
}

function keepsApp(plan: Plan, row: ChannelRow): boolean {
  return plan.kept.channels.some((kept) => kept.name === row.name && kept.app_id === row.app_id)
}

type Written = { settings: SettingsStore; loginWays: LoginWayStore }

async function takeAway({ settings, loginWays }: Written, { remove, tenantId, endSessionsOf }: Plan): Promise<void> {
  for (const row of remove.apps) await settings.releaseApp(row)
  for (const row of remove.bindings) await settings.removeBinding(row)
  for (const row of remove.apiKeys) await settings.removeApiKey(row)
  for (const row of remove.templates) await settings.removeTemplate(row)
  for (const row of remove.rules) await settings.removeRule(row)
  for (const row of remove.loginWays) await loginWays.remove(row)
  for (const { uid, at } of endSessionsOf) await settings.endSessions(tenantId, uid, at)
}

async function put({ settings, loginWays }: Written, plan: Plan): Promise<void> {
  if (plan.put.tenant !== null) await settings.putTenant(plan.put.tenant)
  await settings.putChannels(plan.put.channels)
  await settings.putUsers(plan.put.users)
  await settings.putBindings(plan.put.bindings)
  await settings.putApiKeys(plan.put.apiKeys)
  await settings.putTemplates(plan.put.templates)
  await settings.putRules(plan.put.rules)
  for (const row of plan.put.loginWays) await loginWays.put(row)
}

/** Who did it, where the file did. */
const provisioner = 'provisioning'

/** So that one line of the audit stays a line, also when a thousand people are added at once. */
const longestList = 50

function auditEntry({ tenantId, added, changed, removed }: TenantChanges, at: number) {
  const list = (names: string[]): string =>
    names.length <= longestList
      ? names.join(' ')
      : `${names.slice(0, longestList).join(' ')} and ${names.length - longestList} more`
  return {
    tenantId,
    at,
    actor: provisioner,
    action: 'provisioning.apply',
    target: `tenant:${tenantId}`,
    detail: { added: list(added), changed: list(changed), removed: list(removed) },
  }
}
