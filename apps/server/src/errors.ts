import type { FieldError, TicketErrorCode } from '#server/tickets/errors.ts'

/** Every code an API answers with, and its HTTP status. */
const statusByCode = {
  bad_json: 400,
  invalid_request: 422,
  invalid_cursor: 422,
  unsupported_media_type: 415,
  body_too_large: 413,
  unauthorized: 401,
  no_session: 401,
  login_failed: 401,
  state_invalid: 401,
  forbidden: 403,
  missing_scope: 403,
  csrf: 403,
  provider_denied: 401,
  way_closed: 403,
  email_unverified: 403,
  identity_taken: 403,
  not_bound: 403,
  user_disabled: 403,
  channel_not_enabled: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  provisioned: 409,
  address_taken: 409,
  code_required: 422,
  code_wrong: 422,
  code_expired: 422,
  last_administrator: 409,
  successor_required: 409,
  own_successor: 409,
  reroute_impossible: 409,
  logs_in_by_platform: 409,
  preview_outdated: 409,
  second_factor_needed: 403,
  second_factor_wrong: 422,
  second_factor_missing: 409,
  passkey_refused: 422,
  passkeys_impossible: 409,
  too_many_passkeys: 409,
  permission_missing: 409,
  quota_kept: 409,
  taps_unverifiable: 409,
  too_many_requests: 429,
  internal: 500,
  platform_unavailable: 503,
  provider_unavailable: 503,
  provider_misconfigured: 503,
  unavailable: 503,
  invalid_ticket: 422,
  ticket_not_found: 404,
  ticket_closed: 409,
  version_conflict: 409,
  submission_conflict: 409,
  remind_too_soon: 429,
  trial_ticket: 409,
} as const satisfies Record<TicketErrorCode, number> & Record<string, number>

export type AppErrorCode = keyof typeof statusByCode

export function statusOf(code: AppErrorCode): number {
  return statusByCode[code]
}

/** An error that a caller can act on: stable code, HTTP status, one sentence. */
export class AppError extends Error {
  override name = 'AppError'
  readonly code: AppErrorCode
  readonly status: number
  readonly errors: FieldError[] | undefined
  readonly retryAfterMs: number | undefined

  constructor(
    code: AppErrorCode,
    message: string,
    more: { errors?: FieldError[]; retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.code = code
    this.status = statusByCode[code]
    this.errors = more.errors
    this.retryAfterMs = more.retryAfterMs
  }
}
