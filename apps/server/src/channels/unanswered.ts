import { ChannelError } from './channel-error.ts'

/* What is known of a call to which no platform gave an answer of its own. */

/** Faults before anything of the request can have left: codes of the socket, TLS or HTTP client. */
export const neverSent: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPROTO',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_INVALID_URL',
])
export const timeouts: ReadonlySet<string> = new Set(['ECONNABORTED', 'ETIMEDOUT', 'ERR_CANCELED'])

/** An answer without a readable code: an error page of something in between, or a broken body. */
export function unreadable(status: number, retryAfterMs: number): ChannelError {
  if (status === 429) return new ChannelError('rate_limited', '429', 'too many requests', { retryAfterMs })
  const isSuccess = status >= 200 && status < 300
  const code = isSuccess ? 'unreadable' : String(status)
  const outcomeUnknown = isSuccess || status >= 500
  return new ChannelError('retry', code, `HTTP ${status} with an unreadable body`, { outcomeUnknown })
}
