import {
  dmsModules,
  type NoticeEvent,
  type NotificationRuleList,
  type NotificationRuleView,
  noticeEvents,
  type SetNotificationRule,
  type TenantId,
} from '@countersign/contracts'
import { namesFor } from '#server/api/app/my-tickets.ts'
import type { Names } from '#server/api/app/ticket-detail.ts'
import type { StoredRule, Stores } from '#server/db/stores.ts'
import { AppError } from '#server/errors.ts'
import { asksForDecision } from '#server/tickets/asking.ts'
import type { FieldError } from '#server/tickets/errors.ts'
import type { User } from '#server/tickets/ports.ts'
import { unknownPeople } from '#server/tickets/submission.ts'

/** One rule, and who wants to change it. */
export interface RuleChange {
  by: User
  module: string
  event: NoticeEvent
  at: number
}

/** Every rule in force, module by module: first those of DMS. */
export async function listRules(stores: Stores, tenantId: TenantId): Promise<NotificationRuleList> {
  const { tenants } = stores
  const [stored, used, channels] = await Promise.all([
    tenants.rules(tenantId),
    tenants.usedModules(tenantId),
    tenants.channels(tenantId),
  ])
  const byPlace = new Map(stored.map((rule) => [placeOf(rule), rule]))
  const names = await namesFor(
    stores,
    tenantId,
    stored.flatMap(({ additionalUsers }) => additionalUsers),
  )
  const own = [...new Set([...used, ...stored.map(({ module }) => module)])].sort()
  const modules = [...new Set<string>([...dmsModules, ...own])]
  return {
    items: modules.flatMap((module) =>
      noticeEvents.map((event) => viewOf(module, event, byPlace.get(placeOf({ module, event })), names)),
    ),
    channels: channels.map(({ name, enabled }) => ({ channel: name, enabled })),
  }
}

/** Puts a rule in the place of the default, or of an earlier one. Throws `provisioned` and `invalid_request`. */
export async function setRule(
  tx: Stores,
  change: RuleChange,
  wanted: SetNotificationRule,
): Promise<NotificationRuleView> {
  const { by, module, event, at } = change
  await tx.settings.lock()
  const before = await changeable(tx, change)
  const errors = [...(await unknownChannels(tx, by.tenantId, wanted)), ...(await unknownUsers(tx, by.tenantId, wanted))]
  if (errors.length > 0) throw new AppError('invalid_request', 'the rule is not acceptable', { errors })
  const roles = wanted.roles.toSorted()
  const after: StoredRule = {
    module,
    event,
    enabled: wanted.enabled,
    ...(wanted.channels === null ? {} : { channels: wanted.channels }),
    roles,
    additionalUsers: wanted.additionalUsers,
    isProvisioned: false,
  }
  await tx.settings.putRules([
    {
      tenant_id: by.tenantId,
      module,
      event,
      enabled: wanted.enabled ? 1 : 0,
      channels: wanted.channels === null ? null : JSON.stringify(wanted.channels),
      roles: JSON.stringify(roles),
      additional_users: JSON.stringify(wanted.additionalUsers),
      provisioned: 0,
    },
  ])
  await audit(tx, change, 'notification_rule.set', before, after, at)
  return viewOf(module, event, after, await namesFor(tx, by.tenantId, after.additionalUsers))
}

/** Goes back to the default; where it is in force already nothing happens. Throws `provisioned`. */
export async function resetRule(tx: Stores, change: RuleChange): Promise<NotificationRuleView> {
  const { by, module, event, at } = change
  await tx.settings.lock()
  const before = await changeable(tx, change)
  if (before === undefined) return defaultRule(module, event)
  await tx.settings.removeRule({ tenant_id: by.tenantId, module, event })
  await audit(tx, change, 'notification_rule.reset', before, undefined, at)
  return defaultRule(module, event)
}

/** What the file says comes back with every start, so a change that seems to be taken would be lost. */
async function changeable(tx: Stores, { by, module, event }: RuleChange): Promise<StoredRule | undefined> {
  const rules = await tx.tenants.rules(by.tenantId)
  const rule = rules.find((each) => each.module === module && each.event === event)
  if (rule?.isProvisioned !== true) return rule
  const why = `the rule for ${module}, ${event} comes from the provisioning file and is changed there`
  throw new AppError('provisioned', why)
}

async function unknownChannels(
  { tenants }: Stores,
  tenantId: TenantId,
  { channels }: SetNotificationRule,
): Promise<FieldError[]> {
  const known = await tenants.channels(tenantId)
  return (channels ?? []).flatMap((channel, index) =>
    known.some(({ name }) => name === channel)
      ? []
      : [{ path: `channels.${index}`, message: 'must be a channel of the tenant' }],
  )
}

async function unknownUsers(
  { directory }: Stores,
  tenantId: TenantId,
  { additionalUsers }: SetNotificationRule,
): Promise<FieldError[]> {
  const named = additionalUsers.map((uid, index) => ({ path: `additionalUsers.${index}`, uid }))
  return unknownPeople(named, await directory.users(tenantId, additionalUsers))
}

function audit(
  tx: Stores,
  { by, module, event }: RuleChange,
  action: string,
  before: StoredRule | undefined,
  after: StoredRule | undefined,
  at: number,
): Promise<void> {
  const target = `notification_rule:${module}/${event}`
  return tx.audit.append({
    tenantId: by.tenantId,
    at,
    actor: by.uid,
    action,
    target,
    detail: { before: inWords(before), after: inWords(after) },
  })
}

/** For the audit: one line that says all of a rule. */
function inWords(rule: StoredRule | undefined): string {
  if (rule === undefined) return 'default'
  const { enabled, channels, roles, additionalUsers } = rule
  return JSON.stringify({ enabled, channels: channels ?? null, roles, additionalUsers })
}

function placeOf({ module, event }: { module: string; event: string }): string {
  return `${module}/${event}`
}

function viewOf(module: string, event: NoticeEvent, rule: StoredRule | undefined, names: Names): NotificationRuleView {
  return {
    module,
    event,
    enabled: rule?.enabled ?? true,
    channels: rule?.channels ?? null,
    defaultRole: asksForDecision(event) ? 'approvers' : 'submitter',
    roles: rule?.roles ?? [],
    additionalUsers: rule?.additionalUsers ?? [],
    additionalPeople: rule?.additionalUsers.map(names) ?? [],
    source: rule === undefined ? 'default' : rule.isProvisioned ? 'provisioned' : 'custom',
  }
}

/** Names nobody beside the people of the ticket. */
const defaultRule = (module: string, event: NoticeEvent): NotificationRuleView =>
  viewOf(module, event, undefined, (uid) => ({ uid, name: uid }))
