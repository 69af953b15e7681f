import type { MessageKey } from '../i18n/i18n.ts'
import { hasMessage, t } from '../i18n/i18n.ts'

/* What the codes in the log of a delivery mean, in words. The code itself is always shown beside them. */

type Codes = Readonly<Record<string, string>>

/** Words of our own, the same on every channel. */
const own: Codes = {
  channel_not_enabled: 'channelOff',
  ticket_not_found: 'ticketGone',
  superseded: 'superseded',
  user_disabled: 'personDisabled',
  user_gone: 'personGone',
  not_bound: 'notBound',
  person_not_found: 'noPerson',
  account_taken: 'accountTaken',
  no_channel: 'noChannel',
  rule_off: 'ruleOff',
  channel_off: 'switchedOff',
  quota_saved: 'saved',
  timeout: 'timeout',
  network: 'unreachable',
  no_answer: 'unreachable',
  connection_lost: 'unreachable',
  ECONNREFUSED: 'unreachable',
  tls: 'tls',
  address_not_allowed: 'notAllowed',
  outcome_unknown: 'unknown',
  interrupted: 'interrupted',
  internal: 'internal',
  reminded_lately: 'remindedLately',
  same_group: 'sameGroup',
  not_asked_yet: 'notAskedYet',
  cancelled: 'cancelled',
  forgotten: 'forgotten',
  no_callback_url: 'noCallback',
  unknown_message: 'cardGone',
  too_large: 'tooLong',
  bad_number: 'badNumber',
  bad_address: 'noPerson',
}

const same = (reason: string, ...codes: string[]): Codes => Object.fromEntries(codes.map((code) => [code, reason]))

const lark: Codes = {
  ...same('outOfRange', '230013'),
  ...same('botStopped', '230053'),
  ...same('botOff', '230006'),
  ...same('permission', '230027', '99991672', '99991676', '40003', '40004'),
  ...same('credentials', '10003', '10014', '10015', '99991543', '99991661', '99991663', '99991664', '99991665'),
  ...same('credentials', '99991668', '99991671'),
  ...same('ipRange', '99991401'),
  ...same('cardGone', '230011', '230110', '231003', '232009'),
  ...same('cardOld', '230031'),
  ...same('tooFast', '230020', '99991400', '232019', '11232', '11233', '11247'),
  ...same('content', '230099', '230022', '230028', '230017', '230001'),
  ...same('tooLong', '230025'),
  ...same('noPerson', '230034', '99992351', '99992361', '99992364'),
}
const dingtalk: Codes = {
  ...same('quota', '90020'),
  ...same('tooFast', '90002', '90018', '1111', 'send.too.fast', 'send.byToken.tooFast'),
  ...same('noPerson', '33012', '60121', '40104', '400002', '40035', 'staffId.notExisted', 'param.userIdNotExist'),
  ...same('noPerson', 'invalidStaffId', 'deliver_failed'),
  ...same('credentials', '40001', '40014', '41001', '42001', '40089', 'InvalidAuthentication', 'authFailed'),
  ...same('credentials', 'invalidClientIdOrSecret', 'unauthorized.client'),
  ...same('permission', '60011', 'Forbidden.AccessDenied.AccessTokenPermissionDenied'),
  ...same('ipRange', '60020', 'Forbidden.AccessDenied.IpNotInWhiteList'),
  ...same('outOfRange', '50002', '50004'),
  ...same('botOff', 'bot.stopped', 'send.forbidden', 'robot.oto.notExist', 'chatbotId.notAllow.sendOTO'),
  ...same('template', 'param.cardTemplateIdEmpty', 'param.templateNotExist', 'param.templateUnpublished'),
  ...same('template', 'template.not.existed', 'cardInstance.wrong'),
  ...same('cardGone', 'param.cardNotExist'),
  ...same('content', 'card.content.checkFailed'),
  ...same('busy', '-1', '15', '88', 'system.busy', 'system.error', 'flowControlledStaffId'),
}
const groupRobot: Codes = {
  ...same('busy', '-1'),
  ...same('robotRules', '310000', '400102'),
  ...same('tooFast', '410100', '130101'),
  ...same('quota', '90020'),
  ...same('robotGone', '400106', '400013', '400101'),
  ...same('content', '430101', '430102', '430103', '430104', '460101'),
}
const wecom: Codes = {
  ...same('busy', '-1'),
  ...same('tooFast', '45009'),
  ...same('robotOff', '93004'),
  ...same('robotGone', '93000', '93008'),
  ...same('content', '40058', '40008', '44004'),
}
/** Without `isv.` or `isp.`. */
const sms: Codes = {
  ...same('numberLimit', 'BUSINESS_LIMIT_CONTROL'),
  ...same('accountLimit', 'DAY_LIMIT_CONTROL', 'MONTH_LIMIT_CONTROL'),
  ...same('badNumber', 'MOBILE_NUMBER_ILLEGAL', 'DOMESTIC_NUMBER_NOT_SUPPORTED', 'UNDELIV'),
  ...same('balance', 'AMOUNT_NOT_ENOUGH', 'OUT_OF_SERVICE', 'ACCOUNT_ABNORMAL', 'ACCOUNT_NOT_EXISTS'),
  ...same('smsSetup', 'SMS_SIGNATURE_ILLEGAL', 'SMS_SIGN_ILLEGAL', 'SMS_TEMPLATE_ILLEGAL', 'MissingSignName'),
  ...same('smsSetup', 'TEMPLATE_MISSING_PARAMETERS', 'TEMPLATE_PARAMS_ILLEGAL', 'SMS_SIGNATURE_SCENE_ILLEGAL'),
  ...same('content', 'BLACK_KEY_CONTROL_LIMIT', 'SMS_CONTENT_ILLEGAL', 'PARAM_NOT_SUPPORT_URL'),
  ...same('tooLong', 'PARAM_LENGTH_LIMIT'),
  ...same('permission', 'RAM_PERMISSION_DENY', 'Forbidden.AccessDenied.X', 'NoPermission'),
  ...same('credentials', 'InvalidAccessKeyId.NotFound', 'SignatureDoesNotMatch', 'IncompleteSignature'),
  ...same('ipRange', 'DENY_IP_RANGE'),
}
const mail: Codes = {
  ...same('mailLogin', '530', '534', '535', '538'),
  ...same('mailbox', '550', '551', '552', '553', '554'),
  ...same('mailLater', '421', '450', '451', '452'),
}
const http: Codes = {
  ...same('httpRefused', '401', '403'),
  ...same('httpMissing', '404'),
  ...same('httpGone', '410'),
  ...same('tooFast', '429'),
}

