import type { Problem } from '@countersign/contracts'
import type { ErrorRequestHandler, RequestHandler, Response } from 'express'
import { hostFault } from '#server/db/host-fault.ts'
import { AppError, type AppErrorCode, statusOf } from '#server/errors.ts'
import type { Log } from '#server/log.ts'
import { TicketError } from '#server/tickets/errors.ts'

/** A refusal with a code of its own (a refused decision), beside the codes of AppError. */
export interface ProblemAnswer {
  status: number
  code: string
  detail: string
  errors?: { path: string; message: string }[] | undefined
  retryAfterMs?: number | undefined
}

/** Answers with `application/problem+json` (RFC 9457). */
export function sendProblem(res: Response, answer: ProblemAnswer): void {
  const problem: Problem = {
    type: 'about:blank',
    title: answer.code.replaceAll('_', ' '),
    status: answer.status,
    code: answer.code,
    detail: answer.detail,
    ...(answer.errors === undefined || answer.errors.length === 0 ? {} : { errors: answer.errors }),
    ...(typeof res.locals.requestId === 'string' ? { requestId: res.locals.requestId } : {}),
  }
  if (answer.retryAfterMs !== undefined) res.setHeader('retry-after', Math.ceil(answer.retryAfterMs / 1_000))
  res.setHeader('cache-control', 'no-store')
  res.status(answer.status).type('application/problem+json').send(JSON.stringify(problem))
}

const inBrief: Record<number, { code: AppErrorCode; detail: string }> = {
  400: { code: 'bad_json', detail: 'the body is not valid JSON' },
  413: { code: 'body_too_large', detail: 'the body is too large' },
  415: { code: 'unsupported_media_type', detail: 'this encoding or media type is not accepted' },
}

/** When a caller may try again after a fault of the host that passes. */
const passesInMs = 1_000

/** What an error says to the caller. Errors we did not foresee say nothing about themselves. */
export function toProblem(error: unknown): ProblemAnswer {
  if (error instanceof AppError) {
    const { status, code, message, errors, retryAfterMs } = error
    return { status, code, detail: message, errors, retryAfterMs }
  }
  if (error instanceof TicketError) {
    const { code, message, errors, retryAfterMs } = error
    return { status: statusOf(code), code, detail: message, errors, retryAfterMs }
  }
  const status = statusFromParser(error)
  const brief = status === undefined ? undefined : inBrief[status]
  if (status !== undefined && brief !== undefined) return { status, ...brief }
  const fault = hostFault(error)
  if (fault !== null) return { status: fault.status, code: fault.code, detail: fault.message, retryAfterMs: passesInMs }
  return { status: 500, code: 'internal', detail: 'something went wrong here; it has been recorded' }
}

/** Express' body parsers and router mark the caller's faults with a 4xx `status`. */
function statusFromParser(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined
  const { status } = error
  return typeof status === 'number' && status >= 400 && status < 500 ? (status in inBrief ? status : 400) : undefined
}

/** The one error handler, last in the app. */
export function problemHandler(log: Log): ErrorRequestHandler {
  return (error, req, res, next) => {
    const answer = toProblem(error)
    if (answer.status >= 500) {
      log.error({ err: error, requestId: res.locals.requestId, method: req.method, path: req.path }, 'request failed')
    }
    if (res.headersSent) {
      next(error)
      return
    }
    sendProblem(res, answer)
  }
}

export const notFoundHandler: RequestHandler = (_req, res) => {
  sendProblem(res, { status: 404, code: 'not_found', detail: 'there is nothing at this address' })
}
