import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import axios, { type AxiosInstance, type AxiosResponse } from 'axios'
import type { ChannelError } from '#server/channels/channel-error.ts'
import { noAnswer, refusedBy, unreadableAnswer } from './errors.ts'
import { NewRefusal, OldAnswer } from './wire.ts'

/** From the first byte of ours to the last byte of theirs; the platform itself gives up after 3 seconds. */
export const CALL_TIMEOUT_MS = 5_000
/** A page of a hundred members is the longest answer we ask for. */
const MAX_ANSWER_BYTES = 1_024 * 1_024
/** As many as one app may call per second. */
const MAX_SOCKETS = 20

export interface Request {
  method: 'GET' | 'POST' | 'PUT'
  url: string
  headers?: Record<string, string>
  body?: unknown
}

/** The platform's two hosts. Answers are bodies; whatever is no success comes as a ChannelError without a token in it. */
export interface DingtalkHttp {
  /** api.dingtalk.com: HTTP status and `{code, message}`. */
  callNew(request: Request): Promise<unknown>
  /** oapi.dingtalk.com: always HTTP 200 and `{errcode, errmsg}`. */
  callOld(request: Request): Promise<unknown>
}

export function createDingtalkHttp(timeoutMs = CALL_TIMEOUT_MS): DingtalkHttp {
  const client = axios.create({
    httpAgent: new HttpAgent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
    httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets: MAX_SOCKETS }),
    headers: { 'Accept-Encoding': 'identity', Accept: 'application/json' },
    maxRedirects: 0,
    maxContentLength: MAX_ANSWER_BYTES,
    // The address is the administrator's own; a proxy variable meant for something else must not see tokens.
    proxy: false,
    validateStatus: () => true,
  })
  return {
    callNew: async (request) => readNew(await send(client, request, timeoutMs)),
    callOld: async (request) => readOld(await send(client, request, timeoutMs)),
  }
}

async function send(client: AxiosInstance, request: Request, timeoutMs: number): Promise<AxiosResponse<unknown>> {
  const { method, url, headers = {}, body } = request
  try {
    // The client's own timeout restarts with every byte, so one byte a second would hold a call for ever.
    const signal = AbortSignal.timeout(timeoutMs)
    // The platform takes JSON only, and says so with a code about a missing body.
    const content =
      body === undefined ? {} : { data: body, headers: { ...headers, 'Content-Type': 'application/json' } }
    return await client.request<unknown>({ method, url, headers, signal, ...content })
  } catch (error) {
    if (!axios.isAxiosError(error) && !axios.isCancel(error)) throw error
    throw noAnswer(axios.isCancel(error) ? 'ERR_CANCELED' : (error.code ?? 'unknown'))
  }
}

function readNew({ status, data }: AxiosResponse<unknown>): unknown {
  if (status >= 200 && status < 300 && isObject(data)) return data
  const refusal = NewRefusal.safeParse(lowerKeys(data))
  if (status < 400 || !refusal.success) throw banned(data) ?? unreadableAnswer(status)
  throw refusedBy({ status, code: refusal.data.code, message: refusal.data.message ?? '' })
}

function readOld({ status, data }: AxiosResponse<unknown>): unknown {
  const answer = OldAnswer.safeParse(data)
  if (!answer.success) throw banned(data) ?? unreadableAnswer(status)
  const { errcode, errmsg = '', sub_code: subCode, sub_msg: subMessage } = answer.data
  if (errcode === 0 && status >= 200 && status < 300) return data
  const wrapped = errcode === 88 ? (codeIn(subCode) ?? /subcode=([^,\]]+)/.exec(errmsg)?.[1]?.trim()) : undefined
  const code = wrapped === undefined || wrapped === '' ? String(errcode) : wrapped
  throw refusedBy({ status, code, message: subMessage ?? errmsg })
}

function codeIn(subCode: string | number | undefined): string | undefined {
  return subCode === undefined || subCode === '' ? undefined : String(subCode)
}

/** Whoever calls far too often is answered by a page of the gateway, of which this is the readable kind. */
function banned(data: unknown): ChannelError | null {
  if (!isObject(data) || data.status !== 1111) return null
  return refusedBy({ status: 403, code: '1111', message: 'the platform bans this address for some minutes' })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function lowerKeys(data: unknown): unknown {
  if (!isObject(data)) return data
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key.toLowerCase(), value]))
}
