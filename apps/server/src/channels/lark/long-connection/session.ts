import { WebSocket } from 'ws'
import { ClientConfig, type Endpoint } from './endpoint.ts'
import { answerFrame, decodeFrame, encodeFrame, type Frame, frameMethods, headerOf, pingFrame } from './frame.ts'
import { Parts } from './parts.ts'

/** The largest message that we read. */
const maxPayload = 4 * 1_024 * 1_024
const handshakeMs = 10_000
/** Home routers and proxies forget connections that are silent for a minute, whatever the platform says of pings. */
const longestPingMs = 30_000
export interface SessionDeps {
  /** Handles a payload and returns the answer's body. Throws when it could not: the platform delivers it again. */
  handle(payload: Uint8Array): Promise<unknown>
  /** The connection is usable. */
  opened(): void
  /** The other side said something. */
  heard(): void
  /** Whoever says nothing for so long after a ping is gone. */
  pongWithinMs: number
}

/** One connection, from the handshake to its end. `ended` tells why it ended, in a word or two, and never rejects. */
export class Session {
  readonly ended: Promise<string>
  readonly #socket: WebSocket
  readonly #deps: SessionDeps
  readonly #service: number
  readonly #parts = new Parts()
  readonly #underWay = new Set<Promise<void>>()
  #pingMs: number
  #pingTimer: NodeJS.Timeout | undefined
  #pongTimer: NodeJS.Timeout | undefined
  #reason = ''

  constructor({ url, service, pingIntervalMs }: Endpoint, deps: SessionDeps) {
    this.#deps = deps
    this.#service = service
    this.#pingMs = Math.min(pingIntervalMs, longestPingMs)
    this.#socket = new WebSocket(url, { handshakeTimeout: handshakeMs, maxPayload, perMessageDeflate: false })
    this.ended = new Promise((resolve) => {
      this.#socket.on('close', (code) => {
        clearTimeout(this.#pingTimer)
        clearTimeout(this.#pongTimer)
        resolve(this.#reason || `closed ${code}`)
      })
    })
    this.#socket.on('open', () => {
      deps.opened()
      this.#ping()
    })
    this.#socket.on('message', (data) => this.#received(bytesOf(data)))
    // A handshake that is refused says why by its status; 'close' follows every error.
    this.#socket.on('unexpected-response', (request, response) => {
      this.#end(`handshake ${response.headers['handshake-status'] ?? response.statusCode}`)
      request.destroy()
    })
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#end(error.code ?? 'error'))
  }

  /** Lets what is under way be answered, at most so long, and closes. */
  async close(graceMs: number): Promise<void> {
    this.#reason ||= 'closed by us'
    const grace = Promise.withResolvers<void>()
    const timer = setTimeout(grace.resolve, graceMs)
    await Promise.race([Promise.all(this.#underWay), grace.promise])
    clearTimeout(timer)
    const cutOff = setTimeout(() => this.#socket.terminate(), graceMs)
    this.#socket.close(1000)
    await this.ended
    clearTimeout(cutOff)
  }

  #end(reason: string): void {
    this.#reason ||= reason
    this.#socket.terminate()
  }

  #send(frame: Frame): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(encodeFrame(frame))
  }

  #ping(): void {
    this.#send(pingFrame(this.#service))
    clearTimeout(this.#pongTimer)
    this.#pongTimer = setTimeout(() => this.#end('no pong'), this.#deps.pongWithinMs)
    clearTimeout(this.#pingTimer)
    this.#pingTimer = setTimeout(() => this.#ping(), this.#pingMs)
  }

  #received(bytes: Uint8Array): void {
    clearTimeout(this.#pongTimer)
    this.#deps.heard()
    const frame = decodeFrame(bytes)
    if (frame === null) return
    const type = headerOf(frame, 'type')
    if (frame.method === frameMethods.control && type === 'pong') this.#adopt(frame.payload)
    // The platform's documents contradict each other on which of the two a tap on a card is.
    const isData = frame.method === frameMethods.data && (type === 'event' || type === 'card')
    const payload = isData ? this.#parts.add(frame, Date.now()) : null
    if (payload === null) return
    const work = this.#answer(frame, payload).finally(() => this.#underWay.delete(work))
    this.#underWay.add(work)
  }

  async #answer(frame: Frame, payload: Uint8Array): Promise<void> {
    const startedAt = performance.now()
    const took = (): number => performance.now() - startedAt
    try {
      const body = await this.#deps.handle(payload)
      this.#send(answerFrame(frame, { code: 200, body, tookMs: took() }))
    } catch {
      // The handler has logged it. The platform is told that it failed, and delivers an event again.
      this.#send(answerFrame(frame, { code: 500, tookMs: took() }))
    }
  }

  /** A pong may bring new settings. */
  #adopt(payload: Uint8Array | undefined): void {
    if (payload === undefined || payload.length === 0) return
    let said: unknown
    try {
      said = JSON.parse(Buffer.from(payload).toString('utf8'))
    } catch {
      return
    }
    const config = ClientConfig.safeParse(said)
    if (config.success) this.#pingMs = Math.min(config.data.PingInterval * 1_000, longestPingMs)
  }
}

function bytesOf(data: Buffer | ArrayBuffer | Buffer[]): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data)
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data
}
