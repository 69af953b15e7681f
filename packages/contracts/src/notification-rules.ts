import { z } from 'zod'
import { Person } from './app.ts'
import { NoticeEvent } from './delivery.ts'
import { ChannelName, Module, Uid } from './identifiers.ts'
import { NoticeRole } from './provisioning.ts'

/*
 * Who is told of what in a tenant: a rule for each module and event. For those who administer it (`admin`, `dba`).
 */

/** The ticket types of DMS, in lower case. A tenant may use others beside them. */
export const dmsModules = [
  'data_export',
  'db_export',
  'data_correct',
  'dc_common',
  'dc_chunk',
  'dc_cron_clear',
  'dc_proc',
  'dc_big_file',
  'nddl',
  'df_publish',
  'table_sync',
  'data_track',
  'data_archive',
  'data_warehouse',
  'data_snapshot',
  'database_clone',
  'generate',
  'saas_db_move',
  'perm_apply',
  'owner_apply',
  'proxy_apply',
  'sensitivity',
  'sql_review',
] as const

/** Who is told in any case: the approvers of what is pending, the submitter of everything else. */
export const DefaultNoticeRole = z.enum(['approvers', 'submitter'])
export type DefaultNoticeRole = z.infer<typeof DefaultNoticeRole>

/** The rule in force for a module and event. */
export const NotificationRuleView = z.object({
  module: Module,
  event: NoticeEvent,
  enabled: z.boolean(),
  /** Null: every channel that is enabled. */
  channels: z.array(ChannelName).nullable(),
  defaultRole: DefaultNoticeRole,
  roles: z.array(NoticeRole),
  additionalUsers: z.array(Uid),
  /** Their names, in the same order; whoever is gone keeps the uid. */
  additionalPeople: z.array(Person),
  /** `provisioned`: written by the provisioning file, and changed only there. */
  source: z.enum(['default', 'custom', 'provisioned']),
})
export type NotificationRuleView = z.infer<typeof NotificationRuleView>

/** `GET /api/app/notification-rules`: every event of every module of DMS, and of every module that the tenant has used. */
export const NotificationRuleList = z.object({
  items: z.array(NotificationRuleView),
  /** The tenant's channels, to choose from. */
  channels: z.array(z.object({ channel: ChannelName, enabled: z.boolean() })),
})
export type NotificationRuleList = z.infer<typeof NotificationRuleList>

const distinct = (values: readonly string[]): boolean => new Set(values).size === values.length

/** `PUT /api/app/notification-rules/{module}/{event}`: the rule as a whole. */
export const SetNotificationRule = z.strictObject({
  enabled: z.boolean(),
  /** Null: every channel that is enabled. To tell nobody, switch the rule off. */
  channels: z.array(ChannelName).min(1).refine(distinct, 'must name each channel once').nullable(),
  roles: z.array(NoticeRole).refine(distinct, 'must name each role once'),
  additionalUsers: z.array(Uid).max(100).refine(distinct, 'must name each person once'),
})
export type SetNotificationRule = z.infer<typeof SetNotificationRule>
