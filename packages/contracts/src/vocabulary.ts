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

/**
 * How a session stands to the second factor. `none`: there is none, and none is asked for. `missing`: the organisation asks
 * for one and the person has none. `needed`: they have one and have not given it. In these two they have a member's rights.
 */
export const secondFactorStates = ['none', 'missing', 'needed', 'given'] as const

/** By what a second factor is given. */
export const secondFactorWays = ['passkey', 'authenticator', 'recovery_code'] as const

/** How a browser reaches an authenticator (W3C WebAuthn Level 3, section 5.8.4; `cable` is an early name of `hybrid`). */
export const passkeyTransports = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'] as const

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

/** What a delivery tells: a notice of a ticket, or a report to administrators. */
export const deliveryEvents = [...noticeEvents, 'report'] as const

/** Why a delivery is not sent once more. */
export const resendRefusals = [
  'not_found',
  'under_way',
  'replaced',
  'changed',
  'ticket_gone',
  'ticket_closed',
  'other_outcome',
  'not_asked',
  'not_told',
  'step_over',
  'person_gone',
  'person_disabled',
  'channel_disabled',
  'not_bound',
  'switched_off',
  'not_in_rule',
  'rule_off',
  'no_channel',
  'no_callback_url',
  'report_gone',
  'not_administrator',
] as const

/** Why a delivery is not cancelled. */
export const cancelRefusals = ['not_found', 'not_queued', 'under_way', 'may_have_arrived', 'is_update'] as const

/** Deliveries that one request may do something about. */
export const mostDeliveriesAtOnce = 50

/** How an audit can be exported. */
export const auditExportFormats = ['csv', 'jsonl'] as const

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

/** Beside them, in a file that is imported: who takes over from whom it disables. Stands in no export. */
export const importColumns = [...personColumns, 'successors'] as const

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
  'successor_bad',
  'own_successor',
] as const

/** Which steps go to the successors of a disabled person: all that wait for them, or only what nobody else can complete. */
export const rerouteScopes = ['open', 'stuck'] as const
/** Successors of one person. */
export const mostSuccessors = 10

/** What a platform's directory says of a person. */
export const directoryFields = ['name', 'email', 'mobile', 'employeeId'] as const

/** A reading of a directory. `broken_off`: whoever was reading is gone. */
export const directoryReadStates = ['reading', 'read', 'cancelled', 'failed', 'broken_off'] as const

/**
 * Why a directory was not read to its end: a permission is missing; the platform does not take the app's credentials; the
 * department is none that the app may see; calls are kept for approvals; the platform does not answer, or not readably; the
 * directory is larger than what is read at once; the channel was switched off.
 */
export const directoryFailures = [
  'permission',
  'credentials',
  'range',
  'quota',
  'platform',
  'too_many_people',
  'too_many_departments',
  'channel_off',
  'internal',
] as const

/** What would happen to people: added, changed, bound to their account, nothing, gone from the directory, not clear. */
export const syncKinds = ['create', 'change', 'bind', 'keep', 'gone', 'conflict'] as const

/** What a new person's uid is made of, as far as there is one. */
export const uidSources = ['employeeId', 'email', 'account'] as const

/**
 * Why something is not done: the provisioning file has the person, or the address; they are disabled here; they are the
 * last administrator; the account is frozen on the platform; a field is not acceptable, or somebody else's here; the
 * administrator has said who it is.
 */
export const syncNotes = [
  'provisioned',
  'provisioned_address',
  'disabled',
  'last_administrator',
  'frozen',
  'field_unusable',
  'field_of_another',
  'resolved',
] as const

/**
 * Why it is not clear who somebody is: account, employee id, e-mail or mobile number lead to different people; to several
 * alike; two accounts of the directory lead to one person; the person is bound to another account; two people claim the
 * account; whoever has the account could act with a role; two new people have the same in a field that tells people apart.
 */
export const syncConflicts = [
  'different_people',
  'several_people',
  'two_accounts',
  'other_account',
  'contested',
  'has_role',
  'same_in_directory',
] as const

/** From where a decision may come. */
export const surfaces = ['card', 'chatbot', 'h5-phone', 'h5-desktop', 'console', 'email-link', 'api'] as const

/** How far back an overview looks, in days. */
export const overviewDays = [7, 30, 90] as const

/** How long a ticket has waited: less than an hour, a day, three days, a week, or longer. */
export const waitingAges = ['hour', 'day', 'three_days', 'week', 'older'] as const
/** How somebody has logged in: through a chat platform, by a code in an e-mail, by OpenID Connect, by a link that works once. */
export const loginWays = ['platform', 'email', 'oidc', 'link'] as const

/** By what a company account is matched with a person when it is seen first. */
export const oidcClaims = ['email', 'employeeId', 'uid'] as const

/** Why an OpenID provider cannot be used. */
export const discoveryFaults = [
  'unreachable',
  'timeout',
  'not_openid',
  'issuer_differs',
  'insecure',
  'no_code_flow',
] as const
