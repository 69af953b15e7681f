/** One bad field of a refused body: `path` is dotted, as in the problem's `errors`. */
export interface FieldProblem {
  path: string
  message: string
}

/**
 * Every way a call can fail, in one shape. `code` is the problem's stable code (RFC 9457 body of the server), or
 * `network` (no answer: `status` 0), `timeout` (no answer in time: `status` 0), `bad_response` (not what the contract
 * says). Branch on `code`, never on `detail`.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly fields: readonly FieldProblem[]

  constructor(problem: {
    status: number
    code: string
    detail: string
    fields?: readonly FieldProblem[]
    cause?: unknown
  }) {
    super(`${problem.status} ${problem.code}: ${problem.detail}`, { cause: problem.cause })
    this.status = problem.status
    this.code = problem.code
    this.detail = problem.detail
    this.fields = problem.fields ?? []
  }

  /** The request may never have arrived: trying again is the way on. */
  get isUnreachable(): boolean {
    return this.status === 0
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** The error that an answer outside 2xx stands for. A body that is no problem document still gives a usable code. */
export function errorFromAnswer(status: number, body: unknown): ApiError {
  const problem = isRecord(body) ? body : {}
  const fields = Array.isArray(problem.errors) ? problem.errors.filter(isRecord) : []
  return new ApiError({
    status,
    code: typeof problem.code === 'string' ? problem.code : `http_${status}`,
    detail: typeof problem.detail === 'string' ? problem.detail : '',
    fields: fields.map((field) => ({ path: String(field.path ?? ''), message: String(field.message ?? '') })),
  })
}

/** Turns whatever was thrown into an ApiError; what is one already passes through. */
export function asApiError(thrown: unknown): ApiError {
  return thrown instanceof ApiError ? thrown : new ApiError({ status: 0, code: 'network', detail: '', cause: thrown })
}
