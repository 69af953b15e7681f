/**
 * What a platform's refusal means for a delivery.
 * `retry`: passing, try again with backoff. `rate_limited`: not before `retryAfterMs`. `auth`: our credentials are bad;
 * retried slowly, since an administrator must act. `gone`: the message or person is no more. `rejected`: will never work.
 */
export type ChannelErrorKind = 'retry' | 'rate_limited' | 'auth' | 'gone' | 'rejected'

/** A call to a platform failed. `code` is the platform's own, verbatim, or ours in words (`timeout`, `network`). */
export class ChannelError extends Error {
  override name = 'ChannelError'
  readonly kind: ChannelErrorKind
  readonly code: string
  readonly retryAfterMs: number | undefined
  /** Whether the platform may have taken the message all the same (no answer came back). */
  readonly outcomeUnknown: boolean
  /** Of `rate_limited`: the whole app is to be silent, or only towards this one receiver. */
  readonly scope: 'app' | 'receiver'

  constructor(
    kind: ChannelErrorKind,
    code: string,
    message: string,
    more: { retryAfterMs?: number; outcomeUnknown?: boolean; scope?: 'app' | 'receiver'; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.kind = kind
    this.code = code
    this.retryAfterMs = more.retryAfterMs
    this.outcomeUnknown = more.outcomeUnknown ?? false
    this.scope = more.scope ?? 'app'
  }
}