const byChannel: Readonly<Record<string, Codes>> = {
  lark,
  feishu: lark,
  dingtalk,
  dingtalkExclusive: dingtalk,
  dingtalkRobot: groupRobot,
  wecomRobot: wecom,
  sms,
  email: mail,
  webhook: http,
  callback: http,
}

/** Families of codes, by how they look. */
const patterns: Readonly<Record<string, readonly (readonly [RegExp, string])[]>> = {
  dingtalk: [
    [/ApiCountLimit/, 'quota'],
    [/Q(ps|pm)Limit|^900(0[7-9]|1[0-4])$/, 'tooFast'],
  ],
  http: [
    [/^3\d\d$/, 'httpRedirect'],
    [/^[45]\d\d$/, 'httpError'],
  ],
}

function reasonOf(channel: string, code: string): string | undefined {
  const codes = byChannel[channel] ?? {}
  const bare = channel === 'sms' ? code.replace(/^is[vp]\./, '') : code
  const known = codes[bare] ?? own[code]
  if (known !== undefined) return known
  const family = codes === dingtalk ? patterns.dingtalk : codes === http ? patterns.http : undefined
  return family?.find(([pattern]) => pattern.test(code))?.[1]
}

/** What a code means, in the person's language; undefined: nothing is known of it but what the platform said. */
export function reasonWords(channel: string, code: string): string | undefined {
  const reason = reasonOf(channel, code)
  return reason === undefined ? undefined : t(`deliveries.reason.${reason}` as MessageKey)
}

/** Why something is left as it is, in the person's language. */
export function refusalWords(refusal: string): string {
  const key = `deliveries.refusal.${refusal}`
  return hasMessage(key) ? t(key) : refusal
}

/** Every reason that a code leads to. */
export function knownReasons(): string[] {
  const tables = [own, ...Object.values(byChannel)].flatMap((codes) => Object.values(codes))
  const seen = Object.values(patterns).flatMap((family) => family.map(([, reason]) => reason))
  return [...new Set([...tables, ...seen])]
}
