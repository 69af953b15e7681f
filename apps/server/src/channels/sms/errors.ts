import { ChannelError, type ChannelErrorKind } from '#server/channels/channel-error.ts'
import { neverSent } from '#server/channels/unanswered.ts'

/**
 * What the service's codes mean, without their `isv.` or `isp.`. Sources: the error code pages of the mainland and the
 * international service. A code that stands nowhere here is retried: our ignorance must not lose a message, and the worker
 * ends retries by itself.
 */
const kindByCode: Readonly<Record<string, ChannelErrorKind>> = {
  // The account, its keys, its signature or its templates: an administrator must act.
  RAM_PERMISSION_DENY: 'auth',
  OUT_OF_SERVICE: 'auth',
  PRODUCT_UN_SUBSCRIPT: 'auth',
  PRODUCT_UNSUBSCRIBE: 'auth',
  ACCOUNT_NOT_EXISTS: 'auth',
  ACCOUNT_ABNORMAL: 'auth',
  AMOUNT_NOT_ENOUGH: 'auth',
  DENY_IP_RANGE: 'auth',
  SMS_SIGNATURE_ILLEGAL: 'auth',
  SMS_SIGN_ILLEGAL: 'auth',
  SMS_TEMPLATE_ILLEGAL: 'auth',
  SMS_SIGNATURE_SCENE_ILLEGAL: 'auth',
  TEMPLATE_MISSING_PARAMETERS: 'auth',
  TEMPLATE_PARAMS_ILLEGAL: 'auth',
  // This number or this text: will never work.
  MOBILE_NUMBER_ILLEGAL: 'rejected',
  MOBILE_COUNT_OVER_LIMIT: 'rejected',
  INVALID_PARAMETERS: 'rejected',
  INVALID_JSON_PARAM: 'rejected',
  PARAM_LENGTH_LIMIT: 'rejected',
  PARAM_NOT_SUPPORT_URL: 'rejected',
  BLACK_KEY_CONTROL_LIMIT: 'rejected',
  SMS_CONTENT_ILLEGAL: 'rejected',
  DOMESTIC_NUMBER_NOT_SUPPORTED: 'rejected',
}
/** Of the gateway, by how they begin. */
const authCodes =
  /^(InvalidAccessKeyId|SignatureDoesNotMatch|IncompleteSignature|Forbidden|NoPermission|InvalidSecurityToken)/

/** The gateway does not know the key, or its signature is another: neither says anything about rights. */
export function areKeysRefused(code: string): boolean {
  return /^(InvalidAccessKeyId|SignatureDoesNotMatch|IncompleteSignature|InvalidSecurityToken)/.test(code)
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
/** Windows are those of the clock in China; whole hours of offset leave the minutes as they are. */
const chinaOffsetMs = 8 * hourMs

/** The code without its prefix, by which both services name the same thing. */
export function bareCode(code: string): string {
  return code.replace(/^is[vp]\./, '')
}

/** The service understood and said no. `now` in epoch milliseconds. */
export function refusedBy(code: string, message: string, now: number): ChannelError {
  const limit = limitOf(bareCode(code), message, now)
  if (limit !== null) return new ChannelError('rate_limited', code, message.slice(0, 300), limit)
  const kind = authCodes.test(code) ? 'auth' : (kindByCode[bareCode(code)] ?? 'retry')
  // What goes wrong inside the service may have gone right as far as the message is concerned.
  const outcomeUnknown = kind === 'retry'
  return new ChannelError(kind, code, message.slice(0, 300), { outcomeUnknown })
}

/** An HTTP error of the gateway in front of the service. */
export function refusedByGateway(
  { status, code, message, retryAfterMs }: { status: number; code: string; message: string; retryAfterMs?: number },
  now: number,
): ChannelError {
  if (/^Throttling|FlowControl/.test(code) || status === 429) {
    return new ChannelError('rate_limited', code, message.slice(0, 300), { retryAfterMs: retryAfterMs ?? 1_000 })
  }
  if (status >= 500) return new ChannelError('retry', code, message.slice(0, 300), { outcomeUnknown: true })
  const known = refusedBy(code, message, now)
  if (known.kind !== 'retry') return known
  return new ChannelError('rejected', code, message.slice(0, 300))
}

/** No answer came, or none that can be read. Nothing of the client's own words: they carry the number. */
export function noAnswer({
  name,
  message,
  code,
}: {
  name: string
  message: string
  code?: string | undefined
}): ChannelError {
  const isTimeout = name.startsWith('RequestTimeout')
  const reason = isTimeout ? (message.startsWith('Connect') ? 'connect timeout' : 'timeout') : (code ?? name)
  const outcomeUnknown = reason !== 'connect timeout' && !neverSent.has(reason)
  const kind = isTimeout ? 'timeout' : 'network'
  return new ChannelError('retry', kind, `no answer from the service (${reason})`, { outcomeUnknown })
}

/**
 * How long a limit lasts. Those on one number: minutes and hours are calendar windows, a day is any 24 hours, so that the
 * next place may come free at any time and is asked for each hour. Those that the account has set itself: calendar days and
 * months.
 */
function limitOf(
  code: string,
  message: string,
  now: number,
): { retryAfterMs: number; scope: 'app' | 'receiver' } | null {
  if (code === 'DAY_LIMIT_CONTROL') return { retryAfterMs: untilNext(dayMs, now), scope: 'app' }
  if (code === 'MONTH_LIMIT_CONTROL') return { retryAfterMs: untilNextMonth(now), scope: 'app' }
  if (code !== 'BUSINESS_LIMIT_CONTROL') return null
  if (/天级|day/i.test(message)) return { retryAfterMs: hourMs, scope: 'receiver' }
  if (/小时|hour/i.test(message)) return { retryAfterMs: untilNext(hourMs, now), scope: 'receiver' }
  return { retryAfterMs: untilNext(minuteMs, now), scope: 'receiver' }
}

function untilNext(windowMs: number, now: number): number {
  return windowMs - ((now + chinaOffsetMs) % windowMs)
}

function untilNextMonth(now: number): number {
  const inChina = new Date(now + chinaOffsetMs)
  return Date.UTC(inChina.getUTCFullYear(), inChina.getUTCMonth() + 1) - (now + chinaOffsetMs)
}
