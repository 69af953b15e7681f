/** One bad field of a request, `path` dotted. */
export interface FieldError {
  path: string
  message: string
}

/** Codes of what a use case refuses; app errors map each to an HTTP status. */
export type TicketErrorCode =
  | 'invalid_ticket'
  | 'ticket_not_found'
  | 'ticket_closed'
  | 'version_conflict'
  | 'submission_conflict'
  | 'remind_too_soon'
  | 'trial_ticket'

/** A use case could not do what was asked; nothing was changed. */
export class TicketError extends Error {
  override name = 'TicketError'
  readonly code: TicketErrorCode
  readonly errors: FieldError[]
  /** Milliseconds until it is worth trying again, where that is known. */
  readonly retryAfterMs: number | undefined

  constructor(code: TicketErrorCode, message: string, more: { errors?: FieldError[]; retryAfterMs?: number } = {}) {
    super(message)
    this.code = code
    this.errors = more.errors ?? []
    this.retryAfterMs = more.retryAfterMs
  }
}
