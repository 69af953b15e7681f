/**
 * The fixed words of the API, as plain lists: what the schemas are made of, and what the web apps may name without
 * bundling a validator. This file imports nothing.
 */

/** The chat platforms and other ways out. The value stands in URLs, `via` and the provisioning file. */
export const channelNames = [
  'lark',
  'feishu',
  'dingtalk',
  'dingtalkExclusive',
  'dingtalkRobot',
  'wecomRobot',
  'email',
  'sms',
  'webhook',
] as const

/** Languages of the six regions. */
export const locales = ['zh-CN', 'en', 'ja', 'ms', 'id', 'ar'] as const

export const roles = ['user', 'dba', 'admin', 'security_admin'] as const

export const risks = ['low', 'medium', 'high'] as const

/**
 * The module of trial tickets, which the host makes itself and which move nothing. Nobody else can give it: the prefix
 * keeps a common word free for tenants.
 */
export const trialModule = 'countersign_trial'

/** The platforms that the first-run guide leads through. */
export const guidedChannels = ['lark', 'feishu', 'dingtalk', 'dingtalkExclusive'] as const

/** The steps of the first-run guide that the host can tell whether they are done, in their order. */
export const welcomeSteps = ['app', 'credentials', 'callbacks', 'doctor', 'me', 'trial'] as const

export const ticketStatuses = ['pending', 'approved', 'rejected', 'withdrawn', 'expired'] as const

/** What a recipient is told. */
export const noticeEvents = ['pending', 'approved', 'rejected', 'withdrawn', 'expired', 'changed', 'reminded'] as const

/**
 * Roles that a notification rule may add: `related` are the ticket's cc, `data_owner` its owners, the others the people of
 * the tenant who have that role.
 */
export const noticeRoles = ['related', 'data_owner', 'dba', 'admin', 'security_admin'] as const

/** `suppressed`: decided before it was sent, or switched off; the reason stands in the last attempt. */
export const deliveryStates = ['queued', 'sending', 'sent', 'updated', 'failed', 'suppressed'] as const

/** Why a delivery is held back: the person's quiet hours or daily summary, a limit of the channel, a step of a reminder. */
export const waitReasons = ['quiet_hours', 'digest', 'rate_limit', 'ladder'] as const

/** What an API key may do. */
export const apiScopes = ['tickets:read', 'tickets:write'] as const

/** The columns of a file of people, in the order of an export. Only the first two must be there. */
export const personColumns = [
  'uid',
  'name',
  'roles',
  'locale',
  'timeZone',
  'email',
  'mobile',
  'employeeId',
  'disabled',
] as const

/** People of one file. */
export const mostImportedRows = 5_000

/** What can be wrong in a file of people. */
export const importErrorCodes = [
  'not_csv',
  'too_large',
  'too_many_rows',
  'empty',
  'column_missing',
  'column_unknown',
  'column_repeated',
  'cells',
  'uid_bad',
  'uid_repeated',
  'name_bad',
  'role_unknown',
  'locale_unknown',
  'time_zone_unknown',
  'email_bad',
  'mobile_bad',
  'employee_id_bad',
  'disabled_bad',
  'provisioned',
  'last_administrator',
] as const

/** From where a decision may come. */
export const surfaces = ['card', 'chatbot', 'h5-phone', 'h5-desktop', 'console', 'email-link', 'api'] as const

/** How far back an overview looks, in days. */
export const overviewDays = [7, 30, 90] as const

/** How long a ticket has waited: less than an hour, a day, three days, a week, or longer. */
export const waitingAges = ['hour', 'day', 'three_days', 'week', 'older'] as const
