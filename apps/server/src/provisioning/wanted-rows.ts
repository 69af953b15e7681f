import { createHash } from 'node:crypto'
import {
  type ApprovalTemplate,
  channelNames,
  type NotificationRule,
  type ProvisionedApiKey,
  type ProvisionedTenant,
  type ProvisionedUser,
} from '@countersign/contracts'
import type { SettingsName } from '#server/db/channel-settings.ts'
import type { RuleRow, TenantRow, UserRow } from '#server/db/settings-store.ts'

/*
 * What the file says, as rows. Language, time zone and the like are stored only where the file gives them: what a tenant or
 * region has by default is looked up when it is read, and so follows a change of the default.
 */

export interface WantedChannel {
  name: SettingsName
  enabled: boolean
  settings: Record<string, unknown>
}

export interface WantedBinding {
  uid: string
  channel: (typeof channelNames)[number]
  address: Record<string, unknown>
}

export interface WantedApiKey {
  name: string
  keyHash: string
  scopes: string
  webhookSecret: string | null
}

export function tenantRow(tenant: ProvisionedTenant, now: number): TenantRow {
  return {
    id: tenant.id,
    name: tenant.name,
    locale: tenant.locale ?? null,
    time_zone: tenant.timeZone ?? null,
    allow_self_approval: tenant.allowSelfApproval ? 1 : 0,
    coverage_report: tenant.coverageReport ? 1 : 0,
    reminders: tenant.reminders === undefined ? null : JSON.stringify(tenant.reminders),
    administrators_need_second_factor: flagOrNull(tenant.administratorsNeedSecondFactor),
    updated_at: now,
  }
}

const flagOrNull = (value: boolean | undefined): 0 | 1 | null => (value === undefined ? null : value ? 1 : 0)

export function wantedChannels({ channels, dms }: ProvisionedTenant): WantedChannel[] {
  const named = [...channelNames.map((name) => [name, channels[name]] as const), ['dms', dms] as const]
  return named.flatMap(([name, given]) => {
    if (given === undefined) return []
    const { enabled, ...settings } = given
    return [{ name, enabled, settings }]
  })
}

export function userRow(tenantId: string, user: ProvisionedUser, now: number): UserRow {
  return {
    tenant_id: tenantId,
    uid: user.uid,
    name: user.name,
    roles: JSON.stringify([...new Set(user.roles)].sort()),
    locale: user.locale ?? null,
    time_zone: user.timeZone ?? null,
    email: user.email ?? null,
    mobile: user.mobile ?? null,
    employee_id: user.employeeId ?? null,
    disabled: user.disabled ? 1 : 0,
    provisioned: 1,
    updated_at: now,
  }
}

/**
 * Only what stands under `channels` binds. A person's own `email` and `mobile` are not taken for their address on a chat
 * platform: whoever may write a contact field would otherwise decide whose taps count as that person's.
 */
export function wantedBindings({ uid, channels, email, mobile }: ProvisionedUser): WantedBinding[] {
  return channelNames.flatMap((channel) => {
    const given = channels[channel]
    if (given === undefined || given === false) return []
    if (given !== true) return [{ uid, channel, address: { ...given } }]
    return [{ uid, channel, address: channel === 'sms' ? { mobile } : { email } }]
  })
}

export function wantedApiKey({ name, key, scopes, webhookSecret }: ProvisionedApiKey): WantedApiKey {
  return {
    name,
    keyHash: createHash('sha256').update(key).digest('hex'),
    scopes: JSON.stringify([...new Set(scopes)].sort()),
    webhookSecret: webhookSecret ?? null,
  }
}

export function templateRow(tenantId: string, template: ApprovalTemplate, position: number) {
  return {
    tenant_id: tenantId,
    id: template.id,
    module: template.module,
    template: JSON.stringify(template),
    position,
    provisioned: 1 as const,
  }
}

export function ruleRow(tenantId: string, rule: NotificationRule): RuleRow {
  return {
    tenant_id: tenantId,
    module: rule.module,
    event: rule.event,
    enabled: rule.enabled ? 1 : 0,
    channels: rule.channels === undefined ? null : JSON.stringify(rule.channels),
    roles: JSON.stringify([...new Set(rule.roles)].sort()),
    additional_users: JSON.stringify(rule.additionalUsers),
    provisioned: 1,
  }
}
