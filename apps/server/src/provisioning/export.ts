import { stringify } from 'yaml'
import { plainSettings } from '#server/db/channel-settings.ts'
import { plainOidc } from '#server/db/login-way-settings.ts'
import type { BindingRow, TenantRow, TenantRows, UserRow } from '#server/db/settings-store.ts'
import type { Stores } from '#server/db/stores.ts'
import { plainAddress } from '#server/db/user-address.ts'

type ExportedStores = Pick<Stores, 'settings' | 'secondFactors'>

/**
 * Everything that is set, in the shape of the provisioning file and without any secret: `appSecret`, API keys, robot
 * addresses and the like are left out and must be put back in before the file is applied elsewhere.
 */
export async function exportProvisioning({
  settings,
  secondFactors,
}: ExportedStores): Promise<{ tenants: Record<string, unknown>[] }> {
  const tenants: Record<string, unknown>[] = []
  for (const tenant of await settings.tenants()) {
    const { administratorsNeed, provisioned } = await secondFactors.rule(tenant.id)
    const administratorsNeedSecondFactor = provisioned || administratorsNeed ? administratorsNeed : null
    tenants.push(tenantOf(tenant, await settings.rows(tenant.id), given({ administratorsNeedSecondFactor })))
  }
  return { tenants }
}

/** As YAML text. */
export async function exportProvisioningFile(stores: ExportedStores): Promise<string> {
  return `# Secrets are left out.\n${stringify(await exportProvisioning(stores))}`
}

function tenantOf(
  tenant: TenantRow,
  rows: TenantRows,
  ofOtherStores: Record<string, unknown>,
): Record<string, unknown> {
  const named = rows.channels.map((row) => [row.name, { enabled: row.enabled === 1, ...plainSettings(row) }] as const)
  const bindings = Map.groupBy(rows.bindings, (row) => row.uid)
  const dms = named.find(([name]) => name === 'dms')?.[1]
  const email = rows.loginWays.find(({ way }) => way === 'email')
  const oidc = rows.loginWays.find(({ way }) => way === 'oidc')
  return given({
    id: tenant.id,
    name: tenant.name,
    locale: tenant.locale,
    timeZone: tenant.time_zone,
    allowSelfApproval: tenant.allow_self_approval === 1 ? true : null,
    coverageReport: tenant.coverage_report === 1 ? null : false,
    reminders: tenant.reminders === null ? null : parse(tenant.reminders),
    ...ofOtherStores,
    channels: Object.fromEntries(named.filter(([name]) => name !== 'dms')),
    users: rows.users.map((user) => userOf(user, bindings.get(user.uid) ?? [])),
    apiKeys: rows.apiKeys.map(({ name, scopes }) => ({ name, scopes: parse(scopes) })),
    approvalTemplates: rows.templates.map((row) => parse(row.template)),
    notificationRules: rows.rules.map((row) =>
      given({
        module: row.module,
        event: row.event,
        enabled: row.enabled === 1,
        channels: row.channels === null ? null : parse(row.channels),
        roles: row.roles === '[]' ? null : parse(row.roles),
        additionalUsers: parse(row.additional_users),
      }),
    ),
    dms,
    emailLogin: email === undefined ? null : email.enabled === 1,
    oidc: oidc === undefined ? null : { enabled: oidc.enabled === 1, ...plainOidc(oidc) },
  })
}

function userOf(user: UserRow, bindings: readonly BindingRow[]): Record<string, unknown> {
  return given({
    uid: user.uid,
    name: user.name,
    roles: parse(user.roles),
    locale: user.locale,
    timeZone: user.time_zone,
    email: user.email,
    mobile: user.mobile,
    employeeId: user.employee_id,
    disabled: user.disabled === 1 ? true : null,
    channels: Object.fromEntries(
      bindings.map((row) => [row.channel, isSwitch(row.channel) ? true : plainAddress(parse(row.address))]),
    ),
  })
}

/** Reached at the user's own address, so the file only says whether. */
function isSwitch(channel: string): boolean {
  return channel === 'email' || channel === 'sms'
}

function parse(json: string): unknown {
  return JSON.parse(json)
}

/** Without what is not set. */
function given(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined))
}
