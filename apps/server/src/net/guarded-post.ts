import type { Readable } from 'node:stream'
import axios, { type AxiosResponse } from 'axios'
import { type Egress, EgressRefused } from './egress.ts'

/** From the first look-up to the last byte of the answer. */
const totalLimitMs = 15_000
/** As much of an answer as is read. */
const maxAnswerBytes = 64 * 1_024

export interface PostAnswer {
  status: number
  /** Names in lower case. */
  header(name: string): string | null
  /** At most 64 KB of it. */
  text: string
}

/** No answer came. `code` is ours or the system's (`ECONNREFUSED`), for logs. */
export class NoAnswer extends Error {
  override name = 'NoAnswer'
  readonly code: string
  /** False when nothing can have arrived. */
  readonly mayHaveArrived: boolean

  constructor(code: string, mayHaveArrived: boolean, cause: unknown) {
    super('no connection could be made, or no answer came in time', { cause })
    this.code = code
    this.mayHaveArrived = mayHaveArrived
  }
}

/** Failures before the request was written. */
const beforeSending = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'connect_timeout',
])

/**
 * POSTs to an address that somebody may have chosen with ill intent. Follows no redirect, uses no proxy, asks for no
 * compression, reads little. Every status is an answer. Throws EgressRefused, or NoAnswer.
 */
export async function guardedPost(
  egress: Egress,
  request: { url: string; headers: Record<string, string>; body: string },
  limitMs: number = totalLimitMs,
): Promise<PostAnswer> {
  egress.check(new URL(request.url))
  const signal = AbortSignal.timeout(limitMs)
  let response: AxiosResponse<Readable>
  try {
    response = await axios.request<Readable>({
      method: 'POST',
      url: request.url,
      data: request.body,
      headers: { ...request.headers, 'accept-encoding': 'identity' },
      httpAgent: egress.httpAgent,
      httpsAgent: egress.httpsAgent,
      proxy: false,
      maxRedirects: 0,
      responseType: 'stream',
      decompress: false,
      validateStatus: () => true,
      transformRequest: (data) => data,
      signal,
    })
  } catch (error) {
    throw refusalOf(error) ?? new NoAnswer(codeOf(error, signal), !beforeSending.has(codeOf(error, signal)), error)
  }
  const { status, headers } = response
  return {
    status,
    header: (name) => {
      const value: unknown = headers[name]
      return typeof value === 'string' ? value : null
    },
    text: await readSome(response.data),
  }
}

/** The status has arrived and counts, whatever becomes of the body. */
async function readSome(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of stream) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
      chunks.push(bytes)
      size += bytes.length
      if (size >= maxAnswerBytes) break
    }
  } catch (error) {
    // A body that breaks off or takes too long has been read as far as it came.
    if (!(error instanceof Error)) throw error
  } finally {
    stream.destroy()
  }
  return Buffer.concat(chunks).subarray(0, maxAnswerBytes).toString('utf8')
}

function refusalOf(error: unknown): EgressRefused | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof EgressRefused) return cause
  }
  return null
}

function codeOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'timeout'
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code
  }
  return 'network'
}
