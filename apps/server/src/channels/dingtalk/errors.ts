import { ChannelError, type ChannelErrorKind } from '#server/channels/channel-error.ts'
import { neverSent, timeouts, unreadable } from '#server/channels/unanswered.ts'

/*
 * What each code of the platform means for a delivery, on both hosts: words on api.dingtalk.com, numbers on
 * oapi.dingtalk.com, there also wrapped in code 88. HTTP status alone says nothing: 403 is permission, address list and
 * speed alike, 400 is a bad token or a bad card. Sources: the platform's page of error codes, of call limits and of each
 * call (README.md). A code that stands nowhere here is retried: our ignorance must not lose a message.
 */

/** Throttled calls were refused before anything was done; a second's wait is what the platform advises. */
const SHORT_WAIT_MS = 1_000
/** Over the monthly quota nothing helps but a new month or a purchase: one call an hour finds that out. */
const QUOTA_WAIT_MS = 60 * 60 * 1_000
/** The platform bans an address for so long that called it far too often. */
const BAN_WAIT_MS = 5 * 60 * 1_000

const kindByCode: Readonly<Record<string, ChannelErrorKind>> = {
  // The app's own credentials, permissions, set-up or range: an administrator must act.
  InvalidAuthentication: 'auth',
  invalidClientIdOrSecret: 'auth',
  'invalid.client': 'auth',
  'unsupported.grant.type': 'auth',
  'unauthorized.client': 'auth',
  'Forbidden.AccessDenied.AccessTokenPermissionDenied': 'auth',
  'Forbidden.AccessDenied.IpNotInWhiteList': 'auth',
  'forbidden.accessDenied.realmControl': 'auth',
  authFailed: 'auth',
  unauthorized: 'auth',
  'auth.error': 'auth',
  'invalidParameter.token.invalid': 'auth',
  'bot.stopped': 'auth',
  'send.forbidden': 'auth',
  'param.cardTemplateIdEmpty': 'auth',
  'param.templateNotExist': 'auth',
  'param.templateUnpublished': 'auth',
  'cardInstance.wrong': 'auth',
  40001: 'auth',
  40014: 'auth',
  41001: 'auth',
  42001: 'auth',
  50002: 'auth',
  50004: 'auth',
  60011: 'auth',
  60020: 'auth',
  40089: 'auth',
  // Too fast, or too often this month.
  'send.too.fast': 'rate_limited',
  'send.byToken.tooFast': 'rate_limited',
  'too.many.people': 'rate_limited',
  'too.many.group': 'rate_limited',
  90002: 'rate_limited',
  90018: 'rate_limited',
  90020: 'rate_limited',
  1111: 'rate_limited',
  // The card is no more.
  'param.cardNotExist': 'gone',
  // A fault of the platform that passes.
  'system.busy': 'retry',
  'system.error': 'retry',
  'system.updateCallbackFailed': 'retry',
  '-1': 'retry',
  15: 'retry',
  88: 'retry',
  // This person, this content or this code of a log-in: will never work.
  'accesstoken.expired': 'rejected',
  'staffId.notExisted': 'rejected',
  'chatbotId.notAllow.sendOTO': 'rejected',
  'robot.oto.notExist': 'rejected',
  'illegal.receivers': 'rejected',
  'receivers.exceed': 'rejected',
  'resource.not.found': 'rejected',
  'card.content.checkFailed': 'rejected',
  'template.not.existed': 'rejected',
  33012: 'rejected',
  40035: 'rejected',
  40078: 'rejected',
  40102: 'rejected',
  40104: 'rejected',
  41044: 'rejected',
  41045: 'rejected',
  41046: 'rejected',
  41047: 'rejected',
  41048: 'rejected',
  41049: 'rejected',
  42008: 'rejected',
  60003: 'rejected',
  60019: 'rejected',
  60121: 'rejected',
  400002: 'rejected',
}

const kindByBeginning: readonly (readonly [RegExp, ChannelErrorKind])[] = [
  [/^Forbidden\.AccessDenied\.(Qps|Qpm|ApiCount)Limit/, 'rate_limited'],
  [/^Forbidden\.AccessDenied\./, 'auth'],
  // Limits per app, organisation and call of third-party apps.
  [/^900(0[7-9]|1[0-4])$/, 'rate_limited'],
  [/^invalidParameter\.robotCode\./, 'auth'],
  [/^(param|invalidParameter|invalidParam|invalid|miss|contain|outTrackId)\./, 'rejected'],
]

