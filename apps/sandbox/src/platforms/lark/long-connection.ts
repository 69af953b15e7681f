import { randomInt } from 'node:crypto'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Core } from '#sandbox/core.ts'
import type { SocketTaker } from '#sandbox/http/listen.ts'
import { freshId } from '#sandbox/ids.ts'
import { isObject, parseJson, stringAt } from '#sandbox/json.ts'
import type { PostResult } from '#sandbox/post.ts'
import type { Platform } from '#sandbox/seed.ts'
import type { App } from '#sandbox/world.ts'
import { type Call, failure, type Reply, type Route } from './api.ts'
import { control, data, decode, encode, type Frame, header } from './pbbp2.ts'

/** Per app, whichever instances they belong to. */
const MAX_CONNECTIONS = 50
const SERVICE_ID = 33_554_678
const PATH = '/callback/ws'
const codes = { forbidden: 403, authFailed: 514, tooMany: 1_000_040_350 }

/** What the platform tells a client of its timing, in seconds. */
const clientConfig = { ReconnectCount: -1, ReconnectInterval: 120, ReconnectNonce: 30, PingInterval: 120 }

/** What is not certain of the real platform, or rare there; a test may change it. */
export interface LongConnectionSettings {
  /** The `type` of the frames that taps come in: the documents contradict each other. */
  cardFrames: 'event' | 'card'
  /** Payloads longer than this come in several frames. */
  partBytes: number
  /** False: the gateway keeps silent, as behind a cable that was pulled. */
  answersPings: boolean
}

interface Client {
  socket: WebSocket
  appId: string
  /** Data frames sent and not answered, by `message_id`. */
  waiting: Map<string, (frame: Frame | null) => void>
}

/** The gateway of the long connection: the address by HTTP, then frames over a WebSocket. */
export class LongConnections {
  readonly settings: LongConnectionSettings = { cardFrames: 'event', partBytes: 60_000, answersPings: true }
  readonly routes: Route[]
  readonly #core: Core
  readonly #server = new WebSocketServer({ noServer: true })
  readonly #clients = new Set<Client>()
  /** Addresses given out and not used yet, with the app they are good for. */
  readonly #tickets = new Map<string, { appId: string; platform: Platform }>()
  #cutsAtNextFrame = false

  constructor(core: Core) {
    this.#core = core
    this.routes = [
      { method: 'POST', path: `${PATH}/endpoint`, auth: 'none', handle: (call) => this.#giveAddress(call) },
    ]
  }

  online(appId: string): number {
    return this.#of(appId).length
  }

  /** Breaks connections without a word; with `atNextFrame`, as soon as the next callback is on its way to the server. */
  cut(appId: string, { atNextFrame = false } = {}): void {
    if (atNextFrame) this.#cutsAtNextFrame = true
    else for (const client of this.#of(appId)) client.socket.terminate()
  }

  close(): void {
    for (const { socket } of this.#clients) socket.terminate()
    this.#server.close()
  }

  /** Sends one payload to one of the app's connections, any of them, and waits for its answer. */
  async deliver(app: App, plain: string, limitMs: number): Promise<PostResult> {
    const started = performance.now()
    const clients = this.#of(app.appId)
    const client = clients[randomInt(Math.max(1, clients.length))]
    if (client === undefined) return failed('connection', 'no client is online', started)
    const messageId = freshId('')
    const answer = await new Promise<Frame | null | 'late'>((resolve) => {
      const timer = setTimeout(() => resolve('late'), limitMs)
      client.waiting.set(messageId, (frame) => {
        clearTimeout(timer)
        resolve(frame)
      })
      for (const frame of this.#frames(plain, messageId)) client.socket.send(encode(frame))
      if (this.#cutsAtNextFrame) this.#cutOnceSent(client)
    })
    client.waiting.delete(messageId)
    if (answer === 'late') return failed('timeout', `no answer within ${limitMs} ms`, started)
    return answer === null ? failed('connection', 'the connection broke', started) : readAnswer(answer, started)
  }

  /** Takes the WebSocket of a client that shows an address given out before. */
  readonly take: SocketTaker = (request, socket, head) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://sandbox')
    const [, platform] = /^\/(lark|feishu)\/callback\/ws$/.exec(pathname) ?? []
    if (platform === undefined) return false
    const ticket = searchParams.get('ticket') ?? ''
    const known = this.#tickets.get(ticket)
    this.#tickets.delete(ticket)
    if (known === undefined || known.platform !== platform) {
      socket.end('HTTP/1.1 403 Forbidden\r\nHandshake-Status: 403\r\nHandshake-Msg: invalid ticket\r\n\r\n')
      return true
    }
    this.#server.handleUpgrade(request, socket, head, (accepted) => this.#welcome(accepted, known.appId))
    return true
  }

  #giveAddress(call: Call): Reply {
    const app = this.#core.world.apps.get(stringAt(call.body, 'AppID') ?? '')
    const refused = (code: number, msg: string): Reply => failure(code, msg, 200)
    if (app === undefined || app.platform !== call.platform) return refused(codes.authFailed, 'app not found')
    if (app.appSecret !== stringAt(call.body, 'AppSecret')) return refused(codes.authFailed, 'auth failed')
    if (app.connection !== 'long-connection') return refused(codes.forbidden, 'the app does not use long connections')
    if (this.online(app.appId) >= MAX_CONNECTIONS) return refused(codes.tooMany, 'exceed connection limit')
    const ticket = freshId('')
    this.#tickets.set(ticket, { appId: app.appId, platform: call.platform })
    // The SDK reads the whole address as a query, so these two must not come first.
    const query = new URLSearchParams({ fpid: '493', aid: '552564', access_key: freshId(''), ticket })
    query.set('device_id', freshId(''))
    query.set('service_id', String(SERVICE_ID))
    const url = `ws://${call.headers.host}/${call.platform}${PATH}?${query}`
    return { status: 200, body: { code: 0, msg: '', data: { URL: url, ClientConfig: clientConfig } } }
  }

  #welcome(socket: WebSocket, appId: string): void {
    const client: Client = { socket, appId, waiting: new Map() }
    this.#clients.add(client)
    this.#core.changes.announce({ kind: 'clock' })
    socket.on('message', (bytes: Buffer) => this.#received(client, bytes))
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      this.#clients.delete(client)
      for (const settle of client.waiting.values()) settle(null)
      this.#core.changes.announce({ kind: 'clock' })
    })
  }

  #received(client: Client, bytes: Buffer): void {
    let frame: Frame
    try {
      frame = decode(bytes)
    } catch {
      client.socket.close(1002)
      return
    }
    if (frame.method === control && header(frame, 'type') === 'ping' && this.settings.answersPings) {
      const headers = [{ key: 'type', value: 'pong' }]
      client.socket.send(encode({ ...frame, headers, payload: Buffer.from(JSON.stringify(clientConfig)) }))
    }
    if (frame.method === data) client.waiting.get(header(frame, 'message_id') ?? '')?.(frame)
  }

