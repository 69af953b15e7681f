import { type ClientRequest, Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

/** What came back from the server under test; `status` 0 with a `failure` when nothing did. */
export interface PostResult {
  status: number
  headers: Record<string, string>
  body: string
  ms: number
  failure?: { kind: 'timeout' | 'connection'; message: string }
}

/** Posts bytes and reads the answer; redirects are answers like any other. */
export interface Poster {
  post(url: string, headers: Record<string, string>, body: string, timeoutMs: number): Promise<PostResult>
  close(): void
}

/** More than any platform would read of an answer. */
const MAX_ANSWER_BYTES = 1024 * 1024

export function createPoster(): Poster {
  const http = new HttpAgent({ keepAlive: true })
  const https = new HttpsAgent({ keepAlive: true })

  const attempt = (url: URL, headers: Record<string, string>, body: string, timeoutMs: number): Promise<Attempt> => {
    const started = performance.now()
    return new Promise((resolve) => {
      const finish = (result: Omit<PostResult, 'ms'>, staleSocket = false) => {
        clearTimeout(timer)
        resolve({ result: { ...result, ms: performance.now() - started }, staleSocket })
      }
      const fail = (kind: 'timeout' | 'connection', message: string, staleSocket = false) =>
        finish({ status: 0, headers: {}, body: '', failure: { kind, message } }, staleSocket)
      const options = { method: 'POST', headers: { ...headers, 'Content-Length': String(Buffer.byteLength(body)) } }
      const request: ClientRequest =
        url.protocol === 'https:'
          ? httpsRequest(url, { ...options, agent: https })
          : httpRequest(url, { ...options, agent: http })
      const timer = setTimeout(() => {
        fail('timeout', `no answer within ${timeoutMs} ms`)
        request.destroy()
      }, timeoutMs)
      request.on('response', (response) => {
        const chunks: Buffer[] = []
        let size = 0
        response.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size <= MAX_ANSWER_BYTES) chunks.push(chunk)
          else request.destroy(new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`))
        })
        response.on('end', () =>
          finish({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(Object.entries(response.headers).map(([key, value]) => [key, String(value)])),
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        )
        response.on('error', (error) => fail('connection', error.message))
      })
      request.on('error', (error) => fail('connection', error.message, request.reusedSocket))
      request.end(body)
    })
  }

  return {
    post: async (url, headers, body, timeoutMs) => {
      if (!URL.canParse(url)) {
        return { status: 0, headers: {}, body: '', ms: 0, failure: { kind: 'connection', message: 'no valid address' } }
      }
      const first = await attempt(new URL(url), headers, body, timeoutMs)
      // A kept connection that the server has just closed says nothing about the server: one fresh connection decides.
      if (!first.staleSocket) return first.result
      return (await attempt(new URL(url), headers, body, timeoutMs)).result
    },
    close: () => {
      http.destroy()
      https.destroy()
    },
  }
}

interface Attempt {
  result: PostResult
  staleSocket: boolean
}