/** Such that a fresh token may help. */
const badTokenCodes: ReadonlySet<string> = new Set(['InvalidAuthentication', '40001', '40014', '42001'])
/** The app is in order, its card template is not: people can still be told in plain words. */
const templateCodes: ReadonlySet<string> = new Set([
  'param.cardTemplateIdEmpty',
  'param.templateNotExist',
  'param.templateUnpublished',
  'cardInstance.wrong',
])
const unknownPersonCodes: ReadonlySet<string> = new Set(['60121', '33012', '40104', '400002', '40035'])
const receiverCodes: ReadonlySet<string> = new Set([
  'param.userIdNotExist',
  'param.userIdEmpty',
  'param.openSpaceIdInvalid',
  'staffId.notExisted',
  'invalidParameter.userIds.empty',
])

const hasCode = (codes: ReadonlySet<string>, error: unknown): error is ChannelError =>
  error instanceof ChannelError && codes.has(error.code)

export const isBadToken = (error: unknown): error is ChannelError => hasCode(badTokenCodes, error)
export const isUnusableTemplate = (error: unknown): error is ChannelError => hasCode(templateCodes, error)
/** Nobody has this number or id: an answer, not a failure. */
export const isUnknownPerson = (error: unknown): error is ChannelError => hasCode(unknownPersonCodes, error)
const missingRightCodes: ReadonlySet<string> = new Set(['Forbidden.AccessDenied.AccessTokenPermissionDenied', '60011'])
/** An administrator must grant a permission. */
export const isMissingRight = (error: unknown): error is ChannelError => hasCode(missingRightCodes, error)
/** A department that is none, or that the app may not see. */
export const isOutOfRange = (error: unknown): error is ChannelError =>
  hasCode(new Set(['50004', '60003', '60019']), error)
const busyCodes: ReadonlySet<string> = new Set(['-1', '15', '88', 'system.busy', 'system.error'])
/** The platform had no time for the question. */
export const isBusy = (error: unknown): error is ChannelError => hasCode(busyCodes, error)
/** One receiver spoils a call for all of them. */
export const isBadReceiver = (error: unknown): error is ChannelError => hasCode(receiverCodes, error)
/** The list of receivers as a whole is not understood. */
export const isBadSpaceId = (error: unknown): error is ChannelError =>
  hasCode(new Set(['param.openSpaceIdInvalid']), error)
/** A card of this id was made before: by an earlier try whose answer was lost. */
export const isCardThere = (error: unknown): error is ChannelError =>
  hasCode(new Set(['param.cardAlreadyExist']), error)
/** The platform counts neither calls that were too fast nor those that never came through. */
export const isCounted = (error: ChannelError): boolean => error.kind !== 'rate_limited' && error.code !== 'network'

/** The platform understood and said no. `message` is in its own words; it names our app and scopes at most. */
export function refusedBy(refusal: { status: number; code: string; message: string }): ChannelError {
  const { status, code } = refusal
  const kind = status === 429 ? 'rate_limited' : kindOf(code)
  const outcomeUnknown = kind === 'retry' && status >= 500
  const more = kind === 'rate_limited' ? { retryAfterMs: waitMs(code) } : { outcomeUnknown }
  return new ChannelError(kind, code, refusal.message.slice(0, 500), more)
}

function kindOf(code: string): ChannelErrorKind {
  const known = Object.hasOwn(kindByCode, code) ? kindByCode[code] : undefined
  return known ?? kindByBeginning.find(([beginning]) => beginning.test(code))?.[1] ?? 'retry'
}

function waitMs(code: string): number {
  if (code === '90020' || /ApiCountLimit/.test(code)) return QUOTA_WAIT_MS
  return code === '1111' ? BAN_WAIT_MS : SHORT_WAIT_MS
}

export function unreadableAnswer(status: number): ChannelError {
  return unreadable(status, SHORT_WAIT_MS)
}

/** No answer came. `reason` is the code of the socket, TLS or HTTP client. */
export function noAnswer(reason: string): ChannelError {
  const isNeverSent = neverSent.has(reason)
  const code = timeouts.has(reason) ? 'timeout' : isNeverSent ? 'network' : 'connection_lost'
  return new ChannelError('retry', code, `no answer from the platform (${reason})`, { outcomeUnknown: !isNeverSent })
}