  #frames(plain: string, messageId: string): Frame[] {
    const bytes = Buffer.from(plain)
    const sum = Math.max(1, Math.ceil(bytes.length / this.settings.partBytes))
    const type = plain.includes('"event_type":"card.action.trigger"') ? this.settings.cardFrames : 'event'
    const traceId = freshId('')
    return Array.from({ length: sum }, (_, seq) => ({
      // Larger than a double holds, as the platform's may be.
      SeqID: String(9_007_199_254_740_993n + BigInt(seq)),
      LogID: '7403926458372394021',
      service: SERVICE_ID,
      method: data,
      headers: Object.entries({
        type,
        message_id: messageId,
        sum: String(sum),
        seq: String(seq),
        trace_id: traceId,
        timestamp: String(this.#core.clock.wallNow()),
      }).map(([key, value]) => ({ key, value })),
      payload: bytes.subarray(seq * this.settings.partBytes, (seq + 1) * this.settings.partBytes),
    }))
  }

  #cutOnceSent(client: Client): void {
    this.#cutsAtNextFrame = false
    // A close with data behind it would be lost; the frame is with the server once the socket has written it.
    client.socket.ping(undefined, undefined, () => client.socket.terminate())
  }

  #of(appId: string): Client[] {
    return [...this.#clients].filter((client) => client.appId === appId)
  }
}

function failed(kind: 'timeout' | 'connection', message: string, started: number): PostResult {
  return { status: 0, headers: {}, body: '', ms: performance.now() - started, failure: { kind, message } }
}

/**
 * The frame that came back, as if it were the HTTP answer. `SeqID` and `LogID` are not compared: the official client
 * reads them as doubles and so may send others back.
 */
function readAnswer(frame: Frame, started: number): PostResult {
  if (header(frame, 'biz_rt') === undefined) {
    return failed('connection', 'the answer does not belong to the frame', started)
  }
  const answer = parseJson(Buffer.from(frame.payload).toString('utf8'))
  const code = isObject(answer) && typeof answer.code === 'number' ? answer.code : 0
  const body = isObject(answer) ? (stringAt(answer, 'data') ?? '') : ''
  return {
    status: code,
    headers: {},
    body: Buffer.from(body, 'base64').toString('utf8'),
    ms: performance.now() - started,
  }
}
