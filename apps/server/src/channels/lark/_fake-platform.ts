import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'

/* Stands in for the platform in unit tests: answers what the test says, and remembers what it was asked. */

export interface Call {
  method: string
  /** With query. */
  path: string
  headers: IncomingHttpHeaders
  body: Record<string, unknown>
}

export interface Reply {
  status?: number
  headers?: Record<string, string>
  /** A string goes out as it is. */
  body: unknown
}

/** An answer, or something worse done to the connection. */
export type Handler = (call: Call, response: ServerResponse) => Reply | Promise<Reply> | null

export interface FakePlatform extends AsyncDisposable {
  /** With a path in it, as the sandbox has. */
  openUrl: string
  calls: Call[]
  tokensIssued: number
  /** By the path without query; a handler stays until another takes its place. */
  on(path: string, handler: Handler): void
  callsTo(path: string): Call[]
}

export const TOKEN_PATH = '/open-apis/auth/v3/tenant_access_token/internal'
export const SEND_PATH = '/open-apis/im/v1/messages'
export const LOOKUP_PATH = '/open-apis/contact/v3/users/batch_get_id'

export const sent = (messageId: string): Reply => ({
  body: { code: 0, msg: 'success', data: { message_id: messageId, chat_id: 'oc_1', msg_type: 'interactive' } },
})

export async function startFakePlatform(): Promise<FakePlatform> {
  const handlers = new Map<string, Handler>()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    const path = (request.url ?? '').replace(/^\/lark/, '')
    const call = {
      method: request.method ?? '',
      path,
      headers: request.headers,
      body: text === '' ? {} : JSON.parse(text),
    }
    platform.calls.push(call)
    const reply = await handlers.get(path.split('?')[0] ?? '')?.(call, response)
    if (reply === undefined) respond(response, { status: 404, body: '404 page not found' })
    else if (reply !== null) respond(response, reply)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const platform: FakePlatform = {
    openUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/lark`,
    calls: [],
    tokensIssued: 0,
    on: (path, handler) => void handlers.set(path, handler),
    callsTo: (path) => platform.calls.filter((call) => call.path.split('?')[0] === path),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  platform.on(TOKEN_PATH, () => {
    platform.tokensIssued += 1
    return { body: { code: 0, msg: 'ok', tenant_access_token: `t-${platform.tokensIssued}`, expire: 7_140 } }
  })
  platform.on(SEND_PATH, () => sent('om_1'))
  return platform
}

function respond(response: ServerResponse, { status = 200, headers = {}, body }: Reply): void {
  const isText = typeof body === 'string'
  response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json; charset=utf-8', ...headers })
  response.end(isText ? body : JSON.stringify(body))
}

/** An address on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  await new Promise((resolve) => connect(port, '127.0.0.1').once('error', resolve))
  return port
}
