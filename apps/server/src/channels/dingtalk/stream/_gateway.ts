import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

/* The platform's Stream gateway for unit tests: gives tickets, takes connections, pushes frames. */

export interface Ack {
  code: number
  headers: { messageId: string; contentType: string }
  message: string
  data: string
}

export class Gateway implements AsyncDisposable {
  readonly opened: Record<string, unknown>[] = []
  readonly sockets: WebSocket[] = []
  readonly closeCodes: number[] = []
  /** Answers the next requests to open with this. */
  refuse: { status: number; body: unknown } | null = null
  /** When false, pings of ours are left unanswered. */
  autoPong = true
  url = ''
  readonly #acks = new Map<string, (ack: Ack) => void>()
  readonly #tickets = new Set<string>()
  #arrived: (() => void)[] = []
  #server = createServer((request, response) => void this.#open(request, response))
  #sockets: WebSocketServer | null = null
  #messages = 0

  static async start(): Promise<Gateway> {
    const gateway = new Gateway()
    await new Promise<void>((resolve) => gateway.#server.listen(0, '127.0.0.1', resolve))
    gateway.url = `http://127.0.0.1:${(gateway.#server.address() as AddressInfo).port}`
    gateway.#sockets = new WebSocketServer({ noServer: true, autoPong: false })
    gateway.#server.on('upgrade', (request, socket, head) => {
      const ticket = new URL(request.url ?? '', gateway.url).searchParams.get('ticket') ?? ''
      if (!gateway.#tickets.delete(ticket)) return socket.destroy()
      gateway.#sockets?.handleUpgrade(request, socket, head, (ws) => gateway.#join(ws))
      return undefined
    })
    return gateway
  }

  /** Resolves when so many connections have come in all. */
  async connections(count: number): Promise<void> {
    while (this.sockets.length < count) await new Promise<void>((resolve) => this.#arrived.push(resolve))
  }

  /** Pushes a frame over the latest connection and resolves with what is said about it. */
  async push(frame: { type: string; topic: string; data?: unknown }, socket = this.sockets.at(-1)): Promise<Ack> {
    this.#messages += 1
    const messageId = `message-${this.#messages}`
    const acked = new Promise<Ack>((resolve) => this.#acks.set(messageId, resolve))
    const headers = { topic: frame.topic, messageId, contentType: 'application/json', time: String(Date.now()) }
    socket?.send(
      JSON.stringify({ specVersion: '1.0', type: frame.type, headers, data: JSON.stringify(frame.data ?? {}) }),
    )
    return acked
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.terminate()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #open(request: AsyncIterable<Buffer>, response: import('node:http').ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    this.opened.push(JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>)
    const ticket = `ticket/${this.opened.length}+`
    if (this.refuse === null) this.#tickets.add(ticket)
    const { status, body } = this.refuse ?? {
      status: 200,
      body: { endpoint: `${this.url.replace('http', 'ws')}/connect`, ticket },
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  #join(ws: WebSocket): void {
    ws.on('ping', (data) => {
      if (this.autoPong) ws.pong(data)
    })
    ws.on('message', (data) => {
      const ack = JSON.parse(String(data)) as Ack
      this.#acks.get(ack.headers.messageId)?.(ack)
    })
    ws.on('close', (code) => this.closeCodes.push(code))
    this.sockets.push(ws)
    for (const resolve of this.#arrived.splice(0)) resolve()
  }
}
