import { ChannelError, type ChannelErrorKind } from '#server/channels/channel-error.ts'
import { neverSent, timeouts, unreadable } from '#server/channels/unanswered.ts'

/**
 * What each code of the platform means for a delivery. Sources: the error tables of the pages on sending and updating
 * messages, general error codes, rate limits, and log-in (README.md). A code that stands nowhere here is retried: our
 * ignorance must not lose a message, and the worker ends retries by itself.
 */
const kindByCode: Readonly<Record<number, ChannelErrorKind>> = {
  // The app's own credentials, permissions or availability: an administrator must act.
  10003: 'auth',
  10014: 'auth',
  10015: 'auth',
  99991401: 'auth',
  99991543: 'auth',
  99991661: 'auth',
  99991662: 'auth',
  99991663: 'auth',
  99991664: 'auth',
  99991665: 'auth',
  99991668: 'auth',
  99991671: 'auth',
  99991672: 'auth',
  99991673: 'auth',
  99991676: 'auth',
  230006: 'auth',
  230027: 'auth',
  230036: 'auth',
  40003: 'auth',
  40004: 'auth',
  40014: 'auth',
  41050: 'auth',
  // Too fast.
  99991400: 'rate_limited',
  230020: 'rate_limited',
  232019: 'rate_limited',
  11232: 'rate_limited',
  11233: 'rate_limited',
  11247: 'rate_limited',
  // Still under way, or a fault of the platform.
  230049: 'retry',
  18121: 'retry',
  20050: 'retry',
  20072: 'retry',
  // The message or the chat is no more, or can no longer be changed.
  230011: 'gone',
  230031: 'gone',
  230110: 'gone',
  231003: 'gone',
  232009: 'gone',
  // This person or this content: will never work.
  230001: 'rejected',
  230002: 'rejected',
  // Urgent messages: not our own message, too many unread ones, none left.
  230012: 'rejected',
  230023: 'rejected',
  230024: 'rejected',
  230013: 'rejected',
  230015: 'rejected',
  230017: 'rejected',
  230018: 'rejected',
  230019: 'rejected',
  230022: 'rejected',
  230025: 'rejected',
  230028: 'rejected',
  230029: 'rejected',
  230034: 'rejected',
  230035: 'rejected',
  230038: 'rejected',
  230053: 'rejected',
  230054: 'rejected',
  230055: 'rejected',
  230075: 'rejected',
  230099: 'rejected',
  99992351: 'rejected',
  99992354: 'rejected',
  99992361: 'rejected',
  99992364: 'rejected',
  99992402: 'rejected',
  40008: 'rejected',
  40011: 'rejected',
  40012: 'rejected',
  40013: 'rejected',
  43010: 'rejected',
  // Log-in: the app is set up wrongly …
  20002: 'auth',
  20009: 'auth',
  20048: 'auth',
  20069: 'auth',
  20070: 'auth',
  // … or the code or the person is not good.
  20001: 'rejected',
  20003: 'rejected',
  20004: 'rejected',
  20005: 'rejected',
  20008: 'rejected',
  20010: 'rejected',
  20021: 'rejected',
  20022: 'rejected',
  20023: 'rejected',
  20024: 'rejected',
  20036: 'rejected',
  20049: 'rejected',
  20063: 'rejected',
  20065: 'rejected',
  20066: 'rejected',
  20067: 'rejected',
  20068: 'rejected',
  20071: 'rejected',
  99991677: 'rejected',
  99991679: 'rejected',
}

/** The tenant token is not, or no longer, good: a fresh one may be. */
const badTokenCodes: ReadonlySet<string> = new Set(
  [99991661, 99991663, 99991664, 99991665, 99991668, 99991671].map(String),
)

/** An administrator must grant a permission. */
export const isMissingPermission = (error: unknown): error is ChannelError =>
  error instanceof ChannelError && error.code === '99991672'

/** The app may not see this department, or the person. */
export const isOutOfRange = (error: unknown): error is ChannelError =>
  error instanceof ChannelError && ['40004', '40014', '41050'].includes(error.code)

/** Too many departments below it for one question. */
export const isTooLargeToRecurse = (error: unknown): error is ChannelError =>
  error instanceof ChannelError && error.code === '43010'

/** Where the platform names no time to wait. */
const DEFAULT_WAIT_MS = 1_000
/** A reset further away than this is no reset of a per-second or per-minute limit, but nonsense. */
const LONGEST_WAIT_MS = 10 * 60 * 1_000

export function isBadToken(error: unknown): boolean {
  return error instanceof ChannelError && badTokenCodes.has(error.code)
}

/** Calls that were refused for their speed or their token, or that never left, are taken not to count. */
export function isCounted(error: unknown): boolean {
  if (!(error instanceof ChannelError)) return false
  return error.kind !== 'rate_limited' && !isBadToken(error) && (error.code !== 'network' || error.outcomeUnknown)
}

export interface RefusedAnswer {
  status: number
  code: number
  /** The platform's own words; they name our app and scopes at most. */
  message: string
  /** Seconds, as the headers `x-ogw-ratelimit-reset` or `retry-after` had it. */
  resetSeconds: string | undefined
}

/** The platform understood and said no. */
export function refusedBy({ status, code, message, resetSeconds }: RefusedAnswer): ChannelError {
  const kind = status === 429 ? 'rate_limited' : (kindByCode[code] ?? 'retry')
  const outcomeUnknown = kind === 'retry' && status >= 500
  const more = kind === 'rate_limited' ? { retryAfterMs: waitMs(resetSeconds) } : { outcomeUnknown }
  return new ChannelError(kind, String(code), message.slice(0, 500), more)
}

export function unreadableAnswer(status: number, resetSeconds: string | undefined): ChannelError {
  return unreadable(status, waitMs(resetSeconds))
}

function waitMs(resetSeconds: string | undefined): number {
  const seconds = Number(resetSeconds)
  if (resetSeconds === undefined || !Number.isFinite(seconds) || seconds <= 0) return DEFAULT_WAIT_MS
  return Math.min(Math.ceil(seconds * 1_000), LONGEST_WAIT_MS)
}

/** No answer came. `reason` is the code of the socket, TLS or HTTP client. */
export function noAnswer(reason: string): ChannelError {
  const code = timeouts.has(reason) ? 'timeout' : 'network'
  return new ChannelError('retry', code, `no answer from the platform (${reason})`, {
    outcomeUnknown: !neverSent.has(reason),
  })
}
