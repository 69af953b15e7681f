import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { HttpInstance } from '@larksuiteoapi/node-sdk'
import axios, { type AxiosResponse } from 'axios'
import { ChannelError } from '#server/channels/channel-error.ts'
import { noAnswer, refusedBy, unreadableAnswer } from './errors.ts'
import { Refusal } from './wire.ts'

/** From the first byte of ours to the last byte of theirs. */
export const CALL_TIMEOUT_MS = 10_000
/** The longest answer we ask for: 50 people of the directory, with all that the app may see of them. */
const MAX_ANSWER_BYTES = 1_024 * 1_024
/** As many as one app may call per second. */
const MAX_SOCKETS = 50

/**
 * The HTTP client that the platform's SDK calls with. Answers are the bodies, as the SDK wants them; whatever is not a
 * success comes as a ChannelError, so that no error with a bearer token in it ever reaches a log.
 */
export function createLarkHttp(timeoutMs = CALL_TIMEOUT_MS): HttpInstance {
  const client = axios.create({
    httpAgent: new HttpAgent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
    httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
    headers: { 'Accept-Encoding': 'identity' },
    maxRedirects: 0,
    maxContentLength: MAX_ANSWER_BYTES,
    // The address is the administrator's own; a proxy variable meant for something else must not see tokens.
    proxy: false,
    validateStatus: () => true,
  })
  client.interceptors.request.use((request) => {
    // The client's own timeout restarts with every byte, so one byte a second would hold a call for ever.
    request.signal ??= AbortSignal.timeout(timeoutMs)
    return request
  })
  client.interceptors.response.use(
    (response) => bodyOf(response),
    (error: unknown) => Promise.reject(unanswered(error)),
  )
  // Both are the same methods; only the types of the client do not know that the interceptor above unwraps the body.
  return client as HttpInstance
}

/** The SDK takes the body in place of the response; the type of an axios interceptor does not provide for that. */
function bodyOf(response: AxiosResponse<unknown>): AxiosResponse {
  const { status, data } = response
  const headers: Readonly<Record<string, unknown>> = response.headers
  const reset = headers['x-ogw-ratelimit-reset'] ?? headers['retry-after']
  const resetSeconds = typeof reset === 'string' ? reset : undefined
  const answer = Refusal.safeParse(data)
  if (!answer.success) throw unreadableAnswer(status, resetSeconds)
  const { code, msg, error_description: description } = answer.data
  const isSuccess = code === 0 && status >= 200 && status < 300
  if (!isSuccess) throw refusedBy({ status, code, message: msg ?? description ?? '', resetSeconds })
  return data as AxiosResponse
}

function unanswered(error: unknown): ChannelError {
  if (error instanceof ChannelError) return error
  if (!axios.isAxiosError(error) && !axios.isCancel(error)) throw error
  // An answer that is too long was an answer: the call may have been carried out.
  const reason = axios.isCancel(error) ? 'ERR_CANCELED' : (error.code ?? 'unknown')
  return noAnswer(reason)
}
