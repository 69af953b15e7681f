import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { decodeFrame, encodeFrame, type Frame, headerOf } from './frame.ts'

/** The platform's side of the long connection, as far as one client sees it. */
export interface FakeGateway extends AsyncDisposable {
  openUrl: string
  /** The body, or a promise of it, that the question for an address is answered with; the default leads here. */
  answer: (wsUrl: string) => unknown
  answersPings: boolean
  readonly sockets: WebSocket[]
  readonly asked: unknown[]
  /** Resolves once so many connections have been made. */
  connections(count: number): Promise<void>
  /** Sends a payload and resolves with the answer. */
  push(payload: unknown, more?: { type?: string }): Promise<{ code: number; data: unknown }>
}

export async function startFakeGateway(): Promise<FakeGateway> {
  const waiting = new Map<string, (frame: Frame) => void>()
  const arrivals: (() => void)[] = []
  const http = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    gateway.asked.push(JSON.parse(Buffer.concat(chunks).toString('utf8')))
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(await gateway.answer(`ws://127.0.0.1:${port}/ws?fpid=1&device_id=d&service_id=7`)))
  })
  const server = new WebSocketServer({ server: http, path: '/ws' })
  server.on('connection', (socket) => {
    gateway.sockets.push(socket)
    for (const arrived of arrivals) arrived()
    socket.on('message', (bytes: Buffer) => {
      const frame = decodeFrame(bytes)
      if (frame === null) return
      if (frame.method === 1) waiting.get(headerOf(frame, 'message_id') ?? '')?.(frame)
      else if (gateway.answersPings) {
        socket.send(encodeFrame({ ...frame, headers: [{ key: 'type', value: 'pong' }], payload: Buffer.from('{}') }))
      }
    })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  let pushed = 0
  const gateway: FakeGateway = {
    openUrl: `http://127.0.0.1:${port}`,
    answer: (URL) => ({ code: 0, msg: '', data: { URL, ClientConfig: { PingInterval: 120 } } }),
    answersPings: true,
    sockets: [],
    asked: [],
    connections: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (gateway.sockets.length >= count) resolve()
        }
        arrivals.push(look)
        look()
      }),
    push: (payload, { type = 'event' } = {}) =>
      new Promise((resolve) => {
        pushed += 1
        const id = `m${pushed}`
        waiting.set(id, (frame) => {
          const { code, data } = JSON.parse(Buffer.from(frame.payload ?? []).toString('utf8'))
          const body = data === undefined ? undefined : JSON.parse(Buffer.from(data, 'base64').toString('utf8'))
          resolve({ code, data: body })
        })
        const headers = Object.entries({ type, message_id: id, sum: '1', seq: '0' }).map(([key, value]) => ({
          key,
          value,
        }))
        const bytes = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload))
        gateway.sockets
          .at(-1)
          ?.send(encodeFrame({ SeqID: '1', LogID: '2', service: 7, method: 1, headers, payload: bytes }))
      }),
    async [Symbol.asyncDispose]() {
      for (const socket of gateway.sockets) socket.terminate()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
  return gateway
}
